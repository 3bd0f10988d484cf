"""Whether a model is as often right as it says, before and after its temperature."""

from __future__ import annotations

import math
from collections.abc import Sequence

import pandas as pd
import streamlit as st

from core.errors import MaskwiseError
from core.metrics import percent
from core.review import (
    ReliabilityBin,
    before_temperature,
    filled,
    furthest_off,
    means,
    reliability_from_probabilities,
)
from core.runs import Run
from ui import chart
from ui.dashboard.selection import AGAIN, Tested, choose
from ui.figures import calibration as figures
from ui.wording import plain

NO_CHANGE = 0.002  # of the calibration error, which moves by as much with a few faces


def show(runs: Sequence[Run]) -> None:
    chosen = choose.tested(runs)
    if chosen is None:
        return
    try:
        after = filled(chosen.evaluation.calibration)
    except MaskwiseError as problem:
        st.error(plain(str(problem)), icon=":material/error:")
        return
    if not after:
        st.info("This test was recorded without calibration.", icon=":material/science:")
        return
    before, ece_before = _before(chosen)
    curves = {figures.BEFORE: before} if before else {}
    curves[figures.AFTER] = after  # drawn last, so on top
    chart.show(
        figures.reliability(curves),
        _sentence(after),
        figures.reliability_data(curves),
        key="calibration reliability",
    )
    _show_errors(chosen, ece_before)
    chart.show(
        figures.confidences(after),
        _read_confidences(after),
        figures.confidence_data(after),
        key="calibration confidence",
    )


def _before(chosen: Tested) -> tuple[Sequence[ReliabilityBin], float]:
    """Bins and calibration error before the temperature; none and NaN where it cannot be undone, said why."""
    temperature = chosen.evaluation.temperature
    if chosen.evaluation.mapped_from or chosen.evaluation.classes:
        why = "classes were read as one here, and the probabilities of each were not recorded."
    elif temperature is None:
        why = "this record is older than the note of it."
    elif not chosen.has_predictions:
        why = f"that needs the faces one by one, which were not recorded. {AGAIN}"
    else:
        try:
            with st.spinner("Undoing the temperature…"):
                faces = chosen.predictions()
                return reliability_from_probabilities(
                    before_temperature(faces.probabilities, temperature), faces.true
                )
        except MaskwiseError as problem:
            why = plain(str(problem))
    st.info(f"Not shown before its temperature: {why}", icon=":material/science:")
    return (), math.nan


def _sentence(bins: Sequence[ReliabilityBin]) -> str:
    """What the reliability plot says."""
    confidence, accuracy, n = means(bins)
    said = []
    for words, too_sure in (("Too sure", True), ("Not sure enough", False)):
        if (worst := furthest_off(bins, too_sure=too_sure)) is not None:
            said.append(
                f"{words} where it says {worst.low:.0%} to {worst.high:.0%}: "
                f"{percent(worst.accuracy.value)} of {worst.accuracy.n:,} are right."
            )
    if said:
        off = sum(b.is_off for b in bins)
        said.append(f"The gap is more than chance in {off} of {len(bins)} steps.")
    else:
        said.append(f"Well calibrated: in all {len(bins)} steps confidence matches accuracy, up to chance.")
    said.append(
        f"Over all {n:,} faces it says {percent(confidence)}, and {percent(accuracy)} are right. "
        "Bars are 95% intervals (Wilson)."
    )
    return " ".join(said)


def _show_errors(chosen: Tested, ece_before: float) -> None:
    evaluation = chosen.evaluation
    rows = []
    if fit := evaluation.calibration_fit or chosen.run.calibration:
        where = f"Validation of {fit.fitted_by}" if fit.fitted_by else "Validation"
        rows.append((f"{where}, where it was fitted", fit.n, fit.ece_before, fit.ece_after))
    rows.append(("Test, never used to fit", evaluation.n, ece_before, evaluation.ece))
    said = "The expected calibration error (ECE) is the mean gap between confidence and accuracy, by faces."
    if not math.isnan(ece_before):
        gain = ece_before - evaluation.ece
        change = "about as before" if abs(gain) < NO_CHANGE else "better" if gain > 0 else "worse"
        said += (
            f" On test faces the temperature of {evaluation.temperature:.2f} took it from {ece_before:.1%} "
            f"to {evaluation.ece:.1%}: {change}. The former is worked out from probabilities of four digits, "
            "so it is about right."
        )
    chart.table(
        pd.DataFrame(rows, columns=["Part", "Faces", "ECE before", "ECE after"]),
        said,
        key="calibration errors",
        placeholder="not known",
        column_config=dict.fromkeys(("ECE before", "ECE after"), chart.PERCENT),
    )


def _read_confidences(bins: Sequence[ReliabilityBin]) -> str:
    top = bins[-1]
    right, n = sum(b.hits for b in bins), sum(b.accuracy.n for b in bins)
    wrong, wrong_at_top = n - right, top.accuracy.n - top.hits
    said = f"{top.hits:,} of {right:,} right answers are given at {top.low:.0%} or more"
    if not wrong:
        return f"{said}; no answer is wrong."
    return (
        f"{said}, and so are {wrong_at_top:,} of {wrong:,} wrong ones ({percent(wrong_at_top / wrong)}): "
        "confident mistakes that a higher threshold would not catch."
    )
