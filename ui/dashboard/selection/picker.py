"""Which runs the views show: a model from the list on top, or any runs from the table below it."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

import streamlit as st

from core.errors import RecordError
from core.models import DETECTOR_CARD_FILE, SHIPPED, default_model, folders
from core.runs import Run, catalog
from ui import loaders
from ui.dashboard.selection import address, records, table
from ui.wording import one_line, plain

_SELECTED = "selected runs"  # by name
_UNKNOWN = "unknown runs"  # that the address names
_PICKED, _SEVERAL = "picked run", "several runs"
_IN_ADDRESS = "run"
_NAMED = 5  # runs named in one sentence
_MAKERS = ("mask3", "mask3_open", "gender_wear8", "face_fpn", "face_fpn_open")  # that come with the code
_HISTORY = re.compile(r"[a-z0-9_]+(-v\d+|(-v\d+)?-held-out)(/.+)?")  # how the makers' own runs are named


def choose(runs: Mapping[str, Run | RecordError]) -> list[Run]:
    """Ask which runs; those chosen, the first one first. They are in the page's address: `?run=NAME`."""
    models = _models_by_run()
    usable = {name: run for name, run in sorted(runs.items()) if isinstance(run, Run)}
    usable = dict(sorted(usable.items(), key=lambda item: _rank(item[1], models)))
    if not usable:
        table.say_what_is_broken(runs)
        st.info(
            "No run to show yet. Train one, `python -m training.train RECIPE --data DATA`, or point "
            "`MASKWISE_RUNS` at a folder of runs.",
            icon=":material/folder_open:",
        )
        return []
    _read_address(usable)
    chosen = [name for name in st.session_state[_SELECTED] if name in usable]
    _pick(usable, chosen, models)
    with st.expander("All runs", icon=":material/table_rows:"):
        _ask_several(usable, chosen)
        own = {name: run for name, run in usable.items() if name in models or not _is_history(run)}
        table.show(own, {name: run for name, run in usable.items() if name not in own}, models, on_open=_open)
    table.say_what_is_broken(runs)
    if unknown := st.session_state[_UNKNOWN]:
        named = ", ".join(f"“{plain(name, 80)}”" for name in unknown[:_NAMED])
        st.warning(f"No run {named} here. Choose another one above.", icon=":material/link_off:")
    return [usable[name] for name in chosen]


def _read_address(usable: Mapping[str, Run]) -> None:
    """What the address names, where it names others than before; by default the first run."""
    is_new, named = address.is_new(_IN_ADDRESS), address.asked(_IN_ADDRESS)
    if named is not None:
        known = [name for name in dict.fromkeys(named) if name in usable]
        st.session_state[_UNKNOWN] = [name for name in named if name not in usable]
        st.session_state[_SELECTED] = known if named else [next(iter(usable))]
        if is_new and not named:
            address.put(_IN_ADDRESS, st.session_state[_SELECTED])


def _open(names: Sequence[str]) -> None:
    """Show these runs from now on."""
    st.session_state[_SELECTED], st.session_state[_UNKNOWN] = list(names), []
    address.put(_IN_ADDRESS, names)


def _pick(usable: Mapping[str, Run], chosen: Sequence[str], models: Mapping[str, Sequence[str]]) -> None:
    """One model, or a run of one's own; what is shown now is in the list whatever it is."""
    offered = [name for name, run in usable.items() if name in models or not _is_history(run)]
    offered += [name for name in chosen[:1] if name not in offered]
    offered = offered or list(usable)
    st.session_state[_PICKED] = chosen[0] if chosen else None
    st.selectbox(
        "Model",
        offered,
        index=0 if chosen else None,  # without one it can be cleared, which shows nothing
        format_func=lambda name: _title(name, models),
        placeholder="Choose a model",
        key=_PICKED,
        on_change=_on_pick,
    )


def _on_pick() -> None:
    if st.session_state[_PICKED] is not None:
        _open([st.session_state[_PICKED]])


def _ask_several(usable: Mapping[str, Run], chosen: Sequence[str]) -> None:
    st.session_state[_SEVERAL] = list(chosen)
    st.multiselect(
        "Show several runs at once",
        list(usable),
        format_func=lambda name: one_line(name, 80),
        key=_SEVERAL,
        on_change=lambda: _open(st.session_state[_SEVERAL]),
        help="Views that compare show all of them, the others ask which.",
    )


def _title(name: str, models: Mapping[str, Sequence[str]]) -> str:
    of = models.get(name)
    return f"{', '.join(of)} · run {one_line(name, 80)}" if of else f"Run {one_line(name, 80)}, no model"


def _rank(run: Run, models: Mapping[str, Sequence[str]]) -> int:
    """The default model's run, those of other models in use, one's own, other measured ones, the rest."""
    names = models.get(run.name, ())
    if any(name.split()[0] == default_model() for name in names):
        return 0
    return 1 if names else 2 + _is_history(run) + (not run.measured)


def _is_history(run: Run) -> bool:
    """Whether it is one of the makers' runs that come with the code."""
    return run.folder.is_relative_to(catalog.SHIPPED_RUNS) and bool(_HISTORY.fullmatch(run.name))


def _models_by_run() -> dict[str, list[str]]:
    """Names of the installed models by the run that they were trained by, and whose they are."""
    found: dict[str, list[str]] = {}
    where = folders(DETECTOR_CARD_FILE) | folders()
    for name, card in (loaders.usable_models() | records.detector_cards()).items():
        ships = name in _MAKERS and name in where and where[name].parent == SHIPPED
        found.setdefault(card.trained_by, []).append(f"{name} ({'shipped' if ships else 'yours'})")
    return found
