"""What the report's figures hold, and that a stranger's words stay words."""

import math

import numpy as np

from core.review.class_report import from_counts, rated
from core.review.slices import SliceAccuracy
from ui.figures import report as figures

COUNTS = np.array([[8, 2], [5, 5]])
REPORT = from_counts(COUNTS, ("with_mask", "without_mask"))


def test_each_figure_of_each_class_is_a_dot_with_its_interval():
    figure = figures.by_label(REPORT)
    recall, precision, f1 = figure.data
    assert (recall.name, precision.name, f1.name) == ("Recall", "Precision", "F1")
    np.testing.assert_allclose(recall.x, [0.8, 0.5])
    np.testing.assert_allclose(precision.x, [8 / 13, 5 / 7])
    np.testing.assert_allclose(f1.x, [16 / 23, 10 / 17])
    for trace, name in ((recall, "recall"), (precision, "precision"), (f1, "f1")):
        low, high = np.array([getattr(row, name).interval for row in REPORT.labels]).T
        np.testing.assert_allclose(np.array(trace.x) + trace.error_x.array, high)
        np.testing.assert_allclose(np.array(trace.x) - trace.error_x.arrayminus, low)
    assert len({trace.marker.symbol for trace in figure.data}) == 3
    assert figure.layout.yaxis.ticktext == ("Mask on", "No mask")
    assert figure.layout.title.text and figure.layout.xaxis.title.text


def test_a_class_without_faces_has_no_dot_and_its_row_says_so():
    report = from_counts(np.array([[8, 0, 0], [0, 0, 0], [1, 0, 2]]), ("a", "b", "c"))
    assert [len(trace.x) for trace in figures.by_label(report).data] == [2, 2, 2]
    data = figures.label_data(report)
    assert data[data.Class == "b"].Share.isna().all() and (data[data.Class == "b"].Faces == 0).all()
    assert len(data) == 9 and data.Share[0] == 8 / 8


def test_slices_are_rows_in_their_order_and_few_faces_look_different():
    slices = [SliceAccuracy("source", "bad", rated(5, 10)), SliceAccuracy("source", "few", rated(2, 2))]
    figure = figures.by_slice(slices, ["Source: bad", "Source: few"], 0.75)
    enough, few, line = figure.data
    assert (enough.x, enough.y) == ((0.5,), (0,)) and (few.x, few.y) == ((1.0,), (1,))
    assert enough.marker.symbol != few.marker.symbol and few.name == "Too few to tell"
    assert line.name == "All faces, 75.0%" and figure.layout.shapes[0].x0 == 0.75
    assert figure.layout.yaxis.range == (1.5, -0.5)  # the first is on top


def test_an_accuracy_that_is_not_known_is_no_line():
    figure = figures.by_slice([SliceAccuracy("source", "a", rated(5, 10))], ["a"], math.nan)
    assert not figure.layout.shapes and len(figure.data) == 1


def test_strangers_words_are_shown_as_they_are():
    link = "<a href='https://example.org'>x</a>"
    report = from_counts(COUNTS, (link, "b"))
    slices = [SliceAccuracy("source", link, rated(5, 10))]
    for figure in (figures.by_label(report), figures.by_slice(slices, [link], 0.5)):
        assert "<a" not in figure.to_json() and "&lt;a" in figure.to_json()
