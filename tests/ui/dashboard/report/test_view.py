"""The report view: none, one and many runs, read by fewer classes, and a stranger's."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from sklearn import metrics as sk
from streamlit.testing.v1 import AppTest

from core.labels import GENDER_WEAR_8
from core.metrics.formatting import percent
from core.runs.catalog import SHIPPED_RUNS
from core.runs.evaluation import EVALUATION_FILE, read_evaluation
from core.runs.predictions import PREDICTIONS_FILE, read_predictions
from tests.ui.dashboard.conftest import copy_of, shown

LINK = "[a](https://example.org) <b>"


def visit(*folders: Path) -> AppTest:
    return shown("report", *folders)


def change(folder: Path, **values) -> None:
    path = folder / EVALUATION_FILE
    path.write_text(json.dumps({**json.loads(path.read_text()), **values}))


def metrics(app: AppTest) -> dict[str, str]:
    return {metric.label: metric.value for metric in app.metric}


def captions(app: AppTest) -> str:
    return " ".join(caption.value for caption in app.caption)


def test_a_run_that_was_not_measured_says_how_to(tmp_path):
    run = copy_of("mask3-v1", tmp_path / "mask3-v1")
    (run / EVALUATION_FILE).unlink()
    app = visit(run)
    assert "training.evaluate" in app.info[0].value and not app.metric and not app.error


def test_the_shipped_model_is_reported_as_it_was_measured():
    app = visit(SHIPPED_RUNS / "mask3-v1")
    assert metrics(app) == {
        "Accuracy": "93.9%",
        "Majority baseline": "46.8%",
        "Macro recall": "81.3%",
        "Macro precision": "89.1%",
        "Macro F1": "83.9%",
    }
    said = captions(app)
    assert (
        "1,976 faces" in said and "Evaluated 2 times" in said and "Training saw none of their groups" in said
    )
    assert "Weakest: “Worn incorrectly”, 47.8% of 159" in said
    assert "Worst is “Source: kary_part1”: 79.6% of 353" in said and "whole interval lies below" in said
    assert "Intervals of recall are a bootstrap's" in said
    assert len(app.get("plotly_chart")) == 2
    classes, slices, sources = (element.value for element in app.dataframe)
    assert classes.Class.tolist() == ["Mask on", "Worn incorrectly", "No mask", "Macro mean", "Weighted mean"]
    assert slices[slices.Note == "no examples"].Faces.tolist() == [0, 0]
    least = sources.iloc[0]
    assert (least.Source, least.Class, least.Faces) == ("andrewmvd", "Worn incorrectly", 12)
    scores = read_evaluation(SHIPPED_RUNS / "mask3-v1").scores
    (named,) = (s.predicted for s in scores if (s.source, s.label) == ("andrewmvd", "incorrect_mask"))
    assert named["with_mask"] > named["without_mask"] and least["Most often taken for"] == "Mask on"


def test_eight_classes_are_read_as_four_three_and_two():
    app = visit(SHIPPED_RUNS / "gender_wear8-v3")
    faces = read_predictions(SHIPPED_RUNS / "gender_wear8-v3", GENDER_WEAR_8.labels)
    summed = (faces.probabilities[:, :4] + faces.probabilities[:, 4:]).argmax(axis=1)
    read_as = app.selectbox(key="report read as")
    assert [option.split()[0] for option in read_as.options] == ["8", "4", "3", "2"]
    read_as.set_value(4).run()
    assert metrics(app)["Accuracy"] == percent(sk.accuracy_score(faces.true % 4, summed))
    assert metrics(app)["Macro F1"] == percent(sk.f1_score(faces.true % 4, summed, average="macro"))
    assert "8 classes apart" in captions(app) and "Intervals take faces one by one" in captions(app)
    app.selectbox(key="report read as").set_value(2).run()
    assert "none of these 2 classes: 1,032 faces" in captions(app)
    assert metrics(app)["Majority baseline"] == "50.0%" and not app.exception


def test_what_is_read_as_is_dropped_where_another_run_does_not_have_it():
    app = visit(SHIPPED_RUNS / "gender_wear8-v3", SHIPPED_RUNS / "mask3-v1")
    app.selectbox(key="report read as").set_value(4).run()
    app.selectbox(key="run").set_value("mask3-v1").run()
    assert not app.exception and metrics(app)["Accuracy"] == "93.9%"
    app.selectbox(key="run").set_value("gender_wear8-v3").run()
    app.selectbox(key="evaluation").set_value("mask3").run()
    assert not app.exception and "tells more classes apart (gender_wear8)" in captions(app)


@pytest.mark.parametrize("run", ["resnet_once8-v1", "cnn_scratch-v1"])
def test_other_shipped_runs_are_shown(run):
    app = visit(SHIPPED_RUNS / run)
    assert not app.error and len(app.get("plotly_chart")) == 2


def test_fewer_classes_need_the_faces_and_the_rest_stays(tmp_path):
    run = copy_of("mask3-v1", tmp_path / "mask3-v1")
    (run / PREDICTIONS_FILE).unlink()
    app = visit(run)
    assert len(app.get("plotly_chart")) == 2
    app.selectbox(key="report read as").set_value(2).run()
    assert "--record" in app.info[0].value and len(app.get("plotly_chart")) == 1
    (run / PREDICTIONS_FILE).write_text("nonsense")
    app.run()
    assert "predictions.csv" in app.error[0].value and len(app.get("plotly_chart")) == 1


def test_a_record_older_than_reports_is_read_from_its_faces(tmp_path):
    run = copy_of("mask3-v1", tmp_path / "mask3-v1")
    change(run, report=None, bootstrap=None, majority=None, kinds={}, leakage=None, recorded_at=[])
    app = visit(run)
    assert metrics(app)["Accuracy"] == "93.9%" and metrics(app)["Macro F1"] == "83.9%"
    assert "Intervals take faces one by one" in captions(app)


def test_a_record_without_slices_says_so(tmp_path):
    run = copy_of("mask3-v1", tmp_path / "mask3-v1")
    change(run, kinds={}, face_px_slices=[], sharpness_slices=[], brightness_slices=[], scores=[])
    assert "without slices" in visit(run).info[0].value


def test_test_faces_that_training_saw_are_said(tmp_path):
    run = copy_of("mask3-v1", tmp_path / "mask3-v1")
    change(
        run,
        leakage={"n": 1976, "shared_groups": 3, "shared_faces": 150},
        unreadable=["x"],
        recorded_at=["2026-11-20T10", "2026-11-21T10"],
    )
    said = captions(visit(run))
    assert "150 are of groups that training saw" in said and "1 pictures could not be read" in said
    assert "Evaluated 2 times" in said and "What is chosen after a look" in said


def test_strangers_words_are_shown_as_they_are(tmp_path):
    run = copy_of("mask3-v1", tmp_path / "mask3-v1")
    record = (run / EVALUATION_FILE).read_text().replace('"incorrect_mask"', json.dumps(LINK))
    (run / EVALUATION_FILE).write_text(record)
    change(
        run,
        kinds={LINK: {LINK: [3, 20]}, "source": {f"s{i}": [0, 11] for i in range(60)}},
        left_out={LINK: 3},
        mapped_from=LINK,
        recorded_at=[LINK],
    )
    app = visit(run)
    assert not app.error
    said = captions(app).replace("\u2060", "")
    assert (
        "https://" not in captions(app) and "[a](" not in said and r"\[a\](https://example.org) \<b\>" in said
    )
    figures = [json.loads(chart.proto.spec) for chart in app.get("plotly_chart")]
    assert "<b>" not in json.dumps([figure["layout"] for figure in figures])
    assert len(figures[1]["layout"]["yaxis"]["ticktext"]) == 40  # of 80: the table has all
