"""What detectors add to labels, by detections made by hand."""

import numpy as np
import pytest

from core.errors import RecordError
from core.results import Detection, Frame
from training.detection import teach
from training.detection.pseudo_labels import (
    COLUMNS,
    PseudoLabel,
    pseudo_label_of_face,
    pseudo_labels_of_scene,
    read_pseudo_labels,
    write_pseudo_labels,
)

POINTS = tuple((float(n), float(n + 1)) for n in range(5))
OTHER = tuple((float(n), 50.0) for n in range(5))
LABELLED = (10.0, 10.0, 30.0, 34.0)
BESIDE = (60.0, 10.0, 80.0, 34.0)


def found(box, points=None, score=0.9, by="one"):
    return Detection(tuple(map(float, box)), score, by, points)


def shifted(box, by):
    return tuple(v + by for v in box)


def test_a_labelled_face_gets_the_points_of_the_surest_detection_that_fits_it():
    by_teacher = {
        "one": [found(shifted(LABELLED, 2), OTHER, 0.7)],
        "two": [found(shifted(LABELLED, 1), POINTS, 0.8, "two")],
    }
    assert list(pseudo_labels_of_scene([LABELLED], by_teacher)) == [
        PseudoLabel("points", LABELLED, POINTS, 1.0, ("two",))
    ]


def test_a_face_of_which_they_are_sure_together_and_that_nobody_labelled_is_one():
    by_teacher = {
        "one": [found(BESIDE, POINTS, 0.8)],
        "two": [found(shifted(BESIDE, 2), OTHER, 0.5, "two")],
        "third": [],
    }
    (learned,) = pseudo_labels_of_scene([LABELLED], by_teacher)  # once, with the box of the surest
    assert learned == PseudoLabel("face", BESIDE, POINTS, pytest.approx(0.65), ("one", "two"))


@pytest.mark.parametrize(
    ("scores", "names"),
    [((0.9, 0), ("one",)), ((0, 0.9), ("two",)), ((0.4, 0.5), ("one", "two"))],
    ids=["one alone", "the other alone", "neither is sure"],
)
def test_what_they_are_not_sure_of_together_is_ignored(scores, names):
    by_teacher = {
        name: [found(BESIDE, POINTS, score, name)] if score else []
        for name, score in zip(("one", "two"), scores, strict=True)
    }
    (learned,) = pseudo_labels_of_scene([LABELLED], by_teacher)
    assert (learned.kind, learned.box, learned.landmarks) == ("ignored", BESIDE, None)
    assert learned.teachers == names and learned.score == pytest.approx(sum(scores) / 2)


def test_a_single_teacher_is_believed_where_it_is_sure():
    kinds = [
        [label.kind for label in pseudo_labels_of_scene([], {"one": [found(BESIDE, POINTS, score)]})]
        for score in (0.45, 0.55)
    ]
    assert kinds == [["ignored"], ["face"]]


def test_a_labelled_face_is_not_labelled_again():
    """Nor one that a detector draws otherwise: too far off to lend points, too near to be another face."""
    otherwise = shifted(LABELLED, 10)
    assert list(pseudo_labels_of_scene([LABELLED], {"one": [found(otherwise, POINTS)]})) == []


def test_nothing_found_adds_nothing():
    for labelled in ([LABELLED], []):
        assert list(pseudo_labels_of_scene(labelled, {"one": [], "two": []})) == []


@pytest.mark.parametrize(
    ("detections", "expected"),
    [
        ([found((10, 10, 60, 80), POINTS)], (10, 10, 60, 80)),
        ([], None),
        ([found((10, 10, 60, 80), POINTS), found((0, 0, 45, 45), POINTS)], None),  # not a face alone
        ([found((10, 10, 60, 80), POINTS), found((0, 0, 20, 20), POINTS)], (10, 10, 60, 80)),  # far behind
        ([found((10, 10, 40, 50), POINTS)], None),  # too small to be the one that the picture is of
        ([found((10, 10, 60, 80), POINTS, 0.5)], None),
    ],
)
def test_a_picture_of_a_face_has_one_large_face(detections, expected):
    label = pseudo_label_of_face(detections, 80, 100)
    assert label == (expected and PseudoLabel("points", expected, POINTS, 1.0, ("one",)))


class FakeMesh:
    """Points that are so far from `POINTS`."""

    def __init__(self, apart):
        self.five = tuple((x + apart, y) for x, y in POINTS)

    def points(self, rgb, box, roll_degrees=0):
        return self.five


@pytest.mark.parametrize(("apart", "believed"), [(3, True), (5, False), (float("nan"), False)])
def test_facemesh_is_believed_where_it_agrees(monkeypatch, apart, believed):
    monkeypatch.setattr(teach, "five_points", lambda points: points)
    frame, mesh = Frame(np.zeros((60, 90, 3), np.uint8)), FakeMesh(apart)
    label = PseudoLabel("points", (0, 0, 40, 36), POINTS, 1.0, ("one",))
    given = teach.with_mesh_points(label, frame, mesh)
    expected = PseudoLabel("points", label.box, mesh.five, 1.0, ("one", "facemesh"))
    assert given == (expected if believed else label)
    for without in (PseudoLabel("ignored", label.box), PseudoLabel("face", (0, 0, 20, 30), POINTS)):
        assert teach.with_mesh_points(without, frame, mesh) == without  # no points, or too small


ROWS = [
    ("here/1.png", PseudoLabel("points", (1.004, 2, 30, 40.126), POINTS)),
    ("here/1.png", PseudoLabel("ignored", (5, 5, 9, 9))),
    ("here/1.png", PseudoLabel("points", (5, 5, 9, 9), None, 1.0, ("one",))),
    ("there/1.png", PseudoLabel("face", (-3.5, 2, 3, 4), OTHER, 0.625, ("scrfd", "yunet"))),
]


def test_pseudo_labels_are_read_as_they_were_written(tmp_path):
    write_pseudo_labels(tmp_path / "taught.csv", ROWS)
    learned = read_pseudo_labels(tmp_path / "taught.csv")
    assert list(learned) == ["here/1.png", "there/1.png"]
    assert learned["here/1.png"] == [
        PseudoLabel("points", (1.0, 2, 30, 40.13), POINTS),
        ROWS[1][1],
        ROWS[2][1],
    ]
    assert learned["there/1.png"] == [ROWS[3][1]]


BOX = "1,2,30,40"
NO_POINTS = "," * 9


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        (f"a.png,wart,{BOX},{NO_POINTS}", "kind wart"),
        (f"a.png,\x1b[31m,{BOX},{NO_POINTS}", "kind"),
        (f"a.png,face,1,2,x,40,{NO_POINTS}", "'x'"),
        (f"a.png,face,nan,2,30,40,{NO_POINTS}", "not finite"),
        (f"a.png,face,1,2,inf,40,{NO_POINTS}", "not finite"),
        (f"a.png,face,30,2,1,40,{NO_POINTS}", "turned round"),
        (f"a.png,face,{BOX},1,2,3{',' * 7}", "points"),
        (f"a.png,face,{BOX},1,2,3,4,5,6,7,8,9,inf", "points"),
        (f"a.png,face,{BOX},{NO_POINTS},1.5,one", "score"),
        (f"a.png,face,{BOX},{NO_POINTS},nan,one", "score"),
        ("a.png,face,1,2", "not finite"),
        ("a.png," + "x" * 200_000, "field larger"),
    ],
)
def test_a_strangers_row_is_refused_with_its_line(tmp_path, row, reason):
    path = tmp_path / "taught.csv"
    path.write_text(f"{','.join(COLUMNS)}\na.png,ignored,{BOX},{NO_POINTS}\n{row}\n")
    with pytest.raises(RecordError) as problem:
        read_pseudo_labels(path)
    said = str(problem.value)
    assert reason in said and "taught.csv" in said and "\x1b" not in said and len(said) < 500


@pytest.mark.parametrize("content", [b"path,kind\na.png,face\n", b"\xff\xfe\x00", b"path\n\xff\n"])
def test_a_strangers_file_is_refused(tmp_path, content):
    (tmp_path / "taught.csv").write_bytes(content)
    if content.startswith(b"\xff"):
        assert_refused(tmp_path / "taught.csv", "decode")
    else:
        with pytest.raises(RecordError):
            read_pseudo_labels(tmp_path / "taught.csv")


def assert_refused(path, reason):
    with pytest.raises(RecordError, match=reason):
        read_pseudo_labels(path)


def test_a_file_that_is_not_there_is_refused(tmp_path):
    assert_refused(tmp_path / "no.csv", "No such file")


def test_a_file_of_before_scores_and_teachers_is_read(tmp_path):
    (tmp_path / "taught.csv").write_text(f"{','.join(COLUMNS[:-2])}\na.png,face,{BOX},{NO_POINTS}\n")
    assert read_pseudo_labels(tmp_path / "taught.csv")["a.png"] == [PseudoLabel("face", (1, 2, 30, 40))]


@pytest.fixture
def teachers(monkeypatch):
    """Each finds what is labelled; the first also a face beside it. Pictures are 100 pixels wide."""
    both = (found(LABELLED, POINTS), found(BESIDE, POINTS, 0.6))
    opened = {"scrfd": both, "yunet": both[:1]}
    monkeypatch.setattr(
        teach,
        "TEACHERS",
        {name: lambda path, one=one: lambda frame, least: one for name, one in opened.items()},
    )


def test_the_command_asks_of_all_but_the_test_part(tmp_path, image, boxed_images_file, teachers, capsys):
    one = image([[int(v) for v in LABELLED]], 100, 50)
    data = boxed_images_file(tmp_path, [("train", one), ("test", one), ("valid", one)])
    output = tmp_path / "taught.csv"
    arguments = ["--data", str(data), "--output", str(output), "--teacher", "yunet=a.onnx"]
    assert teach.main([*arguments, "--teacher", "scrfd=b.onnx"]) == 0
    learned = read_pseudo_labels(output)
    assert list(learned) == ["pictures/0.png", "pictures/2.png"]
    assert learned["pictures/0.png"] == [
        PseudoLabel("points", LABELLED, POINTS, 1.0, ("one",)),
        PseudoLabel("ignored", BESIDE, None, 0.3, ("scrfd",)),
    ]
    assert capsys.readouterr().out.split() == ["points", "2", "face", "0", "ignored", "2"]


@pytest.mark.parametrize("teacher", ["yunet=a.onnx", "mtcnn=a.onnx", "yunet"])
def test_the_command_says_what_is_wrong(tmp_path, teachers, capsys, teacher):
    data = "no" if teacher == "yunet=a.onnx" else "."
    with pytest.raises(SystemExit) as stopped:
        teach.main(["--data", str(tmp_path / data), "--output", "x.csv", "--teacher", teacher])
    assert stopped.value.code == 1 and "error: " in capsys.readouterr().err
