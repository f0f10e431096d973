"""/livez: the loop runs. /readyz: what a reader would need is there. Neither says where anything is, nor who reads.

A load balancer takes a server that is not ready out of service, so prices do not count: older ones are shown with their age, which is no
reason to show nothing. They are reported.
"""

from __future__ import annotations

import asyncio
import datetime as dt
import time
from collections.abc import Awaitable, Callable
from typing import Any, Final

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from aftershock.errors import AftershockError
from aftershock.ui import house, kept

DEADLINE: Final = 2.0  # seconds for every part
Part = dict[str, Any]


def routes() -> list[Route]:
    """The two addresses."""
    look = _shared(_parts)

    async def livez(_: Request) -> Response:
        return _answer(200, alive=True)

    async def readyz(_: Request) -> Response:
        parts = await look()
        ready = all(part["ok"] for part in parts.values())
        return _answer(200 if ready else 503, ready=ready, parts=parts)

    return [Route("/livez", livez), Route("/readyz", readyz)]


def _answer(status: int, **facts: Any) -> Response:
    return JSONResponse(facts, status, headers={"Cache-Control": "no-store"})


def _shared(look: Callable[[], Awaitable[dict[str, Part]]]) -> Callable[[], Awaitable[dict[str, Part]]]:
    """However many ask at once, one look is taken: a store that hangs holds one thread and not all of them."""
    under_way: list[asyncio.Future[dict[str, Part]]] = []

    async def shared() -> dict[str, Part]:
        if not under_way or under_way[0].done():
            under_way[:] = [asyncio.ensure_future(look())]
        return await asyncio.shield(under_way[0])

    return shared


async def _parts() -> dict[str, Part]:
    looks = {"data": _data, "store": _store, "cache": _cache, "prices": _prices}
    found = await asyncio.gather(*(_part(name, look) for name, look in looks.items()))
    return dict(zip(looks, found, strict=True))


_late: Final[dict[str, asyncio.Future[Part]]] = {}  # looks that did not end in time: until they do, nobody begins another


async def _part(name: str, look: Callable[[], Part]) -> Part:
    """A part's state within the deadline: `ok`, and what there is to say of it; `why` when it is not."""
    started = time.perf_counter()
    waiting = _late.pop(name, None) or asyncio.ensure_future(asyncio.to_thread(look))
    try:
        found = await asyncio.wait_for(asyncio.shield(waiting), DEADLINE)
    except TimeoutError:
        _late[name] = waiting
        found = {"ok": False, "why": "slow"}
    except AftershockError as error:
        found = {"ok": False, "why": error.code}
    return {**found, "ms": round(1000 * (time.perf_counter() - started))}


def _data() -> Part:
    """Opened means that every file was what its hash says."""
    workspace, _ = house.standing()
    snapshot = max(series.last for series in workspace.snapshot.series.values())
    return {"ok": True, "hash": workspace.data_hash, "snapshot": f"{snapshot:%Y-%m-%d}"}


def _store() -> Part:
    kept.store().stamp("")
    return {"ok": True}


def _cache() -> Part:
    takes = house.standing()[1].can_keep()
    return {"ok": takes is not False, "used": takes is not None} | ({"why": "not-writable"} if takes is False else {})


def _prices() -> Part:
    """The oldest of the series that are always there, as the market knows them now; nobody is asked."""
    known = house.standing()[1].now(asking=False)
    last = min(known.prices.series[ticker].last for ticker in known.answers)
    checked = [answer.checked_at for answer in known.answers.values() if answer.checked_at is not None]
    why = sorted({answer.reason.code for answer in known.answers.values() if answer.reason is not None})
    retry = [answer.retry_at for answer in known.answers.values() if answer.retry_at is not None]
    now = dt.datetime.now(dt.UTC)
    return {
        "ok": True, "current": all(answer.live for answer in known.answers.values()), "last": f"{last:%Y-%m-%d}",
        "checked_minutes": round((now - min(checked)).total_seconds() / 60) if checked else None, "asking": len(known.asking),
        "why": why, "held_until": max(retry).isoformat(timespec="seconds") if retry else None,
    }  # fmt: skip
