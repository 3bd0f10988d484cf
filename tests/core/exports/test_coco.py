"""COCO by the rules of the format: numbers from 1, boxes inside the picture, the answer as category."""

from __future__ import annotations

import json

import pytest

from core.exports.coco import to_coco
from core.labels import CANNOT_TELL, MASK_3
from tests.core.exports.made import (
    ADVICE,
    NAMED,
    UNCLEAR,
)


def test_coco_calls_a_face_by_its_label_though_it_is_not_clear_how_its_mask_is_worn():
    coco = json.loads(to_coco([("a.jpg", UNCLEAR)]))
    names = {category["id"]: category["name"] for category in coco["categories"]}
    assert [names[a["category_id"]] for a in coco["annotations"]] == ["incorrect_mask"]
    assert list(names.values()) == [*MASK_3, CANNOT_TELL]


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
    assert second["attributes"]["probabilities"]["with_mask"] == 0.6
