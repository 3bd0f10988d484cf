"""Data as people of this field have it: read right, every label of it, or refused by name."""

import shutil

import numpy as np
import pytest
from PIL import Image

from core.errors import RecordError
from tests.training.data.formats import made
from training.data.crops import load_crop
from training.data.formats import detect
from training.data.formats.class_names import label_of
from training.data.manifest import read_manifest

X1, Y1, X2, Y2 = made.BOX


def tensorflow(name, label):
    return name, 160, 120, label, *made.BOX


DATA = {
    "YOLO polygons": (lambda f: made.yolo(f, "{n} .25 .25 .625 .25 .625 .75 .25 .75"), "yolo"),
    "YOLO, some polygons": (
        lambda f: made.yolo(f, "{n} .4375 .5 .375 .5\n{n} .25 .25 .625 .25 .4 .75"),
        "yolo",
    ),
    "YOLO with floats for ids": (lambda f: made.yolo(f, "{n}.0 .4375 .5 .375 .5"), "yolo"),
    "YOLO with confidence": (lambda f: made.yolo(f, "{n} .4375 .5 .375 .5 .93"), "yolo"),
    "YOLO with byte-order marks": (lambda f: made.yolo(f, "\ufeff{n} .4375 .5 .375 .5"), "yolo"),
    "YOLO in Images and Labels": (lambda f: made.yolo(f, images="Images", labels="Labels"), "yolo"),
    "YOLO in LABELS, .TXT": (lambda f: made.yolo(f, labels="LABELS", suffix=".TXT"), "yolo"),
    "YOLO beside upper-case suffixes": (lambda f: made.yolo(f, suffix=".txt"), "yolo"),
    "VOC in a subfolder": (lambda f: made.voc(f, "annotations/xmls"), "voc"),
    "VOC in a folder of another name": (lambda f: made.voc(f, "Annotation"), "voc"),
    "VOC with sizes as floats": (lambda f: made.voc(f, size=("160.0", "120.0")), "voc"),
    "VOC without a size": (lambda f: made.voc(f, size=(0, 0)), "voc"),
    "COCO": (made.coco, "coco"),
    "COCO with ids as text": (lambda f: made.coco(f, str), "coco"),
    "COCO with ids as floats": (lambda f: made.coco(f, float), "coco"),
    "LabelMe": (made.labelme, "labelme"),
    "CreateML": (made.createml, "createml"),
    "VIA": (made.via, "via"),
    "VIA as CSV": (lambda f: made.via(f, "csv"), "via"),
    "CVAT": (made.cvat, "cvat"),
    "KITTI": (made.kitti, "kitti"),
    "CSV of TensorFlow": (
        lambda f: made.table(f, "filename,width,height,class,xmin,ymin,xmax,ymax", tensorflow),
        "csv",
    ),
    "CSV of OpenImages": (
        lambda f: made.table(
            f,
            "ImageID,LabelName,XMin,XMax,YMin,YMax",
            lambda name, label: (name[:-4], label, 0.25, 0.625, 0.25, 0.75),
        ),
        "csv",
    ),
    "CSV with semicolons and decimal commas": (
        lambda f: made.table(
            f,
            "filename,class,xmin,ymin,xmax,ymax",
            lambda name, label: (name, label, "40,0", "30,0", "100,0", "90,0"),
            ";",
        ),
        "csv",
    ),
    "manifest with tabs": (
        lambda f: made.table(f, "path,label,x1,y1,x2,y2", lambda n, label: (n, label, *made.BOX), "\t"),
        "csv",
    ),
    "manifest with shares": (
        lambda f: made.table(
            f, "path,label,x1,y1,x2,y2", lambda n, label: (n, label, 0.25, 0.25, 0.625, 0.75)
        ),
        "csv",
    ),
    "manifest with x, y, w, h": (
        lambda f: made.table(f, "path,label,x,y,w,h", lambda n, label: (n, label, 40, 30, 60, 60)),
        "csv",
    ),
    "boxes with semicolons": (
        lambda f: made.table(f, "name,x1,x2,y1,y2,classname", lambda n, label: (n, *made.BOX, label), ";"),
        "csv",
    ),
}


@pytest.mark.parametrize("case", DATA)
def test_every_face_is_read_with_its_box_and_label(case, tmp_path):
    make, format = DATA[case]
    make(tmp_path / "set")
    assert detect(tmp_path / "set") == format
    found = read_manifest(tmp_path / "set")
    assert found.problems == ()
    faces = {e.path.name: e for e in found.examples}
    assert [faces[name].label for name in sorted(faces)] == list(made.LABELS)
    for face in found.examples:
        assert face.box == pytest.approx(made.BOX, abs=0.01)


@pytest.mark.parametrize("orientation", [3, 6, 8])
def test_boxes_on_a_photo_that_its_camera_turned_are_refused_until_it_is_said_how_they_were_drawn(
    orientation, tmp_path
):
    """The same four numbers, on the upright picture and on the one that is stored."""
    stored = {6: "0.5 0.4375 0.5 0.375", 8: "0.5 0.5625 0.5 0.375", 3: "0.5625 0.5 0.375 0.5"}
    stored[6] = "0.5 0.5625 0.5 0.375"
    stored[8] = "0.5 0.4375 0.5 0.375"
    for way, box in (("upright", "0.4375 0.5 0.375 0.5"), ("stored", stored[orientation])):
        made.yolo(tmp_path / way, f"{{n}} {box}", suffix=".txt", orientation=orientation)
        with pytest.raises(RecordError, match=r"marked as turned \(EXIF\).*--turned-boxes stored"):
            read_manifest(tmp_path / way)
        found = read_manifest(tmp_path / way, turned_boxes=way)
        for face in found.examples:
            assert face.box == pytest.approx(made.BOX, abs=0.01)
            crop = load_crop(face, 1.0)
            assert crop.shape == (60, 60, 3) and (crop == (200, 30, 30)).all()


def test_the_size_that_an_annotation_was_made_for_tells_how_a_turned_photo_was_seen(tmp_path):
    made.voc(tmp_path, size=(120, 160))  # as stored
    for path in (tmp_path / "images").iterdir():
        stored = Image.open(path).transpose(Image.Transpose.ROTATE_90)
        exif = Image.Exif()
        exif[0x0112] = 6
        stored.save(path, exif=exif)
    for path in (tmp_path / "annotations").iterdir():
        text = path.read_text()
        for side, value in zip(("xmin", "ymin", "xmax", "ymax"), (30, 60, 90, 120), strict=True):
            before, rest = text.split(f"<{side}>")
            text = f"{before}<{side}>{value}{rest[rest.index('</') :]}"
        path.write_text(text)
    assert {face.box for face in read_manifest(tmp_path).examples} == {made.BOX}


def test_tables_in_the_parts_of_a_split_are_read_together_as_roboflow_writes_them(tmp_path):
    for part in ("train", "valid", "test"):
        made.table(tmp_path / part, "filename,width,height,class,xmin,ymin,xmax,ymax", tensorflow)
        (tmp_path / part / "data.csv").rename(tmp_path / part / "_annotations.csv")
    found = read_manifest(tmp_path)
    assert len(found.examples) == 24 and found.problems == ()
    folder = {"train": "train", "validation": "valid", "test": "test"}
    assert all(face.path.parent.name == folder[face.split] for face in found.examples)


def test_shares_where_a_format_has_pixels_are_refused_by_their_lines(tmp_path):
    made.coco(tmp_path, bbox=[0.1, 0.1, 0.5, 0.5])
    found = read_manifest(tmp_path)
    assert len(found.examples) == 8 and len(found.problems) == 1
    assert "given in shares, where pixels are expected" in found.problems[0]


def test_a_crowd_is_left_out_and_counted(tmp_path):
    made.coco(tmp_path, iscrowd=1)
    found = read_manifest(tmp_path)
    assert len(found.examples) == 8 and found.left_out == {"crowd regions (iscrowd)": 1}


def test_kittis_regions_of_which_nothing_is_said_are_counted(tmp_path):
    made.kitti(tmp_path)
    assert read_manifest(tmp_path).left_out == {"DontCare": 8}


def test_columns_that_are_not_read_are_named(tmp_path):
    header = "path,label,x1,y1,x2,y2,age,photographer"
    made.table(tmp_path, header, lambda n, label: (n, label, *made.BOX, 7, "me"))
    (note,) = read_manifest(tmp_path / "data.csv").notes
    assert note.endswith("columns that are not read: age, photographer")


@pytest.mark.parametrize("columns", ["bbox", "x1,y1", "points", "x_min,y_min,x_max", "left,top"])
def test_columns_that_look_like_a_box_are_never_passed_over(columns, tmp_path):
    made.table(tmp_path, f"path,label,{columns}", lambda n, label: (n, label, *columns.split(",")))
    with pytest.raises(RecordError, match="look like a box"):
        read_manifest(tmp_path / "data.csv")


def test_a_share_among_pixels_is_refused_by_its_line(tmp_path):
    header = "path,label,x1,y1,x2,y2"
    made.table(
        tmp_path, header, lambda n, label: (n, label, *((0.1, 0.1, 0.9, 0.9) if n == "p3.png" else made.BOX))
    )
    found = read_manifest(tmp_path / "data.csv")
    assert len(found.examples) == 7 and "line 5" in found.problems[0] and "in one pixel" in found.problems[0]


@pytest.mark.parametrize("encoding", ["cp1252", "utf-16", "utf-8-sig"])
def test_a_table_of_windows_is_read(encoding, tmp_path):
    made.photos(tmp_path)
    (tmp_path / "p0.png").rename(tmp_path / "Größe.png")
    (tmp_path / "data.csv").write_bytes("path;label\r\nGröße.png;mask\r\np1.png;nomask\r\n".encode(encoding))
    found = read_manifest(tmp_path / "data.csv")
    assert [(e.path.name, e.label) for e in found.examples] == [
        ("Größe.png", "with_mask"),
        ("p1.png", "without_mask"),
    ]


def test_names_are_found_however_they_are_spelled(tmp_path):
    """By an upper-case suffix, another suffix, none, %20 for a space, a backslash, an accent taken apart."""
    made.photos(tmp_path / "images")
    on_disk = ("a b.PNG", "c.jpe", "d", "e.png", "cafe\u0301.png")
    for number, name in enumerate(on_disk):
        source = tmp_path / "images" / f"p{number}.png"
        if name.endswith("jpe"):
            Image.open(source).convert("RGB").save(tmp_path / "images" / name, "JPEG")
        else:
            shutil.copy(source, tmp_path / "images" / name)
    called = ("a%20b.png", "c.jpg", "d", "C:\\old\\images\\e.png", "caf\u00e9.png")
    lines = [f"{name},with_mask,{','.join(map(str, made.BOX))}" for name in called]
    (tmp_path / "t.csv").write_text(
        "\n".join(["filename,class,xmin,ymin,xmax,ymax", *lines]), encoding="utf-8"
    )
    found = read_manifest(tmp_path / "t.csv")
    assert [e.path.name for e in found.examples] == list(on_disk) and found.problems == ()


def test_litter_is_passed_over_in_silence_and_counted(tmp_path):
    made.yolo(tmp_path)
    for name in ("images/.DS_Store", "images/._p0.png", "labels/Thumbs.db", "desktop.ini", "labels/~$a.txt"):
        (tmp_path / name).write_bytes(b"\0")
    (tmp_path / "__MACOSX").mkdir()
    found = read_manifest(tmp_path)
    assert len(found.examples) == 8 and found.problems == ()
    assert found.notes == ("6 hidden files, and files that systems leave behind, were passed over",)


@pytest.mark.parametrize(
    ("folders", "splits"),
    [
        (("training_set/{}", "test_set/{}"), {"train", "test"}),
        (("Train Images/{}", "val-images/{}"), {"train", "validation"}),
        (("TrainData/{}", "Testing/{}"), {"train", "test"}),
        (("{}/train", "{}/test"), {"train", "test"}),
        (("test/{}",), {"test"}),
    ],
)
def test_parts_of_a_split_are_no_classes(folders, splits, tmp_path):
    for folder in folders:
        for label in ("Mask", "Non Mask"):
            made.photos(tmp_path / folder.format(label))
    found = read_manifest(tmp_path)
    assert found.label_names == ("with_mask", "without_mask")
    assert {e.split for e in found.examples} == splits


@pytest.mark.parametrize(
    ("folders", "data", "said"),
    [
        (("archive/with_mask", "archive/without_mask"), ".", "Name one inside it"),
        (("archive/train/a", "archive/test/a"), ".", "Name one inside it"),
        (("one/mask", "one/no mask", "two/mask"), ".", "Name one inside it"),
        (("with_mask", "without_mask"), "with_mask", "Name the folder that holds it"),
        (
            ("with_mask/ann", "with_mask/bob", "without_mask/eve"),
            "with_mask",
            "Name the folder that holds it",
        ),
    ],
)
def test_a_folder_too_high_or_too_low_is_an_error_with_both_layouts(folders, data, said, tmp_path):
    for folder in folders:
        made.photos(tmp_path / folder)
    with pytest.raises(RecordError) as raised:
        read_manifest(tmp_path / data)
    text = str(raised.value)
    assert said in text and "found:\n" in text and "  8 files" in text
    assert "wanted:" in text and "train/with_mask/" in text


@pytest.mark.parametrize(
    ("names", "labels"),
    [
        (["face", "face_mask"], ["without_mask", "with_mask"]),  # AIZOO
        (["face", "person"], ["face", "person"]),
        (["Mask", "No-Mask"], ["with_mask", "without_mask"]),  # NVIDIA
        (
            ["mask", "no_mask", "misplaced", "not_visible"],
            ["with_mask", "without_mask", "incorrect_mask", None],
        ),
        (["nomask", "unmask", "improper"], ["without_mask", "without_mask", "incorrect_mask"]),
        (["AFDB_masked_face_dataset", "AFDB_face_dataset"], ["with_mask", "without_mask"]),  # RMFD
        (
            ["masked_face", "unmasked_face", "incorrectly_masked_face"],
            ["with_mask", "without_mask", "incorrect_mask"],
        ),
        (["Non Mask", "Mask"], ["without_mask", "with_mask"]),
    ],
)
def test_class_names_are_read_as_the_field_writes_them(names, labels):
    found = label_of(names)
    assert [found[name] for name in names] == labels


def test_a_user_says_what_a_class_name_means_or_leaves_it_out():
    said = {"sans masque": "without_mask", "autre": ""}
    found = label_of(["Sans_Masque", "mask", "autre"], said)
    assert found == {"Sans_Masque": "without_mask", "mask": "with_mask", "autre": None}


def test_a_jpeg_without_its_end_is_learned_from(tmp_path, caplog):
    made.photos(tmp_path / "with_mask")
    for path in (tmp_path / "with_mask").iterdir():
        Image.open(path).convert("RGB").save(path.with_suffix(".jpg"), quality=95)
        path.with_suffix(".jpg").write_bytes(path.with_suffix(".jpg").read_bytes()[:-2])
        path.unlink()
    found = read_manifest(tmp_path)
    assert len(found.examples) == 8
    assert np.abs(load_crop(found.examples[0], 1.0)[60, 70].astype(int) - (200, 30, 30)).max() < 12
