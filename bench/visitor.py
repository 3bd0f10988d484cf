"""A visitor who speaks Streamlit's own protocol without a browser: fifty of them fit on one machine."""

from __future__ import annotations

import json
import socket
import urllib.error
import urllib.request
import uuid
from collections.abc import Callable
from http.cookies import SimpleCookie
from urllib.parse import urljoin, urlsplit

from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.Element_pb2 import Element
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.proto.WidgetStates_pb2 import WidgetState
from websockets.sync.client import ClientConnection, connect
from websockets.typing import Origin, Subprotocol

from bench.live_socket import LiveSocket

PATIENCE = 120.0  # seconds for a page to be drawn, on a machine that others use too


class RefusedError(Exception):
    """The server said no, and how."""


class Visit:
    """One visit. `open`, `upload` and the others return once the page is drawn. Not for several threads."""

    def __init__(self, url: str) -> None:
        """Raises `OSError` or what `websockets` raises when it is not let in."""
        self.url = url
        with urllib.request.urlopen(f"{url}/_stcore/health", timeout=PATIENCE) as answer:
            cookies: SimpleCookie = SimpleCookie(answer.headers.get("Set-Cookie", ""))
        self._xsrf = cookies["_streamlit_xsrf"].value if "_streamlit_xsrf" in cookies else ""
        self._socket: ClientConnection = connect(
            f"ws://{urlsplit(url).netloc}/_stcore/stream",
            origin=Origin(url),
            subprotocols=[Subprotocol("streamlit"), Subprotocol(self._xsrf or "-")],
            additional_headers={"Cookie": f"_streamlit_xsrf={self._xsrf}"},
            max_size=None,
            proxy=None,
            open_timeout=PATIENCE,
            legacy=True,
        )
        self._page_hash = self._page = self.session = ""
        self._known: dict[str, ForwardMsg] = {}  # large messages come once, then by their hash
        self._states: dict[str, WidgetState] = {}
        self._elements: dict[tuple[int, ...], Element] = {}

    def open(self, page: str = "") -> None:
        """Go to a page: "check_photos", "live", "dashboard" or "", which is home."""
        self._page, self._page_hash = page, ""
        self._run()

    def upload(self, pictures: dict[str, bytes]) -> None:
        """Give pictures, by their names, to the page's first uploader. Raises `RefusedError`."""
        (uploader, *_) = [e.file_uploader for e in self.elements("file_uploader")]
        asked = BackMsg()
        asked.file_urls_request.request_id = str(uuid.uuid4())
        asked.file_urls_request.file_names.extend(pictures)
        asked.file_urls_request.session_id = self.session
        self._send(asked)
        answer = self._until(lambda message: message.WhichOneof("type") == "file_urls_response")
        state = self._states.setdefault(uploader.id, WidgetState(id=uploader.id))
        for (name, data), urls in zip(pictures.items(), answer.file_urls_response.file_urls, strict=True):
            self._put(urls.upload_url, name, data)
            held = state.file_uploader_state_value.uploaded_file_info.add()
            held.name, held.size, held.file_id = name, len(data), urls.file_id
            held.file_urls.CopyFrom(urls)
        self._run()

    def metrics(self) -> dict[str, str]:
        """The figures on the page, by their labels."""
        return {e.metric.label: e.metric.body for e in self.elements("metric")}

    def says(self, words: str) -> bool:
        """Whether a text on the page holds these words."""
        return any(words in element.markdown.body for element in self.elements("markdown"))

    def problems(self) -> list[str]:
        """What the page says has failed."""
        return [e.alert.body for e in self.elements("alert")] + [
            e.exception.message for e in self.elements("exception")
        ]

    def elements(self, kind: str) -> list[Element]:
        """On the page, of one kind of Streamlit's."""
        return [element for element in self._elements.values() if element.WhichOneof("type") == kind]

    def live(self) -> LiveSocket:
        """The live page's connection. `open("live")` comes before."""
        (stage, *_) = [
            json.loads(e.bidi_component.json)
            for e in self.elements("bidi_component")
            if e.bidi_component.component_name.endswith("maskwise_live")
        ]
        return LiveSocket(self.url, stage["path"], stage["token"])

    def close(self) -> None:
        self._socket.close()

    def drop(self) -> None:
        """End as a network does that breaks: without a word."""
        self._socket.socket.shutdown(socket.SHUT_RDWR)

    def _send(self, message: BackMsg) -> None:
        self._socket.send(message.SerializeToString())

    def _run(self) -> None:
        message = BackMsg()
        run = message.rerun_script
        run.page_name, run.page_script_hash = self._page, self._page_hash
        run.widget_states.widgets.extend(self._states.values())
        self._send(message)
        self._until(
            lambda said: (
                said.WhichOneof("type") == "script_finished"
                and said.script_finished == ForwardMsg.FINISHED_SUCCESSFULLY
            )
        )

    def _until(self, wanted: Callable[[ForwardMsg], bool]) -> ForwardMsg:
        while True:
            message: ForwardMsg = ForwardMsg.FromString(self._socket.recv(PATIENCE, decode=False))
            if message.WhichOneof("type") == "ref_hash":
                whole = ForwardMsg()
                whole.CopyFrom(self._known[message.ref_hash])
                whole.metadata.CopyFrom(message.metadata)
                message = whole
            elif message.hash:
                self._known[message.hash] = message
            self._take(message)
            if wanted(message):
                return message

    def _take(self, message: ForwardMsg) -> None:
        kind = message.WhichOneof("type")
        if kind == "new_session":
            self._elements.clear()
            self.session = message.new_session.initialize.session_id or self.session
        elif kind == "navigation":
            self._page_hash = message.navigation.page_script_hash
        elif kind == "delta" and message.delta.WhichOneof("type") == "new_element":
            self._elements[tuple(message.metadata.delta_path)] = message.delta.new_element

    def _put(self, address: str, name: str, data: bytes) -> None:
        mark = uuid.uuid4().hex
        head = f'--{mark}\r\nContent-Disposition: form-data; name="{name}"; filename="{name}"\r\n'
        body = f"{head}Content-Type: image/jpeg\r\n\r\n".encode() + data + f"\r\n--{mark}--\r\n".encode()
        request = urllib.request.Request(
            urljoin(self.url, address),
            body,
            {
                "Content-Type": f"multipart/form-data; boundary={mark}",
                "X-Xsrftoken": self._xsrf,
                "Cookie": f"_streamlit_xsrf={self._xsrf}",
                "Origin": self.url,
            },
            method="PUT",
        )
        try:
            urllib.request.urlopen(request, timeout=PATIENCE).close()
        except urllib.error.HTTPError as no:
            raise RefusedError(f"{no.code} {no.read(200)!r}") from None
