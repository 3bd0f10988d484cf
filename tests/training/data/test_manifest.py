import math
from dataclasses import replace

import cv2
import numpy as np
import pytest

from core.errors import ImageError, RecordError
from core.labels import MASK_2
from training.data.crops import load_crop, load_crops
from training.data.manifest import read_manifest


@pytest.fixture
def pictures(tmp_path):
    """Three files: red, green, and one that is no picture."""
    cv2.imwrite(str(tmp_path / "red.png"), np.full((40, 60, 3), (0, 0, 200), np.uint8))
    cv2.imwrite(str(tmp_path / "green.png"), np.full((50, 50, 3), (0, 200, 0), np.uint8))
    (tmp_path / "broken.png").write_bytes(b"\x89PNG\r\n\x1a\n and no more")
    return tmp_path


def manifest(folder, *lines, header="path,label"):
    path = folder / "faces.csv"
    path.write_text("\n".join([header, *lines]) + "\n")
    return path


def test_only_path_and_label_are_needed(pictures):
    (example,) = read_manifest(manifest(pictures, "red.png,with_mask"), MASK_2).examples
    assert example.label == "with_mask"
    assert example.source == pictures.name  # the folder, where no source is given
    assert example.box is None and example.split == "" and math.isnan(example.face_px)


def test_every_column_is_read_and_groups_of_two_sources_differ(pictures):
    header = "path,label,x1,y1,x2,y2,source,group,split,face_px,unknown"
    rows = "red.png,with_mask,1,2,11,22,a,7,train,20,x", "green.png,without_mask,,,,,b,7,test,,x"
    first, second = read_manifest(manifest(pictures, *rows, header=header), MASK_2).examples
    assert first.box == (1, 2, 11, 22) and first.face_px == 20 and first.split == "train"
    assert second.box is None and second.split == "test"
    assert first.group != second.group


def test_a_broken_row_is_named_and_counted_and_the_rest_kept(pictures):
    header = "path,label,x1,y1,x2,y2"
    found = read_manifest(
        manifest(
            pictures,
            "red.png,with_mask,1,2,11,22",
            "absent.png,with_mask,,,,",
            "red.png,,,,,",
            "red.png,with_mask,11,2,1,22",
            "red.png,with_mask,1,2,,",
            "red.png,with_mask,nan,2,1,22",
            "red.png,with_mask,0,0,inf,22",
            ",with_mask,,,,",
            f"{'9' * 5000},with_mask,,,,",
            "\x1b[2Jred.png,with_mask,,,,",
            "red.png",
            "green.png,without_mask,,,,",
            header=header,
        ),
        MASK_2,
    )
    assert [e.path.name for e in found.examples] == ["red.png", "green.png"]
    assert [p.split(":")[0] for p in found.problems] == [f"faces.csv line {n}" for n in range(3, 13)]
    assert "no picture at absent.png" in found.problems[0]
    assert "no label" in found.problems[1]
    assert max(map(len, found.problems)) < 400 and "\x1b" not in "".join(found.problems)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "It is empty"),
        (b"path,label\n", "It is empty"),
        (b"image,class\nred.png,with_mask\n", "no column 'label'"),
        (b"path,label\n\xff\xfe\x00,with_mask\n", "path,label"),
    ],
)
def test_a_manifest_without_a_usable_row_says_what_is_wrong(pictures, content, said):
    path = pictures / "faces.csv"
    path.write_bytes(content)
    with pytest.raises(RecordError, match=said):
        read_manifest(path, MASK_2)


def test_an_absent_manifest_is_a_record_error(tmp_path):
    with pytest.raises(RecordError, match="nowhere"):
        read_manifest(tmp_path / "nowhere.csv", MASK_2)


def test_a_folder_of_folders_is_a_manifest(tmp_path):
    for label in ("with_mask", "without_mask", "other"):
        (tmp_path / label).mkdir()
        cv2.imwrite(str(tmp_path / label / "a.png"), np.zeros((8, 8, 3), np.uint8))
    found = read_manifest(tmp_path, MASK_2)
    assert [(e.label, e.path.name) for e in found.examples] == [
        ("with_mask", "a.png"),
        ("without_mask", "a.png"),
    ]
    assert found.problems == () and found.left_out == {"other": 1}


def test_other_labels_are_counted_and_said_in_one_line(pictures, caplog):
    caplog.set_level("INFO")
    rows = "red.png,with_mask", "green.png,b", "red.png,b", "red.png,without_mask"
    found = read_manifest(manifest(pictures, *rows))
    assert found.label_names == ("b", "with_mask", "without_mask") and found.left_out == {}
    kept = found.only(MASK_2)
    assert [e.label for e in kept.examples] == ["with_mask", "without_mask"]
    assert kept.left_out == {"b": 2} and kept.problems == () and kept.sha256 == found.sha256
    said = [r.message for r in caplog.records if r.levelname == "INFO"]
    assert said == ["2 rows left out, not labels of mask2: b 2"]
    assert read_manifest(manifest(pictures, *rows), MASK_2).left_out == kept.left_out


def test_labels_that_none_has_are_an_error_that_names_those_there(pictures):
    with pytest.raises(RecordError, match="The data has: a, b"):
        read_manifest(manifest(pictures, "red.png,a", "green.png,b"), MASK_2)


def test_class_names_of_other_people_become_labels(pictures, caplog):
    caplog.set_level("INFO")
    found = read_manifest(manifest(pictures, "red.png,Mask", "green.png,no-mask"), MASK_2)
    assert [e.label for e in found.examples] == ["with_mask", "without_mask"]
    assert "Mask is with_mask, no-mask is without_mask" in caplog.text


@pytest.mark.parametrize(
    ("given", "split"), [("valid", "validation"), ("VAL", "validation"), ("mine", "mine")]
)
def test_names_of_the_validation_part_are_one(pictures, given, split):
    data = manifest(pictures, f"red.png,with_mask,{given}", header="path,label,split")
    assert read_manifest(data).examples[0].split == split


def test_a_face_is_as_large_as_its_box(pictures):
    header = "path,label,x1,y1,x2,y2,face_px"
    rows = "red.png,with_mask,1,2,11,22,", "red.png,with_mask,1,2,11,22,90"
    assert [e.face_px for e in read_manifest(manifest(pictures, *rows, header=header)).examples] == [20, 90]


def test_windows_line_ends_and_a_byte_order_mark_do_no_harm(pictures):
    data = pictures / "faces.csv"
    data.write_bytes(b"\xef\xbb\xbfpath,label\r\nred.png,with_mask\r\n")
    assert read_manifest(data).examples[0].label == "with_mask"


def test_a_manifest_may_name_pictures_anywhere(pictures, tmp_path_factory):
    elsewhere = tmp_path_factory.mktemp("elsewhere")
    (example,) = read_manifest(manifest(elsewhere, f"{pictures / 'red.png'},with_mask")).examples
    assert example.path == pictures / "red.png"


def test_the_hash_names_the_content(pictures):
    one = read_manifest(manifest(pictures, "red.png,with_mask"), MASK_2).sha256
    again = read_manifest(manifest(pictures, "red.png,with_mask"), MASK_2).sha256
    other = read_manifest(manifest(pictures, "red.png,without_mask"), MASK_2).sha256
    assert one == again != other


def test_a_box_is_cropped_with_the_margin_in_rgb(pictures):
    rows = manifest(pictures, "red.png,with_mask,10,10,30,30", header="path,label,x1,y1,x2,y2")
    (example,) = read_manifest(rows, MASK_2).examples
    crop = load_crop(example, crop_scale=1.5)
    assert crop.shape == (30, 30, 3)
    assert crop[0, 0].tolist() == [200, 0, 0]


@pytest.mark.parametrize("box", ["100,100,120,120", "0,0,1e9,1e9", "-1e9,0,-9e8,5"])
def test_a_box_that_the_picture_does_not_hold_is_an_image_error(pictures, box):
    rows = manifest(pictures, f"red.png,with_mask,{box}", header="path,label,x1,y1,x2,y2")
    with pytest.raises(RecordError, match=r"line 2: box .* leaves red\.png, which has 60 x 40 pixels"):
        read_manifest(rows, MASK_2)
    whole = read_manifest(manifest(pictures, "red.png,with_mask")).examples[0]
    with pytest.raises(ImageError, match=r"red\.png"):  # the picture may have become another one since
        load_crop(replace(whole, box=tuple(map(float, box.split(",")))), crop_scale=1.5)


def test_an_unreadable_picture_is_named_and_the_rest_loaded_in_order(pictures):
    rows = manifest(pictures, "red.png,with_mask", "broken.png,with_mask", "green.png,without_mask")
    crops, kept, unreadable = load_crops(read_manifest(rows, MASK_2).examples, 16, 1.5)
    assert crops.shape == (2, 16, 16, 3) and crops.dtype == np.uint8
    assert [e.path.name for e in kept] == ["red.png", "green.png"]
    assert crops[0, 8, 8].tolist() == [200, 0, 0] and crops[1, 8, 8].tolist() == [0, 200, 0]
    assert len(unreadable) == 1 and "broken.png" in unreadable[0]
