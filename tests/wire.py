"""A reader without a browser: Streamlit's own messages over a real websocket, with what a forger may put into them."""

from __future__ import annotations

import http.cookiejar
import urllib.request
from collections.abc import Mapping
from contextlib import ExitStack
from typing import Any
from urllib.parse import quote

from google.protobuf import text_format
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.sync.client import connect

XSRF = "_streamlit_xsrf"


class Tab:
    """One tab at a server: connects with its cookies, runs a page, and keeps what it was told. Widgets go by their keys."""

    def __init__(self, server: str, page: str = "", **query: str) -> None:
        self.server, self.page = server, page
        self.query = "&".join(f"{key}={quote(value)}" for key, value in query.items())
        self.jar = http.cookiejar.CookieJar()
        self.http = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(self.jar))
        self.widgets: dict[str, str] = {}
        self.said: list[str] = []
        self.values: dict[str, Mapping[str, Any]] = {}
        self.page_hash = ""
        self.sent_to = self.session = ""
        self.stack = ExitStack()
        self.http.open(f"{server}/_stcore/health", timeout=10).read()
        self.wire = self._connected()

    def _connected(self, *session: str) -> Any:
        cookies = {c.name: str(c.value) for c in self.jar}
        header = {"Cookie": "; ".join(f"{k}={v}" for k, v in cookies.items())}
        address = self.server.replace("http", "ws", 1) + "/_stcore/stream"
        protocols: Any = ["streamlit", cookies[XSRF].strip('"'), *session]
        origin: Any = self.server
        opened = connect(address, subprotocols=protocols, origin=origin, additional_headers=header, max_size=None, compression=None)
        return self.stack.enter_context(opened)

    def run(self, forged: Mapping[str, Mapping[str, Any]] | None = None) -> Tab:
        """Runs the page with the values of widgets: {id: {field of a widget's state: value}}; a trigger is sent once."""
        message = BackMsg()
        state = message.rerun_script
        state.query_string, state.page_script_hash, state.page_name = self.query, self.page_hash, "" if self.page_hash else self.page
        for widget, fields in {**self.values, **(forged or {})}.items():
            one = state.widget_states.widgets.add(id=widget)
            for field, value in fields.items():
                getattr(one, field).data.extend(value) if field.endswith("_array_value") else setattr(one, field, value)
        state.context_info.timezone, state.context_info.locale = "Europe/London", "en-GB"
        state.context_info.url = f"{self.server}/{self.page}"
        self.widgets, self.said = {}, []
        self.wire.send(message.SerializeToString())
        while not self._heard(ForwardMsg.FromString(self.wire.recv(timeout=60))):
            pass
        return self

    def press(self, key: str) -> Tab:
        """Presses a button of the last run."""
        return self.run({self.widgets[key]: {"trigger_value": True}})

    def put(self, key: str, **value: Any) -> Tab:
        """Gives a widget of the last run a value, which it keeps, and runs the page."""
        self.values[self.widgets[key]] = value
        return self.run()

    @property
    def text(self) -> str:
        """Everything that the last run said, without what Markdown is escaped with."""
        return "\n".join(self.said).replace("\\", "").replace("\u2060", "")

    def _heard(self, message: ForwardMsg) -> bool:
        """True when the run is over."""
        kind = message.WhichOneof("type")
        if kind == "new_session":
            self.session = message.new_session.initialize.session_id
        elif kind == "navigation":
            self.page_hash = message.navigation.page_script_hash
        elif kind == "delta" and message.delta.WhichOneof("type") == "new_element":
            self._element(message.delta.new_element)
        elif kind == "delta" and (widget := message.delta.add_block.id):
            self._keep(widget)
        elif kind == "page_info_changed":
            self.query = message.page_info_changed.query_string
        elif kind == "auth_redirect":
            self.sent_to = message.auth_redirect.url
        return kind == "script_finished" and message.script_finished != ForwardMsg.FINISHED_EARLY_FOR_RERUN

    def _element(self, element: Any) -> None:
        inner = getattr(element, str(element.WhichOneof("type")))
        self.said.append(text_format.MessageToString(inner, as_utf8=True))
        if widget := getattr(inner, "id", ""):
            self._keep(widget)

    def _keep(self, widget: str) -> None:
        if widget.startswith("$$ID-"):
            self.widgets[widget.split("-", 2)[2]] = widget

    def sign_in(self, who: str) -> Tab:
        """Follows the page's own way to the provider, says who one is there, and comes back as that reader in a new session."""
        self.press("sign-in-door-default")
        self.stack.close()
        asked = self.http.open(self.server + self.sent_to, timeout=20).geturl()
        self.http.open(f"{asked}&i_am={quote(who)}", timeout=20).read()
        self.values, self.page_hash = {}, ""
        self.wire = self._connected()
        return self.run()

    def take_over(self, session: str) -> Tab:
        """Connects again as somebody who has heard the id of another's session."""
        self.stack.close()
        self.values, self.page_hash = {}, ""
        self.wire = self._connected(session)
        return self.run()

    def close(self) -> None:
        """The tab is closed."""
        self.stack.close()
