"""The runs on this machine as tables, of which a click opens one, and what is wrong with broken ones."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial

import pandas as pd
import streamlit as st

from core.errors import RecordError
from core.runs import Run
from ui import chart
from ui.dashboard.selection.rows import COLUMNS, row, sentence
from ui.wording import plain

KEY = "run table"
_EDITION = "run table edition"  # a click that was obeyed is taken back by another key
_ROWS_ON_SCREEN = 8
_ROW_PX = 35


def show(
    own: Mapping[str, Run],
    history: Mapping[str, Run],
    models: Mapping[str, Sequence[str]],
    *,
    on_open: Callable[[Sequence[str]], None],
) -> None:
    """Models and runs of one's own, then the makers' others; a click on a row calls `on_open`."""
    wanted = st.text_input(
        "Search runs", key="run search", placeholder="name, recipe, data, device…", icon=":material/search:"
    ).lower()
    groups = {"Models, and runs of your own": own, "The makers' earlier runs": history}
    rows = {
        title: {name: row(run, models.get(name, ())) for name, run in runs.items()}
        for title, runs in groups.items()
    }
    found = {title: _searched(of, wanted) for title, of in rows.items()}
    if wanted and not any(found.values()):
        st.info(f"No run has “{plain(wanted)}” in it.", icon=":material/search_off:")
    for number, (title, shown) in enumerate(found.items()):
        if shown:
            st.markdown(f"**{title}**")
            _show(number, list(shown), pd.DataFrame(list(shown.values())), groups[title], wanted, on_open)


def _searched(rows: Mapping[str, Mapping[str, object]], wanted: str) -> dict[str, Mapping[str, object]]:
    """Those that have every word of the visitor's search in them."""
    return {
        name: values
        for name, values in rows.items()
        if all(word in " ".join(map(str, values.values())).lower() for word in wanted.split())
    }


def _show(
    number: int,
    names: list[str],
    data: pd.DataFrame,
    usable: Mapping[str, Run],
    wanted: str,
    on_open: Callable[[Sequence[str]], None],
) -> None:
    key = f"{KEY} {number} {wanted} {st.session_state.get(_EDITION, 0)}"
    chart.table(
        data,
        f"{sentence(usable, data)} A click on a row opens its run; the lists above do so by keyboard.",
        key=key,
        file="runs",
        on_select=partial(_clicked, key, names, on_open),
        selection_mode="single-cell",
        height=(min(len(names), _ROWS_ON_SCREEN) + 1) * _ROW_PX + 3,
        column_config=COLUMNS,
        placeholder="–",
    )


def _clicked(key: str, names: Sequence[str], on_open: Callable[[Sequence[str]], None]) -> None:
    cells = st.session_state[key].selection.cells
    if cells and 0 <= cells[0][0] < len(names):
        st.session_state[_EDITION] = st.session_state.get(_EDITION, 0) + 1
        on_open([names[cells[0][0]]])


def say_what_is_broken(runs: Mapping[str, Run | RecordError]) -> None:
    """Each broken record by name, folded away: a visitor may not be the one who can mend it."""
    lines = []
    for name, run in runs.items():
        if isinstance(run, RecordError):
            lines.append(f"- **{plain(name)}** is not shown. {plain(str(run))}")
        else:
            lines += [f"- **{plain(name)}** is shown without this: {plain(text)}" for text in run.problems]
    if lines:
        said = "1 record" if len(lines) == 1 else f"{len(lines)} records"
        with st.expander(f"{said} cannot be read", icon=":material/warning:"):
            st.markdown("\n".join(lines))
