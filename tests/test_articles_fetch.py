"""Fetching a page from real servers on this machine, which a fetcher reaches only when the test allows it."""

from __future__ import annotations

import gzip
import socket
import ssl
import threading
import time
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace

import pytest

from aftershock.articles.fetch import Fetcher, Page, is_public
from aftershock.errors import RequestError

PAGE = b"<html><body><p>On Monday Nvidia fell.</p></body></html>"
Answering = Callable[[socket.socket, bytes], None]


class Server:
    """A listening socket that counts its connections and answers each in a thread of its own."""

    def __init__(self, answer: Answering, *, listens: bool = True) -> None:
        self.connections = 0
        self._listens = listens
        self._answer = answer
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.port = self._socket.getsockname()[1]
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self) -> None:
        while True:
            try:
                wire, _ = self._socket.accept()
            except OSError:
                return
            self.connections += 1
            threading.Thread(target=self._one, args=(wire,), daemon=True).start()

    def _one(self, wire: socket.socket) -> None:
        with wire:
            try:
                asked = b""
                while self._listens and b"\r\n\r\n" not in asked and (part := wire.recv(4096)):
                    asked += part
                self._answer(wire, asked)
            except OSError:
                pass

    def close(self) -> None:
        """No more connections."""
        self._socket.close()


@contextmanager
def serving(answer: Answering, *, listens: bool = True) -> Iterator[Server]:
    """A server for a while; one that does not listen answers before it has been asked."""
    server = Server(answer, listens=listens)
    try:
        yield server
    finally:
        server.close()


def said(status: str = "200 OK", body: bytes = PAGE, **headers: str) -> bytes:
    """An HTTP answer."""
    lines = {"Content-Type": "text/html; charset=utf-8", "Content-Length": str(len(body))} | {
        k.replace("_", "-"): v for k, v in headers.items()
    }
    head = "".join(f"{k}: {v}\r\n" for k, v in lines.items() if v)
    return f"HTTP/1.1 {status}\r\n{head}\r\n".encode() + body


def always(answer: bytes) -> Answering:
    """A server that says the same to everybody."""
    return lambda wire, asked: wire.sendall(answer)


def near(server: Server, **changed: object) -> Fetcher:
    """A fetcher to which 127.0.0.1 and the server's port are allowed, and for which every name is there."""
    here = Fetcher(allowed="127.0.0.1".__eq__, names=lambda host, port: ["127.0.0.1"], ports=frozenset({server.port}), seconds=5)
    return replace(here, **changed)  # type: ignore[arg-type]


def refused(fetcher: Fetcher, url: str) -> str:
    """The code of the refusal."""
    with pytest.raises(RequestError) as caught:
        fetcher.fetch(url)
    assert str(caught.value)
    return caught.value.code


# -- what is fetched -------------------------------------------------------------------------------------------------


def test_a_page_is_fetched() -> None:
    """Bytes, the address in the end, and that it is HTML; the path and the query are asked for, the host is named."""
    asked: list[bytes] = []

    def answer(wire: socket.socket, request: bytes) -> None:
        asked.append(request)
        wire.sendall(said())

    with serving(answer) as server:
        url = f"http://news.example:{server.port}/bài?id=1"
        assert near(server).fetch(url) == Page(PAGE, url, True)
    assert asked[0].startswith(b"GET /b%C3%A0i?id=1 HTTP/1.1\r\n")
    assert f"Host: news.example:{server.port}".encode() in asked[0]
    assert not any(word in asked[0].lower() for word in (b"cookie", b"authorization", b"referer"))


def test_a_packed_page_is_unpacked() -> None:
    """Gzip and deflate are read; plain text says that it is no HTML."""
    for packed, name in ((gzip.compress(PAGE), "gzip"), (zlib.compress(PAGE), "deflate")):
        with serving(always(said(body=packed, Content_Encoding=name))) as server:
            assert near(server).fetch(f"http://a.example:{server.port}/").content == PAGE
    with serving(always(said(body=b"words", Content_Type="text/plain"))) as server:
        assert not near(server).fetch(f"http://a.example:{server.port}/").html


def test_redirects_are_followed_a_few_times() -> None:
    """Five are followed; a sixth is one too many."""

    def answer(wire: socket.socket, asked: bytes) -> None:
        left = int(asked.split(b" ")[1].strip(b"/") or 0)
        wire.sendall(said("302 Found", b"", Location=f"/{left - 1}") if left else said())

    with serving(answer) as server:
        assert near(server).fetch(f"http://a.example:{server.port}/5").content == PAGE
        assert refused(near(server), f"http://a.example:{server.port}/6") == "fetch-redirects"


def test_proxies_of_the_environment_are_not_used(monkeypatch: pytest.MonkeyPatch) -> None:
    """A proxy would fetch for us what we have not looked at."""
    with serving(always(said())) as server, serving(always(said())) as proxy:
        for name in ("http_proxy", "HTTP_PROXY", "https_proxy", "ALL_PROXY"):
            monkeypatch.setenv(name, f"http://127.0.0.1:{proxy.port}")
        near(server).fetch(f"http://a.example:{server.port}/")
        assert proxy.connections == 0


# -- what is not -----------------------------------------------------------------------------------------------------

INSIDE = [
    "127.0.0.1", "127.1", "127.0.1", "0177.0.0.1", "0x7f.0.0.1", "0x7f000001", "2130706433", "017700000001", "127.0.0.1.", "localhost",
    "LOCALHOST", "localhost.", "localhost.localdomain", "0.0.0.0", "0", "[::1]", "[::]", "[::ffff:127.0.0.1]", "[::ffff:7f00:1]",  # noqa: S104
    "[::127.0.0.1]", "[64:ff9b::7f00:1]", "[2002:7f00:1::]", "[fe80::1]", "[fc00::1]", "[ff02::1]", "10.0.0.1", "172.16.0.1", "192.168.1.1",
    "169.254.169.254", "[fd00:ec2::254]", "100.64.0.1", "100.100.100.200", "224.0.0.1", "240.0.0.1", "255.255.255.255", "192.0.2.1",
    "198.18.0.1", "127.0.0.1%2eexample.com", "①②⑦.⓪.⓪.①", "127。0。0。1", "metadata.google.internal", "ip6-localhost", "127.000.000.001",
]  # fmt: skip


@pytest.mark.parametrize("host", INSIDE)
def test_no_spelling_of_an_inner_address_is_asked(host: str) -> None:
    """Forty-odd spellings of addresses that are not the public internet's: refused, and the listening server hears nothing."""
    with serving(always(said())) as server:
        fetcher = Fetcher(ports=frozenset({server.port}), seconds=3)
        assert refused(fetcher, f"http://{host}:{server.port}/") in ("fetch-private", "fetch-address", "fetch-host")
        time.sleep(0.01)
        assert server.connections == 0


def test_a_public_address_is_told_from_an_inner_one() -> None:
    """The vetting itself, on addresses of both kinds."""
    assert [a for a in ("1.1.1.1", "93.184.216.34", "2606:4700::1111") if not is_public(a)] == []
    inner = ("10.1.2.3", "169.254.169.254", "::1", "::ffff:10.0.0.1", "2002:a00:1::", "fe80::1%eth0", "224.0.0.1", "0.0.0.0")  # noqa: S104
    assert [a for a in inner if is_public(a)] == []


@pytest.mark.parametrize(
    "url",
    ["ftp://a.example/", "file:///etc/passwd", "gopher://a.example/", "javascript:alert(1)", "http://a.example:8080/", "http://a.example:22/",
     "http://user:secret@a.example/", "http://a.example\\@127.0.0.1/", "http://a.example/\r\nX: y", "http:///x", "a.example", "",
     "http://a.example:99999/", "http://[::1", "http://" + "a" * 3000 + ".example/", "http://exa mple.com/"],
)  # fmt: skip
def test_other_addresses_are_refused(url: str) -> None:
    """Other schemes, ports, credentials and what is no address: refused before any name is looked up."""
    asked: list[str] = []
    fetcher = Fetcher(names=lambda host, port: asked.append(host) or ["93.184.216.34"])  # type: ignore[func-returns-value]
    assert refused(fetcher, url) in ("fetch-address", "fetch-private")
    assert asked == []


def test_every_address_of_a_name_must_be_public() -> None:
    """One inner address among public ones is enough to refuse, whichever comes first."""
    for addresses in (["93.184.216.34", "10.0.0.1"], ["::1", "93.184.216.34"]):
        assert refused(Fetcher(names=lambda host, port, found=addresses: found), "http://a.example/") == "fetch-private"  # type: ignore[misc]


@pytest.mark.parametrize("where", ["http://127.0.0.1:{port}/secret", "http://169.254.169.254/latest/", "//localhost/", "http://[::1]/", "file:///etc/passwd",
                                   "http://inner.example:{port}/"])  # fmt: skip
def test_a_redirect_is_vetted_like_the_first_address(where: str) -> None:
    """Sending on to an inner address ends there: the inner server hears nothing."""
    with serving(always(said())) as inner:
        with serving(lambda wire, asked: wire.sendall(said("302 Found", b"", Location=where.format(port=inner.port)))) as outer:
            names = {"outer.example": ["127.0.0.2"], "inner.example": ["127.0.0.1"]}
            fetcher = Fetcher(
                allowed="127.0.0.2".__eq__, names=lambda host, port: names.get(host, ["127.0.0.1"]),
                ports=frozenset({outer.port, inner.port}), seconds=5,
            )  # fmt: skip
            bridge = socket.create_server(("127.0.0.2", outer.port))
            try:
                threading.Thread(target=_pass_on, args=(bridge, outer.port), daemon=True).start()
                assert refused(fetcher, f"http://outer.example:{outer.port}/") in ("fetch-private", "fetch-address")
            finally:
                bridge.close()
        assert inner.connections == 0
        assert outer.connections == 1


def _pass_on(bridge: socket.socket, port: int) -> None:
    """One connection to 127.0.0.2 answered by the server on 127.0.0.1."""
    wire, _ = bridge.accept()
    with wire, socket.create_connection(("127.0.0.1", port)) as inner:
        inner.sendall(wire.recv(4096))
        while part := inner.recv(4096):
            wire.sendall(part)


def test_a_name_that_changes_its_answer_is_not_asked_again() -> None:
    """Rebinding: the name is looked up once, and the connection goes to the address that was vetted."""
    answers = iter([["127.0.0.1"], ["10.0.0.1"], ["10.0.0.1"]])
    asked: list[str] = []

    def names(host: str, port: int) -> list[str]:
        asked.append(host)
        return next(answers)

    with serving(always(said())) as server:
        assert near(server, names=names).fetch(f"http://a.example:{server.port}/").content == PAGE
    assert asked == ["a.example"]


# -- servers that mean harm or do not mean well ----------------------------------------------------------------------


def _drip(wire: socket.socket, asked: bytes) -> None:
    for byte in said():
        wire.sendall(bytes([byte]))
        time.sleep(0.2)


def _drip_body(wire: socket.socket, asked: bytes) -> None:
    wire.sendall(b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n")
    while True:
        wire.sendall(b"x")
        time.sleep(0.1)


def _silent(wire: socket.socket, asked: bytes) -> None:
    time.sleep(5)


@pytest.mark.parametrize("answer", [_drip, _drip_body, _silent])
def test_a_slow_server_is_left_at_the_deadline(answer: Answering) -> None:
    """A byte now and then, or none at all: the whole takes no longer than was allowed."""
    with serving(answer) as server:
        begun = time.monotonic()
        assert refused(near(server, seconds=1.0), f"http://a.example:{server.port}/") == "fetch-slow"
        assert time.monotonic() - begun < 2


def test_a_slow_name_server_is_left_at_the_deadline() -> None:
    """Looking up the name counts."""
    begun = time.monotonic()
    assert refused(Fetcher(names=lambda host, port: time.sleep(4) or ["93.184.216.34"], seconds=0.5), "http://a.example/") == "fetch-slow"  # type: ignore[func-returns-value]
    assert time.monotonic() - begun < 2


def test_a_bomb_is_not_unpacked() -> None:
    """Half a gigabyte of zeros in half a megabyte, and an endless page: stopped at the limit."""
    packer = zlib.compressobj(9, wbits=31)
    bomb = b"".join(packer.compress(bytes(1 << 20)) for _ in range(512)) + packer.flush()
    with serving(always(said(body=bomb, Content_Encoding="gzip"))) as server:
        assert refused(near(server), f"http://a.example:{server.port}/") == "fetch-big"
    with serving(always(said(body=b"x" * 2_000_001))) as server:
        assert refused(near(server), f"http://a.example:{server.port}/") == "fetch-big"
    with serving(always(said(body=b"x" * 2_000_000))) as server:
        assert len(near(server).fetch(f"http://a.example:{server.port}/").content) == 2_000_000


@pytest.mark.parametrize(
    ("answer", "code"),
    [
        (said(Content_Type="image/png"), "fetch-kind"),
        (said(Content_Type="application/json"), "fetch-kind"),
        (said(Content_Type=""), "fetch-kind"),
        (said(Content_Encoding="br"), "fetch-kind"),
        (said("404 Not Found"), "fetch-status"),
        (said("500 Oops"), "fetch-status"),
        (said("302 Found"), "fetch-status"),
        (said(Content_Length="9999"), "fetch-failed"),
        (said(body=gzip.compress(PAGE)[:-9], Content_Encoding="gzip"), "fetch-failed"),
        (said(Content_Encoding="gzip"), "fetch-failed"),
        (b"nonsense\r\n\r\n", "fetch-failed"),
        (b"", "fetch-failed"),
        (b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 500 + b"\r\n", "fetch-failed"),
    ],
)
def test_other_answers_are_refused_with_a_sentence(answer: bytes, code: str) -> None:
    """What is no page, what breaks off, what is damaged."""
    with serving(always(answer)) as server:
        assert refused(near(server), f"http://a.example:{server.port}/") == code


def test_a_certificate_that_nobody_vouches_for_is_refused() -> None:
    """TLS is verified; and no server at all is a sentence too."""
    assert Fetcher().tls().verify_mode is ssl.CERT_REQUIRED
    assert Fetcher().tls().check_hostname
    with serving(always(b"no TLS here"), listens=False) as server:
        assert refused(near(server), f"https://a.example:{server.port}/") == "fetch-failed"
    assert refused(near(server), f"http://a.example:{server.port}/") == "fetch-failed"
    assert refused(Fetcher(names=_nobody), "http://a.example/") == "fetch-host"


def _nobody(host: str, port: int) -> list[str]:
    raise OSError
