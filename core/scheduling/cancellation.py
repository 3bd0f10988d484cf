"""Work that asks between its steps whether anybody still wants it.

Whoever starts long work says how to ask (`cancellable`); the work asks at each `checkpoint`, however deep it
is called. A context variable carries the question, so that no detector, decoder or download needs a parameter
for it: the question belongs to the thread, as the work does.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar

Ask = Callable[[], object]
"""Raises what should end the work, else returns."""

_ASK: ContextVar[Ask | None] = ContextVar("ask", default=None)


@contextmanager
def cancellable(ask: Ask) -> Iterator[None]:
    """Within, each `checkpoint` of this thread calls `ask`, and what that raises ends the work."""
    token = _ASK.set(ask)
    try:
        yield
    finally:
        _ASK.reset(token)


def checkpoint() -> None:
    """Ask whether this work is still wanted. Between two of these a step takes well under a second."""
    ask = _ASK.get()
    if ask is not None:
        ask()
