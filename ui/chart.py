"""A chart as every page shows it: the figure, a sentence that says what to see, and its data as CSV."""

from __future__ import annotations

from typing import Any

import pandas as pd
import plotly.graph_objects as go
import streamlit as st

from core.text import escape_spreadsheet_cell
from ui.controls import download
from ui.wording import plain

PERCENT = st.column_config.NumberColumn(format="percent")  # how a table shows a share
# A drag zooms and a double click goes back: more buttons would cover the title on a phone, where they stay.
_UNNEEDED = ("select2d", "lasso2d", "autoScale2d", "zoom2d", "pan2d", "zoomIn2d", "zoomOut2d")
_BAR = {"displaylogo": False, "modeBarButtonsToRemove": _UNNEEDED}


def show(figure: go.Figure, sentence: str, data: pd.DataFrame, *, key: str, on_select: Any = "ignore") -> Any:
    """Draw `figure`, which has a title and units on its axes. `on_select` is as in `st.plotly_chart`.

    Every untrusted text in `figure` must have gone through `ui.wording.in_chart`.
    """
    event = st.plotly_chart(
        figure,
        key=key,
        config=_BAR,
        on_select=on_select,
        selection_mode="points",
        alt=f"{figure.layout.title.text}. {sentence}",
    )
    _below(sentence, data, key, key)
    return event


def table(data: pd.DataFrame, sentence: str, *, key: str, file: str = "", **options: Any) -> Any:
    """Show `data` as a table, with a sentence and the same data as CSV; `options` go to `st.dataframe`.

    `file` names the CSV where `key` is not fit for that.
    """
    event = st.dataframe(data, key=key, hide_index=True, alt=sentence, **options)
    _below(sentence, data, key, file or key)
    return event


def _below(sentence: str, data: pd.DataFrame, key: str, file: str) -> None:
    with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
        st.caption(plain(sentence))
        download(
            "CSV",
            lambda: to_csv(data),
            f"maskwise-{file.replace(' ', '-')}.csv",
            "text/csv",
            key=f"{key} csv",
            type="tertiary",
            help="The numbers of this chart",
        )


def metric(name: str, value: str, below: str, of: str = "", about: str | None = None) -> None:
    """A figure with its interval below; `of` says of how many, `about` is told on demand."""
    st.metric(
        name,
        value,
        below,
        delta_color="off",
        delta_arrow="off",
        delta_description=of or None,
        help=about,
        width="content",
    )


def to_csv(data: pd.DataFrame) -> bytes:
    """UTF-8 with the mark without which Excel spoils accents; no cell starts a formula."""
    safe = data.map(escape_spreadsheet_cell).rename(columns=escape_spreadsheet_cell)
    return str(safe.to_csv(index=False)).encode("utf-8-sig")
