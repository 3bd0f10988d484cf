"""Trainings of detectors by epoch: what is drawn of whose record, and what a stranger's holds."""

import math
from dataclasses import replace

import pytest

from core.runs.catalog import read_run
from tests.ui.dashboard.conftest import detector_run
from ui.figures import detection_training
from ui.figures.detection_training import MAX_LINES


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    folder = detector_run(tmp_path_factory.mktemp("runs") / "mine", rows=None)
    return read_run("mine", folder)


def test_each_source_has_its_line_and_the_kept_epoch_its_star(run):
    line, star = detection_training.ap50([run]).data
    assert list(line.x) == [1, 2, 3] and list(line.y) == [0.5, 0.8, 0.7] and line.name == "toy"
    assert (star.x[0], star.y[0], star.marker.symbol) == (2, 0.8, "star")
    assert "15 of 20 faces found, 2 false" in line.text[0]


def test_loss_and_learning_rate(run):
    assert list(detection_training.loss([run]).data[0].y) == [2.0, 1.5, 1.0]
    rates = detection_training.learning_rate([run]).data
    assert len(rates) == 1 and list(rates[0].y) == pytest.approx([1e-3, 5e-4, 1e-3 / 3])


def test_several_runs_are_named(run):
    other = replace(run, name="<i>else")
    names = [trace.name for trace in detection_training.ap50([run, other]).data if trace.name != "kept epoch"]
    assert names == ["mine: toy", "&lt;i&gt;else: toy"]
    data = detection_training.data([run, other])
    assert len(data) == 6 and data["Kept"].tolist() == [False, True, False] * 2


def test_numbers_that_are_none_leave_gaps_and_many_lines_are_cut(run):
    broken = run.detection_epochs[0].model_copy(update={"loss": math.inf, "score": math.nan})
    bad = replace(run, detection_epochs=(broken,))
    assert bad.best_detection_epoch is None
    (trace,) = detection_training.loss([bad]).data
    assert math.isnan(trace.y[0])
    lines = [t for t in detection_training.ap50([run] * (MAX_LINES + 5)).data if t.name != "kept epoch"]
    assert len(lines) == MAX_LINES


def test_a_source_that_came_later_begins_later(run):
    first, second, third = run.detection_epochs
    late = third.model_copy(update={"validation": third.validation | {"late": third.validation["toy"]}})
    lines = detection_training.ap50([replace(run, detection_epochs=(first, second, late))]).data
    (of_late,) = (line for line in lines if line.name == "late")
    assert [math.isnan(y) for y in of_late.y] == [True, True, False] and "not measured" in of_late.text[0]
