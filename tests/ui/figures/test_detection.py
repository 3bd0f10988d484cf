"""Precision and recall of a detector, against scikit-learn and by hand."""

import math

import numpy as np
import pytest
from sklearn.metrics import precision_recall_curve

from core.runs.detections import DetectionRow, Detections
from ui.figures import detection
from ui.figures.detection import MAX_POINTS, Measured, looks, together

BOX = (0.0, 0.0, 20.0, 20.0)


def rows(*of: tuple[str, float]) -> Detections:
    """(label, score)."""
    return Detections.from_rows([DetectionRow("photo", "toy", "a/b", *one[:1], BOX, one[1]) for one in of])


def measured(of: Detections, **changes) -> Measured:
    plain = {"run": "mine", "way": "photo", "source": "toy", "rows": of, "pictures": 4, "min_score": 0.5}
    return Measured(**plain | {"ap50": of.average_precision()} | changes)


def many(seed: int = 0, n: int = 300) -> Detections:
    rng = np.random.default_rng(seed)
    return rows(
        *((("face" if rng.random() < 0.7 else ""), float(round(rng.random(), 4))) for _ in range(n)),
        *[("face", math.nan)] * 50,
    )


def test_the_curve_is_scikit_learns_where_every_face_is_found():
    of = many()
    faces = of.only(~np.isnan(of.score))
    precision, recall, _ = precision_recall_curve(faces.labelled, faces.score)
    trace = detection.figure([measured(faces)]).data[0]
    # Ours from the highest score on; the first point is drawn at recall 0 too
    assert np.asarray(trace.x)[1:] == pytest.approx(recall[-2::-1][: len(trace.x) - 1])
    assert np.asarray(trace.y)[1:] == pytest.approx(precision[-2::-1][: len(trace.y) - 1])
    assert trace.x[0] == 0 and trace.y[0] == trace.y[1] and trace.line.shape == "vh"


def test_faces_that_nothing_found_lower_recall_and_the_legend_says_what_counts():
    of = rows(("face", 0.9), ("", 0.8), ("face", 0.6), ("face", math.nan))
    figure = detection.figure([measured(of)])
    curve, point = figure.data
    assert list(curve.x) == pytest.approx([0, 1 / 3, 1 / 3, 2 / 3])
    assert list(curve.y) == pytest.approx([1, 1, 1 / 2, 2 / 3])
    assert curve.name == "toy, photo: AP50 55.6%, n = 3"  # 1/3 * 1 + 1/3 * 2/3
    assert (point.x[0], point.y[0]) == pytest.approx((2 / 3, 2 / 3))
    assert "score 0.5" in point.hovertemplate and "2 of 3 faces found, 1 false" in point.hovertemplate
    assert detection.data([measured(of)])["Score"].tolist() == [0.9, 0.8, 0.6]


def test_photo_and_live_differ_in_line_and_mark_but_not_in_colour():
    both = [measured(many(), way=way) for way in ("photo", "live")]
    other = measured(many(), source="else")
    (photo, filled), (live, opened), (elses, symbol) = looks([*both, other])
    assert photo == live != elses and opened == f"{filled}-open" and symbol != filled
    lines = detection.figure(both).data[::2]
    assert [line.line.dash for line in lines] == ["solid", "dash"]


def test_long_curves_are_thinned_on_the_screen_but_not_in_the_data():
    of = many(n=3000)
    assert len(detection.figure([measured(of)]).data[0].x) <= MAX_POINTS + 1
    assert len(detection.data([measured(of)])) == len(set(of.score[~np.isnan(of.score)]))


@pytest.mark.parametrize("of", [rows(), rows(("face", math.nan)), rows(("", 0.7))])
def test_nothing_found_or_nothing_labelled_is_drawn_as_nothing(of):
    figure = detection.figure([measured(of)])
    assert "no examples" in figure.data[0].name or "0.0%" in figure.data[0].name
    drawn = [x for x in figure.data[0].x if not math.isnan(x)]
    assert len(drawn) <= 1
    assert len(detection.data([measured(of)])) == (1 if of.score[~np.isnan(of.score)].size else 0)


def test_a_strangers_names_are_shown_as_they_are():
    one = measured(many(), run="<b>r", source="<a href='x'>", alone=False)
    assert detection.figure([one]).data[0].name.startswith("&lt;b&gt;r: &lt;a href='x'&gt;, photo")


def test_sources_together_are_counted_together():
    a, b = (
        measured(rows(("face", 0.9), ("", 0.3))),
        measured(rows(("face", math.nan)), source="b", pictures=6),
    )
    both = together([a, b])
    assert (both.pictures, both.n, both.at().found, len(both.rows)) == (10, 2, 1, 3)
    assert both.ap50 == pytest.approx(0.5) and both.name == "all sources, photo" and not both.lower_bound
