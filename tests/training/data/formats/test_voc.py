import pytest
from PIL import Image

from core.errors import RecordError
from core.labels import MASK_3
from training.data.manifest import read_manifest

BOX = "<bndbox><xmin>{}</xmin><ymin>{}</ymin><xmax>{}</xmax><ymax>{}</ymax></bndbox>"
FACE = f"<object><name>{{}}</name>{BOX}</object>"


@pytest.fixture
def dataset(tmp_path):
    (tmp_path / "images").mkdir()
    (tmp_path / "annotations").mkdir()
    for name in ("a.png", "b.png"):
        Image.new("RGB", (100, 200)).save(tmp_path / "images" / name)
    return tmp_path


def annotate(folder, stem, *faces, filename=None, size=(100, 200), before=""):
    width, height = size
    text = (
        f"{before}<annotation><folder>images</folder><filename>{filename or stem + '.png'}</filename>"
        f"<size><width>{width}</width><height>{height}</height><depth>3</depth></size>"
        f"{''.join(FACE.format(*face) for face in faces)}</annotation>"
    )
    (folder / "annotations" / f"{stem}.xml").write_text(text)


def test_objects_of_all_three_names_are_read(dataset):
    annotate(dataset, "a", ("with_mask", 10, 150, 60, 190), ("mask_weared_incorrect", 1, 2, 30, 40))
    annotate(dataset, "b", ("without_mask", 1.5, 2, 30, 40))
    found = read_manifest(dataset, MASK_3)
    assert [(e.path.name, e.label, e.box) for e in found.examples] == [
        ("a.png", "with_mask", (10, 150, 60, 190)),
        ("a.png", "incorrect_mask", (1, 2, 30, 40)),
        ("b.png", "without_mask", (1.5, 2, 30, 40)),
    ]
    assert found.problems == () and found.examples[0].face_px == 50


def test_a_picture_renamed_with_its_annotation_is_found(dataset):
    annotate(dataset, "b", ("with_mask", 10, 15, 60, 90), filename="IMG_0001.JPG")
    assert read_manifest(dataset).examples[0].path.name == "b.png"


def test_a_file_with_a_doctype_is_not_read(dataset):
    levels = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 9))
    bomb = f'<?xml version="1.0"?><!DOCTYPE annotation [<!ENTITY l0 "ha">{levels}]>'
    annotate(dataset, "a", ("with_mask", 10, 15, 60, 90))
    annotate(dataset, "b", ("&l8;", 10, 15, 60, 90), before=bomb)
    found = read_manifest(dataset)
    assert [e.path.name for e in found.examples] == ["a.png"]
    assert "b.xml: has a DOCTYPE" in found.problems[0]


def test_broken_files_and_objects_are_named_and_the_rest_kept(dataset):
    annotate(
        dataset,
        "a",
        ("with_mask", 10, 15, 60, 90),
        ("with_mask", 10, 15, 160, 90),
        ("with_mask",) + ("",) * 4,
    )
    annotate(dataset, "b", ("with_mask", 1, 2, 3, 4), size=(200, 100))
    annotate(dataset, "c", ("with_mask", 1, 2, 3, 4), filename="../../secret.png")
    (dataset / "annotations" / "d.xml").write_text("<annotation><object>")
    (dataset / "annotations" / "e.xml").write_text("<a>" * 400_000)
    (dataset / "annotations" / "f.xml").write_bytes(b"\xff\xfe\x00")
    found = read_manifest(dataset)
    assert len(found.examples) == 1
    assert [p.split(":")[0] for p in found.problems] == [
        "a.xml object 2",
        "a.xml object 3",
        "b.xml object 1",
        *("c.xml", "d.xml", "e.xml", "f.xml"),
    ]
    assert "made for 200 x 100 pixels" in found.problems[2]


def test_a_set_without_one_good_box_is_an_error(dataset):
    annotate(dataset, "a", ("with_mask", 10, 15, 1000, 90))
    with pytest.raises(RecordError, match=r"no usable row. a\.xml object 1: box"):
        read_manifest(dataset)
