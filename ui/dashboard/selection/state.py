"""How far the trainings of the selected runs are, read again while they go on."""

from __future__ import annotations

import shlex
from collections.abc import Callable, Sequence

import streamlit as st

from core.errors import RecordError
from core.runs import METRICS_FILE, DetectionEpoch, Epoch, Run, catalog, planned_epochs
from ui.dashboard.selection import records
from ui.wording import plain

REFRESH_S = 3.0  # of a training in progress; its epochs take longer


def state_of(run: Run) -> catalog.State:
    """A run whose folder is gone meanwhile does not go on."""
    return catalog.state(run) if run.folder.is_dir() else "interrupted"


def read_again(runs: Sequence[Run]) -> list[Run]:
    """The runs as their folders are now; one that cannot be read stays as it was."""
    found = records.runs()
    now = []
    for run in runs:
        again = found.get(run.name, run)
        if isinstance(again, RecordError):
            st.error(plain(str(again)))
            again = run
        now.append(again)
    return now


def draw_live(draw: Callable[[Sequence[Run]], None], runs: Sequence[Run]) -> None:
    """`draw(runs)` as a fragment: again while a training goes on, and when its controls are used."""
    live = any(state_of(run) == "in progress" for run in runs)
    st.fragment(_redraw, run_every=REFRESH_S if live else None)(draw, runs, live)


def _redraw(draw: Callable[[Sequence[Run]], None], runs: Sequence[Run], live: bool) -> None:
    if live:
        runs = read_again(runs)
        if not any(state_of(run) == "in progress" for run in runs):
            st.rerun()  # the whole page: nothing is live any more
    draw(runs)


def say_state(run: Run) -> None:
    """What a finished run with curves does not need."""
    for problem in run.problems:
        if METRICS_FILE in problem:
            st.error(plain(problem), icon=":material/error:")
    state, name = state_of(run), plain(run.name)
    found: tuple[Sequence[Epoch | DetectionEpoch], ...] = (
        run.epochs,
        run.detection_epochs,
        *reversed(tuple(run.parts.values())),
    )
    epochs: Sequence[Epoch | DetectionEpoch] = next((epochs for epochs in found if epochs), ())
    planned = planned_epochs(run.config.settings)
    most = f" of at most {planned}" if planned else ""
    if state == "in progress":
        text = "no epoch is done yet. Its curves appear here by themselves."
        if epochs:
            text = f"epoch {len(epochs)}{most}, last epoch took {epochs[-1].seconds:.0f} s."
        st.info(f"**{name}** is in progress: {text}", icon=":material/autorenew:")
    elif state == "interrupted":
        after = f"after epoch {len(epochs)}{most}" if epochs else "before its first epoch was done"
        st.warning(
            f"**{name}** was interrupted {after}. Go on with the same command, options and data, and "
            "`--resume`:",
            icon=":material/pause_circle:",
        )
        # Quoted, as both are untrusted and may be pasted into a shell
        recipe, folder = shlex.quote(run.config.recipe), shlex.quote(f"runs/{run.folder.name}")
        st.code(f"python -m training.train {recipe} --data DATA --output {folder} --resume", language="bash")
    elif state == "failed":
        after = f"after epoch {len(epochs)}{most}" if epochs else "before its first epoch was done"
        why = plain(run.said.reason) if run.said else ""
        st.error(f"**{name}** failed {after}. {why}", icon=":material/error:")
    elif not epochs:
        st.info(f"**{name}** has no record of its epochs.", icon=":material/show_chart:")
