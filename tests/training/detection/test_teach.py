"""What two detectors add to labels, by detections made by hand."""

import numpy as np
import pytest

from core.errors import RecordError
from core.results import Detection, Frame
from training.detection import teach
from training.detection.pseudo_labels import (
    COLUMNS,
    PseudoLabel,
    label_by_detectors,
    pseudo_label_of_face,
    read_pseudo_labels,
    write_pseudo_labels,
)

POINTS = tuple((float(n), float(n + 1)) for n in range(5))
OTHER = tuple((float(n), 50.0) for n in range(5))
LABELLED = (10.0, 10.0, 30.0, 34.0)
BESIDE = (60.0, 10.0, 80.0, 34.0)


def found(box, points=None, score=0.9):
    return Detection(tuple(map(float, box)), score, "a detector", points)


def shifted(box, by):
    return tuple(v + by for v in box)


def test_a_labelled_face_gets_the_points_of_the_detection_that_fits_it_best():
    by_yunet = [found(shifted(LABELLED, 4), OTHER), found(shifted(LABELLED, 1), POINTS)]
    assert list(label_by_detectors([LABELLED], by_yunet, [])) == [PseudoLabel("points", LABELLED, POINTS)]


def test_a_face_that_both_find_and_nobody_labelled_is_one():
    learned = list(label_by_detectors([LABELLED], [found(BESIDE, POINTS)], [found(shifted(BESIDE, 2))]))
    assert learned == [PseudoLabel("face", BESIDE, POINTS)]  # once, with YuNet's box


@pytest.mark.parametrize(
    ("yunet", "ultraface"),
    [([BESIDE], []), ([], [BESIDE]), ([BESIDE], [LABELLED])],
    ids=["yunet's", "ultraface's", "yunet's and another"],
)
def test_what_one_alone_finds_is_ignored(yunet, ultraface):
    learned = list(
        label_by_detectors([LABELLED], [found(b, POINTS) for b in yunet], [found(b) for b in ultraface])
    )
    assert learned == [PseudoLabel("ignored", BESIDE)]


def test_where_they_find_what_does_not_overlap_enough_both_are_ignored():
    far = shifted(BESIDE, 12)
    assert list(label_by_detectors([], [found(BESIDE, POINTS)], [found(far)])) == [
        PseudoLabel("ignored", BESIDE), PseudoLabel("ignored", far),
    ]  # fmt: skip


def test_a_labelled_face_is_not_labelled_again():
    """Nor one that a detector draws otherwise: too far off to lend points, too near to be another face."""
    otherwise = shifted(LABELLED, 10)
    assert list(label_by_detectors([LABELLED], [found(otherwise, POINTS)], [found(otherwise)])) == []


def test_nothing_found_adds_nothing():
    assert list(label_by_detectors([LABELLED], [], [])) == []
    assert list(label_by_detectors([], [], [])) == []


class FakeYuNet:
    """Finds what it was told to."""

    def __init__(self, *detections):
        self.detections = detections

    def detect(self, frame, min_score=None):
        return tuple(d for d in self.detections if d.score >= (min_score or 0))


PICTURE = Frame(np.zeros((100, 80, 3), np.uint8))


@pytest.mark.parametrize(
    ("detections", "expected"),
    [
        ([found((10, 10, 60, 80), POINTS)], PseudoLabel("points", (10, 10, 60, 80), POINTS)),
        ([], None),
        ([found((10, 10, 60, 80), POINTS), found((0, 0, 20, 20), POINTS)], None),  # not a face alone
        ([found((10, 10, 40, 50), POINTS)], None),  # too small to be the one that the picture is of
        ([found((10, 10, 60, 80), POINTS, 0.6)], None),
    ],
)
def test_a_picture_of_a_face_has_one_large_face(detections, expected):
    assert pseudo_label_of_face(PICTURE, FakeYuNet(*detections)) == expected


ROWS = [
    ("here/1.png", PseudoLabel("points", (1.004, 2, 30, 40.126), POINTS)),
    ("here/1.png", PseudoLabel("ignored", (5, 5, 9, 9))),
    ("there/1.png", PseudoLabel("face", (-3.5, 2, 3, 4), OTHER)),
]


def test_pseudo_labels_are_read_as_they_were_written(tmp_path):
    write_pseudo_labels(tmp_path / "taught.csv", ROWS)
    learned = read_pseudo_labels(tmp_path / "taught.csv")
    assert list(learned) == ["here/1.png", "there/1.png"]
    assert learned["here/1.png"] == [PseudoLabel("points", (1.0, 2, 30, 40.13), POINTS), ROWS[1][1]]
    assert learned["there/1.png"] == [ROWS[2][1]]


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


class FakeUltraFace:
    def __init__(self, path):
        pass

    def detect_once(self, rgb, min_score):
        return [found(v * rgb.shape[1] / 100 for v in BESIDE)]  # the image is 100 pixels wide


@pytest.fixture
def detectors(monkeypatch):
    monkeypatch.setattr(teach, "find_yunet", lambda path: path)
    monkeypatch.setattr(teach, "YuNetDetector", lambda path: FakeYuNet(found(LABELLED, POINTS)))
    monkeypatch.setattr(teach, "UltraFace", FakeUltraFace)


def test_the_command_asks_of_all_but_the_test_part(tmp_path, image, boxed_images_file, detectors, capsys):
    one = image([[int(v) for v in LABELLED]], 100, 50)
    data = boxed_images_file(tmp_path, [("train", one), ("test", one), ("valid", one)])
    output = tmp_path / "taught.csv"
    assert teach.main(["--data", str(data), "--output", str(output), "--ultraface", "any.onnx"]) == 0
    learned = read_pseudo_labels(output)
    assert list(learned) == ["pictures/0.png", "pictures/2.png"]
    assert learned["pictures/0.png"] == [
        PseudoLabel("points", LABELLED, POINTS),
        PseudoLabel("ignored", BESIDE),
    ]
    assert capsys.readouterr().out.split() == ["points", "2", "face", "0", "ignored", "2"]


def test_the_command_says_what_is_wrong(tmp_path, detectors, capsys):
    with pytest.raises(SystemExit) as stopped:
        teach.main(["--data", str(tmp_path / "no"), "--output", "x.csv", "--ultraface", "any.onnx"])
    assert stopped.value.code == 1 and "error: " in capsys.readouterr().err
