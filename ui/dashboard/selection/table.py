"""The runs on this machine as a table to choose from, and what is wrong with broken ones."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pandas as pd
import streamlit as st

from core.errors import RecordError
from core.models import DETECTOR_CARD_FILE, SHIPPED, default_model, folders
from core.runs import Run
from ui import chart, loaders
from ui.dashboard.selection import records
from ui.dashboard.selection.rows import COLUMNS, row, sentence
from ui.wording import plain

KEY = "run table"
_SELECTED = "selected runs"  # by name: rows change with the search
_IN_ADDRESS = "run"
_ROWS_ON_SCREEN = 8
_ROW_PX = 35


def choose(runs: Mapping[str, Run | RecordError]) -> list[Run]:
    """Ask which runs; the selected ones in the table's order. They are in the page's address: `?run=NAME`."""
    models = _models_by_run()
    usable = {name: run for name, run in sorted(runs.items()) if isinstance(run, Run)}
    usable = dict(sorted(usable.items(), key=lambda item: _rank(item[1], models)))
    _say_what_is_broken(runs)
    if not usable:
        st.info(
            "No run to show yet. Train one, `python -m training.train RECIPE --data DATA`, or point "
            "`MASKWISE_RUNS` at a folder of runs.",
            icon=":material/folder_open:",
        )
        return []
    selected = _selected_before(usable)
    shown, data, wanted = _searched(usable, models)
    event = chart.table(
        data,
        sentence(usable, data),
        key=f"{KEY} {wanted}",
        file="runs",
        on_select="rerun",
        selection_mode="multi-row",
        selection_default={"selection": {"rows": [i for i, name in enumerate(shown) if name in selected]}},
        height=(min(len(shown), _ROWS_ON_SCREEN) + 1) * _ROW_PX + 3,
        column_config=COLUMNS,
        placeholder="–",
    )
    ticked = {shown[i] for i in event.selection.rows if i < len(shown)}
    # A search for one more run must not drop those that it does not show.
    chosen = [name for name in usable if name in ticked or (name in selected and name not in shown)]
    st.session_state[_SELECTED] = chosen
    if st.query_params.get_all(_IN_ADDRESS) != chosen:
        st.query_params[_IN_ADDRESS] = chosen
    if not chosen:
        st.info("Select one or more runs by the boxes at their left.", icon=":material/check_box:")
    return [usable[name] for name in chosen]


def _rank(run: Run, models: Mapping[str, Sequence[str]]) -> int:
    """The default model's run, those of other models in use, other measured ones, the rest."""
    names = models.get(run.name, ())
    if any(name.split()[0] == default_model() for name in names):
        return 0
    return 1 if names else 2 + (not run.measured)


def _selected_before(usable: Mapping[str, Run]) -> set[str]:
    """What was selected so far, else what the address names, else the first."""
    if _SELECTED in st.session_state:
        return set(st.session_state[_SELECTED])
    if named := set(st.query_params.get_all(_IN_ADDRESS)) & usable.keys():
        return named
    return {next(iter(usable))}


def _searched(
    usable: Mapping[str, Run], models: Mapping[str, Sequence[str]]
) -> tuple[list[str], pd.DataFrame, str]:
    """Names and rows that have every word of the visitor's search in them, and the search."""
    wanted = st.text_input(
        "Search runs", key="run search", placeholder="name, recipe, data, device…", icon=":material/search:"
    ).lower()
    rows = {name: row(run, models.get(name, ())) for name, run in usable.items()}
    found = {
        name: values
        for name, values in rows.items()
        if all(word in " ".join(map(str, values.values())).lower() for word in wanted.split())
    }
    if not found:
        st.info(f"No run has “{plain(wanted)}” in it, so all are shown.", icon=":material/search_off:")
    return list(found or rows), pd.DataFrame(list((found or rows).values())), wanted


def _models_by_run() -> dict[str, list[str]]:
    """Names of the installed models by the run that they were trained by, and whether they ship."""
    found: dict[str, list[str]] = {}
    where = folders(DETECTOR_CARD_FILE) | folders()
    for name, card in (loaders.usable_models() | records.detector_cards()).items():
        ships = name in where and where[name].parent == SHIPPED
        found.setdefault(card.trained_by, []).append(f"{name} (shipped)" if ships else name)
    return found


def _say_what_is_broken(runs: Mapping[str, Run | RecordError]) -> None:
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
