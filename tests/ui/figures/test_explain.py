import math

import numpy as np
import pytest

from core.explain.corruptions import CORRUPTIONS, CorruptionResults, RobustnessCurve
from core.explain.occlusion import OcclusionMap
from core.labels import MASK_3
from ui.figures import explain as figures

LABELS = MASK_3.labels
STRANGER = '<a href="https://example.org">x</a>'
BY_NAME = {kind.name: kind for kind in CORRUPTIONS}


def found(size=16, side=4):
    """One patch of the 7 x 7 takes 60 points from the first label and gives them to the second."""
    starts = np.arange(0, size - side + 1, side // 2)
    probabilities = np.array([0.9, 0.08, 0.02])
    covered = np.tile(probabilities, (len(starts), len(starts), 1))
    covered[2, 5] = 0.3, 0.68, 0.02
    return OcclusionMap(np.full((size, size, 3), 99, np.uint8), probabilities, covered, starts, side)


def curve(units, refused, probabilities=None, kind="Blur", labels=LABELS, between=None):
    corruption = BY_NAME[kind]
    n = len(corruption.steps)
    if probabilities is None:
        probabilities = np.eye(len(labels))[units] * 0.9 + 0.1 / len(labels)
    answers = CorruptionResults(
        labels,
        np.asarray(probabilities),
        np.array(units),
        np.full(n, 0.8),
        between or ((),) * n,
        tuple(refused),
    )
    return RobustnessCurve(corruption, corruption.steps, (np.zeros((4, 4, 3), np.uint8),) * n, answers)


def test_bars_are_in_order_and_the_answer_is_bold():
    figure = figures.probabilities(LABELS, np.array([0.2, 0.7, 0.1]), 1)
    bar = figure.data[0]
    assert list(bar.x) == [0.1, 0.2, 0.7] and bar.text[-1] == "<b>70.0%</b>"
    assert list(figure.layout.yaxis.ticktext) == ["✗ No mask", "✓ Mask on", "! Worn incorrectly"]


def test_of_many_labels_the_likeliest_are_drawn():
    values = np.linspace(1, 2, 64) / np.linspace(1, 2, 64).sum()
    labels = tuple(f"label {n}" for n in range(64))
    bar = figures.probabilities(labels, values, 63).data[0]
    assert len(bar.x) == figures.MOST_LABELS and max(bar.x) == values.max()


def test_the_map_holds_percentage_points_and_a_square_where_most_is_taken():
    figure = figures.occlusion(found(), 0, LABELS[0])
    heat = figure.data[0]
    falls, counts = found().per_pixel(0)
    np.testing.assert_allclose(heat.z, 100 * falls, atol=0.01)
    assert (np.asarray(heat.customdata) == counts).all()
    assert heat.zmax == -heat.zmin == pytest.approx(100 * falls.max())
    square = figure.layout.shapes[0]
    assert (square.x0, square.y0, square.x1, square.y1) == (10, 4, 14, 8)
    assert figure.layout.yaxis.range == (16, 0)  # from the top, as in pictures


def test_what_changes_nothing_is_not_coloured_up():
    still = found()
    still.covered[:] = still.probabilities
    assert figures.occlusion(still, 0, LABELS[0]).data[0].zmax == 100 * figures.LEAST_SCALE


def test_a_large_input_is_thinned():
    heat = figures.occlusion(found(size=1024, side=128), 0, LABELS[0]).data[0]
    assert max(np.shape(heat.z)) <= figures.MOST_PIXELS and heat.x[0] == 3.5 and 1020 < heat.x[-1] < 1028


def test_lines_differ_by_dash_or_colour_and_by_symbol():
    labels = tuple(f"{gender}_{worn}" for gender in ("female", "male") for worn in ("no_mask", "below_mouth"))
    figure = figures.robustness(curve([0] * 8, [None] * 8, labels=labels))
    looks = [(line.line.color, line.line.dash) for line in figure.data]
    assert len(looks) == 4 == len(set(looks)) == len({line.marker.symbol for line in figure.data})


def test_labels_that_never_matter_are_left_out_of_many():
    probabilities = np.full((8, 10), 0.01)
    probabilities[:, 3], probabilities[:, 7] = 0.6, 0.3
    assert figures.likeliest(probabilities) == [3, 7]
    assert figures.likeliest(probabilities[:, :3]) == [0, 1, 2]


def test_the_turn_is_a_line_and_a_refusal_a_grey_field_with_its_reason():
    figure = figures.robustness(
        curve([0, 0, 0, 2, 2, 2, 2, 2], [None] * 5 + ["blurred"] * 2 + ["low_margin"])
    )
    turn, fields = figure.layout.shapes[-1], figure.layout.shapes[:-1]
    assert turn.x0 == turn.x1 == 2.5
    assert [(field.x0, field.x1) for field in fields] == [(4.5, 6.5), (6.5, 7.5)]
    assert [note.text for note in figure.layout.annotations] == ["? blurred", "? not sure"]
    ticks = figure.layout.xaxis.ticktext
    assert ticks[0] == "as is<br>✓" and ticks[3] == "3%<br>✗" and ticks[5] == "8%<br>?"


def test_the_answer_is_what_the_app_would_show():
    ways = [("incorrect_mask", "without_mask"), *[()] * 7]
    told = curve([1] * 8, [None] * 7 + ["dark"], between=tuple(ways)).answers
    assert [figures.answer_of(told, i) for i in (0, 1, 7)] == [
        "not_properly",
        "incorrect_mask",
        "cannot_tell",
    ]


def test_rotation_may_turn_the_answer_on_both_sides():
    figure = figures.robustness(curve([2, 2, 0, 0, 0, 0, 0, 0, 2], [None] * 9, kind="Rotation"))
    assert [shape.x0 for shape in figure.layout.shapes] == [1.5, 7.5]
    assert figure.layout.xaxis.ticktext[4].startswith("as is")


def test_a_strangers_label_is_text():
    labels = (STRANGER, "other")
    drawn = (
        figures.probabilities(labels, np.array([0.6, 0.4]), 0),
        figures.occlusion(found(), 0, STRANGER),
        figures.robustness(curve([0] * 8, [None] * 8, labels=labels)),
    )
    for figure in drawn:
        assert "<a " not in str(figure.to_dict()) and "&lt;a" in str(figure.to_dict())


@pytest.mark.parametrize(
    "figure",
    [
        figures.probabilities(LABELS, np.array([0.2, 0.7, 0.1]), 1),
        figures.occlusion(found(), 0, LABELS[0]),
        figures.robustness(curve([0] * 8, [None] * 8, kind="JPEG")),
    ],
    ids=["probabilities", "occlusion", "robustness"],
)
def test_every_chart_has_title_axes_and_hover(figure):
    assert figure.layout.title.text and figure.layout.xaxis.title.text
    assert all(trace.hovertemplate.endswith("<extra></extra>") for trace in figure.data)
    assert figure.layout.paper_bgcolor is None and figure.layout.font.color is None


def test_every_severity_has_a_name_of_its_own():
    for kind in CORRUPTIONS:
        names = [kind.shown(step) for step in kind.steps]
        assert len(set(names)) == len(names) and not any("inf" in name for name in names)
    assert math.isinf(BY_NAME["Fewer pixels"].none)
