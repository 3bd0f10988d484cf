"""What the rows of a detector's test say, against scikit-learn and against what is worked out by hand."""

import json
import math

import numpy as np
import pytest
from sklearn.metrics import precision_recall_curve

from core.errors import RecordError
from core.metrics.intervals import wilson
from core.review.detection import (
    at_score,
    by_height,
    detection_scores,
    misses,
    precision_recall,
)
from core.runs.detections import DetectionRow, Detections
from core.runs.detector_evaluation import (
    DETECTION_FILE,
    DetectionEvaluation,
    read_detection_evaluation,
    write_detection_evaluation,
)

NOT_FOUND = math.nan


def face(height: float, score: float = NOT_FOUND, *, way="photo", source="a", picture="1"):
    return DetectionRow(way, source, picture, "with_mask", (0, 0, 10, height), score)


def false(height: float, score: float, *, way="photo", source="a"):
    return DetectionRow(way, source, "1", "", (0, 0, 10, height), score)


def rows(*them) -> Detections:
    return Detections.from_rows(them)


NONE = rows()
# Best first: found, false, found, false; one of three faces is never found
WORKED = rows(face(10, 0.9), false(70, 0.8), face(40, 0.6), false(10, 0.3), face(70))


def test_average_precision_and_curve_of_a_case_worked_by_hand():
    curve = precision_recall(WORKED)
    np.testing.assert_allclose(curve.score, [0.9, 0.8, 0.6, 0.3])
    np.testing.assert_allclose(curve.precision, [1, 1 / 2, 2 / 3, 2 / 4])
    np.testing.assert_allclose(curve.recall, [1 / 3, 1 / 3, 2 / 3, 2 / 3])
    assert WORKED.average_precision() == pytest.approx(1 / 3 * 1 + 1 / 3 * 2 / 3)


def test_the_curve_is_scikit_learns_and_its_area_is_the_average_precision():
    rng = np.random.default_rng(1)
    found = np.round(rng.beta(4, 2, 300), 2)  # many scores are equal
    wrong = np.round(rng.beta(2, 4, 200), 2)
    mine = rows(
        *(face(20, s) for s in found), *(face(20) for _ in range(100)), *(false(20, s) for s in wrong)
    )
    curve = precision_recall(mine)
    precision, recall, score = precision_recall_curve(
        np.repeat([1, 0], [300, 200]), np.concatenate([found, wrong])
    )
    np.testing.assert_allclose(curve.score, score[::-1])
    np.testing.assert_allclose(curve.precision, precision[:-1][::-1])
    np.testing.assert_allclose(
        curve.recall, recall[:-1][::-1] * 300 / 400
    )  # it does not know of those missed
    highest_after = [curve.precision[i:].max() for i in range(len(curve.precision))]
    area = np.sum(np.diff(curve.recall, prepend=0) * highest_after)
    assert mine.average_precision() == pytest.approx(area)


def test_counts_and_rates_at_a_score():
    counts = at_score(WORKED, 0.6)
    assert (counts.n, counts.found, counts.false) == (3, 2, 1)
    assert counts.recall.value == pytest.approx(2 / 3) and counts.recall.interval == wilson(2, 3)
    assert counts.precision.value == pytest.approx(2 / 3) and counts.precision.n == 3
    assert at_score(WORKED, 0.95).found == 0 and math.isnan(at_score(WORKED, 0.95).precision.value)


def test_a_false_detection_counts_among_faces_of_its_own_height():
    small, middle, large = by_height(WORKED, 0.2, (0, 16, 64, math.inf))
    assert (small.counts.n, small.counts.found, small.counts.false) == (1, 1, 1)
    assert (middle.counts.n, middle.counts.found, middle.counts.false) == (1, 1, 0)
    assert (large.counts.n, large.counts.found, large.counts.false) == (1, 0, 1)
    assert (small.ap50, middle.ap50, large.ap50) == (1, 1, 0)
    assert (large.low, large.high) == (64, math.inf)


def test_heights_share_out_all_faces():
    mine = rows(*(face(h) for h in (1, 15.9, 16, 24, 32, 63, 64, 500)))
    assert [found.counts.n for found in by_height(mine, 0.5)] == [2, 1, 1, 2, 2]


def test_misses_are_the_faces_not_found_at_a_score_largest_first():
    missed = misses(WORKED, 0.7)
    assert missed.heights.tolist() == [70, 40] and missed.labelled.all()
    assert len(misses(WORKED, 0.05)) == 1 and len(misses(NONE, 0.5)) == 0


def test_where_nothing_is_counted_nothing_is_zero():
    assert math.isnan(NONE.average_precision()) and len(precision_recall(NONE).score) == 0
    only_false = rows(false(10, 0.9))
    assert math.isnan(only_false.average_precision()) and math.isnan(precision_recall(only_false).recall[0])
    assert precision_recall(only_false).precision.tolist() == [0]
    only_missed = rows(face(10))
    assert only_missed.average_precision() == 0 and len(precision_recall(only_missed).score) == 0


def test_scores_are_counted_by_way_and_source():
    mine = rows(
        face(10, 0.5),
        face(10, 0.5, way="live"),
        face(10, way="photo", source="b"),
        false(10, 0.4, way="live"),
    )
    found = detection_scores(mine, {"b": 1, "a": 2}, {"photo": 0.6, "live": 0.3})
    assert [(s.way, s.source, s.pictures, s.n, s.found, s.false) for s in found] == [
        ("photo", "a", 2, 1, 0, 0),
        ("photo", "b", 1, 1, 0, 0),
        ("live", "a", 2, 1, 1, 1),
        ("live", "b", 1, 0, 0, 0),
    ]
    assert found[0].ap50 == 1 and math.isnan(found[3].ap50)


def evaluation() -> DetectionEvaluation:
    return DetectionEvaluation(
        schema=1,
        model="face_fpn",
        manifest_sha256="0" * 64,
        evaluated="2026-01-01T00:00:00+00:00",
        device="onnx on x86_64, 2 cores",
        pictures={"a": 1},
        min_score={"photo": 0.5, "live": 0.4},
        ms={"photo": 20.5, "live": 5.0},
        scores=detection_scores(WORKED, {"a": 1}, {"photo": 0.5, "live": 0.4}),
        incomplete=("a",),
    )


def test_the_record_is_read_as_it_was_written(tmp_path):
    write_detection_evaluation(tmp_path, evaluation())
    read = read_detection_evaluation(tmp_path)
    assert read.as_json() == evaluation().as_json() and math.isnan(read.scores[1].ap50)


@pytest.mark.parametrize(
    ("field", "value", "said"),
    [
        ("pictures", {"b": 1}, "scores names something twice, or that the record does not know"),
        ("pictures", {"a": 0}, "scores: pictures of a says 1, but there are only 0"),
        ("ms", {"photo": 3}, "'live'"),
        ("ms", {"photo": -1, "live": 3}, "ms.photo"),
        ("ms", {"photo": "NaN", "live": 3}, "ms.photo"),
        ("min_score", {"photo": 0.5, "live": 1.5}, "min_score.live"),
        ("min_score", {"photo": 0.5, "slow": 0.5}, "min_score.slow"),
        ("incomplete", ["c"], "incomplete names"),
        ("device", "x" * 1001, "device"),
        ("scores", [{}] * 1001, "scores"),
        ("more", 1, "more"),
    ],
)
def test_a_strangers_record_is_refused_with_file_and_field(tmp_path, field, value, said):
    plain = evaluation().as_json() | {field: value}
    (tmp_path / DETECTION_FILE).write_text(json.dumps(plain))
    with pytest.raises(RecordError) as problem:
        read_detection_evaluation(tmp_path)
    assert said in str(problem.value) and DETECTION_FILE in str(problem.value)
