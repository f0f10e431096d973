"""/livez: the loop runs. /readyz: what a reader would need is there. Neither says where anything is, nor who reads.

A load balancer takes a server that is not ready out of service, so prices do not count: older ones are shown with their age, which is no
reason to show nothing. They are reported.
"""

from __future__ import annotations

import asyncio
import datetime as dt
import logging
import time
from collections.abc import Callable, Mapping
from typing import Any, Final

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from aftershock.errors import AftershockError
from aftershock.ui import house, kept

DEADLINE: Final = 2.0  # seconds for every part
Part = dict[str, Any]
_LOG: Final = logging.getLogger(__name__)


def routes() -> list[Route]:
    """The two addresses."""
    looker = _Looker({"data": _data, "store": _store, "cache": _cache, "prices": _prices})

    async def livez(_: Request) -> Response:
        return _answer(200, alive=True)

    async def readyz(_: Request) -> Response:
        parts = await looker.parts()
        ready = all(part["ok"] for part in parts.values())
        return _answer(200 if ready else 503, ready=ready, parts=parts)

    return [Route("/livez", livez), Route("/readyz", readyz)]


def _answer(status: int, **facts: Any) -> Response:
    return JSONResponse(facts, status, headers={"Cache-Control": "no-store"})


class _Looker:
    """Looks at the parts, each in a thread. However many ask at once, one look is taken, and at a part that hangs nobody looks again before
    that look has ended.
    """

    def __init__(self, looks: Mapping[str, Callable[[], Part]]) -> None:
        self._looks = looks
        self._under_way: asyncio.Future[dict[str, Part]] | None = None
        self._late: dict[str, asyncio.Future[Part]] = {}

    async def parts(self) -> dict[str, Part]:
        """Every part's state within the deadline."""
        if self._under_way is None or self._under_way.done():
            self._under_way = asyncio.ensure_future(self._all())
        return await asyncio.shield(self._under_way)

    async def _all(self) -> dict[str, Part]:
        found = await asyncio.gather(*map(self._one, self._looks))
        return dict(zip(self._looks, found, strict=True))

    async def _one(self, name: str) -> Part:
        """`ok`, and what there is to say of it; `why` when it is not."""
        started = time.perf_counter()
        look = self._late.pop(name, None) or asyncio.ensure_future(asyncio.to_thread(self._looks[name]))
        try:
            found = await asyncio.wait_for(asyncio.shield(look), DEADLINE)
        except TimeoutError:
            self._late[name] = look
            look.add_done_callback(lambda ended: ended.cancelled() or ended.exception())  # nobody may ask again: then asyncio complains
            found = {"ok": False, "why": "slow"}
        except AftershockError as error:
            found = {"ok": False, "why": error.code}
        except Exception:  # whatever it is, the other parts are to be seen
            _LOG.exception("looking at %s failed", name)
            found = {"ok": False, "why": "failed"}
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
    market = house.standing()[1]
    known = market.now(asking=False)
    last = min(known.prices.series[ticker].last for ticker in known.answers)
    checked = [answer.checked_at for answer in known.answers.values() if answer.checked_at is not None]
    why = sorted({answer.reason.code for answer in known.answers.values() if answer.reason is not None})
    retry = [answer.retry_at for answer in known.answers.values() if answer.retry_at is not None]
    now = dt.datetime.now(dt.UTC)
    return {
        "ok": True, "current": all(answer.live for answer in known.answers.values()), "last": f"{last:%Y-%m-%d}",
        "checked_minutes": round((now - min(checked)).total_seconds() / 60) if checked else None, "asking": market.asking,
        "why": why, "held_until": max(retry).isoformat(timespec="seconds") if retry else None,
    }  # fmt: skip
