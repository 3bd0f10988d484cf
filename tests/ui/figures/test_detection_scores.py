"""What another least score would do, by hand and against the counts of core."""

import math

import numpy as np
import pytest

from core.review.detection import at_score
from core.runs.detections import DetectionRow, Detections
from ui.figures import detection_scores
from ui.figures.detection import Measured
from ui.figures.detection_scores import SCORES


def measured(*of: tuple[str, float], pictures: int = 2) -> Measured:
    rows = [DetectionRow("photo", "<b>toy", "a/b", label, (0, 0, 9, 9), score) for label, score in of]
    return Measured("mine", "photo", "<b>toy", Detections.from_rows(rows), pictures, 0.35, 0.5)


def test_every_score_counts_as_core_does():
    rng = np.random.default_rng(0)
    of = [("face" if rng.random() < 0.6 else "", round(float(rng.random()), 2)) for _ in range(200)]
    one = measured(*of, ("face", math.nan))
    data = detection_scores.data(one).set_index("Score")
    assert len(data) == len(SCORES) and SCORES[0] == 0.1 and SCORES[-1] == 0.99
    for score in (0.1, 0.35, 0.7, 0.99):  # among them some that detections have exactly
        counts, row = at_score(one.rows, score), data.loc[score]
        assert (row["Found"], row["False"], row["Faces"]) == (counts.found, counts.false, counts.n)
        assert row["Recall"] == pytest.approx(counts.recall.value, nan_ok=True)
        assert row["Precision"] == pytest.approx(counts.precision.value, nan_ok=True)
        assert row["False a picture"] == counts.false / 2


def test_the_figures_mark_the_operating_point_and_the_chosen_score():
    one = measured(("face", 0.9), ("", 0.5), ("", 0.2))
    data = detection_scores.data(one)
    recall_and_precision = detection_scores.recall_and_precision(data, one, 0.6)
    assert [trace.name for trace in recall_and_precision.data] == [
        *("Recall", "Precision", "Operating point: 0.35", "Chosen: 0.6")
    ]
    assert [trace.x[0] for trace in recall_and_precision.data[2:]] == [0.35, 0.6]
    assert (
        recall_and_precision.data[1].y[0] == pytest.approx(1 / 3)
        and recall_and_precision.data[1].y[-1] != recall_and_precision.data[1].y[-1]
    )
    false = detection_scores.false_faces(data, one, 0.6)
    assert false.layout.yaxis.type == "log" and list(false.data[1].y) == [0.5, 1.0]
    assert false.data[0].y[0] == 1.0 and "&lt;b&gt;toy" in false.layout.title.text


def test_no_faces_and_no_pictures_are_no_shares():
    data = detection_scores.data(measured(("", 0.5), pictures=0))
    assert data["Recall"].isna().all() and data["False a picture"].isna().all()
    detection_scores.false_faces(data, measured(pictures=0), 0.5)
