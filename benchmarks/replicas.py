"""One of two replicas dies, and strangers press hard: `make kill-replica`, or `python -m benchmarks.replicas`.

What deploy/ describes runs without Docker (tests/stack.py): nginx, two replicas, PostgreSQL. Again and again one replica is killed with -9
under its sessions while the other's go on; the lost ones come back as a browser does, at intervals of half a second. Then uploads, foreign
pages and `clear_cache` come in floods. All the while somebody asks through nginx whether the server is healthy.

The figures go into benchmarks/RESULTS.md. One short round of everything is among the tests.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import datetime as dt
import json
import re
import time
import uuid
from collections.abc import Callable, Coroutine
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

import psutil
import websockets

from aftershock import own
from aftershock.events import Text
from aftershock.store import Store
from benchmarks.results import put
from benchmarks.tabs import Tab
from tests.stack import Pulse, Stack, ask, standing

HEADING = "## One of two replicas is killed, and strangers press hard"
ADDRESS = "198.51.100.{}"  # addresses for documentation; nginx believes them of whoever ends TLS before it, here ourselves
MEGABYTE = 1 << 20
OTHER = {"a": "b", "b": "a"}
VIEW = {"from": "2025-01-27", "to": "2025-01-31", "series": "NVDA,AMD", "scale": "log", "lang": "en"}


def p95(seconds: list[float]) -> float:
    """The 95th percentile."""
    return sorted(seconds)[int(0.95 * (len(seconds) - 1))]


def alone(work: Coroutine[Any, Any, Any]) -> Any:
    """Runs it on a loop of its own, in a thread of its own: whoever asks may have a loop already."""
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(asyncio.run, work).result()


# -- a replica is killed ---------------------------------------------------------------------------------------------


@dataclass
class Kill:
    """What became of the sessions. `back`: seconds from the kill until the script had run to its end again."""

    back: list[float] = field(default_factory=list)
    changed: list[str] = field(default_factory=list)  # sessions that saw another view, or not their event
    others: int = 0  # runs of the other replica's sessions from the kill until all were back
    slowest: float = 0.0  # seconds of the slowest of those
    errors: list[str] = field(default_factory=list)
    health: list[float] = field(default_factory=list)  # seconds of every answer


def save(stack: Stack, title: str) -> str:
    """Saves an event of the reader's own where all replicas find it; gives its id."""
    store = Store(stack.store)
    event = own.make(own.new_id(), dt.date(2025, 1, 28), Text(title, title))
    store.add("local", [event])
    store.close()
    return event.id


async def kill(stack: Stack, victim: str, sessions: int, saved: tuple[str, str], dead: Callable[[], None] = lambda: None) -> Kill:
    """Kills a replica under so many sessions while the other has as many; half of them look at a view, half at the saved event (id,
    title). `dead` is called when the replica is.
    """
    story, over = Kill(), asyncio.Event()
    tabs = {name: [_tab(stack, name, n, saved[0]) for n in range(sessions)] for name in "ab"}
    for name in "ab":
        # as a browser does first; a replica that was dead counts as well when an answer of it has ended, which a websocket does not
        await asyncio.to_thread(ask, stack.ports["nginx"], "/_stcore/health", Cookie=f"replica={name}")
        for tab in tabs[name]:
            await tab.connect()
            assert f"replica={name};" in tab._socket.response.headers["Set-Cookie"]
            story.errors += (await tab.run()).errors
    seen = [(tab.text, tab.query) for tab in tabs[victim]]
    story.changed += [f"{tab.page}: the saved event is not there" for tab in tabs[victim] if tab.page and saved[1] not in tab.text]
    with Pulse(stack.ports["nginx"]) as pulse:
        going = [asyncio.create_task(_go_on(tab, over, story)) for tab in tabs[OTHER[victim]]]
        await asyncio.to_thread(stack.kill, victim)
        died = time.perf_counter()
        dead()
        await asyncio.gather(*(_come_back(tab, died, story) for tab in tabs[victim]))
        over.set()
        await asyncio.gather(*going)
    story.health = pulse.seconds
    now = [(tab.text, tab.query) for tab in tabs[victim]]
    story.changed += [f"{tab.page or 'timeline'} is not as it was" for tab, a, b in zip(tabs[victim], seen, now, strict=True) if a != b]
    for tab in (*tabs["a"], *tabs["b"]):
        await tab.close()
    return story


def _tab(stack: Stack, name: str, number: int, saved: str) -> Tab:
    address = {"X-Forwarded-For": ADDRESS.format(number % 200 + 1)}
    if number % 2:
        return Tab(stack.url, "events", urlencode({"event": saved, "lang": "en"}), {"replica": name}, address)
    return Tab(stack.url, "", urlencode(VIEW), {"replica": name}, address)


async def _go_on(tab: Tab, over: asyncio.Event, story: Kill) -> None:
    while not over.is_set():
        try:
            told = await tab.run()
        except (OSError, TimeoutError, websockets.WebSocketException) as error:
            story.errors.append(repr(error))
            return
        story.others += 1
        story.slowest = max(story.slowest, told.seconds)
        story.errors += told.errors
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(over.wait(), 1.0)


async def _come_back(tab: Tab, died: float, story: Kill) -> None:
    await tab.lost()
    while time.perf_counter() - died < 60:
        try:
            told = await tab.reconnect()
        except (OSError, TimeoutError, websockets.WebSocketException):
            await asyncio.sleep(0.5)
            continue
        story.back.append(time.perf_counter() - died)
        story.errors += told.errors
        return
    story.errors.append("did not come back")


# -- strangers -------------------------------------------------------------------------------------------------------


@dataclass
class Flood:
    """What a flood met: how many answers of each kind, what it left, and how the healthy fared (seconds, p95)."""

    answers: dict[int, int]
    kept: float = 0.0  # megabytes of uploaded files in both replicas
    grown: float = 0.0  # megabytes by which both processes are larger
    calls: int = 0  # what the provider, or the internet, was asked
    slowest: float = 0.0  # seconds of the slowest run of an innocent session
    health: float = 0.0


def _count(codes: list[int]) -> dict[int, int]:
    return {code: codes.count(code) for code in sorted(set(codes))}


def uploads(stack: Stack, sessions: int = 8, each: int = 12) -> Flood:
    """Every session, each from an address of its own, sends files of 2 MB as fast as it can, with everything that XSRF protection wants."""
    before = _memory(stack)
    with Pulse(stack.ports["nginx"]) as pulse:
        codes = alone(_uploads(stack, sessions, each))
    return Flood(_count(codes[0]), codes[1], _memory(stack) - before, health=p95(pulse.seconds))


async def _uploads(stack: Stack, sessions: int, each: int) -> tuple[list[int], float]:
    headers = ask(stack.ports["nginx"], "/_stcore/health")[1]
    xsrf = re.search(r"_streamlit_xsrf=([^;]+)", headers["set-cookie"])
    assert xsrf
    body = b'--x\r\nContent-Disposition: form-data; name="f"; filename="f.csv"\r\n\r\n' + b"7" * (2 * MEGABYTE - 4096) + b"\r\n--x--\r\n"
    tabs = [Tab(stack.url, headers={"X-Forwarded-For": ADDRESS.format(n + 1)}, cookies={"replica": "ab"[n % 2]}) for n in range(sessions)]
    for tab in tabs:
        await tab.connect()
        await tab.run()

    def send(tab: Tab) -> int:
        sent = {
            "Cookie": f"replica={tab.cookies['replica']}; _streamlit_xsrf={xsrf[1]}", "X_Xsrftoken": xsrf[1],
            "X_Forwarded_For": tab.headers["X-Forwarded-For"], "Content_Type": "multipart/form-data; boundary=x", "Origin": stack.url,
        }  # fmt: skip
        try:
            return ask(stack.ports["nginx"], f"/_stcore/upload_file/{tab.session_id}/{uuid.uuid4()}", "PUT", body=body, **sent)[0]
        except OSError:
            return 0  # refused before all of it was sent

    with ThreadPoolExecutor(8) as threads:
        codes = list(threads.map(send, tabs * each))
    kept = sum(kept_uploads(stack, name) for name in "ab")
    for tab in tabs:
        await tab.close()
    return codes, kept


def kept_uploads(stack: Stack, name: str) -> float:
    """Megabytes of uploaded files in a replica, as Streamlit itself counts them."""
    said = ask(stack.ports[name], "/_stcore/metrics")[2].decode()
    return sum(float(n) for n in re.findall(r'cache_memory_bytes\{cache_type="UploadedFileManager"[^}]*\} (\S+)', said)) / MEGABYTE


def _memory(stack: Stack) -> float:
    return sum(psutil.Process(process.pid).memory_info().rss for process in stack.replicas.values()) / MEGABYTE


def strangers(stack: Stack, handshakes: int = 40) -> Flood:
    """Pages elsewhere have their readers' browsers open our websocket, through nginx and, were it reachable, at a replica."""
    before = len(stack.outside.asked)
    with Pulse(stack.ports["nginx"]) as pulse:
        codes = alone(_strangers(stack, handshakes))
    return Flood(_count(codes), calls=len(stack.outside.asked) - before, health=p95(pulse.seconds))


async def _strangers(stack: Stack, handshakes: int) -> list[int]:
    async def knock(port: int, number: int) -> int:
        try:
            async with Tab(f"http://127.0.0.1:{port}", origin=f"https://elsewhere-{number}.example"):
                return 101
        except websockets.InvalidStatus as refused:
            return refused.response.status_code

    ports = [stack.ports[name] for name in ("nginx", "a", "b")]
    return list(await asyncio.gather(*(knock(ports[n % 3], n) for n in range(handshakes))))


def clearing(stack: Stack, messages: int = 100) -> Flood:
    """An anonymous session has a series shown that the provider fails to give, and then all caches cleared again and again, while others
    look at the same series.
    """
    stack.yahoo.faults["TSM"] = "500"
    try:
        with Pulse(stack.ports["nginx"]) as pulse:
            calls, slowest = alone(_clearing(stack, messages))
    finally:
        del stack.yahoo.faults["TSM"]
    return Flood({}, calls=calls, slowest=slowest, health=p95(pulse.seconds))


async def _clearing(stack: Stack, messages: int) -> tuple[int, float]:
    query = urlencode({**VIEW, "series": "NVDA,TSM"})
    tabs = [Tab(stack.url, query=query, cookies={"replica": name}) for name in "abab"]
    for tab in tabs:
        await tab.connect()
        await tab.run()
    before = await _quiet(stack)
    slowest = 0.0
    for _ in range(messages // 20):
        for _ in range(10):
            await tabs[0].send(clear_cache=True)
            await tabs[1].send(clear_cache=True)
        told = await asyncio.gather(*(tab.run() for tab in tabs[2:]))
        slowest = max(slowest, *(run.seconds for run in told))
        assert all(run.ok for run in told), [run.errors for run in told]
    calls = await _quiet(stack) - before
    for tab in tabs:
        await tab.close()
    return calls, slowest


async def _quiet(stack: Stack) -> int:
    """How often the provider was asked, when neither replica is asking any more."""
    end = time.monotonic() + 60
    while time.monotonic() < end:
        await asyncio.sleep(0.1)
        said = [json.loads((await asyncio.to_thread(ask, stack.ports[name], "/readyz"))[2]) for name in "ab"]
        if not any(parts["parts"]["prices"]["asking"] for parts in said):
            break
    return len(stack.yahoo.log)


# -- the campaign ----------------------------------------------------------------------------------------------------


def report(kills: list[Kill], floods: dict[str, Flood], args: argparse.Namespace, seconds: float) -> list[str]:
    """Our section of the results."""
    back = sorted(seconds for k in kills for seconds in k.back)
    health = p95([seconds for k in kills for seconds in k.health])
    figures = (
        len(kills), args.sessions, f"{len(back)} of {len(kills) * args.sessions}", f"{back[len(back) // 2]:.2f}",
        f"{p95(back):.2f}", sum(len(k.changed) for k in kills), sum(k.others for k in kills),
        f"{max(k.slowest for k in kills):.2f}", sum(len(k.errors) for k in kills), f"{1000 * health:.0f}",
    )  # fmt: skip
    rows = [
        f"{dt.date.today():%-d %B %Y}, `make kill-replica` (`python -m benchmarks.replicas`), {seconds:.0f} s. nginx, two replicas and "
        "PostgreSQL as in `deploy/`, without Docker, on one machine with whoever presses.",
        "",
        "| replicas killed | sessions on each | came back | p50 s | p95 s | view or saved event not as before "
        "| runs of the others meanwhile | slowest s | errors | health p95 ms |",
        "|---:|---:|---:|---:|---:|---:|---:|---:|---:|---:|",
        f"| {' | '.join(map(str, figures))} |",
        "",
        "| flood | answers | MB kept | MB grown | calls to the outside | slowest innocent run s | health p95 ms |",
        "|---|---|---:|---:|---:|---:|---:|",
    ]
    for name, flood in floods.items():
        answers = ", ".join(f"{number} x {code}" for code, number in flood.answers.items()) or "-"
        left = (f"{flood.kept:.1f}", f"{flood.grown:.1f}", f"{flood.calls}", f"{flood.slowest:.2f}", f"{1000 * flood.health:.0f}")
        rows.append(f"| {name} | {answers} | {' | '.join(left)} |")
    return rows


def main() -> int:
    """Runs everything, prints and writes the tables; 1 when a promise was not kept."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--kills", type=int, default=10)
    parser.add_argument("--sessions", type=int, default=20)
    args = parser.parse_args()
    started = time.monotonic()
    with standing() as stack:
        event = save(stack, "An event of our own")
        floods = {"uploads of 2 MB": uploads(stack, 20, 20), "foreign pages": strangers(stack, 200), "`clear_cache`": clearing(stack, 400)}
        kills = []
        for number in range(args.kills):
            victim = "ab"[number % 2]
            kills.append(alone(kill(stack, victim, args.sessions, (event, "An event of our own"))))
            stack.start(victim)
            stack.wait(victim)
            time.sleep(6)  # nginx gives it another try after five seconds
    text = report(kills, floods, args, time.monotonic() - started)
    put(HEADING, text)
    print("\n".join(text))
    bad = [complaint for k in kills for complaint in (*k.changed, *k.errors)]
    bad += [f"{p95(k.back):.1f} s until 95 % were back" for k in kills if p95(k.back) > 10]
    bad += [f"{len(k.back)} came back" for k in kills if len(k.back) != args.sessions]
    health = {"kills": p95([seconds for k in kills for seconds in k.health]), **{name: flood.health for name, flood in floods.items()}}
    bad += [f"{name}: health in {seconds:.3f} s" for name, seconds in health.items() if seconds > 0.25]
    bad += ["too much was kept"] if floods["uploads of 2 MB"].kept > 20 else []
    bad += ["the outside was asked"] if floods["foreign pages"].calls > 0 or floods["`clear_cache`"].calls > 1 else []
    print("\n".join(bad))
    return 1 if bad else 0


if __name__ == "__main__":
    raise SystemExit(main())
