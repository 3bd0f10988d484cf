"""Settings that live with the visit, on every page, and stand in the address where they can be shared."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, TypeVar, cast

import streamlit as st

T = TypeVar("T")


def select(label: str, options: Iterable[str], *, key: str, **more: Any) -> str:
    """One of a list, at first the one that the address names as `key`, else the first option.

    One that is no longer offered gives way to the first.
    """
    names = list(options)
    _begin(key, names[0], lambda given: given if given in names else None)
    if st.session_state[key] not in names:
        st.session_state[key] = names[0]
    chosen = cast(str, st.selectbox(label, names, key=key, persist_state="session", **more))
    _show(key, chosen, names[0])
    return chosen


def toggle(label: str, *, key: str, default: bool = False, name: str = "", **more: Any) -> bool:
    """A switch; in the address 1 or 0, where it is called `name`, or else as `key`."""
    _begin(key, default, {"1": True, "0": False}.get, name)
    on = st.toggle(label, key=key, persist_state="session", **more)
    _show(name or key, "1" if on else "0", "1" if default else "0")
    return on


def slider(label: str, low: int, high: int, default: int, *, key: str, name: str, **more: Any) -> int:
    """A whole number; `name` is what it is called in the address."""
    _begin(
        key,
        default,
        lambda given: int(given) if given.isdecimal() and low <= int(given[:9]) <= high else None,
        name,
    )
    chosen = int(st.slider(label, low, high, key=key, persist_state="session", **more))
    _show(name, str(chosen), str(default))
    return chosen


def _begin(key: str, default: T, read: Callable[[str], T | None], name: str = "") -> None:
    """The value at first, and whenever the address brings another than the one that was put there."""
    name = name or key
    given = st.query_params.get(name)
    if (
        given is not None
        and given != st.session_state.get(_shown(name))
        and (value := read(given)) is not None
    ):
        st.session_state[key] = value
    st.session_state.setdefault(key, default)


def _show(name: str, value: str, default: str) -> None:
    """In the address, where it is another than usual."""
    st.session_state[_shown(name)] = value
    if value != default:
        if st.query_params.get(name) != value:
            st.query_params[name] = value
    elif name in st.query_params:
        del st.query_params[name]


def _shown(name: str) -> str:
    return f"{name} in the address"
