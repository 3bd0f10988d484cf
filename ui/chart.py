"""A chart as every page shows it: the figure, a sentence that says what to see, and its data as CSV."""

from __future__ import annotations

from typing import Any

import pandas as pd
import plotly.graph_objects as go
import streamlit as st

from core.labels import BLUE, GREY
from core.text import escape_spreadsheet_cell
from ui.controls import download
from ui.wording import plain

PERCENT = st.column_config.NumberColumn(format="percent")  # a share, to a tenth of a percent
PROBABILITY = st.column_config.NumberColumn(
    format="percent", help="The model's, calibrated."
)  # to a hundredth
# A drag zooms and a double click goes back: more buttons would cover the title on a phone, where they stay.
_UNNEEDED = ("select2d", "lasso2d", "autoScale2d", "zoom2d", "pan2d", "zoomIn2d", "zoomOut2d")
_IN_DARK = {BLUE.lower(): "#4ba3dc", GREY.lower(): "#9aa4b2"}  # the same hues, as light as the theme's own
_LONG = 200  # rows: formatting thousands takes longer than all else of a view
_BAR = {"displaylogo": False, "modeBarButtonsToRemove": _UNNEEDED}


def show(figure: go.Figure, sentence: str, data: pd.DataFrame, *, key: str, on_select: Any = "ignore") -> Any:
    """Draw `figure`, which has a title and units on its axes. `on_select` is as in `st.plotly_chart`.

    Every untrusted text in `figure` must have gone through `ui.wording.in_chart`.
    """
    event = st.plotly_chart(
        in_dark(figure) if st.context.theme.type == "dark" else figure,
        key=key,
        config=_BAR,
        on_select=on_select,
        selection_mode="points",
        alt=f"{figure.layout.title.text}. {sentence}",
    )
    _below(sentence, data, key, key)
    return event


def in_dark(figure: go.Figure) -> go.Figure:
    """The figure, changed, with colours of marks, lines and bars that stand out from a dark ground."""
    for trace in figure.data:
        for part in ("marker", "line", "error_x", "error_y"):
            drawn: Any = getattr(trace, part, None)
            colour = getattr(drawn, "color", None)
            if isinstance(colour, str):
                drawn.color = _IN_DARK.get(colour.lower(), colour)
            elif isinstance(colour, tuple | list) and colour and isinstance(colour[0], str):
                drawn.color = [_IN_DARK.get(str(one).lower(), one) for one in colour]
    return figure


def table(data: pd.DataFrame, sentence: str, *, key: str, file: str = "", **options: Any) -> Any:
    """Show `data` as a table, with a sentence and the same data as CSV; `options` go to `st.dataframe`.

    `file` names the CSV where `key` is not fit for that.
    """
    shown, options["column_config"] = _in_tenths(data, options.get("column_config") or {})
    event = st.dataframe(shown, key=key, hide_index=True, alt=sentence, **options)
    _below(sentence, data, key, file or key)
    return event


def _in_tenths(data: pd.DataFrame, config: dict[str, Any]) -> tuple[Any, dict[str, Any]]:
    """A short table's numbers as texts have them, 97.0% and 1,976, where Streamlit shows 97% and 1976."""
    if len(data) > _LONG:
        return data, config
    shares = [
        name
        for name, column in config.items()
        if name in data
        and column not in (None, PROBABILITY)
        and column["type_config"].get("format") == "percent"
    ]
    numbers = data.select_dtypes("number").columns
    written = dict.fromkeys(numbers, "{:,.4g}") | dict.fromkeys(data.select_dtypes("integer").columns, "{:,}")
    written |= dict.fromkeys(shares, "{:.1%}")
    plainly = {
        name: {**config[name], "type_config": {**config[name]["type_config"], "format": None}}
        for name in shares
    }
    return data.style.format(written, na_rep=""), config | plainly


def _below(sentence: str, data: pd.DataFrame, key: str, file: str) -> None:
    with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
        st.caption(plain(sentence))
        download(
            f"CSV: {file.replace('-', ' ').replace('_', ' ')}",  # not the only one of a page
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
