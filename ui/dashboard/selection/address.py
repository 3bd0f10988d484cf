"""The page's address: what is chosen stands in it, and the other way round, also by Back and Forward."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

_SEEN = "dashboard address "  # and the parameter's name: its values as they were last read or written


def is_new(name: str) -> bool:
    """Whether this visit has not looked at a parameter yet.

    What is shown by default is written then, so that a link to it can be shared, and never later: Back would
    lead to the address without it, and from there at once here again.
    """
    return _SEEN + name not in st.session_state


def asked(name: str) -> list[str] | None:
    """The values of a parameter that a link, Back or Forward has put there since this page last looked.

    None where there are no others: then what was chosen on the page holds.
    """
    now = st.query_params.get_all(name)
    if _SEEN + name in st.session_state and st.session_state[_SEEN + name] == now:
        return None
    st.session_state[_SEEN + name] = now
    return now


def put(name: str, values: Sequence[str]) -> None:
    """Write what was chosen. Each change is a step back for the browser."""
    st.session_state[_SEEN + name] = list(values)
    if st.query_params.get_all(name) != list(values):
        st.query_params[name] = list(values)
