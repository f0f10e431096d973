"""What the kill campaign kills: a process that writes to SQLite and keeps a diary, and threads that write to PostgreSQL."""

from __future__ import annotations

import datetime as dt
import json
import os
import random
import threading
import time
from typing import Any

from aftershock import own
from aftershock.errors import StoreUnavailable
from aftershock.events import Event, Text
from aftershock.sessions import new_york
from aftershock.store import Store

State = dict[str, str]  # id -> title
CALENDAR = new_york()  # made once, before anybody is forked


def event(event_id: str, title: str) -> Event:
    """An own event that says the title."""
    return own.make(event_id, dt.date(2025, 1, 27), Text(title, title), tickers=("NVDA",), calendar=CALENDAR)


def plan(dice: random.Random, state: State, undo: list[State], count: int) -> dict[str, Any]:
    """The next step of a writer, with the state that it leads to."""
    kind = dice.choices(["add", "many", "change", "delete", "undo"], [4, 1, 4, 2, 1])[0]
    if not (undo if kind == "undo" else state or kind in ("add", "many")):
        kind = "add"
    after = dict(state)
    if kind in ("add", "many"):
        ids = [f"own-{count}-{i}" for i in range(1 if kind == "add" else 25)]
        after |= dict.fromkeys(ids, f"{kind} {count}")
        return {"kind": "add", "ids": ids, "title": f"{kind} {count}", "after": after}
    if kind == "undo":
        return {"kind": kind, "after": undo[-1]}
    chosen = dice.choice(sorted(state))
    if kind == "delete":
        del after[chosen]
        return {"kind": kind, "id": chosen, "after": after}
    after[chosen] = f"change {count}"
    return {"kind": kind, "id": chosen, "title": f"change {count}", "after": after}


def carry_out(store: Store, owner: str, step: dict[str, Any]) -> None:
    """Asks the store for it."""
    match step["kind"]:
        case "add":
            store.add(owner, [event(i, step["title"]) for i in step["ids"]])
        case "change":
            store.change(owner, event(step["id"], step["title"]), version(store, owner, step["id"]))
        case "delete":
            store.delete(owner, step["id"], version(store, owner, step["id"]))
        case "undo":
            change = store.last_change(owner)
            assert change is not None
            store.undo(owner, change.stamp)


def version(store: Store, owner: str, event_id: str) -> int:
    """The version that an event has now; 0, which fits none, when it is not there."""
    found = store.shelf(owner).find(event_id)
    return found.version if found is not None else 0


def held(store: Store, owner: str) -> State:
    """What the store holds."""
    return {e.id: e.title.en for e in store.shelf(owner).events}


def write_until_killed(url: str, owner: str, diary: str, seed: int, state: State) -> None:
    """Carries out one step after another; the diary has a line before each and one after, and a kill cannot halve a line."""
    dice, store, undo, count = random.Random(seed), Store(url), [], 0
    page = os.open(diary, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    while True:
        count += 1
        step = plan(dice, state, undo, seed * 10_000 + count)
        os.write(page, (json.dumps(["asked", step["after"]]) + "\n").encode())
        carry_out(store, owner, step)
        os.write(page, (json.dumps(["done", step["after"]]) + "\n").encode())
        undo = undo[:-1] if step["kind"] == "undo" else [*undo, state]
        state = step["after"]


class Writer(threading.Thread):
    """Writes for one owner until it is stopped. What fails may have been done or not: then it looks what is there before it goes on."""

    def __init__(self, store: Store, owner: str, seed: int) -> None:
        super().__init__(daemon=True)
        self.store, self.owner, self.seed = store, owner, seed
        self.state = held(store, owner)
        self.acknowledged, self.refused = 0, 0
        self.lost: list[str] = []
        self.surprises: list[str] = []
        self.over = threading.Event()
        self.unsure: State | None = None

    def run(self) -> None:
        """One step after another."""
        dice, undo, count = random.Random(self.seed), [], 0
        while not self.over.is_set():
            count += 1
            step = plan(dice, self.state, undo, self.seed * 10_000 + count)
            try:
                if self.unsure is not None:
                    self.look()
                    undo.clear()
                    continue
                carry_out(self.store, self.owner, step)
            except StoreUnavailable:
                self.refused += 1
                self.unsure = step["after"] if self.unsure is None else self.unsure
                time.sleep(0.05)
            except Exception as error:
                self.surprises.append(repr(error))
                return
            else:
                self.acknowledged += 1
                undo = undo[:-1] if step["kind"] == "undo" else [*undo, self.state]
                self.state = step["after"]

    def look(self) -> None:
        """What is there must be what was acknowledged, or that and the step that was refused."""
        found = held(self.store, self.owner)
        if found not in (self.state, self.unsure):
            self.lost.append(f"{self.owner}: {len(self.state)} promised, {len(found)} there")
        self.state, self.unsure = found, None
