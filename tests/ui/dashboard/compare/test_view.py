"""Two models on the same faces: none, one, two, many, strangers and broken records."""

import shutil

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from core import settings
from core.labels import MASK_2, MASK_3
from core.metrics.classification import confusion
from core.metrics.intervals import wilson
from core.records.fields import Labels
from core.runs import catalog
from core.runs.catalog import SHIPPED_RUNS
from core.runs.evaluation import Evaluation, write_evaluation
from core.runs.predictions import PREDICTIONS_FILE, FacePrediction, read_predictions, write_predictions
from core.runs.training import CONFIG_FILE
from tests.shipped import DEFAULT_RUN
from ui import loaders

WITH, WITHOUT = MASK_2.labels


def page():
    import streamlit as st

    from core.runs.catalog import Run
    from ui.dashboard.compare import view as compare
    from ui.dashboard.selection import records

    runs = {name: run for name, run in records.runs().items() if isinstance(run, Run)}
    compare.show([runs[name] for name in st.query_params["runs"].split(",")])


def visit(*runs):
    app = AppTest.from_function(page, default_timeout=30)
    app.query_params["runs"] = ",".join(runs)
    return app.run()


@pytest.fixture(autouse=True)
def _no_models(monkeypatch):
    """The photo has its own tests."""
    monkeypatch.setattr(loaders, "installed_models", dict)
    monkeypatch.setattr(loaders, "detector_offers", tuple)


@pytest.fixture
def own(tmp_path, monkeypatch):
    """A machine on which only `tmp_path` holds runs."""
    monkeypatch.setattr(catalog, "SHIPPED_RUNS", tmp_path / "none")
    monkeypatch.setenv(settings.RUNS.name, str(tmp_path))
    return tmp_path


def record(
    folder, said, *, true=None, labels=MASK_2.labels, sources=None, manifest="m", surest=0.9, face_px=None
):
    """A run that says `said`, one character a face: 0 for the first label, 1 for the next."""
    folder.mkdir(exist_ok=True)
    shutil.copy(SHIPPED_RUNS / "mobilenet_mask2-v1" / CONFIG_FILE, folder)
    units = np.array(list(map(int, said)))
    right = np.array(list(map(int, true or "0" * len(said))))
    sources = np.array(sources or ["toy"] * len(said))
    hits, n = int((units == right).sum()), len(units)
    found = Evaluation(
        schema=1,
        model="toy",
        weights_sha256="0" * 64,
        manifest_sha256=manifest,
        labels=Labels(set="own", names=labels),
        n=n,
        unreadable=(),
        confusion={
            source: tuple(
                tuple(map(int, row))
                for row in confusion(right[sources == source], units[sources == source], len(labels))
            )
            for source in dict.fromkeys(sources.tolist())
        },
        scores=(),
        accuracy=hits / n,
        interval=wilson(hits, n),
        calibration=(),
        ece=0.1,
        face_px_slices=(),
    )
    write_evaluation(folder, found)
    rows = [
        FacePrediction(
            source=source,
            id=str(i),
            label=labels[t],
            probabilities=[
                surest if k == u else (1 - surest) / (len(labels) - 1) for k in range(len(labels))
            ],
            face_px=face_px[i] if face_px else 50 + i,
            sharpness=0.1,
            brightness=90,
        )
        for i, (u, t, source) in enumerate(zip(units, right, sources, strict=True))
    ]
    write_predictions(folder, labels, rows)


def words(app):
    return "\n".join(element.value for kind in (app.markdown, app.caption, app.info) for element in kind)


def metrics(app):
    return {metric.label: metric.value for metric in app.metric}


def faces(app):
    return app.dataframe[0].value


def test_the_verdict_reads_the_test(own):
    record(own / "a", "0000000000" + "0" * 10)
    record(own / "b", "1111111100" + "0" * 10)
    app = visit("a", "b")
    assert not app.exception and not app.error
    # 8 faces on which A alone is right: p = 2 / 2 ** 8
    assert "A is correct on 8 more of 20 faces (B − A: −40.0 points, " in words(app)
    assert "significant, p = 0.0078 by McNemar's test" in words(app)
    assert metrics(app) == {
        "Faces in common": "20",
        "Accuracy of A": "100.0%",
        "Accuracy of B": "60.0%",
        "Macro recall of A": "100.0%",
        "Macro recall of B": "60.0%",
    }
    assert "No examples: No mask." in words(app)  # no face without a mask in this test
    assert len(app.get("plotly_chart")) == 3


def test_where_chance_would_do_it_says_so(own):
    record(own / "a", "0" * 20)
    record(own / "b", "1" + "0" * 19)
    assert "A and B cannot be told apart: A is correct on 1 more of 20 faces" in words(visit("a", "b"))


def test_equal_models_disagree_nowhere(own):
    record(own / "a", "0011")
    record(own / "b", "0011")
    app = visit("a", "b")
    assert "A and B are correct on equally many of 4 faces" in words(app)
    assert "They give the same answer on every face." in words(app) and not app.dataframe


def test_a_better_mean_of_labels_is_said_where_accuracy_is_worse(own):
    true = "0" * 16 + "1" * 4
    record(own / "a", "0" * 20, true=true)
    record(own / "b", "0" * 10 + "1" * 10, true=true)
    assert "the other way round: mean recall is 50.0% for A and 81.2% for B" in words(visit("a", "b"))


def test_disagreements_by_who_is_right(own):
    labels = ("x", "y", "z")
    record(own / "a", "000112", labels=labels, surest=0.8)
    record(own / "b", "011002", labels=labels, surest=0.9)
    app = visit("a", "b")
    kinds = app.segmented_control(key="compare disagreements")
    assert kinds.options == [
        "All (4)",
        "Only A is right (2)",
        "Only B is right (2)",
        "Both wrong, differently (0)",
    ]
    assert faces(app)["Id"].tolist() == ["1", "2", "3", "4"]  # B is wrong at .9, then A at .8
    kinds.set_value("Only B is right").run()
    assert faces(app)["Id"].tolist() == ["3", "4"]
    assert faces(app)[["Truth", "A says", "B says"]].drop_duplicates().values.tolist() == [["x", "y", "x"]]
    app.segmented_control(key="compare disagreements").set_value("Both wrong, differently").run()
    assert not app.dataframe and "There is no such face." in words(app)


def test_faces_numbered_apart_show_both_numbers(own):
    record(
        own / "three", "0210", true="0210", labels=(WITH, WITHOUT, "incorrect_mask"), face_px=(50, 51, 52, 53)
    )
    record(own / "two", "101", true="010", face_px=(50, 52, 53))
    app = visit("three", "two")
    assert "1 face of a label that one of them does not know is left out." in words(app)
    assert metrics(app)["Faces in common"] == "3"
    assert faces(app)[["Id in A", "Id in B"]].values.tolist() == [["0", "0"], ["2", "1"], ["3", "2"]]


def test_one_run_says_how_to_get_another_to_compare(own):
    record(own / "a", "0011")
    app = visit("a")
    assert not app.exception and not app.metric
    assert "No two models here were measured on the same data" in words(app)
    assert "--record-as NAME" in words(app)


def test_only_runs_on_the_same_data_are_offered_and_the_others_explained(own):
    record(own / "a", "0011")
    record(own / "b", "0111")
    record(own / "elsewhere", "0111", manifest="n")
    record(own / "other labels", "0111", labels=("left", "right"))
    record(own / "no faces", "0111")
    (own / "no faces" / PREDICTIONS_FILE).unlink()
    (own / "not measured").mkdir()
    shutil.copy(own / "a" / CONFIG_FILE, own / "not measured")
    (own / "broken").mkdir()
    (own / "broken" / CONFIG_FILE).write_text("{")
    app = visit("a", "elsewhere")
    assert [select.value[0] for select in app.selectbox] == ["a", "b"]
    assert [select.options for select in app.selectbox] == [["a", "b"], ["b"]]
    said = words(app)
    for reason in (
        "a and elsewhere cannot be compared: measured on other data.",
        "**Measured on other data**: elsewhere",
        "**Tells other labels apart**: other labels",
        "**No predictions.csv**: no faces",
        "**Not measured yet**: not measured",
        "**Broken records**: broken",
    ):
        assert reason in said


def test_the_selected_run_meets_the_best_other_and_a_choice_of_b_stays(own):
    for name, said in (("a", "0000"), ("b", "0011"), ("c", "0001"), ("d", "0111")):
        record(own / name, said)
    app = visit("b")
    a, b = app.selectbox
    assert (a.value[0], b.value[0]) == ("b", "a")
    b.set_value(("d", "")).run()
    a, b = app.selectbox
    a.set_value(("c", "")).run()
    assert [select.value[0] for select in app.selectbox] == ["c", "d"]
    assert "A is correct on 2 more of 4 faces" in words(app)


def test_a_strangers_names_are_text(own):
    evil, link = "<img src=x>", "![x](https://example.org/x.png)"
    for name, said in (("a", "0011"), ("b", "1011")):
        record(own / name, said, true="0010", labels=(evil, link), sources=[evil, evil, link, link])
    app = visit("a", "b")
    assert not app.exception and not app.error
    assert "![" not in words(app) and "(https" in words(app)
    charts = "".join(chart.proto.spec for chart in app.get("plotly_chart"))
    assert "&lt;img src=x&gt;" in charts and "<img" not in charts and "\\u003cimg" not in charts


def test_many_sources_are_bounded_in_the_chart(own):
    sources = [f"source {i}" for i in range(120)]
    record(own / "a", "01" * 60, sources=sources)
    record(own / "b", "10" * 60, sources=sources)
    assert "The 30 worst for B are drawn, the CSV has all." in words(visit("a", "b"))


@pytest.mark.parametrize("text", ["source,id\n", "rows swapped"])
def test_records_that_cannot_be_matched_are_an_error_on_the_page(own, text):
    record(own / "a", "0011")
    record(own / "b", "0111", true="0001")
    if text != "rows swapped":
        (own / "b" / PREDICTIONS_FILE).write_text(text)
    app = visit("a", "b")
    assert not app.exception and len(app.error) == 1 and not app.metric
    assert "training.evaluate" in app.error[0].value


def test_shipped_runs_compare_at_once():
    """By default with the best on the same faces, though it learned from other data."""
    app = visit("mask3-v1")
    assert not app.exception and not app.error
    assert [select.value for select in app.selectbox] == [("mask3-v1", ""), (DEFAULT_RUN, "")]
    assert metrics(app)["Faces in common"] == "1,976" and metrics(app)["Accuracy of A"] == "93.9%"
    one, other = (
        read_predictions(SHIPPED_RUNS / run, MASK_3.labels).predicted for run in ("mask3-v1", DEFAULT_RUN)
    )
    assert len(faces(app)) == (one != other).sum() > 0
    assert "Drawn by whole groups, the accuracy of A in its record is 92.7% to 95.0%" in words(app)


def test_a_run_that_nothing_can_be_compared_with_is_kept_and_says_why(own):
    """Not two others in its place."""
    record(own / "mine", "0011", manifest="my faces")
    record(own / "a", "0011")
    record(own / "b", "0111")
    app = visit("mine")
    assert not app.exception and not app.metric and not app.selectbox
    assert "No other run was measured on the 4 faces of mine" in words(app)
    assert app.code[0].value == "python -m training.evaluate mask3 --data DATA --record-as my_data"
