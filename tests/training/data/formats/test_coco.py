import json

import pytest
from PIL import Image

from core.errors import RecordError
from training.data.manifest import read_manifest


def dataset(folder, name="_annotations.coco.json", picture="a.png", **changes):
    """One photo with one box in `folder`; `changes` replace lists of the JSON."""
    folder.mkdir(parents=True, exist_ok=True)
    Image.new("RGB", (100, 200)).save(folder / "a.png")
    content = {
        "images": [{"id": 7, "file_name": picture, "width": 100, "height": 200}],
        "categories": [{"id": 0, "name": "Workers"}, {"id": 3, "name": "with_mask"}],
        "annotations": [{"id": 1, "image_id": 7, "category_id": 3, "bbox": [10, 150, 20, 40]}],
    }
    (folder / name).write_text(json.dumps(content | changes))
    return folder / name


def test_the_box_is_left_top_width_height(tmp_path):
    data = dataset(tmp_path)
    for found in (read_manifest(data), read_manifest(tmp_path)):
        (example,) = found.examples
        assert example.box == (10, 150, 30, 190) and example.label == "with_mask"


def test_parts_are_told_by_folder_or_by_the_files_name(tmp_path):
    for part in ("train", "valid", "test"):
        dataset(tmp_path / "by_folder" / part)
    assert [e.split for e in read_manifest(tmp_path / "by_folder").examples] == [
        "test",
        "train",
        "validation",
    ]
    dataset(tmp_path / "by_name" / "annotations", "instances_val2017.json")
    assert [e.split for e in read_manifest(tmp_path / "by_name").examples] == ["validation"]


@pytest.mark.parametrize("name", ["../a.png", "/etc/a.png", "..\\..\\secret.png"])
def test_a_file_name_cannot_lead_out_of_the_folder(tmp_path, name):
    Image.new("RGB", (100, 200)).save(tmp_path / "secret.png")
    dataset(tmp_path / "set", picture=name)
    if "secret" in name:
        with pytest.raises(RecordError, match="no picture called secret"):
            read_manifest(tmp_path / "set")
    else:  # the name alone counts, and that picture is there
        assert read_manifest(tmp_path / "set").examples[0].path == tmp_path / "set" / "a.png"


def test_broken_annotations_are_named_and_the_rest_kept(tmp_path):
    good = {"image_id": 7, "category_id": 3, "bbox": [10, 150, 20, 40]}
    broken = [
        good | {"image_id": 8},
        good | {"category_id": 9},
        good | {"bbox": [10, 150, 95, 40]},
        good | {"bbox": [10, 150, 20]},
        good | {"bbox": None},
        good | {"image_id": [7]},
        {},
        None,
        5,
    ]
    found = read_manifest(dataset(tmp_path, annotations=[good, *broken]))
    assert len(found.examples) == 1
    assert [p.split(":")[0].split()[-1] for p in found.problems] == [str(n) for n in range(2, 11)]


@pytest.mark.parametrize(
    "content", ["", "{", "[]", "7", '{"images": {}, "categories": [], "annotations": []}', "[" * 100_000]
)
def test_what_is_not_coco_is_an_error_that_names_the_file(tmp_path, content):
    path = tmp_path / "faces.json"
    path.write_text(content)
    with pytest.raises(RecordError, match=r"faces\.json"):
        read_manifest(path)


def test_a_byte_order_mark_does_no_harm(tmp_path):
    data = dataset(tmp_path)
    data.write_bytes(b"\xef\xbb\xbf" + data.read_bytes())
    assert len(read_manifest(data).examples) == 1
