"""Who may read this machine's folders and change what all visitors get: whoever runs the server."""

from __future__ import annotations

import os

import streamlit as st

TRUST_VARIABLE = "MASKWISE_TRUST_VISITORS"
REFUSED = (
    "Only for whoever runs this server: start it without `--server.address`, so that it answers this machine "
    f"alone, or with `{TRUST_VARIABLE}=1` where every visitor may do so."
)
_LOOPBACK = ("localhost", "127.0.0.1", "::1")
_OF_PROXIES = ("X-Forwarded-For", "Forwarded", "X-Real-Ip")


def is_owner() -> bool:
    """Whether this visitor sits at the machine, as far as can be told, or every visitor is trusted.

    A server that listens to its own machine alone may still be handed on by a proxy, which says so.
    """
    if os.environ.get(TRUST_VARIABLE) == "1":
        return True
    headers = st.context.headers
    return st.get_option("server.address") in _LOOPBACK and not any(name in headers for name in _OF_PROXIES)
