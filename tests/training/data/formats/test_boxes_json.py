import json

import pytest
from PIL import Image

from training.data.manifest import read_manifest


@pytest.fixture
def dataset(tmp_path):
    (tmp_path / "images").mkdir()
    (tmp_path / "annotations").mkdir()
    for name in ("1.jpg", "2.png"):
        Image.new("RGB", (100, 200)).save(tmp_path / "images" / name)
    return tmp_path


def annotate(folder, name, *boxes, file_name=None):
    found = [
        {
            "isProtected": False,
            "ID": number,
            "BoundingBox": box,
            "classname": classname,
            "Confidence": 1,
            "Attributes": {},
        }
        for number, (box, classname) in enumerate(boxes)
    ]
    content = {"FileName": file_name or name, "NumOfAnno": len(found), "Annotations": found}
    (folder / "annotations" / f"{name}.json").write_text(json.dumps(content))


def test_the_box_is_left_top_right_bottom(dataset):
    annotate(dataset, "1.jpg", ([10, 150, 60, 190], "face_with_mask"), ([10, 150, 60, 160], "goggles"))
    annotate(dataset, "2.png", ([5, 6, 70, 80], "face_no_mask"))
    for data in (dataset, dataset / "annotations"):
        found = read_manifest(data)
        assert [(e.path.name, e.label, e.box) for e in found.examples] == [
            ("1.jpg", "with_mask", (10, 150, 60, 190)),
            ("2.png", "without_mask", (5, 6, 70, 80)),
        ]
        assert found.left_out == {"goggles": 1} and found.problems == ()


def test_broken_files_and_boxes_are_named_and_the_rest_kept(dataset):
    annotate(dataset, "1.jpg", ([10, 150, 60, 190], "face_no_mask"), ([10, 150, 190, 160], "face_no_mask"))
    annotate(dataset, "2.png", ([5, 6, 70], "face_no_mask"), ("none", "face_no_mask"), (None, "face_no_mask"))
    annotate(dataset, "3.png", ([5, 6, 70, 80], "face_no_mask"), file_name="../../secret.png")
    (dataset / "annotations" / "4.json").write_text("{")
    (dataset / "annotations" / "5.json").write_text("[1]")
    (dataset / "annotations" / "6.json").write_text('{"FileName": "1.jpg", "Annotations": [7, {}]}')
    (dataset / "annotations" / "7.json").write_text("[" * 100_000)
    found = read_manifest(dataset)
    assert [e.box for e in found.examples] == [(10, 150, 60, 190)]
    assert [p.split(":")[0] for p in found.problems] == [
        "1.jpg.json box 2",
        *(f"2.png.json box {n}" for n in (1, 2, 3)),
        "3.png.json",
        "4.json",
        "5.json",
        "6.json box 1",
        "6.json box 2",
        "7.json",
    ]
    assert "leaves 1.jpg" in found.problems[0]
