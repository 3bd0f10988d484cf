"""The view Mistakes: the commonest cell first, a click and two boxes in step, faces as table or pictures."""

from __future__ import annotations

import csv
import io
import json
from argparse import ArgumentParser
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import confusion_matrix
from streamlit.testing.v1 import AppTest

from core import settings
from core.images.encode import to_jpeg
from core.metrics.intervals import wilson
from core.runs.catalog import SHIPPED_RUNS
from core.runs.evaluation import EVALUATION_FILE, read_evaluation
from core.runs.face_folder import FACES_FILE
from core.runs.label_fixes import NO_FACE, BoxKey, LabelFix, to_csv
from core.runs.predictions import PREDICTIONS_FILE, read_predictions
from tests.ui.dashboard.conftest import copy_of, shown
from ui.dashboard.errors import corrections as label_corrections
from ui.dashboard.errors import gallery
from ui.dashboard.errors import view as errors_view
from ui.dashboard.errors.view import cells, sentence
from ui.server import owner

RUN = "mask3-v1"
EVALUATION = read_evaluation(SHIPPED_RUNS / RUN)
LABELS = EVALUATION.labels.names
PREDICTIONS = read_predictions(SHIPPED_RUNS / RUN, LABELS)


@pytest.fixture(autouse=True)
def _alone(monkeypatch):
    monkeypatch.delenv(settings.FACES.name, raising=False)


def visit(*folders: Path) -> AppTest:
    return shown("mistakes", *folders)


@pytest.fixture
def run(tmp_path) -> Path:
    """A copy of the shipped run, to be changed."""
    return copy_of(RUN, tmp_path / RUN)


@pytest.fixture
def faces(tmp_path, monkeypatch) -> Path:
    """A face folder of the shipped run: drawn squares, as many as are looked at."""
    folder = tmp_path / "faces"
    folder.mkdir()
    for number in face_ids(1, 0)[: gallery.PAGE_SIZE]:
        (folder / f"{number}.jpg").write_bytes(to_jpeg(np.full((32, 32, 3), int(number) % 256, np.uint8)))
    index = {
        "schema": 1,
        "model": EVALUATION.model,
        "weights_sha256": EVALUATION.weights_sha256,
        "manifest_sha256": EVALUATION.manifest_sha256,
        "n": EVALUATION.n,
        "labels": list(LABELS),
        "faces": [
            {"id": i, "path": f"{label}/{i}.jpg", "source": "s", "group": "g", "label": label}
            for i, label in zip(PREDICTIONS.id, (LABELS[t] for t in PREDICTIONS.true), strict=True)
        ],
    }
    (folder / FACES_FILE).write_text(json.dumps(index))
    monkeypatch.setenv(settings.FACES.name, str(folder))
    return folder


def face_ids(true: int, named: int) -> list[str]:
    rows = [i for i in range(len(PREDICTIONS)) if PREDICTIONS.true[i] == true]
    rows = [i for i in rows if PREDICTIONS.predicted[i] == named]
    rows.sort(key=lambda i: -PREDICTIONS.confidence[i])
    return [PREDICTIONS.id[i] for i in rows]


def figure(app: AppTest) -> dict:
    return json.loads(app.get("plotly_chart")[0].proto.spec)


def heading(app: AppTest) -> str:
    return app.subheader[0].value


def words(app: AppTest) -> str:
    return " ".join(e.value for kind in (app.info, app.warning, app.error, app.caption) for e in kind)


# --- the matrix -----------------------------------------------------------------------------------


def test_a_run_that_was_not_measured_says_how_to(run):
    (run / EVALUATION_FILE).unlink()
    assert "training.evaluate" in visit(run).info[0].value


def test_the_commonest_mistake_is_open_and_its_numbers_are_those_of_sklearn():
    app = visit(SHIPPED_RUNS / RUN)
    counts = confusion_matrix(PREDICTIONS.true, PREDICTIONS.predicted)
    assert [a["text"] for a in figure(app)["layout"]["annotations"]] == [f"{n:,}" for n in counts.flat]
    assert heading(app) == f"{counts[1, 0]} faces: “Worn incorrectly” predicted as “Mask on”"
    assert (app.selectbox(key="mistakes true").value, app.selectbox(key="mistakes named").value) == (1, 0)
    assert f"{counts.trace():,} of {counts.sum():,} faces are correct" in words(app)


def test_the_boxes_open_a_cell_and_frame_it():
    app = visit(SHIPPED_RUNS / RUN)
    app.selectbox(key="mistakes true").set_value(2)
    app.selectbox(key="mistakes named").set_value(2).run()
    assert heading(app) == "897 faces: “No mask” correct"
    frame = figure(app)["layout"]["shapes"][0]
    assert (frame["x0"], frame["y0"]) == (1.5, 1.5)
    sure = app.dataframe[0].value["Probability of No mask"]
    assert sure.is_monotonic_increasing and len(sure) == 897


def test_a_click_opens_its_cell_and_so_does_a_second_one(monkeypatch):
    """Plotly takes its mark away when a marked point is clicked again, and then tells of no point."""
    points = [{"customdata": [2, 1]}]
    chart = SimpleNamespace(selection=SimpleNamespace(points=points))
    state = {"confusion matrix": chart, "mistakes true": 0, "mistakes named": 0}
    monkeypatch.setattr(errors_view.st, "session_state", state)
    errors_view._on_click()
    assert (state["mistakes true"], state["mistakes named"]) == (2, 1)
    state |= {"mistakes true": 0, "mistakes named": 2}  # by the boxes
    points.clear()
    errors_view._on_click()
    assert (state["mistakes true"], state["mistakes named"]) == (2, 1)


def test_rates_and_one_source():
    app = visit(SHIPPED_RUNS / RUN)
    app.segmented_control(key="mistakes cells").set_value("Rates").run()
    assert figure(app)["layout"]["annotations"][0]["text"] == "99%"
    sources = list(EVALUATION.confusion)
    app.selectbox(key=f"mistakes source of {len(sources)}").set_value(sources.index("karan_unmasked")).run()
    texts = [a["text"] for a in figure(app)["layout"]["annotations"]]
    assert texts[:6] == ["–"] * 6 and "No examples of Mask on, Worn incorrectly." in words(app)
    assert heading(app).startswith("0 faces") and "No face is in this cell" in words(app)


def test_another_run_opens_with_its_own_commonest_mistake():
    app = visit(SHIPPED_RUNS / RUN, SHIPPED_RUNS / "gender_wear8-v3")
    app.selectbox(key="mistakes true").set_value(2).run()
    app.selectbox(key="run").set_value("gender_wear8-v3").run()
    assert not app.exception and heading(app) == "29 faces: “Mask on, female” predicted as “Mask on, male”"
    app.selectbox(key="run").set_value(RUN).run()
    assert "“Worn incorrectly” predicted as “Mask on”" in heading(app)


def test_the_csv_holds_every_cell_with_wilsons_interval():
    counts = np.array([[8, 2], [0, 0]])
    rows = cells(counts, ("a", "b")).to_dict("records")
    assert rows[1]["true label"] == "a" and rows[1]["named as"] == "b" and rows[1]["share"] == 0.2
    assert (rows[1]["low"], rows[1]["high"]) == wilson(2, 10)
    assert np.isnan(rows[2]["share"]) and rows[2]["faces of the true label"] == 0


def test_the_sentence_where_nothing_is_wrong_and_where_nothing_is():
    assert sentence(np.diag([3, 4]), ("a", "b")) == "7 of 7 faces are correct (blue): 100.0%."
    assert sentence(np.zeros((2, 2), int), ("a", "b")) == "There are no faces."


def test_labels_of_a_stranger_are_shown_as_they_are(run):
    label = "![x](https://example.org/x.png)<b>"
    for file in (EVALUATION_FILE, PREDICTIONS_FILE):
        text = (run / file).read_text()
        (run / file).write_text(text.replace("incorrect_mask", label))
    app = visit(run)
    assert "\\!\\[x" in heading(app) or "!\\[x" in heading(app)
    assert "<b>" not in figure(app)["layout"]["yaxis"]["ticktext"][1]


# --- the faces ------------------------------------------------------------------------------------


def test_without_pictures_a_table_the_surest_first_and_how_to_get_them():
    app = visit(SHIPPED_RUNS / RUN)
    table = app.dataframe[0].value
    assert table["Face"].tolist() == face_ids(1, 0)
    assert table["Probability of Mask on"].is_monotonic_decreasing
    assert "--faces FOLDER" in app.info[0].value


def test_a_run_without_predictions_says_so(run):
    (run / PREDICTIONS_FILE).unlink()
    app = visit(run)
    assert "predictions.csv" in app.error[0].value and figure(app)


def test_predictions_of_another_evaluation_are_noticed(run):
    lines = (run / PREDICTIONS_FILE).read_text().splitlines(keepends=True)
    (run / PREDICTIONS_FILE).write_text("".join(lines[:-5]))
    assert "holds 1,971 faces, the evaluation counted 1,976" in visit(run).warning[0].value


def test_pictures_a_page_at_a_time(faces):
    app = visit(SHIPPED_RUNS / RUN)
    ids = face_ids(1, 0)
    shown = [b.key.removeprefix("mistakes explain ") for b in app.button if "explain" in (b.key or "")]
    assert shown == ids[:12] and not app.dataframe
    assert "99.8%" in words(app) and "true: Worn incorrectly" in words(app)
    app.get("pagination")[0].set_value(2).run()
    assert words(app).count("cannot be read") == 12  # none of these was written: each says so, nothing breaks
    assert f"{ids[12]}.jpg" in words(app)


def test_only_who_runs_the_server_may_name_a_folder(faces, monkeypatch):
    monkeypatch.setattr(owner, "is_owner", lambda: False)
    app = visit(SHIPPED_RUNS / RUN)
    assert not app.text_input and owner.REFUSED in app.info[0].value and len(app.dataframe) == 1


@pytest.mark.parametrize(
    "changes", [{"weights_sha256": "0"}, {"manifest_sha256": "0"}, {"faces": []}, {"n": -1}, None]
)
def test_a_folder_that_does_not_fit_is_refused_in_words_and_the_table_stays(faces, changes):
    index = json.loads((faces / FACES_FILE).read_text())
    (faces / FACES_FILE).write_text("{" if changes is None else json.dumps(index | changes))
    app = visit(SHIPPED_RUNS / RUN)
    assert str(faces) in words(app) and len(app.dataframe) == 1


def test_a_folder_that_is_not_there(tmp_path):
    app = visit(SHIPPED_RUNS / RUN)
    app.text_input(key="mistakes folder").set_value(str(tmp_path / "![x](y)")).run()
    assert "is not a folder" in app.error[0].value and "![x](" not in app.error[0].value


def test_explain_takes_the_face_to_its_view(faces):
    app = visit(SHIPPED_RUNS / RUN)
    first = face_ids(1, 0)[0]
    app.button(key=f"mistakes explain {first}").click().run()
    face = app.session_state["picked_face"]
    assert app.session_state["view"] == "explain" and face.true_label == LABELS[1]
    assert face.rgb.shape == (32, 32, 3) and first in face.title and RUN in face.title


# --- wrong labels ---------------------------------------------------------------------------------


def corrections(app: AppTest) -> bytes:
    (fixes,) = app.session_state["label corrections"].values()
    return to_csv(fixes.values())


def test_a_wrong_label_is_collected_changed_and_removed(faces):
    app = visit(SHIPPED_RUNS / RUN)
    first, second = face_ids(1, 0)[:2]
    app.selectbox(key=f"mistakes right label {first}").set_value("with_mask").run()
    app.selectbox(key=f"mistakes right label {second}").set_value(NO_FACE).run()
    assert app.subheader[1].value == "2 labels to correct"
    rows = list(csv.DictReader(io.StringIO(corrections(app).decode("utf-8-sig"))))
    assert [(row["path"], row["label"], row["right_label"]) for row in rows] == [
        (f"incorrect_mask/{first}.jpg", "incorrect_mask", "with_mask"),
        (f"incorrect_mask/{second}.jpg", "incorrect_mask", NO_FACE),
    ]
    app.selectbox(key=f"mistakes right label {first}").set_value("without_mask").run()
    assert b"without_mask" in corrections(app)
    app.selectbox(key=f"mistakes right label {first}").set_value(None).run()
    assert app.subheader[1].value == "1 label to correct"
    app.button(key="mistakes corrections remove").click().run()
    assert len(app.subheader) == 1 and app.selectbox(key=f"mistakes right label {second}").value is None


def test_the_list_of_corrections_is_edited():
    places = [BoxKey(f"{i}.jpg") for i in range(3)]
    fixes = {place: LabelFix(place, "a", "b") for place in places}
    changed = label_corrections.edited(fixes, {"edited_rows": {1: {"Right label": "c"}}, "deleted_rows": [2]})
    assert changed == {places[0]: fixes[places[0]], places[1]: LabelFix(places[1], "a", "c")}
    right_after_all = {"edited_rows": {"0": {"Right label": "a"}}}
    assert list(label_corrections.edited(fixes, right_after_all)) == places[1:]


def test_training_reads_what_was_corrected_here(faces, tmp_path):
    from training.data.options import add_data_options, read_data

    app = visit(SHIPPED_RUNS / RUN)
    first = face_ids(1, 0)[0]
    app.selectbox(key=f"mistakes right label {first}").set_value("with_mask").run()
    (tmp_path / "fixes.csv").write_bytes(corrections(app))
    data = tmp_path / "data/incorrect_mask"
    data.mkdir(parents=True)
    for number in (first, "other"):
        (data / f"{number}.jpg").write_bytes(to_jpeg(np.zeros((8, 8, 3), np.uint8)))
    parser = ArgumentParser()
    add_data_options(parser)
    command = ["--data", str(data.parent), "--fixes", str(tmp_path / "fixes.csv")]
    found = {e.path.name: e.label for e in read_data(parser.parse_args(command)).examples}
    assert found == {f"{first}.jpg": "with_mask", "other.jpg": "incorrect_mask"}


def test_a_table_of_many_faces_is_cut(monkeypatch):
    monkeypatch.setattr(gallery, "MAX_ROWS", 10)
    app = visit(SHIPPED_RUNS / RUN)
    assert len(app.dataframe[0].value) == 10 and "the first 10 of 67" in words(app)
    assert isinstance(app.dataframe[0].value, pd.DataFrame)
