"""A run as a row of the table of runs: what it learned from, and how well it did, in words of its kind."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd
import streamlit as st

from core.metrics import format_interval
from core.runs import DetectionEvaluation, Evaluation, Run, catalog

_STATES = {
    "finished": "✓ finished",
    "in progress": "… in progress",
    "interrupted": "! interrupted",
    "failed": "✗ failed",
}
CORRECTLY_CLASSIFIED, AP50 = "correct faces", "AP50 of boxes"
COLUMNS = {
    "Run": st.column_config.TextColumn(pinned=True),
    "Best epoch": st.column_config.TextColumn(
        help="The one with the least validation loss, of a detector's with the highest AP50; of all epochs."
    ),
    "Test score": st.column_config.NumberColumn(
        format="percent",
        help="Of the run's own test part. A classifier's: the share of faces that are correct. "
        "A detector's: AP50, the average precision of its boxes, as a mean of the sources.",
    ),
    "Score is": st.column_config.TextColumn(help="Scores of different kinds do not compare."),
    "95% interval": st.column_config.TextColumn(help="By group where groups were recorded, else by face."),
    "Macro recall": st.column_config.NumberColumn(format="percent", help="Mean recall of the labels."),
    "Minutes": st.column_config.NumberColumn(format="%.0f", help="Of training and validation."),
    "Model": st.column_config.TextColumn(help="Its name in this app, where the network is installed."),
}


def row(run: Run, models: Sequence[str]) -> dict[str, Any]:
    """Texts and numbers by column; None where there is none."""
    best = run.best_detection_epoch if run.of_detector else run.best_epoch
    epochs = len(run.epochs or run.detection_epochs)
    return {
        "Run": run.name,
        "Model": ", ".join(models) or "not installed",
        "State": _STATES[catalog.state(run)],
        "Recipe": run.config.recipe,
        "Labels": len(run.config.labels.names),
        "Data": _data(run),
        "Best epoch": f"{best.epoch + 1} of {epochs}" if best else "none yet",
        **(_found(run.detection) if run.of_detector else _named(run.evaluation)),
        "Device": run.config.device,
        "Minutes": run.seconds / 60,
    }


def _named(found: Evaluation | None) -> dict[str, Any]:
    """Of a classifier."""
    return {
        "Test score": None if found is None else found.accuracy,
        "Score is": CORRECTLY_CLASSIFIED,
        "95% interval": "not measured" if found is None else format_interval(_interval(found)),
        "n": None if found is None else found.n,
        "Macro recall": None if found is None or found.report is None else found.report.macro.recall,
    }


def _found(found: DetectionEvaluation | None) -> dict[str, Any]:
    """Of a detector, as it searches photos."""
    scores = [] if found is None else [score for score in found.scores if score.way == "photo"]
    known = [score.ap50 for score in scores if not math.isnan(score.ap50)]
    return {
        "Test score": sum(known) / len(known) if known else None,
        "Score is": AP50,
        "95% interval": "by source, in Detection" if known else "not measured",
        "n": sum(score.n for score in scores) if scores else None,
        "Macro recall": None,
    }


def _interval(found: Evaluation) -> tuple[float, float]:
    return found.bootstrap.accuracy if found.bootstrap else found.interval


def _data(run: Run) -> str:
    """Sources and number of the faces, or of a detector's pictures, that it learned from."""
    parts = ("train", "faces") if run.of_detector else ("train", "drawn")
    learned = f"{sum(run.config.split_sizes.get(part, 0) for part in parts):,}"
    learned += " pictures" if run.of_detector else " faces"
    sources = run.config.settings.get("sources")
    if not isinstance(sources, (dict, list)):
        return learned
    return f"{learned}, {len(sources)} {'source' if len(sources) == 1 else 'sources'}"


def sentence(usable: Mapping[str, Run], data: pd.DataFrame) -> str:
    """What to see in the rows that are shown, of all usable runs."""
    measured = data.dropna(subset="Test score")
    if measured.empty:
        return f"{len(data)} of {len(usable)} runs; none of them was measured on a test part yet."
    said = [f"{len(data)} of {len(usable)} runs."]
    if (best := _best(measured, CORRECTLY_CLASSIFIED)) is not None:
        said.append(
            f"Highest test accuracy: {best['Run']}, {best['Test score']:.1%} "
            f"({best['95% interval']}) of {best['n']:,.0f} faces."
        )
    if (best := _best(measured, AP50)) is not None:
        said.append(
            f"The detector with the highest AP50 on its own: {best['Run']}, {best['Test score']:.1%}, "
            f"{best['n']:,.0f} faces."
        )
    return " ".join([*said, "Test parts differ: Compare takes runs on the same faces."])


def _best(measured: pd.DataFrame, kind: str) -> pd.Series | None:
    of_kind = measured[measured["Score is"] == kind]
    return None if of_kind.empty else of_kind.loc[of_kind["Test score"].idxmax()]
