"""A visit lasts while its tab is open, and `server.disconnectedSessionTTL` (two minutes) longer.

Streamlit keeps the sessions of closed tabs, but ends one only when somebody else comes, and clears a
session's caches whenever its connection drops. Here a timer ends them, on an idle server too, and until then
a visitor who comes back finds everything: pictures, uploads, counts.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable
from typing import cast

import streamlit as st
from streamlit import runtime
from streamlit.runtime import Runtime, RuntimeConfig
from streamlit.runtime.app_session import AppSession, AppSessionState
from streamlit.runtime.session_manager import SessionInfo, SessionStorage
from streamlit.runtime.websocket_session_manager import WebsocketSessionManager
from streamlit.web.cache_storage_manager_config import create_default_cache_storage_manager

from ui.server import connections, heap, memory
from ui.server.media import MEDIA
from ui.server.memory import HELD
from ui.server.patches import declare
from ui.server.uploads import Uploads

log = logging.getLogger(__name__)

MOST_CLOSED = 1000  # visits whose tab has closed; beyond, the one closed first is ended
EACH = 1.0  # seconds between two looks at what is over

_RUNTIME = declare(
    "parts-of-the-runtime",
    "streamlit.web.server.starlette.starlette_app:App._create_runtime",
    "ac8a2ef86868",
    "Streamlit lets an app choose no storage of its own for sessions, uploads and media",
)
_CACHES = declare(
    "caches-of-a-session",
    "streamlit.runtime.app_session:AppSession.clear_session_caches",
    "349c67830dec",
    "Streamlit clears what a session keeps whenever its connection drops, though the session goes on",
)


class Closed(SessionStorage):
    """Visits whose tab has closed, until they come back or their time is over. On the server's loop only."""

    def __init__(self, seconds: float, clock: Callable[[], float] = time.monotonic) -> None:
        self.seconds = seconds
        self._clock = clock
        self._visits: dict[str, tuple[SessionInfo, float]] = {}  # the one closed first stands first

    def get(self, session_id: str) -> SessionInfo | None:
        info, _ = self._visits.get(session_id, (None, 0.0))
        return info

    def save(self, session_info: SessionInfo) -> None:
        while len(self._visits) >= min(MOST_CLOSED, connections.most()):  # each has three files open
            self._end(next(iter(self._visits)))
        self._visits[session_info.session.id] = session_info, self._clock()

    def delete(self, session_id: str) -> None:
        self._visits.pop(session_id, None)

    def list(self) -> list[SessionInfo]:
        return [info for info, _ in self._visits.values()]

    def end_over(self) -> int:
        """End those whose time is over. How many there were."""
        now = self._clock()
        over = [visit for visit, (_, closed) in self._visits.items() if now - closed >= self.seconds]
        for visit in over:
            self._end(visit)
        return len(over)

    def _end(self, visit: str) -> None:
        info, _ = self._visits.pop(visit)
        info.session.shutdown()
        info.session.session_state.clear()


def install() -> None:
    """Raises `RuntimeError` where the installed Streamlit has changed."""
    clear = _CACHES.found()
    _RUNTIME.found()

    def clear_at_the_end(session: AppSession) -> None:
        if session._state is AppSessionState.SHUTDOWN_REQUESTED:
            clear(session)

    AppSession.clear_session_caches = clear_at_the_end  # type: ignore[method-assign, assignment]  # the patch
    st.App._create_runtime = _create_runtime  # type: ignore[method-assign, assignment]  # the patch


def _create_runtime(app: st.App) -> Runtime:
    closed = Closed(st.get_option("server.disconnectedSessionTTL"))
    return Runtime(
        RuntimeConfig(
            script_path=str(app._resolve_script_path()),
            media_file_storage=MEDIA,
            uploaded_file_manager=Uploads(_goes_on),
            cache_storage_manager=create_default_cache_storage_manager(),
            session_storage=closed,
            on_script_error=app._on_script_error,
        )
    )


def _goes_on(visit: str) -> bool:
    return runtime.get_instance()._session_mgr.get_session_info(visit) is not None


def sweep() -> bool:
    """End what is over, and drop what belongs to nobody. Whether anything went. On the server's loop."""
    parts = runtime.get_instance()
    manager = cast(WebsocketSessionManager, parts._session_mgr)
    closed, uploads = cast(Closed, manager._session_storage), cast(Uploads, parts.uploaded_file_mgr)
    ended = closed.end_over()
    if ended:
        log.info("%d visits ended.", ended)
        parts.media_file_mgr.remove_orphaned_files()
    stray = {visit for visit in MEDIA.visits() | uploads.visits() | HELD.visits() if not _goes_on(visit)}
    for visit in stray:  # of a script that was still running when its visit ended
        MEDIA.forget(visit)
        uploads.remove_session_files(visit)
    old = [MEDIA.forget_old(), uploads.forget_untaken(closed.seconds)]
    return bool(ended or stray or any(old))


async def keep() -> None:
    """Sweep each second until cancelled."""
    while True:
        await asyncio.sleep(EACH)
        try:
            if sweep():
                memory.give_back_soon()
            if memory.is_due():
                heap.give_back()
        except Exception:  # whatever it is, the next second's visits end too
            log.exception("closed visits could not be ended")
