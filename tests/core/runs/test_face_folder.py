import json

import numpy as np
import pytest

from core.errors import ImageError, RecordError
from core.images.encode import to_jpeg
from core.runs.catalog import SHIPPED_RUNS
from core.runs.evaluation import read_evaluation
from core.runs.face_folder import FACES_FILE, located, read_face_folder
from core.runs.label_fixes import BoxKey

EVALUATION = read_evaluation(SHIPPED_RUNS / "mask3-v1")
JPEG = to_jpeg(np.full((48, 48, 3), 90, np.uint8))


def face(number, **changes):
    face = {"id": str(number), "path": f"{number}.png", "source": "s", "group": "g", "label": "with_mask"}
    return face | changes


@pytest.fixture
def folder(tmp_path):
    folder = tmp_path / "faces"
    folder.mkdir()
    for number in range(2):
        (folder / f"{number}.jpg").write_bytes(JPEG)
    index(folder)
    return folder


def index(folder, **changes):
    record = {
        "schema": 1,
        "model": "mask3",
        "weights_sha256": EVALUATION.weights_sha256,
        "manifest_sha256": EVALUATION.manifest_sha256,
        "n": 2,
        "labels": ["with_mask", "without_mask"],
        "faces": [face(0), face(1, row=3, path="faces.h5")],
    }
    (folder / FACES_FILE).write_text(json.dumps(record | changes))


def test_pictures_and_places_by_id(folder):
    faces = read_face_folder(folder)
    assert faces.picture("1").rgb.shape == (48, 48, 3)
    assert faces.faces["1"].place == BoxKey("faces.h5", 3)


def test_faces_of_another_evaluation_are_refused_with_all_that_differs(folder):
    read_face_folder(folder).require(EVALUATION.model_copy(update={"n": 2}))
    index(folder, weights_sha256="0", manifest_sha256="1")
    with pytest.raises(RecordError, match="of another model and of other data and of 2 faces, not 1,976"):
        read_face_folder(folder).require(EVALUATION)


@pytest.mark.parametrize(
    "changes",
    [
        {"n": 3},
        {"faces": [face(0), face(0)]},
        {"faces": [face("../0"), face(1)]},
        {"faces": [face("٣"), face(1)]},
        {"faces": [face(0, box=[0, 0, "nan", 1]), face(1)]},
        {"faces": [face(0, path="x" * 5000), face(1)]},
        {"labels": ["x" * 101]},
        {"labels": [str(i) for i in range(65)]},
        {"schema": 2},
        {"more": 1},
    ],
    ids=[
        "n",
        "twice",
        "leads out",
        "other digits",
        "nan",
        "long",
        "long label",
        "labels",
        "schema",
        "unknown",
    ],
)
def test_an_index_that_cannot_be_right_is_refused(folder, changes):
    index(folder, **changes)
    with pytest.raises(RecordError, match=r"faces\.json: "):
        read_face_folder(folder)


def test_a_link_is_not_followed(folder, tmp_path):
    (tmp_path / "secret.jpg").write_bytes(JPEG)
    (folder / "0.jpg").unlink()
    (folder / "0.jpg").symlink_to(tmp_path / "secret.jpg")
    (folder / "1.jpg").unlink()
    (folder / "1.jpg").symlink_to("1.jpg")
    faces = read_face_folder(folder)
    for number in "01":
        with pytest.raises(ImageError, match=f"{number}.jpg: "):
            faces.picture(number)
    (folder / FACES_FILE).rename(tmp_path / FACES_FILE)
    (folder / FACES_FILE).symlink_to(tmp_path / FACES_FILE)
    with pytest.raises(RecordError, match="is a link"):
        read_face_folder(folder)


@pytest.mark.parametrize(
    "content",
    [b"", b"no picture", b"\xff" * (5 * 2**20), to_jpeg(np.zeros((2100, 2100, 3), np.uint8))],
    ids=["empty", "text", "large", "many pixels"],
)
def test_what_is_no_crop_is_an_image_error(folder, content):
    (folder / "0.jpg").write_bytes(content)
    with pytest.raises(ImageError, match=r"0\.jpg"):
        read_face_folder(folder).picture("0")


def test_a_picture_that_is_not_there_or_a_folder_or_not_named(folder):
    (folder / "0.jpg").unlink()
    (folder / "1.jpg").unlink()
    (folder / "1.jpg").mkdir()
    for number in ("0", "1", "2", "../0"):
        with pytest.raises(ImageError):
            read_face_folder(folder).picture(number)


def test_a_folder_as_people_write_it(folder, monkeypatch):
    monkeypatch.setenv("HOME", str(folder.parent))
    assert located(' "~/faces" ') == located(f"'{folder}/'") == folder.resolve()
    for text in ("~nobody-of-this-name/x", "a\0b", str(folder / "0.jpg"), str(folder / "no"), "x" * 5000):
        with pytest.raises(RecordError, match="is not a folder"):
            located(text)
