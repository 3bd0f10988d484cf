"""Thresholds: rates that follow the point, the cheapest one, and its use in the app."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import numpy as np
import pytest
from sklearn import metrics as sk
from streamlit.testing.v1 import AppTest

from core import settings
from core.decision import OperatingPoint, alarm_classes, alarm_probability
from core.labels import MASK_3
from core.metrics.formatting import percent
from core.models.card import CARD_FILE, read_card
from core.models.installed import SHIPPED
from core.models.operating_points import (
    OPERATING_POINT_FILE,
    operating_point_from_card,
    read_operating_point,
    save_operating_point,
)
from core.review import thresholds
from core.runs.catalog import SHIPPED_RUNS
from core.runs.evaluation import read_evaluation
from core.runs.predictions import PREDICTIONS_FILE, read_predictions
from tests.shipped import DEFAULT_MARGIN, DEFAULT_RUN
from tests.ui.dashboard.conftest import shown
from ui.server import owner

RUN = DEFAULT_RUN
RECORDS = shutil.ignore_patterns("checkpoints", "*.onnx", "*.keras")


def visit(*folders: Path) -> AppTest:
    return shown("thresholds", *folders)


@pytest.fixture(autouse=True)
def model(monkeypatch, tmp_path) -> Path:
    """The folder of the installed mask3, without weights, which this view never reads."""
    monkeypatch.setenv(settings.MODELS.name, str(tmp_path / "models"))
    return shutil.copytree(SHIPPED / "mask3", tmp_path / "models" / "mask3", ignore=RECORDS)


@pytest.fixture
def run(tmp_path) -> Path:
    """A copy of the shipped run, to be spoilt."""
    return shutil.copytree(SHIPPED_RUNS / RUN, tmp_path / RUN, ignore=RECORDS)


def metrics(app: AppTest) -> dict[str, str]:
    assert not app.exception
    return {metric.label: metric.value for metric in app.metric}


def words(app: AppTest) -> str:
    return " ".join(
        element.value
        for kind in ("markdown", "caption", "info", "warning", "error", "success")
        for element in getattr(app, kind)
    )


def button(app: AppTest, key: str):
    return app.button(key=f"thresholds {key}")


def set_point(app: AppTest, threshold: int, margin: int) -> AppTest:
    app.segmented_control(key=f"thresholds rule of {RUN}").set_value("Alarm threshold").run()
    app.slider(key=f"thresholds at of {RUN}").set_value(threshold)
    return app.slider(key=f"thresholds margin of {RUN}").set_value(margin).run()


def test_the_models_own_point_is_shown_first():
    app = visit(SHIPPED_RUNS / RUN)
    assert app.segmented_control[0].value == "More probable answer"
    assert app.slider(key=f"thresholds margin of {RUN}").value == 100 * DEFAULT_MARGIN
    assert "the model's own" in words(app) and len(app.get("plotly_chart")) == 3
    faces = read_predictions(SHIPPED_RUNS / RUN, MASK_3.labels)
    not_properly = faces.probabilities[:, 1:].sum(axis=1)
    answered = abs(not_properly - faces.probabilities[:, 0]) >= DEFAULT_MARGIN
    positive, said = faces.true[answered] > 0, not_properly[answered] >= 0.5
    found = metrics(app)
    assert found["Precision"] == percent(sk.precision_score(positive, said))
    assert found["Recall"] == percent(sk.recall_score(positive, said))
    assert found["False positive rate"] == percent(said[~positive].mean())
    assert f"{(~answered).sum()} of 1,976" in [metric.proto.delta_description for metric in app.metric]


def test_rates_follow_the_point_and_the_place():
    app = set_point(visit(SHIPPED_RUNS / RUN), 20, 0)
    faces = read_predictions(SHIPPED_RUNS / RUN, MASK_3.labels)
    said = faces.probabilities[:, 1:].sum(axis=1) >= 0.2
    positive = faces.true > 0
    assert metrics(app)["Recall"] == percent(sk.recall_score(positive, said))
    assert (
        metrics(app)["Precision"]
        == metrics(app)["Precision there"]
        == percent(sk.precision_score(positive, said))
    )
    app.number_input(key=f"thresholds people of {RUN}").set_value(50).run()
    right, false = 50 * said[positive].mean(), 950 * said[~positive].mean()
    assert metrics(app)["Precision there"] == percent(right / (right + false))
    assert metrics(app)["Right alarms"] == f"{right:.1f}"
    assert metrics(app)["False alarms"] == f"{false:.1f}"
    assert metrics(app)["Cannot tell"] == "0"
    assert metrics(app)["Precision"] == percent(sk.precision_score(positive, said))


def test_the_cheapest_threshold_is_set():
    app = visit(SHIPPED_RUNS / RUN)
    app.number_input(key=f"thresholds people of {RUN}").set_value(100)
    app.number_input(key="thresholds miss").set_value(1.0)
    app.number_input(key="thresholds false alarm").set_value(30.0).run()
    button(app, "cheapest").click().run()
    faces = read_predictions(SHIPPED_RUNS / RUN, MASK_3.labels)
    score = alarm_probability(faces.probabilities, alarm_classes(MASK_3))
    best = thresholds.cheapest(thresholds.costs(score, faces.true > 0, 0.1, 1, 30))
    assert best > 0.5
    assert app.segmented_control[0].value == "Alarm threshold"
    assert app.slider(key=f"thresholds at of {RUN}").value == round(best * 100)
    assert "which is as cheap" in words(app)


def test_errors_that_cost_nothing_have_no_cheapest_threshold():
    app = visit(SHIPPED_RUNS / RUN)
    app.number_input(key="thresholds miss").set_value(0.0)
    app.number_input(key="thresholds false alarm").set_value(0.0).run()
    assert button(app, "cheapest").disabled and len(app.get("plotly_chart")) == 2


def test_the_point_is_used_in_the_app_and_taken_back(model):
    card = (model / CARD_FILE).read_bytes()
    app = visit(SHIPPED_RUNS / RUN)
    assert button(app, "use").disabled and button(app, "take back").disabled  # it is in use already
    set_point(app, 30, 10)
    button(app, "use").click().run()
    assert "an alarm from 30%, a lead of 10 points" in app.success[0].value
    assert "set in this dashboard" in words(app) and button(app, "use").disabled
    assert read_operating_point(model, read_card(model)) == OperatingPoint(0.1, 0.3)
    assert (model / CARD_FILE).read_bytes() == card

    again = visit(SHIPPED_RUNS / RUN)
    assert again.slider(key=f"thresholds at of {RUN}").value == 30 and not again.success
    button(again, "take back").click().run()
    assert "the model's own again" in again.success[0].value
    assert not (model / OPERATING_POINT_FILE).exists() and (model / CARD_FILE).read_bytes() == card
    assert button(again, "take back").disabled and not button(again, "use").disabled
    assert not again.run().success  # said once


def test_only_the_owner_may_set_it(model, monkeypatch):
    app = set_point(visit(SHIPPED_RUNS / RUN), 30, 10)
    monkeypatch.setattr(owner, "is_owner", lambda: False)
    button(app, "use").click().run()  # of a page that was drawn for the owner
    assert not (model / OPERATING_POINT_FILE).exists() and not app.success
    assert owner.REFUSED in words(app)
    assert "thresholds use" not in [button.key for button in app.button]


def test_a_broken_point_of_a_user_is_named_and_can_be_replaced(model):
    (model / OPERATING_POINT_FILE).write_text("{")
    app = visit(SHIPPED_RUNS / RUN)
    assert "not JSON" in app.warning[0].value
    assert app.slider(key=f"thresholds margin of {RUN}").value == 100 * DEFAULT_MARGIN
    button(app, "use").click().run()
    assert app.success and not app.warning
    assert read_operating_point(model, read_card(model)) == operating_point_from_card(read_card(model))


def test_what_cannot_be_saved_says_so(model):
    (model / OPERATING_POINT_FILE).mkdir()
    app = visit(SHIPPED_RUNS / RUN)
    button(app, "use").click().run()
    assert "cannot be written" in app.error[0].value and not app.success


def test_other_weights_than_the_installed_ones_set_nothing(model):
    card = json.loads((model / CARD_FILE).read_text())
    card["weights"] = {"onnx": card["weights"]["onnx"] | {"sha256": "0" * 64}}
    (model / CARD_FILE).write_text(json.dumps(card))
    app = visit(SHIPPED_RUNS / RUN)
    assert "other weights" in words(app) and not app.exception
    assert "thresholds use" not in [button.key for button in app.button]


def test_a_run_without_an_installed_model_sets_nothing():
    app = visit(SHIPPED_RUNS / "cnn_scratch-v1")
    assert "No model of this run is installed" in words(app)
    assert app.slider(key="thresholds margin of cnn_scratch-v1").value == 0
    assert "thresholds use" not in [button.key for button in app.button]


def test_a_test_by_other_labels_sets_nothing():
    app = visit(SHIPPED_RUNS / "gender_wear8-v3")
    assert "In the app" in words(app)
    app.selectbox(key="evaluation").set_value("mask3").run()
    assert not app.exception and "set from it" in words(app)
    assert "thresholds use" not in [button.key for button in app.button]


def test_a_saved_point_is_each_models_own(model):
    card = read_card(model)
    save_operating_point(model, card, OperatingPoint(0.05, 0.4), "2026-01-01T00:00:00+00:00")
    app = visit(SHIPPED_RUNS / RUN, SHIPPED_RUNS / "gender_wear8-v3")
    assert app.slider(key=f"thresholds at of {RUN}").value == 40
    app.selectbox(key="run").set_value("gender_wear8-v3").run()
    assert app.slider(key="thresholds margin of gender_wear8-v3").value == 40
    app.selectbox(key="run").set_value(RUN).run()
    assert app.slider(key=f"thresholds margin of {RUN}").value == 5


def test_sources_are_told_apart_worst_first():
    data = visit(SHIPPED_RUNS / RUN).dataframe[0].value.set_index("Source")
    faces = read_predictions(SHIPPED_RUNS / RUN, MASK_3.labels)
    assert data["Faces"].to_dict() == dict(zip(*np.unique(faces.source, return_counts=True), strict=True))
    mean = data[["Recall"]].assign(right=1 - data["False positive rate"]).mean(axis=1)
    assert mean.is_monotonic_increasing
    assert data["False positive rate"].isna()["karan_unmasked"]  # all its faces are without a mask


def test_a_label_against_the_rest_needs_no_faces(run):
    (run / PREDICTIONS_FILE).unlink()
    app = visit(run)
    assert "without its faces" in app.info[0].value and not app.metric
    app.selectbox(key="thresholds positive").set_value("incorrect_mask").run()
    record = json.loads((run / "evaluation.json").read_text())["one_vs_rest"][1]
    at = next(point for point in record["thresholds"] if point["threshold"] == 0.5)
    assert metrics(app)["Recall"] == percent(at["true_positives"] / record["n"])
    app.select_slider(key="thresholds at incorrect_mask").set_value(0.1).run()
    at = next(point for point in record["thresholds"] if point["threshold"] == 0.1)
    assert metrics(app)["Recall"] == percent(at["true_positives"] / record["n"])
    assert f"AUC {record['auc']:.3f}" in words(app) and len(app.get("plotly_chart")) == 2


def test_a_run_that_was_not_measured_says_how(run):
    (run / "evaluation.json").unlink()
    app = visit(run)
    assert "training.evaluate" in app.info[0].value and not app.metric and not app.exception


def test_faces_that_cannot_be_read_are_an_error(run):
    (run / PREDICTIONS_FILE).write_text("nonsense")
    app = visit(run)
    assert PREDICTIONS_FILE in app.error[0].value and not app.exception


def test_faces_of_one_kind_have_rates_but_no_curve(run):
    table = (run / PREDICTIONS_FILE).read_text().splitlines()
    (run / PREDICTIONS_FILE).write_text(
        "\n".join(table[:1] + [row for row in table if ",with_mask," in row][1:])
    )
    app = visit(run)
    assert metrics(app)["Recall"] == "no examples" and metrics(app)["Right alarms"] == "0"
    app.number_input(key=f"thresholds people of {RUN}").set_value(50).run()
    assert metrics(app)["Misses"] == "no examples" and button(app, "cheapest").disabled


STRANGE = "<img src=x onerror=alert(1)>[a](https://b.c)"


def test_labels_and_sources_of_a_stranger_are_text(tmp_path):
    run = shutil.copytree(SHIPPED_RUNS / "cnn_scratch-v1", tmp_path / "strange", ignore=RECORDS)
    for path in run.glob("*.*"):
        text = path.read_text().replace("without_mask", STRANGE).replace("andrewmvd", "![x](https://b.c)")
        path.write_text(text)
    app = visit(run)
    assert not app.exception and not app.error
    assert app.selectbox(key="thresholds positive").options[0].startswith("Mask on")  # no alarm is known
    app.selectbox(key="thresholds positive").set_value(STRANGE).run()
    assert not app.exception and len(app.get("plotly_chart")) == 2
    for chart in app.get("plotly_chart"):
        assert "<img" not in json.loads(chart.proto.spec)["layout"]["title"]["text"]


def test_sources_of_a_stranger_are_escaped(run):
    path = run / PREDICTIONS_FILE
    text = path.read_text()
    for source in read_evaluation(run).confusion:
        text = text.replace(f"\n{source},", "\n![x](https://b.c),")
    path.write_text(text)
    app = visit(run)
    assert "!\\[x\\]" in words(app) and "![x]" not in words(app)
