"""Styles as they are seen in the street: shares of the kinds, and what never goes together."""

import dataclasses
from collections import Counter

import numpy as np
import pytest

from core.mask_rendering.styles import CUTS, random_style


@pytest.fixture(scope="module")
def styles():
    rng = np.random.default_rng(0)
    return [random_style(rng) for _ in range(2000)]


def test_surgical_and_cloth_lead_and_every_kind_occurs(styles):
    counts = Counter(style.shape for style in styles)
    assert counts.keys() == CUTS.keys()
    assert [shape for shape, _ in counts.most_common(2)] == ["surgical", "cloth"]
    assert counts["surgical"] / len(styles) == pytest.approx(0.42, abs=0.04)


def test_values_are_colours_and_proportions(styles):
    for style in styles:
        assert all(0 <= part <= 255 for part in (*style.colour, *style.trim))
        assert all(0 <= part <= 1 for part in (style.folds, style.opacity, style.roughness))


def test_prints_are_on_what_is_sewn_at_home_alone(styles):
    printed = Counter(style.shape for style in styles if style.pattern != "plain")
    assert printed.keys() == {"cloth", "bandana"}
    sewn = sum(style.shape in printed for style in styles)
    assert printed.total() / sewn == pytest.approx(0.45, abs=0.06)


def test_straps_follow_from_the_shape(styles):
    held = {style.shape: style.straps for style in styles}
    assert held["cone"] == "head_straps" and held["bandana"] == "none"
    assert {straps for shape, straps in held.items() if shape not in ("cone", "bandana")} == {"ear_loops"}


def test_medical_masks_are_mostly_pale(styles):
    bright = [np.mean(style.colour) > 130 for style in styles if style.shape == "surgical"]
    assert np.mean(bright) > 0.7


def test_the_same_seed_gives_the_same_style():
    one, two = (random_style(np.random.default_rng(5)) for _ in range(2))
    assert one == two != dataclasses.replace(one, folds=one.folds + 0.01)
