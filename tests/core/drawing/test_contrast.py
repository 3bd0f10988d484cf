"""Contrast by the figures that WCAG 2 itself gives, and ink that can be read on every answer's colour."""

import pytest

from core.drawing.contrast import contrast, ink_on
from core.labels import APPEARANCES


@pytest.mark.parametrize(
    ("a", "b", "ratio"),
    [
        ("#000000", "#ffffff", 21),
        ("#777777", "#ffffff", 4.48),  # the grey that just fails at 4.5
        ("#767676", "#ffffff", 4.54),  # and the one that just passes
        ("#ff0000", "#ffffff", 4.00),
        ("#0a0a0a", "#000000", 1.06),  # below 10.3 of 255 light grows in a straight line
    ],
)
def test_ratios_are_those_of_wcag(a, b, ratio):
    assert contrast(a, b) == contrast(b, a) == pytest.approx(ratio, abs=0.005)
    assert contrast(a, a) == 1


def test_ink_is_the_better_of_black_and_white():
    assert (ink_on("#ffff00"), ink_on("#000080")) == ("#000000", "#ffffff")


@pytest.mark.parametrize("label", APPEARANCES)
def test_every_answers_colour_can_be_written_on(label):
    colour = APPEARANCES[label].colour
    assert contrast(ink_on(colour), colour) >= 4.5
