"""A visit without a browser: Streamlit's own protocol, spoken to a server that runs for real. Quick."""

from __future__ import annotations

import http.cookiejar
import json
import re
import urllib.error
import urllib.request
import uuid
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass, field
from typing import Any

from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.Delta_pb2 import Delta
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.proto.WidgetStates_pb2 import WidgetState
from websockets.sync.client import ClientConnection, connect
from websockets.typing import Origin, Subprotocol

TIMEOUT_S = 60


@dataclass
class Screen:
    """What one run of the script put on the screen, in its order."""

    session_id: str = ""
    deltas: list[Delta] = field(default_factory=list)

    def of(self, kind: str) -> list[Any]:
        """Elements of a kind: "file_uploader", "imgs", "markdown", ..."""
        found = (delta.new_element for delta in self.deltas if delta.WhichOneof("type") == "new_element")
        return [getattr(element, kind) for element in found if element.WhichOneof("type") == kind]

    def text(self) -> str:
        told = [str(delta) for delta in self.deltas]
        return "\n".join([*told, *(json.dumps(data, ensure_ascii=False) for data in self.component_data())])

    def component_data(self) -> list[Any]:
        """What components of ours are given."""
        return [json.loads(one.json) for one in self.of("bidi_component") if one.json]

    def media(self) -> list[str]:
        """Addresses of the pictures, in components of ours too."""
        shown = [image.url for images in self.of("imgs") for image in images.imgs]
        return shown + re.findall(r"/media/\w+\.\w+", json.dumps(self.component_data()))


class RawVisit:
    """One tab. `with RawVisit(server.url, "check_photos") as visit: visit.run()`"""

    def __init__(self, url: str, page: str = "") -> None:
        self.url, self.page, self.session_id = url, page, ""
        self._states: dict[str, WidgetState] = {}
        self._cookies = http.cookiejar.CookieJar()
        self._http = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(self._cookies))
        self._http.open(f"{url}/_stcore/health", timeout=TIMEOUT_S).close()
        self._xsrf = next(c.value for c in self._cookies if c.name == "_streamlit_xsrf") or ""
        self._opened = ExitStack()
        self._socket = self._connect()

    def __enter__(self) -> RawVisit:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _connect(self) -> ClientConnection:
        protocols = ["streamlit", self._xsrf, *([self.session_id] if self.session_id else [])]
        opening = connect(
            self.url.replace("http", "ws", 1) + "/_stcore/stream",
            origin=Origin(self.url),
            subprotocols=[Subprotocol(protocol) for protocol in protocols],
            additional_headers={"Cookie": "; ".join(f"{c.name}={c.value}" for c in self._cookies)},
            max_size=None,
            legacy=True,
        )
        return self._opened.enter_context(opening)

    def close(self) -> None:
        """The tab is closed, or its connection drops."""
        self._opened.close()

    def come_back(self) -> None:
        """As a browser does after a drop."""
        self.close()
        self._socket = self._connect()

    def run(self) -> Screen:
        """Have the script run, and read what it shows."""
        self.start()
        return self.read()

    def start(self) -> None:
        """Have the script run, without waiting for it."""
        message = BackMsg()
        message.rerun_script.page_name = self.page
        message.rerun_script.widget_states.widgets.extend(self._states.values())
        self._socket.send(message.SerializeToString())

    def read(self, until: Callable[[Screen], object] = lambda screen: False) -> Screen:
        """What the runs that go on show, until the last has ended or shows what is waited for."""
        screen = Screen(self.session_id)
        while True:
            message: ForwardMsg = ForwardMsg.FromString(self._socket.recv(TIMEOUT_S, decode=False))
            kind = message.WhichOneof("type")
            if kind == "new_session":
                self.session_id = message.new_session.initialize.session_id
                screen = Screen(self.session_id)
            elif kind == "delta":
                screen.deltas.append(message.delta)
                if until(screen):
                    return screen
            elif kind == "script_finished" and message.script_finished != ForwardMsg.FINISHED_EARLY_FOR_RERUN:
                return screen

    def set(self, widget: str, **value: Any) -> None:
        """A widget's value, for the next run: `set(id, trigger_value=True)`."""
        self._states[widget] = WidgetState(id=widget, **value)

    def forget(self, widget: str) -> None:
        """It has left the screen."""
        del self._states[widget]

    def click(self, widget: str) -> Screen:
        self.set(widget, trigger_value=True)
        try:
            return self.run()
        finally:
            del self._states[widget]

    def put(self, content: bytes, name: str = "photo.jpg", *, visit: str | None = None) -> tuple[str, int]:
        """Send a file as a browser does: its id, and the status of the answer."""
        file_id, boundary = str(uuid.uuid4()), uuid.uuid4().hex
        head = f'--{boundary}\r\nContent-Disposition: form-data; name="f"; filename="{name}"\r\n'
        body = (
            head.encode() + b"Content-Type: image/jpeg\r\n\r\n" + content + f"\r\n--{boundary}--\r\n".encode()
        )
        request = urllib.request.Request(
            f"{self.url}/_stcore/upload_file/{visit or self.session_id}/{file_id}",
            body,
            {"Content-Type": f"multipart/form-data; boundary={boundary}", "X-Xsrftoken": self._xsrf},
            method="PUT",
        )
        try:
            with self._http.open(request, timeout=TIMEOUT_S) as answer:
                return file_id, answer.status
        except urllib.error.HTTPError as refused:
            return file_id, refused.code

    def upload(self, widget: str, *files: tuple[str, bytes]) -> Screen:
        """Put `files` on an uploader besides those it has, and run."""
        self.add(widget, *files)
        return self.run()

    def add(self, widget: str, *files: tuple[str, bytes]) -> None:
        """Put `files` on an uploader besides those it has, for the next run."""
        state = self._states.setdefault(widget, WidgetState(id=widget))
        for name, content in files:
            file_id, status = self.put(content, name)
            assert status == 204, status
            info = state.file_uploader_state_value.uploaded_file_info.add()
            info.file_id, info.name, info.size = file_id, name, len(content)

    def get(self, path: str) -> bytes:
        """What lies at a path of the server. Raises `urllib.error.HTTPError`."""
        with self._http.open(self.url + path, timeout=TIMEOUT_S) as answer:
            body: bytes = answer.read()
            return body
