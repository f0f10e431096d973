"""A browser's tab without the browser: Streamlit's own messages over its own websocket, a hundred tabs in one process.

    async with Tab("http://127.0.0.1:8501", query="event=deepseek-r1-release") as tab:
        await tab.run()                                              # what a browser does when the page opens
        told = await tab.act("dates", ["2024-01-01", "2024-06-28"])  # by the widget's key; waits until the script has ended
        assert told.ok, told.errors
        print(told.seconds, told.received, tab.text)

A tab keeps what a browser keeps: the elements on the page, the widgets' values (also those that the script sets), the address, the
messages that the server may refer to instead of sending them again. It draws nothing, and what a fragment asks for at intervals it does
not run by itself.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final, NamedTuple, Self

import websockets
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ClientState_pb2 import ClientState
from streamlit.proto.Delta_pb2 import Delta
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg

# where a widget's value stands in the state that is sent, and in the element when the script sets it
_VALUES: Final[dict[str, tuple[str, str]]] = (
    dict.fromkeys(("button_group", "multiselect"), ("string_array_value", "raw_values"))
    | dict.fromkeys(("selectbox", "radio"), ("string_value", "raw_value"))
    | dict.fromkeys(("text_input", "text_area"), ("string_value", "value"))
    | dict.fromkeys(("vega_lite_chart", "plotly_chart"), ("string_value", ""))
    | dict.fromkeys(("popover", "expandable"), ("bool_value", ""))
    | {"date_input": ("string_array_value", "value"), "checkbox": ("bool_value", "value"), "button": ("trigger_value", "")}
    | {"number_input": ("double_value", "value"), "pagination": ("int_value", "value")}
)
_WRITTEN: Final = {"markdown": "body", "heading": "body", "alert": "body", "text": "body", "code": "code_text", "metric": "body"}
_KEPT: Final = 2  # runs for which a browser keeps a message that nobody refers to


@dataclass(slots=True)
class Run:
    """What came of one run of the script, from sending the request to its end.

    seconds, first   until the end, and until the first element (NaN without one)
    received         bytes that came over the websocket, in `messages` messages, `references` of them to what the tab had already
    errors           exceptions on the page, and scripts that could not be run
    """

    seconds: float = float("nan")
    first: float = float("nan")
    received: int = 0
    messages: int = 0
    references: int = 0
    errors: list[str] = field(default_factory=list)

    @property
    def ok(self) -> bool:
        """True when the script ran to its end without an exception."""
        return not self.errors


class Widget(NamedTuple):
    """A widget on the page: its id and key, kind, the element as sent, the fragment that a change of it runs ('' for the whole page)."""

    id: str
    key: str
    kind: str
    element: Any
    fragment: str


@dataclass
class Tab:
    """One tab at `base` ('http://host:port') and a page's path ('' is the first), with a query string, cookies and headers. It says that
    it comes from `base`, from another `origin`, or with '' from nowhere.
    """

    base: str
    page: str = ""
    query: str = ""
    cookies: Mapping[str, str] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
    origin: str | None = None
    locale: str = "en-GB"
    timezone: str = "Europe/London"
    timeout: float = 120.0  # seconds for one run
    session_id: str = ""
    pages: dict[str, str] = field(default_factory=dict)  # path -> hash
    elements: dict[tuple[int, ...], Delta] = field(default_factory=dict, repr=False)
    widgets: dict[str, Widget] = field(default_factory=dict, repr=False)  # by key
    values: dict[str, tuple[str, Any]] = field(default_factory=dict, repr=False)  # by id
    _kept: dict[str, tuple[int, bytes]] = field(default_factory=dict, repr=False)
    _hash: str = ""
    _runs: int = 0
    _socket: Any = field(default=None, repr=False)

    async def __aenter__(self) -> Self:
        await self.connect()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    # -- the connection ----------------------------------------------------------------------------------------------

    async def connect(self, *, session: str = "") -> None:
        """Opens the websocket, to the session of before where `session` names one. Raises websockets' exceptions when it is refused."""
        base = self.base.rstrip("/")
        origin = base if self.origin is None else self.origin
        parts = ["streamlit", self.cookies.get("_streamlit_xsrf", "x"), *filter(None, [session])]
        cookies = {"Cookie": "; ".join(f"{k}={v}" for k, v in self.cookies.items())} if self.cookies else {}
        self._socket = await websockets.connect(
            base.replace("http", "ws", 1) + "/_stcore/stream", subprotocols=[websockets.Subprotocol(p) for p in parts],
            origin=websockets.Origin(origin) if origin else None, additional_headers={**self.headers, **cookies},
            max_size=None, compression=None, open_timeout=self.timeout, ping_interval=None,
        )  # fmt: skip

    async def reconnect(self, *, keep_session: bool = True) -> Run:
        """Comes back after a lost connection as a browser does, with its address and its widgets' values: to its session, or without the
        session's id, as after another server's end."""
        await self.close()
        await self.connect(session=self.session_id if keep_session else "")
        return await self.run()

    async def close(self) -> None:
        """Closes the websocket; the server keeps the session for a while."""
        if self._socket is not None:
            await self._socket.close()

    async def lost(self) -> None:
        """Waits until the connection is closed."""
        await self._socket.wait_closed()

    async def send(self, **fields: Any) -> None:
        """Sends any message: `send(clear_cache=True)`."""
        await self._socket.send(BackMsg(**fields).SerializeToString())

    # -- what a reader does ------------------------------------------------------------------------------------------

    async def run(self, fragment: str = "") -> Run:
        """Runs the script, or one fragment of it, with the widgets as they are, and waits until it has ended. Raises TimeoutError, and
        websockets' ConnectionClosed when the connection is lost meanwhile."""
        self._runs += 1
        start, told, touched = time.perf_counter(), Run(), set[tuple[int, ...]]()
        await self.send(rerun_script=self._state(fragment))
        async with asyncio.timeout(self.timeout):
            while True:
                data = await self._socket.recv()
                message = ForwardMsg.FromString(data)
                told.received, told.messages = told.received + len(data), told.messages + 1
                kind = message.WhichOneof("type")
                if kind in ("delta", "ref_hash"):
                    told.first = time.perf_counter() - start if told.first != told.first else told.first
                    told.references += kind == "ref_hash"
                    touched.add(self._place(message, data))
                elif kind != "script_finished":
                    self._hear(message, kind, told)
                elif message.script_finished != ForwardMsg.FINISHED_EARLY_FOR_RERUN:
                    break
                else:
                    touched.clear()  # the script began again
        self._settle(touched, fragment)
        told.seconds = time.perf_counter() - start
        shown = (delta.new_element for delta in self.elements.values())
        told.errors += [f"{e.exception.type}: {e.exception.message}" for e in shown if e.WhichOneof("type") == "exception"]
        return told

    async def act(self, key: str, value: Any = True) -> Run:
        """Sets the widget of that key and waits for the run: text for a field or a choice, a list of texts for several choices or for days
        (ISO), True to press a button or to open a popover. Raises KeyError when there is no such widget, and what `run` raises."""
        widget = self.widgets[key]
        name = _VALUES[widget.kind][0]
        self.values[widget.id] = (name, [value] if name.endswith("_array_value") and isinstance(value, str) else value)
        told = await self.run(widget.fragment)
        if name == "trigger_value":
            self.values.pop(widget.id, None)
        return told

    async def go(self, page: str, query: str = "") -> Run:
        """Goes to another page by its path ('' is the first) as the menu does."""
        self._hash, self.page, self.query = self.pages[page], page, query
        self.values.clear()
        return await self.run()

    # -- what a reader sees ------------------------------------------------------------------------------------------

    def options(self, key: str) -> list[str]:
        """What a choice offers, as it is sent back."""
        return [getattr(option, "content", option) for option in self.widgets[key].element.options]

    @property
    def text(self) -> str:
        """What is written on the page, a line for each element from top to bottom; Markdown as it was sent."""
        elements = [(e := self.elements[path].new_element, str(e.WhichOneof("type"))) for path in sorted(self.elements)]
        return "\n".join(getattr(getattr(e, kind), _WRITTEN[kind]) for e, kind in elements if kind in _WRITTEN)

    # -- what a browser keeps ----------------------------------------------------------------------------------------

    def _state(self, fragment: str) -> ClientState:
        state = ClientState(query_string=self.query, page_script_hash=self._hash, fragment_id=fragment)
        state.page_name = "" if self._hash else self.page
        state.context_info.timezone, state.context_info.locale = self.timezone, self.locale
        state.context_info.url = f"{self.base.rstrip('/')}/{self.page}"
        for widget, (name, value) in self.values.items():
            sent = state.widget_states.widgets.add(id=widget)
            getattr(sent, name).data.extend(value) if name.endswith("_array_value") else setattr(sent, name, value)
        state.cached_message_hashes.extend(self._kept)
        return state

    def _place(self, message: ForwardMsg, data: bytes) -> tuple[int, ...]:
        """Puts an element in its place; a reference stands for a message of before."""
        path = tuple(message.metadata.delta_path)
        if message.WhichOneof("type") == "ref_hash":
            data = self._kept[message.ref_hash][1]
            self._kept[message.ref_hash] = (self._runs, data)
            message = ForwardMsg.FromString(data)
        elif message.metadata.cacheable:
            self._kept[message.hash] = (self._runs, data)
        self.elements[path] = message.delta
        return path

    def _hear(self, message: ForwardMsg, kind: str | None, told: Run) -> None:
        if kind == "new_session":
            self.session_id = message.new_session.initialize.session_id or self.session_id
            self._hash = message.new_session.page_script_hash or self._hash
        elif kind == "navigation":
            self._hash = message.navigation.page_script_hash or self._hash  # until then it is app.py's, whose page is the first one
            self.pages = {"" if p.is_default else p.url_pathname: p.page_script_hash for p in message.navigation.app_pages}
        elif kind == "page_info_changed":
            self.query = message.page_info_changed.query_string
        elif kind == "session_event" and message.session_event.HasField("script_compilation_exception"):
            told.errors.append(message.session_event.script_compilation_exception.message)

    def _settle(self, touched: set[tuple[int, ...]], fragment: str) -> None:
        """After a run: what was not drawn again is gone, and with it its widget's value; what the script set counts from now on."""
        self.elements = {p: d for p, d in self.elements.items() if p in touched or (fragment and d.fragment_id != fragment)}
        self.widgets = {w.key: w for d in self.elements.values() if (w := _widget(d)) is not None}
        for widget in self.widgets.values():
            if getattr(widget.element, "set_value", False):
                self._adopt(widget)
        there = {w.id for w in self.widgets.values()}
        self.values = {i: value for i, value in self.values.items() if i in there}
        self._kept = {h: kept for h, kept in self._kept.items() if self._runs - kept[0] < _KEPT}

    def _adopt(self, widget: Widget) -> None:
        name, attribute = _VALUES[widget.kind]
        value = getattr(widget.element, attribute)
        self.values[widget.id] = (name, list(value) if name.endswith("_array_value") else value)
        if attribute == "raw_value" and not widget.element.HasField(attribute):
            del self.values[widget.id]  # nothing is chosen
        widget.element.ClearField("set_value")


def _widget(delta: Delta) -> Widget | None:
    holder = delta.add_block if delta.WhichOneof("type") == "add_block" else delta.new_element
    kind = holder.WhichOneof("type") or ""
    element = getattr(holder, kind) if kind in _VALUES else None
    if element is None or not element.id:
        return None
    return Widget(element.id, element.id.split("-", 2)[-1], kind, element, delta.fragment_id)  # '$$ID-hash-key'
