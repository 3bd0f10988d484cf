"""The calibration view: none, one and many runs, before and after the temperature, broken records."""

from __future__ import annotations

import json
import math
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from core.metrics.calibration import expected_calibration_error
from core.review.calibration import before_temperature
from core.runs.catalog import SHIPPED_RUNS
from core.runs.evaluation import EVALUATION_FILE
from core.runs.predictions import PREDICTIONS_FILE, read_predictions
from tests.ui.dashboard.conftest import copy_of, shown

RUN = "mask3-v1"
LABELS = ("with_mask", "incorrect_mask", "without_mask")


def visit(*folders: Path) -> AppTest:
    return shown("calibration", *folders)


@pytest.fixture
def run(tmp_path) -> Path:
    """A copy of the shipped run, to be changed."""
    return copy_of(RUN, tmp_path / RUN)


def change(folder: Path, **values) -> None:
    path = folder / EVALUATION_FILE
    path.write_text(json.dumps({**json.loads(path.read_text()), **values}))


def captions(app: AppTest) -> str:
    return " ".join(caption.value for caption in app.caption)


def drawn(app: AppTest) -> list[str]:
    """Names of what the reliability plot shows."""
    return [trace["name"] for trace in json.loads(app.get("plotly_chart")[0].proto.spec)["data"]]


def bins(*found: tuple[float, float, int, float, float]) -> list[dict[str, float]]:
    return [dict(zip(("low", "high", "n", "confidence", "accuracy"), b, strict=True)) for b in found]


def test_a_run_that_was_not_measured_says_how_to(run):
    (run / EVALUATION_FILE).unlink()
    assert "training.evaluate" in visit(run).info[0].value


def test_before_and_after_with_both_parts_errors():
    app = visit(SHIPPED_RUNS / RUN)
    assert drawn(app) == ["As right as sure", "Before temperature", "After temperature"]
    validation, test = app.dataframe[0].value.to_dict("records")
    evaluation = json.loads((SHIPPED_RUNS / RUN / EVALUATION_FILE).read_text())
    fit = evaluation["calibration_fit"]
    assert (validation["Faces"], validation["ECE before"]) == (fit["n"], fit["ece_before"])
    assert (validation["ECE after"], test["ECE after"]) == (fit["ece_after"], evaluation["ece"])
    faces = read_predictions(SHIPPED_RUNS / RUN, LABELS)
    raw = before_temperature(faces.probabilities, evaluation["temperature"])
    expected = expected_calibration_error(raw.max(axis=1), raw.argmax(axis=1) == faces.true)
    assert test["ECE before"] == pytest.approx(expected)
    said = captions(app)
    assert "Too sure where it says 93% to 100%: 97.0% of 1,761 are right" in said
    assert "temperature of 0.71 took it from 1.8% to 2.9%: worse" in said
    assert "1,708 of 1,856 right answers are given at 93% or more, and so are 53 of 120 wrong ones" in said


def test_the_run_that_fitted_the_temperature_is_named(run):
    fit = json.loads((run / EVALUATION_FILE).read_text())["calibration_fit"]
    assert visit(run).dataframe[0].value["Part"].iloc[0] == "Validation, where it was fitted"
    change(run, calibration_fit=fit | {"fitted_by": "held-out"})
    assert visit(run).dataframe[0].value["Part"].iloc[0] == "Validation of held-out, where it was fitted"


def test_what_was_read_as_fewer_classes_has_no_before_and_says_why():
    app = visit(SHIPPED_RUNS / "gender_wear8-v3", SHIPPED_RUNS / RUN)
    app.selectbox(key="evaluation").set_value("mask3").run()
    assert "read as one" in app.info[0].value
    assert "Before temperature" not in drawn(app) and math.isnan(app.dataframe[0].value["ECE before"].iloc[1])
    app.selectbox(key="run").set_value(RUN).run()
    assert not app.info and "Before temperature" in drawn(app)


def test_a_temperature_that_is_not_known_or_not_possible_says_so(run):
    change(run, temperature=None)
    assert "older" in visit(run).info[0].value
    change(run, temperature=1e300)
    app = visit(run)
    assert "cannot be undone" in app.info[0].value and "After temperature" in drawn(app)


def test_missing_and_broken_faces_leave_what_is_stored(run):
    (run / PREDICTIONS_FILE).unlink()
    app = visit(run)
    assert "one by one" in app.info[0].value and len(app.get("plotly_chart")) == 2
    (run / PREDICTIONS_FILE).write_text("<b>")
    app.run()
    assert "predictions.csv" in app.info[0].value and len(app.get("plotly_chart")) == 2


def test_a_record_without_calibration_or_without_its_figures_says_so(run):
    change(run, calibration=[])
    assert "without calibration" in visit(run).info[0].value
    change(run, calibration=bins((0, 1, 10, 0.5, "NaN")))
    assert "Evaluate again" in visit(run).error[0].value


def test_the_sentence_reads_the_bins(run):
    change(run, calibration=bins((0, 0.5, 100, 0.4, 0.42), (0.5, 1, 50, 0.97, 1)), temperature=None)
    said = captions(visit(run))
    assert "Well calibrated: in all 2 steps" in said and "Over all 150 faces it says 59.0%, and 61.3%" in said
    change(run, calibration=bins((0, 0.5, 100, 0.4, 0.8), (0.5, 1, 50, 0.97, 0.98)))
    said = captions(visit(run))
    assert "Not sure enough where it says 0% to 50%: 80.0% of 100" in said and "1 of 2 steps" in said
    change(run, calibration=bins((0.5, 1, 50, 0.97, 1)))
    assert "no answer is wrong" in captions(visit(run))
