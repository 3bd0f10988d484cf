"""Every export is read back by the standard reader of its format."""

from __future__ import annotations

import csv
import io
import json
import math
import posixpath
import zipfile
from datetime import UTC, datetime, timedelta, timezone
from xml.etree import ElementTree

import pandas
import pytest

from core.exports.archive import zip_of
from core.exports.coco import to_coco
from core.exports.names import file_name
from core.exports.tables import events_to_csv, to_csv, to_json
from core.exports.voc import to_voc
from core.labels import CANNOT_TELL, MASK_3, WEAR_4, LabelSet
from core.results import Box, CannotTell, Detection, FaceResult, Prediction, Result
from core.video.counting import Event

ADVICE = 'Come closer, then "try" again.'


def face(
    box: Box = (10.2, 20.0, 50.7, 80.5),
    probabilities: tuple[float, ...] = (0.1, 0.7, 0.2),
    *,
    labels: LabelSet = MASK_3,
    reason: str | None = None,
    visible: float = 1.0,
) -> FaceResult:
    return FaceResult(
        Detection(box, 0.912345, "yunet", visible=visible),
        Prediction(labels, probabilities),
        CannotTell(reason, ADVICE) if reason else None,
    )


def result(*faces: FaceResult, width: int = 100, height: int = 90) -> Result:
    return Result(width, height, faces, "mask3", "yunet", {"decode": 1.23, "detect": 4.56, "classify": 7.89})


TWO = result(face(), face((0, 0, 30, 30), (0.5, 0.3, 0.2), reason="too_small"))
NONE = result()
NAMED = [("a.jpg", TWO), ("empty.jpg", NONE)]

HARD_NAMES = [
    "with, comma.jpg",
    'with "quotes".jpg',
    "with\nnewline.jpg",
    "semi;colon.jpg",
    "Grüße 日本 🌍.jpg",
    " spaces ",
    "it's.jpg",
]
FORMULAS = ["=1+1.jpg", "+1.jpg", "-1.jpg", "@SUM(A1).jpg", "\t=1.jpg", "\r=1.jpg", "\n=1.jpg", "＝1.jpg"]  # noqa: RUF001 - full-width is meant


def rows_of(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text, newline="")))


def test_csv_has_one_row_a_face():
    first, second, empty = rows_of(to_csv(NAMED))
    assert first == {
        "image": "a.jpg",
        "face": "1",
        "x1": "10.2",
        "y1": "20.0",
        "x2": "50.7",
        "y2": "80.5",
        "score": "0.9123",
        "answer": "incorrect_mask",
        "label": "incorrect_mask",
        "probability_with_mask": "0.1",
        "probability_incorrect_mask": "0.7",
        "probability_without_mask": "0.2",
        "reason": "",
        "advice": "",
        "model": "mask3",
        "detector": "yunet",
    }
    assert (second["face"], second["answer"], second["label"]) == ("2", CANNOT_TELL, "with_mask")
    assert (second["reason"], second["advice"]) == ("too_small", ADVICE)
    assert {k: v for k, v in empty.items() if v} == {
        "image": "empty.jpg",
        "model": "mask3",
        "detector": "yunet",
    }


def test_csv_reads_as_numbers_and_missing_values_in_pandas():
    table = pandas.read_csv(io.StringIO(to_csv(NAMED)))
    assert table.shape == (3, 16)
    assert table["probability_incorrect_mask"].tolist()[:2] == [0.7, 0.3]
    assert table["face"].isna().tolist() == [False, False, True]


@pytest.mark.parametrize("name", HARD_NAMES)
def test_names_survive_csv(name):
    text = to_csv([(name, TWO)])
    assert [row["image"] for row in rows_of(text)] == [name, name]
    assert pandas.read_csv(io.StringIO(text, newline=""))["image"].tolist() == [name, name]


@pytest.mark.parametrize("name", FORMULAS)
def test_no_cell_is_a_formula(name):
    (row,) = rows_of(to_csv([(name, result(face()))]))
    assert row["image"] == f"'{name}"


def test_a_semicolon_starts_no_cell_where_it_is_the_separator():
    _, line, _ = to_csv([("a;=1+1.jpg", result(face()))]).split("\r\n")
    assert next(csv.reader([line], delimiter=";"))[0].startswith("a;=1+1.jpg")


def test_csv_of_two_label_sets_leaves_the_others_empty():
    other = result(face(probabilities=(0.4, 0.3, 0.2, 0.1), labels=WEAR_4))
    first, second = rows_of(to_csv([("a.jpg", result(face())), ("b.jpg", other)]))
    assert (first["probability_with_mask"], first["probability_no_mask"]) == ("0.1", "")
    assert (second["probability_with_mask"], second["probability_no_mask"]) == ("", "0.1")


def test_json_has_the_fields_of_the_command_line():
    pictures = json.loads(to_json(NAMED))
    for picture, (name, expected) in zip(pictures, NAMED, strict=True):
        assert picture == expected.as_json(name) | {"model": "mask3", "detector": "yunet"}


@pytest.mark.parametrize("name", HARD_NAMES + FORMULAS)
def test_names_survive_json(name):
    assert json.loads(to_json([(name, TWO)]))[0]["image"] == name


def test_coco_keeps_to_the_formats_rules():
    coco = json.loads(to_coco(NAMED))
    assert set(coco) == {"info", "licenses", "images", "annotations", "categories"}
    for part in ("images", "annotations", "categories"):
        assert [entry["id"] for entry in coco[part]] == list(range(1, len(coco[part]) + 1))
    assert [c["name"] for c in coco["categories"]] == [*MASK_3, CANNOT_TELL]
    assert [(i["file_name"], i["width"], i["height"]) for i in coco["images"]] == [
        ("a.jpg", 100, 90),
        ("empty.jpg", 100, 90),
    ]
    for annotation in coco["annotations"]:
        x, y, width, height = annotation["bbox"]
        assert annotation["image_id"] == 1 and annotation["iscrowd"] == 0
        assert 0 <= x < x + width <= 100 and 0 <= y < y + height <= 90
        assert annotation["area"] == pytest.approx(width * height, abs=0.01)
        assert 0 <= annotation["score"] <= 1


def test_coco_category_is_the_answer_and_the_label_is_kept():
    coco = json.loads(to_coco(NAMED))
    names = {c["id"]: c["name"] for c in coco["categories"]}
    first, second = coco["annotations"]
    assert first["bbox"] == [10.2, 20.0, 40.5, 60.5]
    assert (names[first["category_id"]], first["attributes"]["label"]) == ("incorrect_mask",) * 2
    assert first["attributes"]["cannot_tell"] is None
    assert (names[second["category_id"]], second["attributes"]["label"]) == (CANNOT_TELL, "with_mask")
    assert second["attributes"]["cannot_tell"] == {"reason": "too_small", "advice": ADVICE}
    assert second["attributes"]["probabilities"]["with_mask"] == 0.5


def voc_of(named: list[tuple[str, Result]]) -> dict[str, ElementTree.Element]:
    with zipfile.ZipFile(io.BytesIO(to_voc(named))) as archive:
        assert archive.testzip() is None
        return {name: ElementTree.fromstring(archive.read(name)) for name in archive.namelist()}


def test_voc_has_one_file_a_picture():
    files = voc_of(NAMED)
    assert list(files) == ["a.xml", "empty.xml"]
    root = files["a.xml"]
    assert root.findtext("filename") == "a.jpg"
    assert [root.findtext(f"size/{tag}") for tag in ("width", "height", "depth")] == ["100", "90", "3"]
    assert [thing.findtext("name") for thing in root.iter("object")] == ["incorrect_mask", CANNOT_TELL]
    assert [thing.findtext("difficult") for thing in root.iter("object")] == ["0", "1"]
    assert not list(files["empty.xml"].iter("object"))


BOXES = {  # pixels touched, from 1, both ends included
    "whole picture": ((0, 0, 100, 90), (1, 1, 100, 90)),
    "one pixel": ((0, 0, 1, 1), (1, 1, 1, 1)),
    "last pixel": ((99, 89, 100, 90), (100, 90, 100, 90)),
    "parts of pixels": ((10.2, 20.0, 50.7, 80.5), (11, 21, 51, 81)),
    "outside": ((-5, -5, 200, 200), (1, 1, 100, 90)),
    "thin": ((100, 90, 100, 90), (100, 90, 100, 90)),
}


@pytest.mark.parametrize("case", BOXES)
def test_voc_boxes_are_whole_pixels_inside_the_picture(case):
    box, expected = BOXES[case]
    root = voc_of([("a.jpg", result(face(box)))])["a.xml"]
    found = tuple(int(root.findtext(f"object/bndbox/{tag}")) for tag in ("xmin", "ymin", "xmax", "ymax"))
    assert found == expected


def test_voc_says_which_faces_are_cut_off():
    root = voc_of([("a.jpg", result(face(), face(visible=0.6)))])["a.xml"]
    assert [thing.findtext("truncated") for thing in root.iter("object")] == ["0", "1"]


def test_voc_escapes_names_and_keeps_their_letters():
    (root,) = voc_of([("Grüße & <b>\x07 日本.jpg", TWO)]).values()
    assert root.findtext("filename") == "Grüße & _b_ 日本.jpg"


def test_pictures_of_one_stem_keep_an_annotation_each():
    files = voc_of([("a.jpg", TWO), ("a.png", NONE)])
    assert {name: root.findtext("filename") for name, root in files.items()} == {
        "a.xml": "a.jpg",
        "a (2).xml": "a.png",
    }


def test_a_name_that_occurs_twice_gets_a_number_everywhere():
    same = [("a.jpg", NONE), ("a.jpg", TWO), ("A.JPG", NONE), ("a (2).jpg", NONE)]
    expected = ["a.jpg", "a (2).jpg", "A (3).JPG", "a (2) (2).jpg"]
    assert [picture["image"] for picture in json.loads(to_json(same))] == expected
    assert list(dict.fromkeys(row["image"] for row in rows_of(to_csv(same)))) == expected
    assert [image["file_name"] for image in json.loads(to_coco(same))["images"]] == expected
    assert [root.findtext("filename") for root in voc_of(same).values()] == expected
    with zipfile.ZipFile(io.BytesIO(zip_of((name, b"") for name, _ in same))) as archive:
        assert archive.namelist() == expected


@pytest.mark.parametrize("named", [[], [("none.jpg", NONE)], [("\udcff.jpg", TWO)], [("", TWO)]])
def test_nothing_found_and_odd_names_are_still_files(named):
    assert len(rows_of(to_csv(named).encode().decode())) == sum(max(1, len(r.faces)) for _, r in named)
    assert len(json.loads(to_json(named).encode())) == len(named)
    assert len(json.loads(to_coco(named).encode())["images"]) == len(named)
    assert len(voc_of(named)) == len(named)


def test_a_zip_holds_what_was_given():
    files = [("a.jpg", b"\xff\xd8" * 500), ("notes.txt", b"hello " * 500), ("empty", b"")]
    with zipfile.ZipFile(io.BytesIO(zip_of(files))) as archive:
        assert archive.testzip() is None
        assert [(info.filename, archive.read(info)) for info in archive.infolist()] == files
        sizes = {info.filename: info.compress_size for info in archive.infolist()}
    assert sizes["a.jpg"] == 1000  # a picture is stored as it is
    assert sizes["notes.txt"] < 100


def test_the_same_files_give_the_same_zip():
    assert zip_of([("a.xml", b"a")]) == zip_of([("a.xml", b"a")])


FILE_NAMES = {
    "a.jpg": "a.jpg",
    "../../etc/passwd": "passwd",
    "/etc/passwd": "passwd",
    "..\\..\\windows\\system.ini": "system.ini",
    "C:\\pictures\\a.jpg": "a.jpg",
    "C:a.jpg": "C_a.jpg",
    "..": "picture",
    ".": "picture",
    "": "picture",
    "///": "picture",
    ".htaccess": "htaccess",
    "a.jpg...  ": "a.jpg",
    'what? "why" <how>|*.jpg': "what_ _why_ _how___.jpg",
    "line\nbreak\x00\x1b.jpg": "linebreak.jpg",
    "evil\u202egpj.exe": "evilgpj.exe",
    "con": "_con",
    "NUL.jpg": "_NUL.jpg",
    "com1.tar.gz": "_com1.tar.gz",
    "console.jpg": "console.jpg",
    "https://example.org/photos/b.jpg?token=secret#x": "b.jpg",
    "https://example.org/": "picture",
    "e\u0301.jpg": "\u00e9.jpg",
    "日本.jpg": "日本.jpg",
}


@pytest.mark.parametrize("name", FILE_NAMES)
def test_names_in_a_zip_are_flat_and_safe(name, tmp_path):
    assert file_name(name) == FILE_NAMES[name]
    with zipfile.ZipFile(io.BytesIO(zip_of([(name, b"x")]))) as archive:
        assert archive.namelist() == [FILE_NAMES[name]]
        archive.extractall(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == [FILE_NAMES[name]]


def test_a_long_name_fits_every_disk():
    name = file_name("🌍" * 400 + ".jpeg")
    assert len(name.encode()) <= 250 and posixpath.splitext(name)[1] == ".jpeg"
    assert len(file_name("a." + "b" * 400)) <= 62


NOON = datetime(2026, 3, 1, 12, 0, 0, 123456, UTC)


def test_a_session_log_has_one_row_an_event():
    india = datetime(2026, 3, 1, 17, 30, tzinfo=timezone(timedelta(hours=5.5)))
    text = events_to_csv([Event(NOON, 7, "with_mask", 0.98765), Event(india, 12, CANNOT_TELL, math.nan)])
    assert rows_of(text) == [
        {"time": "2026-03-01T12:00:00.123+00:00", "id": "7", "label": "with_mask", "confidence": "0.988"},
        {"time": "2026-03-01T17:30:00.000+05:30", "id": "12", "label": CANNOT_TELL, "confidence": ""},
    ]


def test_a_session_log_reads_as_times_and_numbers_in_pandas():
    events = [Event(NOON, 1, "with_mask", 0.5), Event(NOON, 2, CANNOT_TELL, math.nan)]
    table = pandas.read_csv(io.StringIO(events_to_csv(events)), parse_dates=["time"])
    assert table["time"][0] == pandas.Timestamp("2026-03-01T12:00:00.123Z")
    assert table["id"].tolist() == [1, 2] and table["confidence"].isna().tolist() == [False, True]


def test_an_empty_session_log_has_its_header():
    assert events_to_csv([]) == '"time","id","label","confidence"\r\n'


@pytest.mark.parametrize("label", FORMULAS + HARD_NAMES)
def test_a_strangers_label_survives_the_session_log_and_is_no_formula(label):
    (row,) = rows_of(events_to_csv([Event(NOON, 1, label, 0.5)]))
    assert row["label"] == (f"'{label}" if label in FORMULAS else label)
