"""The faces of an evaluation are kept in the reading that evaluates them, as the data has them."""

import shutil

import cv2
import numpy as np
import pytest

from core.classification.classifier import load_classifier
from core.labels import WEAR_4
from core.models import installed
from core.runs.evaluation import read_evaluation
from core.runs.face_folder import FACES_FILE, read_face_folder
from core.runs.label_fixes import NO_FACE, BoxKey, LabelFix, to_csv
from core.runs.predictions import read_predictions
from training import evaluate, pack
from training.data.crops import load_crops
from training.data.manifest import read_manifest

CARD = load_classifier(installed.DEFAULT).card


@pytest.fixture
def data(tmp_path):
    """Two faces in one photo, a third alone, one that cannot be read, one that the model has no label for."""
    y, x = np.mgrid[:90, :120]
    photo = np.stack([2 * x, 250 - 2 * y, x + y], axis=-1).astype(np.uint8)
    (tmp_path / "data").mkdir()
    for name in ("crowd.png", "alone.png"):
        cv2.imwrite(str(tmp_path / "data" / name), photo)
    (tmp_path / "data/broken.png").write_bytes(b"no picture")
    (tmp_path / "data/faces.csv").write_text(
        "path,label,x1,y1,x2,y2,group\n"
        "broken.png,with_mask,,,,,z\n"
        "crowd.png,covers_mouth_only,10,10,40,50.5,g\n"
        "crowd.png,no_mask,60,10,90,50,g\n"
        "alone.png,cat,,,,,k\n"
        "alone.png,covers_nose_and_mouth,,,,,h\n"
    )
    return tmp_path / "data/faces.csv"


@pytest.fixture
def model(tmp_path):
    return shutil.copytree(installed.SHIPPED / installed.DEFAULT, tmp_path / "model")


def run(model, data, faces, *options):
    command = [str(model), "--data", str(data), "--runs", str(data.parent / "runs"), "--faces", str(faces)]
    return evaluate.main([*command, "--class", "cat=", *options])


def test_pictures_are_what_the_network_saw_and_places_are_those_of_the_data(model, data, tmp_path):
    assert run(model, data, tmp_path / "new/faces", "--record-as", "outside") == 0
    faces = read_face_folder(tmp_path / "new/faces")
    evaluation = read_evaluation(model, "outside")
    faces.require(evaluation)
    said = read_predictions(model, evaluation.labels.names, "outside")
    assert said.id.tolist() == list(faces.faces) == ["0", "1", "2"]
    assert [face.place for face in faces.index.faces] == [
        BoxKey("crowd.png", None, (10, 10, 40, 50.5)),
        BoxKey("crowd.png", None, (60, 10, 90, 50)),
        BoxKey("alone.png"),
    ]
    # Scored as mask3, yet a correction must speak as the data does.
    assert evaluation.labels.set == "mask3"
    assert next(face.label for face in faces.index.faces) == "covers_mouth_only"
    assert set(faces.index.labels) == {"covers_mouth_only", "no_mask", "covers_nose_and_mouth"}
    readable = read_manifest(data, WEAR_4).examples
    crops, _, _ = load_crops(readable, CARD.input_size, CARD.crop_scale)
    assert len(crops) == 3
    for number, crop in enumerate(crops):
        kept = faces.picture(str(number)).rgb
        assert np.abs(kept.astype(int) - crop).mean() < 2


def test_without_a_record_too_and_read_once(model, data, tmp_path, monkeypatch):
    read = []
    monkeypatch.setattr(
        "training.evaluation.classifier.load_crops", lambda *a: read.append(a) or load_crops(*a)
    )
    assert run(model, data, tmp_path / "faces") == 0
    assert len(read) == 1 and read_face_folder(tmp_path / "faces").index.n == 3
    assert not (model / "evaluation.json").exists()


def test_packed_faces_go_by_their_row(model, data, tmp_path):
    packed = tmp_path / "faces.h5"
    assert pack.main(["--data", str(data), "--output", str(packed), "--size", str(CARD.input_size)]) == 0
    assert run(model, packed, tmp_path / "faces") == 0
    places = [face.place for face in read_face_folder(tmp_path / "faces").index.faces]
    assert places == [BoxKey("faces.h5", 0), BoxKey("faces.h5", 1), BoxKey("faces.h5", 3)]


def test_corrections_are_evaluated_and_make_the_faces_those_of_other_data(model, data, tmp_path, capfd):
    assert run(model, data, tmp_path / "before") == 0
    fixes = [
        LabelFix(face.place, face.label, right)
        for face, right in zip(
            read_face_folder(tmp_path / "before").index.faces, ("no_mask", NO_FACE), strict=False
        )
    ]
    (tmp_path / "fixes.csv").write_bytes(to_csv(fixes))
    assert run(model, data, tmp_path / "after", "--fixes", str(tmp_path / "fixes.csv")) == 0
    before, after = (read_face_folder(tmp_path / name).index for name in ("before", "after"))
    assert [face.label for face in after.faces] == ["no_mask", "covers_nose_and_mouth"]
    assert before.manifest_sha256 != after.manifest_sha256


def test_a_folder_that_holds_something_is_refused_before_any_work(model, data, tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(evaluate, "evaluate_classifier", lambda *a, **k: pytest.fail("evaluated"))
    for place in (data.parent, data):
        with pytest.raises(SystemExit) as stop:
            run(model, data, place)
        assert stop.value.code == 1
    assert not (data.parent / FACES_FILE).exists()
    assert "is not empty" in capsys.readouterr().err
