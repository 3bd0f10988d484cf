"""Missed and false faces: as a table, out of a user's folder, and out of what a stranger's rows name."""

import math

import pytest
from PIL import Image
from streamlit.testing.v1 import AppTest

from core import settings
from core.runs.detections import DetectionRow, Detections
from tests.ui.dashboard.conftest import OF_DETECTOR
from ui.dashboard.detection import faces
from ui.dashboard.detection.faces import FALSE, MISSED, PAGE_SIZE, chosen, marks
from ui.server import owner

PHOTO = [row for row in OF_DETECTOR if row.way == "photo"]


@pytest.fixture(autouse=True)
def _no_folder(monkeypatch):
    monkeypatch.delenv(settings.SCENES.name, raising=False)


@pytest.fixture
def scenes(tmp_path):
    """Where the pictures a.png and b.png are; c.png is not."""
    folder = tmp_path / "crowds"
    folder.mkdir()
    for name in ("a.png", "b.png"):
        Image.new("RGB", (100, 100), "#808080").save(folder / name)
    return tmp_path


def page(rows, score):
    from core.runs.detections import DetectionRow, Detections
    from ui.dashboard.detection import faces
    from ui.figures.detection import Measured

    of = Detections.from_rows([DetectionRow(*row) for row in rows])
    faces.show(Measured("mine", "photo", "toy", of, 3, 0.5, 0.5), score)


def visit(rows=PHOTO, score=0.5) -> AppTest:
    plain = [(r.way, r.source, r.picture, r.label, r.box, r.score) for r in rows]
    kwargs = {"rows": plain, "score": score}
    app = AppTest.from_function(page, kwargs=kwargs, default_timeout=30).run()
    assert not app.exception
    return app


def with_folder(app: AppTest, folder) -> AppTest:
    app.text_input(key="detection folder").set_value(str(folder)).run()
    assert not app.exception
    return app


def cards(app: AppTest) -> list[str]:
    return [caption.value for caption in app.caption if "px high" in caption.value]


def test_without_a_folder_the_misses_are_a_table(monkeypatch):
    app = visit()
    table = app.dataframe[0].value
    assert table["Height (px)"].tolist() == [70, 15, 12] and table["Picture"][0] == "crowds/b.png"
    assert table["Score"].tolist()[::2] == [0.2, 0.4] and math.isnan(table["Score"][1])
    assert "3 of 6 faces are missed from score 0.5 on" in app.caption[0].value
    assert "not shipped with runs" in app.info[0].value
    app.segmented_control(key="detection faces").set_value(FALSE).run()
    assert app.dataframe[0].value["Score"].tolist() == [0.8] and not app.exception
    assert app.dataframe[0].value["Label"].tolist() == ["none"]


def test_faces_of_a_height_alone():
    app = visit()
    app.selectbox(key="detection faces height").set_value(0).run()
    assert app.dataframe[0].value["Height (px)"].tolist() == [15, 12]
    app.selectbox(key="detection faces height").set_value(2).run()
    assert "0 of 0 faces are missed" in app.info[0].value and not app.dataframe


def test_with_the_folder_they_are_pictures_and_one_that_is_not_there_is_said(scenes):
    app = with_folder(visit(), scenes)
    assert len(app.get("image")) == 2 and not app.dataframe
    assert cards(app) == [
        "**Missed** · 70 px high · Mask on  \nfound only at score 0.200",
        "**Missed** · 15 px high · Mask on  \nno detection on it",
        "**Missed** · 12 px high · No mask  \nfound only at score 0.400",
    ]
    assert "others/c.png: is not in this folder" in app.warning[0].value
    assert "Dashes: missed" in app.caption[0].value
    app.segmented_control(key="detection faces").set_value(FALSE).run()
    assert cards(app) == ["**Matches no label** · 35 px high  \nscore 0.800"]


def test_many_are_turned_by_page(scenes):
    rows = [
        DetectionRow("photo", "toy", "crowds/a.png", "face", (0, 0, 9, 90 - i), math.nan) for i in range(30)
    ]
    app = with_folder(visit(rows), scenes)
    assert len(app.get("image")) == PAGE_SIZE and "90 px high" in cards(app)[0]
    assert len(app.get("pagination")) == 1


@pytest.mark.parametrize(
    "key", ["../secret.png", "crowds/../../secret.png", "/etc/passwd", "crowds/link.png"]
)
def test_a_strangers_rows_never_leave_the_folder(scenes, key):
    inside = scenes / "inside"
    (inside / "crowds").mkdir(parents=True)
    Image.new("RGB", (9, 9)).save(scenes / "secret.png")
    (inside / "crowds" / "link.png").symlink_to(scenes / "secret.png")
    rows = [DetectionRow("photo", "toy", key, "<b>![x](y)", (0, 0, 9, 9), math.nan)]
    app = with_folder(visit(rows), inside)
    assert not app.get("image") and len(app.warning) == 1
    assert "![x](" not in cards(app)[0]


def test_a_folder_that_is_none_is_said(scenes):
    app = with_folder(visit(), scenes / "nowhere")
    assert "is not a folder" in app.error[0].value and app.dataframe


def test_only_the_owner_of_the_machine_may_name_a_folder(monkeypatch, scenes):
    monkeypatch.setenv(settings.SCENES.name, str(scenes))
    monkeypatch.setattr(owner, "is_owner", lambda: False)
    app = visit()
    assert not app.text_input and not app.get("image") and app.dataframe
    assert "Only for whoever runs this server" in app.info[0].value


def test_the_folder_may_be_named_by_the_environment(monkeypatch, scenes):
    monkeypatch.setenv(settings.SCENES.name, str(scenes))
    assert len(visit().get("image")) == 2


def test_which_are_chosen_and_in_which_order():
    rows = Detections.from_rows(PHOTO)
    assert chosen(rows, MISSED, 0.5).heights.tolist() == [70, 15, 12]
    assert chosen(rows, MISSED, 0.05).heights.tolist() == [15]
    assert chosen(rows, FALSE, 0.05).score.tolist() == [0.8, 0.1]


def test_every_face_and_detection_of_the_picture_is_marked():
    found = marks(Detections.from_rows(PHOTO), "toy", "crowds/a.png", 0.5)
    assert [one.outcome for one in found] == ["found", "found", "missed", "false"]
    assert found[3].box == (60, 60, 90, 95)
    assert [m.outcome for m in marks(Detections.from_rows(PHOTO), "toy", "crowds/a.png", 0.9)] == [
        *("found", "missed", "missed")
    ]
    assert marks(Detections.from_rows(PHOTO), "other", "crowds/a.png", 0.5) == []


def test_the_table_is_bounded(monkeypatch):
    monkeypatch.setattr(faces, "MAX_ROWS", 2)
    app = visit()
    assert len(app.dataframe[0].value) == 2 and "The first 2 are listed" in app.caption[0].value


def test_a_folder_of_other_pictures_is_said_once(scenes):
    elsewhere = scenes / "elsewhere"
    elsewhere.mkdir()
    rows = [DetectionRow("photo", "toy", f"crowds/{i}.png", "face", (0, 0, 9, 9), math.nan) for i in range(9)]
    app = with_folder(visit(rows), elsewhere)
    assert not app.exception and len(app.warning) == 1 and app.dataframe
    assert "None of these pictures is in that folder" in app.warning[0].value
