"""Data that would be read, but wrongly: what shows it, and what is said."""

import json

import pytest

from core.errors import RecordError
from tests.training.data.formats import made
from training.data.formats import detect
from training.data.formats.readings import CORNERS, MIDDLES, SIDES, Readings, scale_problem
from training.data.manifest import read_manifest

X1, Y1, X2, Y2 = made.BOX
SIDED = (X1, Y1, X2 - X1, Y2 - Y1)


def table(folder, columns, cells, picture="path", label="label"):
    made.table(folder, f"{picture},{label},{columns}", lambda name, said: (name, said, *cells))
    return folder / "data.csv"


@pytest.mark.parametrize(
    ("columns", "cells"),
    [
        ("startX,startY,endX,endY", made.BOX),
        ("x_top_left,y_top_left,x_bottom_right,y_bottom_right", made.BOX),
        ("minx,miny,maxx,maxy", made.BOX),
        ("ulx,uly,lrx,lry", made.BOX),
        ("x0,y0,x1,y1", made.BOX),
        ("x,y,x2,y2", made.BOX),
        ("col1,row1,col2,row2", made.BOX),
        ("top,left,bottom,right", (Y1, X1, Y2, X2)),
        ("face_x,face_y,face_w,face_h", SIDED),
        ("bbox_x,bbox_y,bbox_width,bbox_height", SIDED),
        ("x1,y1,width,height", SIDED),
        ("xmin,ymin,w,h", SIDED),
        ("center_x,center_y,width,height", (70, 60, 60, 60)),
        ("cx,cy,w,h", (0.4375, 0.5, 0.375, 0.5)),
    ],
)
@pytest.mark.parametrize(("picture", "label"), [("path", "label"), ("filename", "class")])
def test_a_box_is_read_however_its_columns_are_called(columns, cells, picture, label, tmp_path):
    found = read_manifest(table(tmp_path, columns, cells, picture, label))
    assert len(found.examples) == 8 and found.problems == ()
    for face in found.examples:
        assert face.box == pytest.approx(made.BOX, abs=0.01)


@pytest.mark.parametrize(
    ("columns", "cells"),
    [
        ("where", ("40 30 100 90",)),
        ("where", ("[40, 30, 60, 60]",)),
        ("where", ("{'x': 40, 'y': 30, 'w': 60, 'h': 60}",)),
        ("a,b,c,d", made.BOX),
        ("a,b,c,d", (0.25, 0.25, 0.625, 0.75)),
    ],
)
def test_what_holds_boxes_under_any_name_is_never_passed_over(columns, cells, tmp_path):
    with pytest.raises(RecordError, match=rf"columns {columns.replace(',', ', ')} look like a box"):
        read_manifest(table(tmp_path, columns, cells))


@pytest.mark.parametrize("cells", [("2020-01-02 10:11:12", 7, "a"), (1, 0, 1, 0, 1), (33, 12.5, -4, 0.9)])
def test_other_columns_are_named_and_passed_over(cells, tmp_path):
    names = [f"c{n}" for n in range(len(cells))]
    found = read_manifest(table(tmp_path, ",".join(names), cells))
    assert len(found.examples) == 8 and found.notes[0].endswith(f"not read: {', '.join(names)}")


def test_a_table_without_a_header_and_two_columns_of_one_name_are_refused(tmp_path):
    made.photos(tmp_path)
    (tmp_path / "a.csv").write_text("p0.png,mask,40,30,100,90\np1.png,nomask,40,30,100,90\n")
    with pytest.raises(RecordError, match=r"The first line, p0\.png, mask, 40.*names no columns"):
        read_manifest(tmp_path / "a.csv")
    (tmp_path / "b.csv").write_text("path,label,label\np0.png,mask,nomask\n")
    with pytest.raises(RecordError, match="Two columns are called 'label'"):
        read_manifest(tmp_path / "b.csv")


@pytest.mark.parametrize("orientation", range(2, 9))
@pytest.mark.parametrize(("picture", "label"), [("path", "label"), ("filename", "class")])
def test_a_table_of_boxes_on_turned_photos_is_refused_until_it_is_said_how_they_were_drawn(
    picture, label, orientation, tmp_path
):
    made.photos(tmp_path, orientation=orientation)
    lines = [f"p{n}.png,{said},50,20,90,80" for n, said in enumerate(made.LABELS)]
    (tmp_path / "data.csv").write_text("\n".join([f"{picture},{label},x1,y1,x2,y2", *lines]))
    with pytest.raises(RecordError, match=r"marked as turned \(EXIF\).*--turned-boxes stored"):
        read_manifest(tmp_path / "data.csv")
    upright = read_manifest(tmp_path / "data.csv", turned_boxes="upright")
    assert {face.box for face in upright.examples} == {(50, 20, 90, 80)}
    stored = {
        2: (70, 20, 110, 80),
        3: (70, 40, 110, 100),
        4: (50, 40, 90, 100),
        5: (20, 50, 80, 90),
        6: (80, 50, 140, 90),
        7: (80, 30, 140, 70),
        8: (20, 30, 80, 70),
    }
    found = read_manifest(tmp_path / "data.csv", turned_boxes="stored")
    assert {face.box for face in found.examples} == {stored[orientation]}


@pytest.mark.parametrize(
    ("kind", "boxes", "said"),
    [
        (SIDES, [(90, 60, 230, 150), (80, 50, 210, 130), (20, 20, 50, 60)], "left, top, right, bottom"),
        (CORNERS, [(90, 60, 40, 40), (80, 50, 50, 50), (20, 20, 30, 40)], "left, top, width, height"),
        (MIDDLES, [(-10, -5, 50, 45), (-5, 10, 45, 60), (30, 30, 70, 70)], "left, top, width, height"),
    ],
)
def test_boxes_that_fit_only_as_something_else_are_refused_together(kind, boxes, said):
    readings = Readings(kind)
    for box in boxes:
        readings.add(box, (160, 120, 1))
    with pytest.raises(RecordError, match=rf"2 of 3 boxes fit their pictures only if .* {said},"):
        readings.require("here")
    only = {SIDES: (100, 5, 140, 35), CORNERS: (100, 80, 140, 110), MIDDLES: (110, 70, 158, 118)}
    readings.add(only[kind], (160, 120, 1))
    readings.require("here")  # one that fits only as it was read


def test_columns_in_the_order_of_a_data_set_that_hold_what_they_are_called_are_refused(tmp_path):
    made.table(
        tmp_path,
        "name,x1,x2,y1,y2,classname",
        lambda name, label: (name, *((10, 50, 60, 100) if name == "p0.png" else (40, 100, 30, 90)), label),
    )
    with pytest.raises(RecordError, match=r"7 of 8 boxes .*left, right, top, bottom.*--format boxes-by-name"):
        read_manifest(tmp_path / "data.csv")
    found = read_manifest(tmp_path / "data.csv", format="boxes-by-name")
    assert found.examples[0].box == (10, 60, 50, 100) and found.examples[1].box == made.BOX


def test_coco_with_corners_for_sides_is_refused(tmp_path):
    made.coco(tmp_path)
    path = tmp_path / "_annotations.coco.json"
    content = json.loads(path.read_text())
    for n, annotation in enumerate(content["annotations"]):
        annotation["bbox"] = [80 + n, 50, 140, 110]
    path.write_text(json.dumps(content))
    with pytest.raises(RecordError, match=r"8 of 8 boxes .*left, top, right, bottom"):
        read_manifest(tmp_path)


def test_percent_and_thousandths_are_told_from_pixels():
    """By how unlikely it is that every face lies in one corner of a large picture."""
    percent = [((n, 20 + n, 40 + n, 70), (640, 480)) for n in range(12)]
    assert scale_problem(percent) == (
        "no number of any box is above 100: they look like percent of the pictures' sizes",
        True,
    )
    thousandths = [((200 + n, 300, 400, 700 + n), (4000, 3000)) for n in range(12)]
    assert "thousandths" in scale_problem(thousandths)[0]
    assert scale_problem([((40, 30, 100, 90), (160, 120))] * 50) == ("", False)
    assert scale_problem([*percent, ((10, 20, 101, 90), (640, 480))]) == ("", False)
    assert scale_problem([((25, 25, 62.5, 75), (160, 120))])[1] is False  # said, and read as pixels


def test_percent_is_refused_in_a_table(tmp_path):
    made.table(
        tmp_path, "path,label,x1,y1,x2,y2", lambda n, label: (n, label, 5 + int(n[1]), 5, 9 + int(n[1]), 9)
    )
    for path in tmp_path.glob("*.png"):
        made.picture().resize((1600, 1200)).save(path)
    with pytest.raises(RecordError, match=r"look like percent of the pictures' sizes.*in shares from 0 to 1"):
        read_manifest(tmp_path / "data.csv")


@pytest.mark.parametrize(
    ("names", "said"),
    [
        (
            {"classes.txt": "with_mask\nwithout_mask\n", "data.yaml": "names: [no_mask, mask]"},
            "calls class 0",
        ),
        ({"classes.txt": "\nwith_mask\nwithout_mask\n"}, "an empty line between names"),
        ({"classes.txt": "with_mask\n"}, "class numbers 1 have no name. Named are 0 with_mask"),
    ],
)
def test_yolos_names_that_leave_open_which_number_is_meant_are_refused(names, said, tmp_path):
    made.yolo(tmp_path)
    for name, text in names.items():
        (tmp_path / name).write_text(text)
    with pytest.raises(RecordError, match=said):
        read_manifest(tmp_path)


def test_two_lists_that_say_the_same_are_one(tmp_path):
    made.yolo(tmp_path)
    (tmp_path / "data.yaml").write_text("names: [Mask, no-mask]")
    assert read_manifest(tmp_path).label_names == ("with_mask", "without_mask")


@pytest.mark.parametrize("point", ["0.35 0.4", "0.35 0.4 2"])
def test_yolos_keypoints_are_not_taken_for_polygons(point, tmp_path):
    made.yolo(tmp_path, f"{{n}} 0.4375 0.5 0.375 0.5 {' '.join([point] * 4)}")
    with pytest.raises(RecordError, match=r"8 lines are polygons, or boxes with keypoints.*kpt_shape"):
        read_manifest(tmp_path)
    (tmp_path / "data.yaml").write_text("kpt_shape: [4, 2]")
    assert {face.box for face in read_manifest(tmp_path).examples} == {made.BOX}


def test_yolos_folder_of_labels_may_be_named_and_lines_tell_it_without_a_list_of_names(tmp_path):
    made.yolo(tmp_path / "a")
    assert len(read_manifest(tmp_path / "a" / "labels").examples) == 8
    made.yolo(tmp_path / "b", images=".", labels=".")
    (tmp_path / "b" / "classes.txt").unlink()
    with pytest.raises(RecordError, match="names of the classes are missing"):
        read_manifest(tmp_path / "b")


@pytest.mark.parametrize(
    ("folders", "said"),
    [
        (("training_set", "test_set"), "name parts of a split, and hold pictures"),
        (("train",), "name parts of a split, and hold pictures"),
        (("train_mask", "train_nomask", "test_mask"), "name a part of a split and a label in one"),
        (("one/a", "one/b", "two/a", "two/b"), "one, two hold the same folders each"),
    ],
)
def test_folders_that_are_no_classes_are_an_error_with_the_layout(folders, said, tmp_path):
    for folder in folders:
        made.photos(tmp_path / folder)
    with pytest.raises(RecordError, match=said) as raised:
        read_manifest(tmp_path)
    assert f"  {folders[0]}/  8 files" in str(raised.value) and "wanted:" in str(raised.value)


def test_what_two_rows_say_of_one_face_and_classes_that_are_numbers_are_told(tmp_path):
    made.photos(tmp_path)
    box = ",".join(map(str, made.BOX))
    lines = [f"p0.png,0,{box}", f"p0.png,1,{box}", f"p1.png,1,{box}", f"p1.png,1,{box}", "p2.png,1,,,,"]
    (tmp_path / "data.csv").write_text("\n".join(["path,label,x1,y1,x2,y2", *lines]))
    notes = "\n".join(read_manifest(tmp_path / "data.csv").notes)
    assert "faces that have several labels: 1, such as one in p0.png" in notes
    assert "faces that are in the data more than once: 1" in notes
    assert "its classes are numbers (0, 1)" in notes
    assert "rows without a box, whose whole picture is taken for the face: 1" in notes


def test_a_class_in_words_is_preferred_to_its_number_and_a_part_is_read_under_another_name(tmp_path):
    made.table(
        tmp_path,
        "filename,label,class_name,set,xmin,ymin,xmax,ymax",
        lambda name, label: (name, 7, label, "test" if name > "p6" else "train", *made.BOX),
    )
    found = read_manifest(tmp_path / "data.csv")
    assert found.label_names == ("with_mask", "without_mask")
    assert {e.path.name for e in found.of_split("test")} == {"p6.png", "p7.png"}


def test_a_turned_box_of_cvat_is_read_as_the_box_around_it_and_attributes_are_named(tmp_path):
    made.cvat(tmp_path)
    path = tmp_path / "annotations.xml"
    more = 'ybr="80.0" rotation="90"><attribute name="mask">no</attribute></box>'
    path.write_text(path.read_text().replace('ybr="90.0"/>', more))
    found = read_manifest(tmp_path)
    assert {face.box for face in found.examples} == {(45, 25, 95, 85)}
    assert found.notes[0].endswith("attributes that are not read: mask")


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("a.zip", b"PK\3\4" + bytes(60), "is an archive. Unpack it"),
        ("a.tar.gz", b"\x1f\x8b" + bytes(60), "is an archive. Unpack it"),
        ("a.xlsx", b"PK\3\4" + bytes(60), "is a spreadsheet. Save it as CSV"),
        ("a.parquet", b"PAR1" + bytes(60), "is a Parquet file"),
        ("a.png", b"\x89PNG\r\n\x1a\n", "is a picture. Name the folder"),
        ("a.tfrecord", b"\1\0\0\0", "is no text"),
    ],
)
def test_a_file_that_is_no_text_is_refused_with_the_advice_for_its_kind(name, content, said, tmp_path):
    (tmp_path / name).write_bytes(content)
    with pytest.raises(RecordError, match=said):
        detect(tmp_path / name)


def test_a_format_is_told_whatever_comes_first_in_the_file(tmp_path):
    made.coco(tmp_path / "coco", ignore=1)
    path = tmp_path / "coco" / "_annotations.coco.json"
    path.write_text(json.dumps({"info": {"description": "x" * 9_000}} | json.loads(path.read_text())))
    found = read_manifest(tmp_path / "coco")
    assert len(found.examples) == 8 and found.left_out == {"ignored regions (ignore)": 1}
    made.labelme(tmp_path / "labelme")
    for path in (tmp_path / "labelme").glob("*.json"):
        path.write_text(
            json.dumps({"imageData": "A" * 90_000} | json.loads(path.read_text()), sort_keys=True)
        )
    assert len(read_manifest(tmp_path / "labelme").examples) == 8
    made.via(tmp_path / "via", "csv")
    path = tmp_path / "via" / "via.csv"
    path.write_text("#" + path.read_text())  # as VIA 1 begins
    assert len(read_manifest(tmp_path / "via").examples) == 8
    made.photos(tmp_path / "via3")
    (tmp_path / "via3" / "a.json").write_text('{"project": {"pid": "__VIA_PROJECT_ID__"}, "view": {}}')
    with pytest.raises(RecordError, match="project of VIA 3"):
        read_manifest(tmp_path / "via3")


def test_a_name_of_two_words_in_kitti_is_one_label_and_a_short_line_is_named(tmp_path):
    made.kitti(tmp_path)
    for path in (tmp_path / "labels").iterdir():
        path.write_text(path.read_text().replace("Mask ", "Face Mask ", 1).replace("No-Face", "No Face"))
    assert read_manifest(tmp_path).label_names == ("with_mask", "without_mask")
    for path in (tmp_path / "labels").iterdir():
        path.write_text("Mask 0 0 0 40 30 100 90\n")
    with pytest.raises(RecordError, match="line 1: not a name and 14 numbers"):
        read_manifest(tmp_path)
