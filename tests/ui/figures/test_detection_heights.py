"""Average precision and recall by face height: bins, intervals, and what is too little to tell."""

import math

import pytest

from core.metrics.intervals import wilson
from core.runs.detections import DetectionRow, Detections
from ui.figures import detection_heights
from ui.figures.detection import Measured
from ui.figures.detection_heights import AP50, RECALL, height_words, of_heights


def row(height: float, score: float, label: str = "face", picture: str = "a/b") -> DetectionRow:
    return DetectionRow("photo", "toy", picture, label, (0.0, 0.0, height, height), score)


@pytest.fixture(scope="module")
def one():
    of = [row(10, 0.9, picture=f"p/{i}") for i in range(8)] + [row(10, math.nan)] * 4
    of += [row(12, 0.95, ""), row(20, 0.8), row(20, 0.3), row(70, 0.6)]
    return Measured("mine", "photo", "toy", Detections.from_rows(of), 9, 0.5, 0.7)


def test_faces_and_false_detections_count_in_the_bin_of_their_height(one):
    heights = of_heights(one)
    assert [of.recall.n for of in heights] == [12, 2, 0, 0, 1]
    small, next_ = heights[:2]
    assert small.recall.value == pytest.approx(8 / 12) and small.recall.interval == wilson(8, 12)
    assert small.ap50.value == pytest.approx(8 / 12 * 8 / 9)  # the false one comes first
    low, high = small.ap50.interval
    assert 0 <= low < small.ap50.value < high <= 1
    assert (next_.recall.value, next_.ap50.value) == (0.5, 1.0)  # AP is over all scores
    assert math.isnan(heights[2].ap50.value) and math.isnan(heights[2].recall.value)


def test_the_figure_says_n_and_greys_what_cannot_tell(one):
    heights = [of_heights(one)]
    figure = detection_heights.figure([one], heights, RECALL)
    tells, too_few = figure.data
    assert list(tells.x) == pytest.approx([8 / 12]) and list(too_few.x) == [0.5, 1.0]
    assert too_few.marker.color != tells.marker.color and "too few" in too_few.hovertemplate
    assert tells.error_x.array[0] == pytest.approx(wilson(8, 12)[1] - 8 / 12)
    said = [note.text for note in figure.layout.annotations]
    assert said == ["n = 12", "n = 2", "no examples", "no examples", "n = 1"]
    assert figure.layout.yaxis.ticktext[0] == "under 16 px" and figure.layout.yaxis.range[0] > 4
    assert list(detection_heights.figure([one], heights, AP50).data[0].x) == pytest.approx([64 / 108])


def test_several_are_beside_each_other_and_the_data_has_them_all(one):
    heights = [of_heights(one)] * 2
    figure = detection_heights.figure([one, one], heights, AP50)
    assert figure.data[0].y[0] < 0 < figure.data[2].y[0]
    data = detection_heights.data([one, one], heights)
    assert len(data) == 10 and data["Faces"].tolist()[:5] == [12, 2, 0, 0, 1]
    assert data["Recall from"][0] == pytest.approx(wilson(8, 12)[0]) and math.isnan(data["AP50"][2])


@pytest.mark.parametrize(
    ("ends", "words"),
    [((0, 16), "under 16 px"), ((16, 24), "16 to 24 px"), ((64, math.inf), "64 px and more")],
)
def test_heights_in_words(ends, words):
    assert height_words(*ends) == words
