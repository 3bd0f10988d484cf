"""Pascal VOC, read back as XML: a file a picture, whole pixels from 1."""

from __future__ import annotations

import pytest

from core.labels import CANNOT_TELL
from tests.core.exports.made import (
    NAMED,
    TWO,
    UNCLEAR,
    face,
    result,
    voc_of,
)


def test_voc_has_one_file_a_picture():
    files = voc_of(NAMED)
    assert list(files) == ["a.xml", "empty.xml"]
    root = files["a.xml"]
    assert root.findtext("filename") == "a.jpg"
    assert [root.findtext(f"size/{tag}") for tag in ("width", "height", "depth")] == ["100", "90", "3"]
    assert [thing.findtext("name") for thing in root.iter("object")] == ["incorrect_mask", CANNOT_TELL]
    assert [thing.findtext("difficult") for thing in root.iter("object")] == ["0", "1"]
    assert not list(files["empty.xml"].iter("object"))


def test_voc_calls_a_face_by_its_label_though_it_is_not_clear_how_its_mask_is_worn():
    (root,) = voc_of([("a.jpg", UNCLEAR)]).values()
    assert (root.findtext("object/name"), root.findtext("object/difficult")) == ("incorrect_mask", "0")


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
