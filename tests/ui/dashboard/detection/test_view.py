"""Detection: runs that are tested, trained only, going on, a stranger's; several; another score."""

import json

import pytest
from streamlit.testing.v1 import AppTest

from core import settings
from core.runs.detections import DETECTIONS_FILE, DetectionRow
from core.runs.detector_evaluation import DETECTION_FILE
from tests.ui.dashboard.conftest import OF_DETECTOR, detector_run, shown

EVIL = "![x](https://example.org/x.png) <b>`$x$"
SCORE = "detection score of mine, photo"


@pytest.fixture(autouse=True)
def _own_runs(tmp_path, monkeypatch):
    monkeypatch.setenv(settings.RUNS.name, str(tmp_path))


def titles(app: AppTest) -> list[str]:
    return [json.loads(chart.proto.spec)["layout"]["title"]["text"] for chart in app.get("plotly_chart")]


def captions(app: AppTest) -> str:
    return "\n".join(caption.value.replace("\\", "") for caption in app.caption)


def table(app: AppTest):
    return app.dataframe[0].value.set_index(["Run", "Way", "Source"])


def metrics(app: AppTest) -> list[tuple[str, str]]:
    return [(metric.value, metric.delta) for metric in app.metric]


def test_a_tested_run_shows_everything(tmp_path):
    app = shown("detection", detector_run(tmp_path / "mine", incomplete=["other"]))
    assert titles(app) == [
        *("Precision and recall", "AP50 by face height", "Recall by face height"),
        *("AP50 of the validation pictures by epoch", "Training loss by epoch"),
        *("Recall and precision by score: all sources, photo", "False faces by score: all sources, photo"),
    ]
    row = table(app).loc[("mine", "photo", "toy")]
    assert (row["Pictures"], row["Faces"], row["False"], row["ms per photo"]) == (2, 5, 1, 18.25)
    assert row["Found"] == 3 / 5 and row["Precision"] == 3 / 4 and row["False a picture"] == 0.5
    said = captions(app)
    assert "Photo: 3 of 6 faces in 3 pictures are found, 50.0%" in said and "in 18.2 ms per photo" in said
    assert "toy, photo: from score 0.5 on, the mark on the curve, 60.0%" in said
    assert "Not all faces of other are labelled" in said and "lower bounds" in said
    assert "epoch 2 of 3 is kept" in said and "80.0%" in said
    assert not app.error and not app.warning


def test_where_all_faces_are_labelled_precision_may_still_be_higher(tmp_path):
    said = captions(shown("detection", detector_run(tmp_path / "mine")))
    assert "lower bounds" not in said and "may be faces that nobody labelled" in said


def test_another_score_is_told_against_the_operating_point(tmp_path):
    app = shown("detection", detector_run(tmp_path / "mine"))
    assert metrics(app) == [
        *(("50.0%", "at the operating point"), ("75.0%", "at the operating point")),
        ("0.33", "at the operating point"),
    ]
    app.slider(key=SCORE).set_value(0.2).run()
    assert not app.exception
    assert metrics(app) == [
        ("83.3%", "+33.3 points against the operating point"),
        ("83.3%", "+8.3 points against the operating point"),
        ("0.33", "at the operating point"),
    ]
    assert "From score 0.2 on, 5 of 6 faces are found" in captions(app)
    app.segmented_control(key="detection way of ['photo', 'live']").set_value("live").run()
    assert not app.exception and metrics(app)[0] == ("100.0%", "at the operating point")


def test_one_source_and_one_way_can_be_looked_at_alone(tmp_path):
    app = shown("detection", detector_run(tmp_path / "mine"))
    app.pills(key="detection ways").set_value(["live"]).run()
    assert "toy, live: from score 0.4" in captions(app) and "toy, photo: from" not in captions(app)
    app.pills(key="detection ways").set_value([]).run()
    assert not app.exception and "at least one" in app.info[0].value
    app.selectbox(key="detection source of 2").set_value(0).run()
    assert not app.exception and titles(app)[-1].endswith("other, photo")


def test_several_runs_are_side_by_side_and_one_of_them_is_chosen_for_scores(tmp_path):
    better = [row for row in OF_DETECTOR if row.label or row.score < 0.5]
    folders = [detector_run(tmp_path / "a"), detector_run(tmp_path / "b", rows=better)]
    app = shown("detection", *folders)
    assert table(app)["Precision"].loc[[("a", "photo", "toy"), ("b", "photo", "toy")]].tolist() == [0.75, 1.0]
    assert "a: toy, photo: from score" in captions(app) and "b: toy, photo: from score" in captions(app)
    app.selectbox(key="detection run").set_value("b").run()
    assert not app.exception and metrics(app)[1][0] == "100.0%"


def test_without_a_test_there_are_curves_and_how_to_test(tmp_path):
    app = shown("detection", detector_run(tmp_path / "mine", rows=None))
    assert "training.evaluate" in app.info[0].value and len(titles(app)) == 2 and not app.metric
    app.toggle(key="detection learning rate shown").set_value(True).run()
    assert titles(app)[-1] == "Learning rate by epoch"


def test_a_training_in_progress_and_one_without_an_epoch(tmp_path):
    app = shown("detection", detector_run(tmp_path / "mine", rows=None, epochs=1))
    assert "**mine** is in progress: epoch 1 of at most 3" in app.info[0].value
    app = shown("detection", detector_run(tmp_path / "new", rows=None, epochs=0))
    assert "no epoch is done yet" in app.info[0].value and not titles(app)


def test_broken_and_missing_records_are_said(tmp_path):
    broken, without = detector_run(tmp_path / "broken"), detector_run(tmp_path / "without")
    (broken / DETECTIONS_FILE).write_text("way,source\n")
    (without / DETECTIONS_FILE).unlink()
    app = shown("detection", broken, without)
    assert ["columns" in app.error[0].value, "cannot be read" in app.error[1].value] == [True, True]
    assert not app.metric and titles(app)[0].startswith("AP50 of the validation")


def test_rows_that_are_fewer_than_were_counted_are_said(tmp_path):
    folder = detector_run(tmp_path / "mine")
    rows = (folder / DETECTIONS_FILE).read_text().splitlines(keepends=True)
    (folder / DETECTIONS_FILE).write_text("".join(rows[:-1]))
    app = shown("detection", folder)
    assert "holds 7 labelled faces, the test counted 8" in app.warning[0].value


def test_a_test_without_faces_or_detections(tmp_path):
    rows = [DetectionRow("photo", "toy", "a/b.png", "", (0, 0, 9, 9), 0.4)]
    app = shown("detection", detector_run(tmp_path / "mine", rows=rows))
    assert "no examples" in captions(app) and metrics(app)[0][0] == "no examples"


def test_a_strangers_words_stay_words(tmp_path):
    rows = [DetectionRow("photo", EVIL, EVIL, EVIL, (0, 0, 9, 9), 0.4), *OF_DETECTOR]
    app = shown("detection", detector_run(tmp_path / "mine", rows=rows, incomplete=[EVIL]))
    for element in (*app.caption, *app.info, *app.markdown):
        assert "![x](" not in element.value.replace("\\[", "").replace("!\\[", "")
    drawn = " ".join(chart.proto.spec for chart in app.get("plotly_chart"))
    assert "<b>`" not in drawn and "&lt;b&gt;" in drawn


def test_a_broken_test_leaves_the_training(tmp_path):
    folder = detector_run(tmp_path / "mine")
    (folder / DETECTION_FILE).write_text("{}")
    app = shown("detection", folder)
    assert len(titles(app)) == 2 and "not tested yet" in app.info[0].value
