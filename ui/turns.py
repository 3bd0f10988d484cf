"""A visitor's turn at the machine: as many work at once as there are cores, each only while it is wanted."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import streamlit as st
from streamlit import runtime
from streamlit.runtime.scriptrunner import StopException, get_script_run_ctx

from core.errors import MaskwiseError
from core.scheduling import Turns, cancellable, cores
from ui.server import visit

_TURNS = Turns(cores())


@contextmanager
def turn(waiting: Callable[[int], object] = lambda before: None) -> Iterator[None]:
    """Wait until it is one's turn, and have it; `waiting` as for `core.scheduling.turns.Turns.turn`.

    What is done in it ends at its next `checkpoint` after nobody wants it any more: see `end_if_unwanted`.
    """

    def wait(before: int) -> None:
        end_if_unwanted()
        waiting(before)

    with cancellable(end_if_unwanted), _TURNS.turn(wait):
        yield


def end_if_unwanted() -> None:
    """Raise what ends the work when its visitor pressed something else, or has gone.

    A page that comes back within two minutes runs its script again, which goes on where this ended.
    """
    in_script = get_script_run_ctx(suppress_warning=True) is not None
    if in_script:
        "stopped" in st.session_state  # noqa: B015 - where Streamlit ends a run in favour of the next
    whose = visit()
    if whose and runtime.exists() and not runtime.get_instance().is_active_session(whose):
        raise StopException if in_script else MaskwiseError("The visitor has gone.")
