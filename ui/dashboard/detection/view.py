"""Detection: how the selected detectors were trained, and how well they find faces."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd
import streamlit as st

from core.errors import RecordError
from core.metrics import format_interval, percent, rate, wilson
from core.models import default_detector
from core.runs import Run
from ui import chart
from ui.dashboard.detection import faces, training
from ui.dashboard.detection import found as detection_found
from ui.dashboard.detection import score as detection_score
from ui.dashboard.detection.found import NOBODY_LABELLED, WAYS_MEAN
from ui.dashboard.selection import records, say_state
from ui.figures import Measured
from ui.wording import plain

_COLUMNS = {
    "Way": st.column_config.TextColumn(help=WAYS_MEAN),
    "Faces": st.column_config.NumberColumn(help="Labelled faces of the test pictures."),
    "AP50": st.column_config.NumberColumn(
        format="percent", help="Average precision over all scores; a box counts from IoU 0.5 on."
    ),
    "Detection threshold": st.column_config.NumberColumn(
        help="The operating point: a face from this score on."
    ),
    "Found": st.column_config.NumberColumn(format="percent", help="Recall at the operating point."),
    "Precision": st.column_config.NumberColumn(
        format="percent", help=f"Share of the detections that match a label; {NOBODY_LABELLED}."
    ),
    "False a picture": st.column_config.NumberColumn("False per photo", format="%.2f"),
    "ms per photo": st.column_config.NumberColumn(format="%.1f", help="Median, on the device of the test."),
}


def show(runs: Sequence[Run]) -> None:
    detectors = [run for run in runs if run.of_detector] or _one_in_use()
    if not detectors:
        st.info(
            "There is no run of a detector here. Train one: `python -m training.train face_fpn --data DATA`",
            icon=":material/frame_person:",
        )
        return
    for run in detectors:
        say_state(run)
    measured = _measured(detectors)
    if measured:
        _show_table(detectors)
        detection_found.show(measured)
    training.show(detectors)
    if measured:
        one, score = detection_score.show(measured)
        faces.show(one, score)


def _one_in_use() -> list[Run]:
    """The run of an installed detector, else one that was tested, else any; says so."""
    found = [run for run in records.runs().values() if isinstance(run, Run) and run.of_detector]
    cards = records.detector_cards()
    used = {card.trained_by for card in cards.values()}
    first = {card.trained_by for name, card in cards.items() if name == default_detector()}

    def rank(run: Run) -> tuple[bool, bool, bool]:
        names = {run.name, run.config.id}
        return not names & first, not names & used, not run.measured

    found = sorted(found, key=rank)[:1]
    if found:
        name = plain(found[0].name)
        st.caption(
            f"No selected run is of a detector, so this is **{name}**. Choose others under “All runs”."
        )
    return found


def _measured(runs: Sequence[Run]) -> list[Measured]:
    """Each way and source of the runs that were tested, all that are photo first; says what is missing."""
    found = []
    for run in runs:
        test = run.detection
        if test is None:
            st.info(
                f"**{plain(run.name)}** was not tested yet. Export it, then: "
                "`python -m training.evaluate MODEL --data DATA --record`",
                icon=":material/science:",
            )
            continue
        try:
            rows, stamp = records.detections(run)
        except RecordError as problem:
            st.error(plain(str(problem)), icon=":material/error:")
            continue
        n = sum(score.n for score in test.scores)
        if n != rows.labelled.sum():
            st.warning(
                f"**{plain(run.name)}**: detections.csv holds {rows.labelled.sum():,} labelled faces, the "
                f"test counted {n:,}. Test again: `python -m training.evaluate MODEL --data DATA --record`"
            )
        found += [
            Measured(
                run=run.name,
                way=score.way,
                source=score.source,
                rows=rows.of(score.way, score.source),
                pictures=score.pictures,
                min_score=test.min_score[score.way],
                ap50=score.ap50,
                lower_bound=score.source in test.incomplete,
                alone=len(runs) == 1,
                stamp=stamp,
            )
            for score in test.scores
        ]
    return sorted(found, key=lambda one: one.way != "photo")


def _show_table(runs: Sequence[Run]) -> None:
    """At the operating points, as the tests counted."""
    rows, said = [], []
    for run in runs:
        if (test := run.detection) is None:
            continue
        for score in test.scores:
            low, high = wilson(score.found, score.n)
            rows.append(
                {
                    "Run": run.name,
                    "Way": score.way,
                    "Source": score.source,
                    "Pictures": score.pictures,
                    "Faces": score.n,
                    "AP50": score.ap50,
                    "Detection threshold": test.min_score[score.way],
                    "Found": rate(score.found, score.n),
                    "95% interval": format_interval((low, high)),
                    "Precision": rate(score.found, score.found + score.false),
                    "False": score.false,
                    "False a picture": score.false / score.pictures if score.pictures else None,
                    "ms per photo": test.ms[score.way],
                }
            )
        said.append(_in_words(run, alone=len(runs) == 1))
    config = _COLUMNS | ({"Run": None} if len(runs) == 1 else {})
    st.subheader("At the operating points", anchor=False)
    chart.table(
        pd.DataFrame(rows),
        "\n\n".join(said),
        key="detection table",
        column_config=config,
        placeholder="no examples",
    )


def _in_words(run: Run, *, alone: bool) -> str:
    """What a run's test says, without Markdown."""
    test = run.detection
    if test is None:
        raise ValueError(f"{run.name} was not tested")
    said = []
    for way, ms in test.ms.items():
        scores = [score for score in test.scores if score.way == way]
        n, found = sum(s.n for s in scores), sum(s.found for s in scores)
        pictures = sum(s.pictures for s in scores)
        said.append(
            f"{way.capitalize()}: {found:,} of {n:,} faces in {pictures:,} pictures are found, "
            f"{percent(rate(found, n))} ({format_interval(wilson(found, n))}), in {ms:.1f} ms per photo."
        )
    said.append(f"Measured on {test.device}.")
    if test.unreadable:
        said.append(f"Could not be read, so not counted: {len(test.unreadable):,} of the pictures.")
    if test.leakage and test.leakage.shared_faces is not None:
        shared = test.leakage.shared_faces
        said.append(
            f"{shared:,} faces are of groups that training saw, so these figures are too good."
            if shared
            else "Training saw none of their groups."
        )
    return " ".join(said) if alone else f"{run.name}. {' '.join(said)}"
