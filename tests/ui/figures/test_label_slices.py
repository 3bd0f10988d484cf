import math

import numpy as np

from core.labels import BLUE, ORANGE
from core.review.class_report import rated
from core.review.label_slices import LabelSliceRates
from ui.figures import label_slices as figures


def of(value, label, hits, n, cannot_tell=0):
    return LabelSliceRates("view", value, label, rated(hits, n), rated(cannot_tell, n))


SLICES = (
    of("frontal", "with_mask", 99, 100),
    of("frontal", "incorrect_mask", 40, 50, 5),
    of("profile", "with_mask", 19, 19),
)


def test_each_label_is_a_mark_in_the_row_of_its_value_with_its_interval():
    on, wrong = figures.by_label_slice("view", SLICES).data
    assert (on.name, wrong.name) == ("Mask on", "Worn incorrectly")
    assert on.x == (0.99, 1.0) and [round(y) for y in on.y] == [0, 1] and wrong.x == (0.8,)
    assert on.y[0] != wrong.y[0]  # not over each other
    low, high = np.array([s.right.interval for s in (SLICES[0], SLICES[2])]).T
    np.testing.assert_allclose(np.array(on.x) + on.error_x.array, np.maximum(high, on.x))
    np.testing.assert_allclose(np.array(on.x) - on.error_x.arrayminus, low)
    assert wrong.customdata[0][4] == 0.1


def test_few_faces_look_different_and_labels_differ_in_symbol_too():
    on, wrong = figures.by_label_slice("view", SLICES).data
    enough, few = on.marker.symbol
    assert few == f"{enough}-open" and wrong.marker.symbol[0] != enough
    assert on.customdata[0][5] == "" and "too few" in on.customdata[1][5]
    layout = figures.by_label_slice("view", SLICES).layout
    assert layout.yaxis.ticktext == ("frontal", "profile") and layout.yaxis.range == (1.5, -0.5)
    assert layout.title.text == "Right answers by view" and layout.xaxis.title.text


def test_labels_have_the_colours_of_the_app_where_these_tell_them_apart():
    on, wrong = figures.by_label_slice("view", SLICES).data
    assert (on.marker.color, wrong.marker.color) == (BLUE, ORANGE)
    female, male = figures.by_label_slice(
        "view", [of("a", f"{g}_no_mask", 9, 30) for g in ("female", "male")]
    ).data
    assert female.marker.color != male.marker.color


def test_enough_faces_of_which_it_is_unknown_are_not_hollow():
    (trace,) = figures.by_label_slice("view", [of("unknown", "with_mask", 20, 30)]).data
    assert not trace.marker.symbol[0].endswith("-open")


def test_the_data_has_a_row_for_each():
    data = figures.label_slice_data(SLICES)
    assert data.Faces.tolist() == [100, 50, 19] and data["Cannot tell"].tolist() == [0, 0.1, 0]
    assert data.Note.tolist() == ["", "", "too few examples"]


def test_of_very_many_values_and_labels_some_are_drawn():
    many = [of(str(i), str(k), 1, 1) for i in range(50) for k in range(15)]
    figure = figures.by_label_slice("view", many)
    assert len(figure.data) == figures.MAX_LABELS and {len(t.x) for t in figure.data} == {figures.MAX_VALUES}
    assert len(figures.label_slice_data(many)) == 750
    assert not any(math.isnan(x) for trace in figure.data for x in trace.x)


def test_strangers_words_are_shown_as_they_are():
    link = "<a href='https://example.org'>x</a>"
    figure = figures.by_label_slice(link, [of(link, link, 5, 10)])
    assert "<a" not in figure.to_json() and "&lt;a" in figure.to_json()
