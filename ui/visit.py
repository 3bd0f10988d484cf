"""What a visit keeps of its pictures, on whichever page: forgotten together, at once or at its end."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol, TypeVar

import streamlit as st
from streamlit.runtime.scriptrunner_utils.script_run_context import get_script_run_ctx

from core.photos import Album
from ui.server import HELD, MEDIA, memory, visit

log = logging.getLogger(__name__)


class Clearable(Protocol):
    def clear(self) -> None: ...


Kept = TypeVar("Kept", bound=Clearable)


@dataclass(frozen=True, slots=True)
class _Budget:
    """What the album of a place takes, counted for its visit; what it gives up goes back to the system."""

    visit: str
    place: str

    def hold(self, key: str, size: int) -> None:
        HELD.hold(self.visit, (self.place, key), size)

    def count(self, key: str, size: int) -> None:
        HELD.count(self.visit, (self.place, key), size)

    def drop(self, key: str) -> None:
        HELD.drop(self.visit, (self.place, key))
        memory.give_back_soon()


def album(place: str) -> Album:
    """This visit's album of a place; two visitors never share one."""
    return kept(place, lambda: Album(_Budget(visit(), place)))


def kept(place: str, make: Callable[[], Kept]) -> Kept:
    """This visit's object of that name, made when it is first asked for."""
    found: Kept = _of_visit().setdefault(place, make())  # type: ignore[assignment]  # made by the same `make`
    return found


def forget_pictures() -> None:
    """All of them, on every page, and uploads that no page has taken yet."""
    for each in _of_visit().values():
        each.clear()
    MEDIA.forget(visit())
    if context := get_script_run_ctx():
        context.uploaded_file_mgr.remove_session_files(context.session_id)
    memory.give_back_soon()


def _end(of_visit: dict[str, Clearable]) -> None:
    """Forget now: the session's objects would wait for a garbage collection that is put off."""
    for each in of_visit.values():
        each.clear()
    of_visit.clear()


@st.cache_resource(scope="session", on_release=_end, show_spinner=False)
def _of_visit() -> dict[str, Clearable]:
    return {}
