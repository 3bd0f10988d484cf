"""The trainings of the selected detectors, epoch by epoch, also while they go on."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from core.metrics import percent
from core.runs import Run
from ui import chart
from ui.dashboard.selection import draw_live, state_of
from ui.figures import detection_training

MAX_READ = 4  # sources named in a sentence


def show(runs: Sequence[Run]) -> None:
    draw_live(_draw, runs)


def _draw(runs: Sequence[Run]) -> None:
    st.subheader("Training", anchor=False)
    trained = [run for run in runs if run.detection_epochs]
    if not trained:
        st.caption("No epoch is done yet.")
        return
    data = detection_training.data(trained)
    left, right = st.columns(2)
    with left:
        chart.show(detection_training.ap50(trained), _sentence(trained), data, key="detection ap50")
    with right:
        sentence = "On training pictures, drawn anew each epoch: mosaics, other scales, other light."
        chart.show(detection_training.loss(trained), sentence, data, key="detection loss")
    if st.toggle("Learning rate", key="detection learning rate shown", persist_state="page"):
        sentence = "How far each step goes."
        figure = detection_training.learning_rate(trained)
        chart.show(figure, sentence, data, key="detection learning rate")


def _sentence(runs: Sequence[Run]) -> str:
    said = []
    for run in runs:
        best, n = run.best_detection_epoch, len(run.detection_epochs)
        if best is None:
            said.append(f"{run.name}: AP50 was never a number.")
            continue
        some = list(best.validation.items())[:MAX_READ]
        sources = ", ".join(f"{source} {percent(of.ap50)} (n = {of.n:,})" for source, of in some)
        ended = state_of(run) != "in progress"
        after = n - 1 - run.detection_epochs.index(best)
        late = " It came last: more epochs may help." if ended and n > 1 and not after else ""
        said.append(
            f"{run.name}: epoch {n - after} of {n} is {'kept' if ended else 'the best so far'}, with the "
            f"highest mean AP50 of the validation pictures, {percent(best.score)}: {sources}.{late}"
        )
    return "\n\n".join(said)
