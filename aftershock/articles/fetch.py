"""A web page from a public address, and from nowhere else.

Whoever may name an address may try to make the server ask its own network. So: http and https on their usual ports only; every address
that a name has must be public; the connection goes to the address that was looked at and not to the name, which may answer differently
the second time; redirects are followed by hand, each one vetted like the first. The whole takes at most `seconds`, and no more than
`most` bytes are unpacked. No proxy, no cookies, no credentials.
"""

from __future__ import annotations

import http.client
import ipaddress
import re
import socket
import ssl
import threading
import time
import zlib
from collections.abc import Callable, Sequence
from contextlib import closing, suppress
from dataclasses import dataclass
from functools import partial
from typing import Final
from urllib.parse import SplitResult, urljoin, urlsplit

from aftershock.articles.reading import BIGGEST
from aftershock.errors import RequestError

REDIRECTS: Final = 5
KINDS: Final = ("text/html", "application/xhtml+xml", "text/plain")
_PORTS: Final = {"http": 80, "https": 443}
_NAME: Final = re.compile(r"(?=.{1,253}$)(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z](?:[a-z0-9-]{0,61}[a-z0-9])")
_EMBEDDING: Final = tuple(map(ipaddress.ip_network, ("2002::/16", "2001::/32", "64:ff9b::/96", "64:ff9b:1::/48", "::/96")))


@dataclass(frozen=True, slots=True)
class Page:
    """What was fetched: the bytes, unpacked, the address that gave them in the end, and whether they are HTML."""

    content: bytes
    url: str
    html: bool


def is_public(address: str) -> bool:
    """True for an address of the public internet. Addresses that carry another inside them (6to4, Teredo, NAT64) are not taken for one."""
    try:
        ip = ipaddress.ip_address(address.split("%")[0])
    except ValueError:
        return False
    if isinstance(ip, ipaddress.IPv6Address) and (ip.ipv4_mapped is not None or any(ip in network for network in _EMBEDDING)):
        return False
    return ip.is_global and not ip.is_multicast and not ip.is_reserved and not ip.is_unspecified


def resolve(host: str, port: int) -> list[str]:
    """Every address of a name. Raises OSError when there is none."""
    return list(dict.fromkeys(str(found[4][0]) for found in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)))


@dataclass(frozen=True)
class Fetcher:
    """Fetches pages. `allowed` vets an address, `names` gives a name's addresses, `ports` are the ports besides 80 and 443: the tests
    give their own, to reach servers on this machine."""

    allowed: Callable[[str], bool] = is_public
    names: Callable[[str, int], Sequence[str]] = resolve
    ports: frozenset[int] = frozenset()
    seconds: float = 10.0
    most: int = BIGGEST
    tls: Callable[[], ssl.SSLContext] = ssl.create_default_context

    def fetch(self, url: str) -> Page:
        """The page at an address. Raises RequestError: what stopped it, in one sentence."""
        end = time.monotonic() + self.seconds
        for _ in range(REDIRECTS + 1):
            parts, host = self._vetted(url)
            addresses = self._addresses(host, parts, end)
            page = self._asked(parts, host, addresses, end)
            if isinstance(page, Page):
                return page
            url = urljoin(url, page)
        raise RequestError("fetch-redirects", host=host, most=REDIRECTS)

    def _vetted(self, url: str) -> tuple[SplitResult, str]:
        """The parts of an address that may be asked, and its host as it is looked up."""
        wrong = RequestError("fetch-address", address=url[:200])
        if len(url) > 2000 or not url.isprintable() or re.search(r"[\s\\<>\"]", url):
            raise wrong
        try:
            parts = urlsplit(url)
            port = parts.port or _PORTS[parts.scheme]
            host = (parts.hostname or "").rstrip(".")
            host = host if ":" in host else host.encode("idna").decode("ascii").lower()
        except (ValueError, KeyError):
            raise wrong from None
        if port not in {*_PORTS.values(), *self.ports} or parts.username is not None or not host:
            raise wrong
        literal = _literal(host)
        if literal is None and not _NAME.fullmatch(host):  # localhost, 127.1, 0x7f000001, 2130706433: no name of the public internet
            raise RequestError("fetch-private", host=host)
        return parts, host

    def _addresses(self, host: str, parts: SplitResult, end: float) -> list[str]:
        """The addresses of a host, all of them vetted."""
        found: list[str] = []
        trouble: list[Exception] = []

        def ask() -> None:
            try:
                found.extend(self.names(host, parts.port or _PORTS[parts.scheme]))
            except (OSError, UnicodeError) as error:
                trouble.append(error)

        if literal := _literal(host):
            found.append(literal)
        else:
            asking = threading.Thread(target=ask, daemon=True)  # looking up a name has no deadline of its own
            asking.start()
            asking.join(max(0.0, end - time.monotonic()))
            if asking.is_alive():
                raise RequestError("fetch-slow", host=host, seconds=int(self.seconds))
        if not found:
            raise RequestError("fetch-host", host=host)
        if not all(map(self.allowed, found)):
            raise RequestError("fetch-private", host=host)
        return found

    def _asked(self, parts: SplitResult, host: str, addresses: Sequence[str], end: float) -> Page | str:
        """The page, or the address that the answer sends on to."""
        slow = RequestError("fetch-slow", host=host, seconds=int(self.seconds))
        left = end - time.monotonic()
        if left <= 0:
            raise slow
        try:
            with closing(self._connected(parts, host, addresses, left)) as wire:
                watch = threading.Timer(max(0.0, end - time.monotonic()), partial(_hang_up, wire))
                watch.daemon = True
                watch.start()
                try:
                    if isinstance(wire, ssl.SSLSocket):
                        wire.do_handshake()
                    answer = self._answer(wire, parts, host)
                    if time.monotonic() >= end:
                        raise slow
                    return answer
                finally:
                    watch.cancel()
        except TimeoutError as error:
            raise slow from error
        except (OSError, http.client.HTTPException, ValueError, zlib.error) as error:
            raise (slow if time.monotonic() >= end else RequestError("fetch-failed", host=host)) from error

    def _connected(self, parts: SplitResult, host: str, addresses: Sequence[str], left: float) -> socket.socket:
        """A connection to the first of the vetted addresses that takes one."""
        port = parts.port or _PORTS[parts.scheme]
        for number, address in enumerate(addresses, 1):
            try:
                wire = socket.create_connection((address, port), timeout=left / len(addresses))
                break
            except OSError:
                if number == len(addresses):
                    raise
        wire.settimeout(left)
        return self.tls().wrap_socket(wire, server_hostname=host, do_handshake_on_connect=False) if parts.scheme == "https" else wire

    def _answer(self, wire: socket.socket, parts: SplitResult, host: str) -> Page | str:
        asking = http.client.HTTPConnection(host, parts.port or _PORTS[parts.scheme])
        asking.sock = wire
        path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        headers = {"User-Agent": "Aftershock", "Accept": ", ".join(KINDS), "Accept-Encoding": "gzip", "Connection": "close"}
        asking.request("GET", _quoted(path), headers=headers)
        with asking.getresponse() as answer:
            return self._read(answer, parts, host)

    def _read(self, answer: http.client.HTTPResponse, parts: SplitResult, host: str) -> Page | str:
        """The page of an answer, or the address that it sends on to."""
        if answer.status in (301, 302, 303, 307, 308) and (where := answer.getheader("Location")):
            return where
        if answer.status != 200:
            raise RequestError("fetch-status", host=host, status=f"{answer.status}")
        kind = (answer.getheader("Content-Type") or "-").split(";")[0].strip().lower()
        packed = (answer.getheader("Content-Encoding") or "identity").strip().lower()
        if kind not in KINDS or packed not in ("identity", "gzip", "x-gzip", "deflate"):
            raise RequestError("fetch-kind", host=host, found=kind if kind not in KINDS else packed)
        return Page(self._content(answer, host, packed != "identity"), parts.geturl(), kind != "text/plain")

    def _content(self, answer: http.client.HTTPResponse, host: str, packed: bool) -> bytes:
        """The body, unpacked as it comes and never further than the limit."""
        unpack = zlib.decompressobj(wbits=47) if packed else None
        content = bytearray()
        while chunk := answer.read1(65536):
            content += unpack.decompress(chunk, self.most + 1 - len(content)) if unpack else chunk
            if len(content) > self.most or (unpack and unpack.unconsumed_tail):
                raise RequestError("fetch-big", host=host, megabytes=f"{self.most // 1_000_000}")
        if answer.length or (unpack and not unpack.eof):  # it ended early: the other side went away, or we hung up
            raise http.client.IncompleteRead(bytes(content))
        return bytes(content)


def _literal(host: str) -> str | None:
    """The host when it is an address written in the one usual way, else None."""
    try:
        return str(ipaddress.ip_address(host))
    except ValueError:
        return None


def _quoted(path: str) -> str:
    return "".join(c if c.isascii() else "".join(f"%{b:02X}" for b in c.encode()) for c in path)


def _hang_up(wire: socket.socket) -> None:
    """Ends every wait on a connection, from another thread."""
    with suppress(OSError):
        wire.shutdown(socket.SHUT_RDWR)
