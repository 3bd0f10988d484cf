"""What visitors upload: in memory alone, within bounds while it arrives, and gone when nobody takes it."""

from __future__ import annotations

import re
import threading
import time
from collections.abc import Callable, Sequence
from contextvars import ContextVar
from typing import cast

from starlette.exceptions import HTTPException
from starlette.formparsers import MultiPartParser
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from streamlit import runtime
from streamlit.runtime.app_session import AppSessionState
from streamlit.runtime.memory_uploaded_file_manager import MemoryUploadedFileManager
from streamlit.runtime.uploaded_file_manager import UploadedFileRec

from core.errors import NoRoomError
from ui.server.memory import HELD
from ui.server.patches import declare

NEVER = 0  # as `tempfile.SpooledTemporaryFile` has it: no size at which to move to the disk
PATH = "/_stcore/upload_file"
TOLD_FOR = 30.0  # seconds that a page shows why an upload was refused
RECORD_BYTES = 1024  # that a file's name and ids take, at most, once its content was taken
_PUT = re.compile(rf".*{PATH}/(?P<visit>[^/]+)/(?P<file>[^/]+)")
_arriving: ContextVar[object] = ContextVar(
    "arriving", default=None
)  # what the bytes of this request are held as

_PARSER = declare(
    "uploads-in-memory",
    "starlette.formparsers:MultiPartParser",
    "e33a3e235ef1",
    "Starlette writes an upload of more than 1 MB to a temporary file",
)


def keep_in_memory() -> None:
    """Stop the server from spilling uploads to a temporary file.

    Memory stays bounded: the server refuses a body above `server.maxUploadSize` while it arrives.
    Raises `RuntimeError` when the installed Starlette has no such switch.
    """
    if not isinstance(getattr(_PARSER.found(), "spool_max_size", None), int):
        raise RuntimeError(
            "This version of Starlette does not say when it writes uploads to the disk, so the app does not "
            "start. Install the versions that requirements.txt names."
        )
    MultiPartParser.spool_max_size = NEVER


class Uploads(MemoryUploadedFileManager):
    """Files between their arrival and the script that takes them, counted in `HELD`. Safe from any thread.

    `is_known` tells whether a visit goes on: what arrives after its end is not kept.
    """

    def __init__(self, is_known: Callable[[str], bool], clock: Callable[[], float] = time.monotonic) -> None:
        super().__init__(PATH)
        self._is_known, self._clock = is_known, clock
        self._heard: dict[str, float] = {}  # when a visit's last upload arrived, or a part of it
        self._refused: dict[str, tuple[str, float]] = {}
        self._guard = threading.Lock()

    def add_file(self, session_id: str, file: UploadedFileRec) -> None:
        """Keep a file, or what is left of it once its content was taken. Raises `NoRoomError`."""
        if not self._is_known(session_id):
            return
        HELD.hold(
            session_id,
            ("upload", file.file_id),
            len(file.data) + RECORD_BYTES,
            instead_of=_arriving.get(),
        )
        super().add_file(session_id, file)

    def remove_file(self, session_id: str, file_id: str) -> None:
        super().remove_file(session_id, file_id)
        HELD.drop(session_id, ("upload", file_id))

    def remove_session_files(self, session_id: str) -> None:
        super().remove_session_files(session_id)
        HELD.drop_visit(session_id)
        with self._guard:
            self._heard.pop(session_id, None)
            self._refused.pop(session_id, None)

    def hear(self, visit: str) -> None:
        """A part of an upload arrives: the others of its batch wait for it in the browser."""
        with self._guard:
            self._heard[visit] = self._clock()

    def forget_untaken(self, seconds: float) -> bool:
        """Empty what no script took in the `seconds` after a visit's last upload. Whether there was any."""
        now, found = self._clock(), False
        with self._guard:
            silent = [visit for visit, heard in self._heard.items() if now - heard > seconds]
            for visit in silent:
                del self._heard[visit]
        for visit in silent:
            for file in self._files_of(visit):
                if file.data:
                    found = True
                    self.remove_file(visit, file.file_id)
        return found

    def _files_of(self, visit: str) -> Sequence[UploadedFileRec]:
        with self._lock:
            return list(self.file_storage.get(visit, {}).values())

    def visits(self) -> set[str]:
        with self._lock:
            return set(self.file_storage)

    def refuse(self, visit: str, why: str) -> None:
        """Have the visit's page say why an upload was not taken."""
        with self._guard:
            self._refused[visit] = why, self._clock()

    def refusal(self, visit: str) -> str | None:
        """Why an upload was not taken, for a while."""
        with self._guard:
            why, since = self._refused.get(visit, (None, 0.0))
            return why if self._clock() - since < TOLD_FOR else None


class UploadRoom:
    """Middleware that counts an upload while it arrives, and ends it where there is no room for more."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        put = scope["type"] == "http" and scope["method"] == "PUT" and _PUT.fullmatch(scope["path"])
        if not put:
            await self._app(scope, receive, send)
            return
        visit, arriving = put["visit"], object()
        declared, arrived = _declared(scope), 0
        uploads = cast(Uploads, runtime.get_instance().uploaded_file_mgr)

        async def counted() -> Message:
            nonlocal arrived
            message = await receive()
            try:
                HELD.check(visit, declared - arrived)  # all has to fit before the first byte is kept
                arrived += len(message.get("body", b""))
                HELD.hold(visit, arriving, arrived)
            except NoRoomError as full:
                uploads.refuse(visit, str(full))
                _run_again(visit)
                raise HTTPException(413, str(full)) from None
            uploads.hear(visit)
            return message

        token = _arriving.set(arriving)
        try:
            await self._app(scope, counted, send)
        finally:
            _arriving.reset(token)
            HELD.drop(visit, arriving)


def _run_again(visit: str) -> None:
    """Have the page tell of a refusal, of which the browser's uploader tells a number alone."""
    session = runtime.get_instance().get_app_session(visit)
    if session is not None and session._state is AppSessionState.APP_NOT_RUNNING:
        session.request_rerun(session._client_state)


def _declared(scope: Scope) -> int:
    """Bytes that the request announces."""
    given = dict(scope["headers"]).get(b"content-length", b"")
    return int(given) if given.isdigit() else 0
