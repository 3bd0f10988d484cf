"""Which of the selected runs, and which of its evaluations, a view is about: asked the same way by all."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import streamlit as st

from core.files import is_there
from core.runs import PREDICTIONS_FILE, Evaluation, Predictions, Run, file_name
from ui.controls import select
from ui.dashboard.selection import records
from ui.wording import plain

OWN_TEST = "its own test part"
AGAIN = "Evaluate again: `python -m training.evaluate MODEL --data DATA --record`"


@dataclass(frozen=True, slots=True)
class Tested:
    """A run and one of its evaluations; `name` is "" for that of its own test part."""

    run: Run
    name: str
    evaluation: Evaluation

    @property
    def title(self) -> str:
        return f"{self.run.name} on {self.name}" if self.name else self.run.name

    @property
    def has_predictions(self) -> bool:
        """Whether the faces were recorded one by one."""
        return is_there(self.run.folder / file_name(PREDICTIONS_FILE, self.name))

    def predictions(self) -> Predictions:
        """Raises `RecordError`."""
        return records.predictions(self.run, self.name)


def run(runs: Sequence[Run]) -> Run:
    """One of the selected runs."""
    by_name = {run.name: run for run in runs}
    return by_name[select("Run", by_name, key="run")]


def tested(runs: Sequence[Run]) -> Tested | None:
    """One evaluation of one of the selected runs; says so where there is none."""
    chosen = run(runs)
    if not chosen.evaluations:
        st.info(
            f"{plain(chosen.name)} was not measured yet, so there is nothing to show here. Export it, then: "
            "`python -m training.evaluate MODEL --data DATA --record`",
            icon=":material/science:",
        )
        return None
    name = select("Measured on", chosen.evaluations, key="evaluation", format_func=lambda n: n or OWN_TEST)
    return Tested(chosen, name, chosen.evaluations[name])
