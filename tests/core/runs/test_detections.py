"""The rows of a detector's test: written, read again, and a stranger's refused with file, line and remedy."""

import math

import numpy as np
import pytest

from core.errors import RecordError
from core.metrics.detection import match
from core.runs import detections
from core.runs.detections import DETECTIONS_FILE, DetectionRow, Detections, read_detections, write_detections

HEADER = "way,source,picture,label,x1,y1,x2,y2,score"
FACE = "photo,town,town/1.png,with_mask,1.0,2.0,11.0,14.0,0.9000"

ROWS = [
    DetectionRow("photo", "town", "town/1.png", "with_mask", (1, 2, 11, 14), 0.9),
    DetectionRow("photo", "town", "town/1.png", "", (50, 50, 70, 90), 0.25),
    DetectionRow("live", "sea, left", 'sea/"2".png', "without_mask", (-3.5, 0, 11, 14.1), math.nan),
]


def test_what_is_written_is_read_again(tmp_path):
    write_detections(tmp_path, ROWS)
    read = read_detections(tmp_path)
    assert len(read) == 3 and read.labelled.tolist() == [True, False, True]
    assert read.source.tolist() == ["town", "town", "sea, left"] and read.picture[2] == 'sea/"2".png'
    assert read.boxes[2].tolist() == [-3.5, 0, 11, 14.1]
    np.testing.assert_array_equal(read.score, [0.9, 0.25, math.nan])
    assert [len(part) for part in (read.of("photo"), read.of("live", "town"), read.of(source="town"))] == [
        2,
        0,
        2,
    ]
    assert read.of_height(14, 40).picture.tolist() == ['sea/"2".png'] and len(read.of_height(12, 14)) == 1


def test_a_test_without_any_face_or_detection_is_an_empty_file(tmp_path):
    write_detections(tmp_path, [])
    read = read_detections(tmp_path)
    assert len(read) == 0 and len(read.of("photo")) == 0 and read.boxes.shape == (0, 4)


def test_the_rows_of_a_picture_say_the_same_as_its_matching():
    rng = np.random.default_rng(0)
    faces = [(x, 20, x + 10, 34) for x in range(0, 200, 20)]
    boxes = [(x + s, y, x2 + s, y2) for (x, y, x2, y2), s in zip(faces, rng.uniform(-5, 5, 10), strict=True)]
    boxes += [(0, 100 + 20 * i, 10, 110 + 20 * i) for i in range(5)]
    scores = list(rng.permutation(15) / 20)
    wanted = match([(boxes, scores, faces)])
    order = np.argsort(-np.array(scores))
    rows = [
        DetectionRow("photo", "a", "1", "face", face, math.nan if math.isinf(score) else score)
        for face, score in zip(faces, wanted.found_with, strict=True)
    ]
    for i, hit in zip(order, wanted.hits, strict=True):
        if not hit:
            rows.append(DetectionRow("photo", "a", "1", "", boxes[i], scores[i]))
    found = Detections.from_rows(rows).matches()
    assert 0.1 < wanted.average_precision() < 0.9
    assert found.average_precision() == pytest.approx(wanted.average_precision())
    assert found.recall(0, 20, 0.4) == wanted.recall(0, 20, 0.4)


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("photo,town,1.png,with_mask,1,2,11,14", "line 3: 8 values, not 9"),
        ("video,town,1.png,with_mask,1,2,11,14,.9", "line 3: the way is not one of photo, live"),
        ("photo,town,1.png,with_mask,1,2,nan,14,.9", "turned round or not finite"),
        ("photo,town,1.png,with_mask,1,2,inf,14,.9", "turned round or not finite"),
        ("photo,town,1.png,with_mask,1e300,2,1e301,14,.9", "turned round or not finite"),
        ("photo,town,1.png,with_mask,11,2,1,14,.9", "turned round or not finite"),
        ("photo,town,1.png,with_mask,1,14,11,2,.9", "turned round or not finite"),
        ("photo,town,1.png,with_mask,one,2,11,14,.9", "a coordinate or the score is not a number"),
        ("photo,town,1.png,with_mask,1,2,11,14,nan", "the score is not between 0 and 1"),
        ("photo,town,1.png,,1,2,11,14,1.5", "the score is not between 0 and 1"),
        ("photo,town,1.png,,1,2,11,14,", "neither a label nor a score"),
        (f"photo,{'x' * 201},1.png,with_mask,1,2,11,14,.9", "a text is longer"),
        (f"photo,town,{'x' * 1001},with_mask,1,2,11,14,.9", "a text is longer"),
        (f"photo,town,1.png,{'x' * 200_000},1,2,11,14,.9", "field larger than field limit"),
    ],
)
def test_a_strangers_line_is_refused_with_file_line_and_remedy(tmp_path, line, said):
    (tmp_path / DETECTIONS_FILE).write_text(f"{HEADER}\n{FACE}\n{line}\n")
    with pytest.raises(RecordError, match=r"Evaluate again: python -m training\.evaluate") as problem:
        read_detections(tmp_path)
    assert said in str(problem.value) and DETECTIONS_FILE in str(problem.value)
    assert len(str(problem.value)) < 1000


@pytest.mark.parametrize("text", ["", "\n", "a,b\n", f"{HEADER},more\n", "\0\n"])
def test_other_columns_are_refused(tmp_path, text):
    (tmp_path / DETECTIONS_FILE).write_text(text)
    with pytest.raises(RecordError, match=r"line 1: .*the columns are not|line 1: line contains NUL"):
        read_detections(tmp_path)


def test_more_than_a_record_holds_is_neither_read_nor_written(tmp_path, monkeypatch):
    monkeypatch.setattr(detections, "MAX_DETECTIONS", 2)
    monkeypatch.setattr(detections, "MAX_SOURCES", 2)
    with pytest.raises(RecordError, match="3 faces and false detections are more than a record holds"):
        write_detections(tmp_path, ROWS)
    assert list(tmp_path.iterdir()) == []
    write_detections(tmp_path, ROWS[:2])
    assert len(read_detections(tmp_path)) == 2
    (tmp_path / DETECTIONS_FILE).write_text(f"{HEADER}\n" + f"{FACE}\n" * 3)
    with pytest.raises(RecordError, match="line 4: more than 2 rows"):
        read_detections(tmp_path)


def test_a_missing_file_is_said(tmp_path):
    with pytest.raises(RecordError, match="cannot be read"):
        read_detections(tmp_path)
