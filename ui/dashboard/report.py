"""To be written."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from core.run_catalog import Run


def show(runs: Sequence[Run]) -> None:
    st.write([run.name for run in runs])
