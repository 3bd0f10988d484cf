import pytest
from PIL import Image

from core.errors import RecordError
from training.data.manifest import read_manifest


@pytest.fixture
def photos(tmp_path):
    """Two photos 100 wide and 200 high, so that swapped axes show."""
    for name in ("1.png", "2.png"):
        (tmp_path / "images").mkdir(exist_ok=True)
        Image.new("RGB", (100, 200)).save(tmp_path / "images" / name)
    return tmp_path


def table(folder, header, *lines, end="\n", encoding="utf-8"):
    path = folder / "train.csv"
    path.write_bytes((end.join([header, *lines]) + end).encode(encoding))
    return path


def test_the_wobot_columns_hold_left_top_right_bottom_in_that_order(photos):
    (example,) = read_manifest(
        table(photos, "name,x1,x2,y1,y2,classname", "1.png,10,150,60,190,face_with_mask")
    ).examples
    assert example.box == (10, 150, 60, 190)
    assert example.label == "with_mask" and example.path == photos / "images" / "1.png"


def test_columns_in_their_usual_order_are_read_by_name(photos):
    (example,) = read_manifest(
        table(photos, "name,x1,y1,x2,y2,classname", "1.png,10,150,60,190,face_with_mask")
    ).examples
    assert example.box == (10, 150, 60, 190)


def test_the_wobot_order_can_be_read_by_name_too(photos):
    data = table(photos, "name,x1,x2,y1,y2,classname", "1.png,10,60,150,190,face_no_mask")
    assert read_manifest(data, format="boxes-by-name").examples[0].box == (10, 150, 60, 190)


def test_a_box_outside_its_picture_is_named_and_kept_out(photos):
    """150 is below the left half of a photo that is 200 high, but beyond the right edge of one 100 wide."""
    found = read_manifest(
        table(
            photos,
            "name,x1,x2,y1,y2,classname",
            "1.png,10,20,150,90,face_with_mask",
            "1.png,10,20,90,150,face_with_mask",
        )
    )
    assert [e.box for e in found.examples] == [(10, 20, 90, 150)]
    (problem,) = found.problems
    assert "train.csv line 2" in problem and "leaves 1.png" in problem and "100 x 200" in problem
    assert "x1, x2, y1, y2 were read as left, top, right, bottom" in problem


def test_things_that_are_no_faces_are_counted_by_name(photos, caplog):
    caplog.set_level("INFO")
    found = read_manifest(
        table(
            photos,
            "name,x1,x2,y1,y2,classname",
            "1.png,10,20,90,150,face_with_mask_incorrect",
            *["1.png,10,20,90,150,hat"] * 2,
            "2.png,10,20,90,150,mask_colorful",
            "2.png,10,20,90,150,face_no_mask",
        )
    )
    assert found.label_names == ("incorrect_mask", "without_mask")
    assert found.left_out == {"hat": 2, "mask_colorful": 1}
    assert found.problems == ()
    assert "3 rows left out, of things that are no faces: hat 2, mask_colorful 1" in caplog.text


def test_faces_of_one_photo_are_one_group(photos):
    line = "1.png,10,20,90,150,face_with_mask"
    data = table(photos, "name,x1,x2,y1,y2,classname", line, line, line.replace("1.png", "2.png"))
    first, second, third = read_manifest(data).examples
    assert first.group == second.group != third.group


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig"])
def test_windows_line_ends_byte_order_mark_and_capital_headers(photos, encoding):
    data = table(
        photos,
        "Name, x1,x2,y1,y2,ClassName",
        "1.png,10,20,90,150,face_no_mask",
        end="\r\n",
        encoding=encoding,
    )
    (example,) = read_manifest(data).examples
    assert example.label == "without_mask" and example.box == (10, 20, 90, 150)


def test_broken_lines_are_named_and_the_rest_kept(photos):
    found = read_manifest(
        table(
            photos,
            "name,x1,x2,y1,y2,classname",
            "absent.png,10,20,90,150,face_no_mask",
            "1.png,ten,20,90,150,face_no_mask",
            "1.png,10,20",
            "../train.csv,10,20,90,150,face_no_mask",
            "2.png,10,20,90,150,face_no_mask",
        )
    )
    assert len(found.examples) == 1
    assert [p.split(":")[0] for p in found.problems] == [f"train.csv line {n}" for n in range(2, 6)]
    assert "no picture called absent.png" in found.problems[0] and "ten" in found.problems[1]


def test_pictures_may_lie_elsewhere(photos, tmp_path_factory):
    elsewhere = table(
        tmp_path_factory.mktemp("csv"), "name,x1,x2,y1,y2,classname", "1.png,10,20,90,150,face_no_mask"
    )
    with pytest.raises(RecordError, match="no picture called"):
        read_manifest(elsewhere)
    assert len(read_manifest(elsewhere, images=photos / "images").examples) == 1


def test_a_table_of_another_kind_cannot_be_read_as_boxes(photos):
    with pytest.raises(RecordError, match="no column 'x1'"):
        read_manifest(table(photos, "path,label", "1.png,with_mask"), format="boxes")
