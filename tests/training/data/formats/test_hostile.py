"""Data that strangers annotated: what cannot be used is named, the rest is kept, and nothing leads out."""

import json
import os
import sys
import time

import pytest
from PIL import Image

from core.errors import RecordError
from training.data.formats.packed import open_pack
from training.data.manifest import read_manifest


@pytest.fixture
def data(tmp_path):
    """A folder with two pictures, and one beside it that is nobody's business."""
    folder = tmp_path / "data"
    folder.mkdir()
    for name in ("data/a.png", "data/b.png", "secret.png"):
        Image.new("RGB", (100, 200)).save(tmp_path / name)
    return folder


def manifest(folder, *paths):
    path = folder / "faces.csv"
    path.write_text("path,label\n" + "".join(f"{name},with_mask\n" for name in ("a.png", *paths)))
    return path


def linked_file(folder):
    (folder / "link.png").symlink_to("../secret.png")
    return "link.png"


def linked_folder(folder):
    (folder / "up").symlink_to("..")
    return "up/secret.png"


WAYS_OUT = {
    "dots": lambda folder: "../secret.png",
    "dots within": lambda folder: "x/../../secret.png",
    "a link": linked_file,
    "a linked folder": linked_folder,
}


@pytest.mark.parametrize("way", WAYS_OUT.values(), ids=WAYS_OUT)
def test_a_path_that_leads_out_of_the_folder_is_refused_by_name(data, way):
    (data / "x").mkdir()
    found = read_manifest(manifest(data, way(data)))
    assert [e.path.name for e in found.examples] == ["a.png"]
    (problem,) = found.problems
    assert problem.startswith("faces.csv line 3: ") and "leads out" in problem and "--images" in problem


def test_a_folder_that_the_user_names_is_read_with_its_links(data):
    linked_folder(data)
    absolute = str(data / "b.png")
    path = manifest(data, absolute, "x/../b.png", "up/secret.png", "../secret.png")
    (data / "x").mkdir()
    found = read_manifest(path)  # within the folder, however it is written
    assert [e.path.name for e in found.examples] == ["a.png", "b.png", "b.png"] and len(found.problems) == 2
    found = read_manifest(path, images=data)
    assert [e.path.name for e in found.examples] == ["a.png", "b.png", "b.png", "secret.png"]
    assert "../secret.png leads out" in found.problems[0]
    above = read_manifest(manifest(data, absolute, str(data.parent / "secret.png")), images=data.parent)
    assert [e.path.name for e in above.examples] == ["b.png", "secret.png"]  # a.png is not in that folder


@pytest.mark.parametrize("value", [None, [7], {"a": 7}, True, [[]], float("nan"), 10**400, "8", -1, 1e300])
@pytest.mark.parametrize("place", ["image", "category", "image_id", "category_id"])
def test_coco_ids_of_any_type_are_named_and_the_rest_kept(data, place, value):
    content = {
        "images": [{"id": 7, "file_name": "a.png"}, {"id": 1, "file_name": "b.png"}],
        "categories": [{"id": 3, "name": "with_mask"}, {"id": 1, "name": "without_mask"}],
        "annotations": [{"image_id": 7, "category_id": 3, "bbox": [10, 150, 20, 40]}] * 2,
    }
    if place in ("image", "category"):
        content["images" if place == "image" else "categories"].append({"id": value, "file_name": "b.png"})
    else:
        content["annotations"][1] = content["annotations"][1] | {place: value}
    (data / "coco.json").write_text(json.dumps(content))
    found = read_manifest(data / "coco.json")
    assert {(e.path.name, e.label) for e in found.examples} == {("a.png", "with_mask")}
    assert len(found.problems) == (place not in ("image", "category"))


def test_absolute_paths_are_of_this_machine_and_counted(data, caplog):
    found = read_manifest(manifest(data, str(data.parent / "secret.png"), str(data / "b.png")))
    assert [e.path.name for e in found.examples] == ["a.png", "secret.png", "b.png"]
    assert "1 pictures are outside of" in caplog.text


def test_coco_ids_may_be_text(data):
    content = {
        "images": [{"id": "one", "file_name": "a.png"}],
        "categories": [{"id": "x", "name": "with_mask"}],
        "annotations": [{"image_id": "one", "category_id": "x", "bbox": [10, 150, 20, 40]}],
    }
    (data / "coco.json").write_text(json.dumps(content))
    assert len(read_manifest(data / "coco.json").examples) == 1


@pytest.mark.parametrize(
    ("where", "field", "value"),
    [
        ("images", "file_name", 7),
        ("images", "file_name", None),
        ("images", "file_name", ["b.png"]),
        ("images", "width", {"a": 1}),
        ("images", "height", 1e999),
        ("categories", "name", None),
        ("categories", "name", 5),
        ("annotations", "bbox", "1234"),
        ("annotations", "bbox", {"1": 2, "2": 3, "3": 4, "4": 5}),
        ("annotations", "bbox", [[1], 2, 3, 4]),
        ("annotations", "bbox", [10**400, 2, 3, 4]),
    ],
)
def test_coco_values_of_other_types_are_named(data, where, field, value):
    content = {
        "images": [{"id": 7, "file_name": "a.png"}, {"id": 8, "file_name": "b.png"}],
        "categories": [{"id": 3, "name": "with_mask"}, {"id": 4, "name": "with_mask"}],
        "annotations": [
            {"image_id": 7, "category_id": 3, "bbox": [10, 150, 20, 40]},
            {"image_id": 8, "category_id": 4, "bbox": [10, 150, 20, 40]},
        ],
    }
    content[where][1][field] = value
    (data / "coco.json").write_text(json.dumps(content))
    found = read_manifest(data / "coco.json")
    assert [e.path.name for e in found.examples] == ["a.png"] and len(found.problems) == 1


def test_pipes_among_the_files_are_passed_over(data):
    (data / "with_mask").mkdir()
    (data / "a.png").rename(data / "with_mask/a.png")
    (data / "b.png").unlink()
    for name in ("with_mask/b.png", "with_mask/c.json", "d.xml"):
        os.mkfifo(data / name)
    (data / "with_mask/e.png").symlink_to("/dev/zero")
    began = time.monotonic()
    assert [e.path.name for e in read_manifest(data).examples] == ["a.png"]
    for name in ("m.csv", "m.h5", "m.json", "m.yaml"):
        os.mkfifo(data / name)
        with pytest.raises(RecordError):
            read_manifest(data / name)
    with pytest.raises(RecordError, match="not a plain file"):
        open_pack(data / "m.h5")
    assert time.monotonic() - began < 5


def test_a_giant_field_costs_its_row_and_a_giant_line_the_file(data):
    path = manifest(data, "x" * 200_000, "b.png")
    found = read_manifest(path)
    assert [e.path.name for e in found.examples] == ["a.png", "b.png"]
    assert "field larger than" in found.problems[0]
    path.write_text("path,label\n" + "x" * 2**21)
    with pytest.raises(RecordError, match="a line of more than"):
        read_manifest(path)


@pytest.mark.parametrize("face_px", ["1e999", "-3", "0", "-inf"])
def test_a_face_has_a_size(data, face_px):
    (data / "faces.csv").write_text(f"path,label,face_px\na.png,x,{face_px}\nb.png,x,9\n")
    found = read_manifest(data / "faces.csv")
    assert [e.face_px for e in found.examples] == [9] and "no size in pixels" in found.problems[0]


@pytest.mark.skipif(sys.platform != "linux", reason="other systems refuse such names themselves")
def test_a_name_that_is_not_utf_8_is_read_and_spelled_out_where_it_is_written(data):
    (data / "with_mask").mkdir()
    (data / "a.png").rename(data / "with_mask/a.png")
    (data / "b.png").rename(data / "with_mask" / os.fsdecode(b"\xe4.png"))
    found = read_manifest(data)
    assert [os.fsencode(e.path.name) for e in found.examples] == [b"a.png", b"\xe4.png"]
    assert found.examples[1].group.endswith("with_mask/\\udce4.png") and found.problems == ()


XML = "<annotation><filename>a.png</filename>{}</annotation>"
BOX = (
    "<object><name>x</name><bndbox><xmin>1</xmin><ymin>1</ymin><xmax>9</xmax><ymax>9</ymax></bndbox></object>"
)


@pytest.mark.parametrize(
    "content",
    [
        '<!DOCTYPE a [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;&a;">]>' + XML.format("<object>&b;</object>"),
        '<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/hostname">]>' + XML.format("<object>&x;</object>"),
        '<?xml version="1.0" encoding="x-unknown"?>' + XML.format(BOX),
        '<?xml version="1.0" encoding="base64"?>' + XML.format(BOX),
        "<a>" * 200_000,
        XML.format(f"<size><width>{'9' * 5000}</width><height>1</height></size>{BOX}"),
    ],
    ids=["entities", "a file", "an encoding", "a codec", "depth", "digits"],
)
def test_xml_that_is_no_annotation_is_named_and_the_rest_kept(data, content):
    (data / "a.xml").write_text(content)
    (data / "b.xml").write_text(XML.format(BOX).replace("a.png", "b.png"))
    found = read_manifest(data)
    assert [e.path.name for e in found.examples] == ["b.png"] and len(found.problems) == 1


@pytest.mark.parametrize(
    "names",
    [
        "&a [*a, *a]",
        "[" * 100_000,
        "{? [1, 2] : x}",
        "{x: y}",
        "&a *a",
    ],
)
def test_yaml_that_names_no_classes_is_a_record_error(data, names):
    (data / "a.txt").write_text("0 .5 .5 .2 .2\n")
    (data / "data.yaml").write_text(f"names: {names}\n")
    with pytest.raises(RecordError):
        read_manifest(data)


@pytest.mark.parametrize("content", ["[" * 100_000, '{"images": 1e999}', "NaN", '{"a":' * 50_000, "\x00"])
def test_json_that_is_no_data_is_named(data, content):
    (data / "coco.json").write_text(content)
    with pytest.raises(RecordError, match=r"coco\.json"):
        read_manifest(data / "coco.json")
