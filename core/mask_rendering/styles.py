"""Kinds of face masks: how each is cut, and how it looks."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal, TypeVar

import numpy as np

Colour = tuple[int, int, int]
"""sRGB red, green, blue, 0 to 255."""

Shape = Literal["surgical", "cloth", "kn95", "cone", "sponge", "bandana"]
Pattern = Literal["plain", "stripes", "dots", "check", "blobs"]
Straps = Literal["ear_loops", "head_straps", "none"]
Option = TypeVar("Option")


@dataclass(frozen=True, slots=True)
class MaskStyle:
    """A mask as it lies in the shop. `trim` colours the print and the straps.

    `folds`, `opacity` and `roughness` are shares, 0 to 1.
    """

    shape: Shape = "surgical"
    colour: Colour = (146, 190, 214)
    trim: Colour = (236, 236, 236)
    pattern: Pattern = "plain"
    straps: Straps = "ear_loops"
    folds: float = 0.4
    opacity: float = 1.0
    roughness: float = 0.3


@dataclass(frozen=True, slots=True)
class Cut:
    """How a shape is cut. Lengths in `v`, angles in `theta` of `core.mask_rendering.head`."""

    reach: float  # theta of the side edges
    peak: float  # rise of the upper edge over the nose bridge
    side_drop: float  # upper corners below the middle of the upper edge
    side_height: float  # length of the side edges
    chin: float  # v of the lower edge at the mid-line, when worn correctly
    roundness: float  # power of the lower edge: 1 is pointed, 3 nearly straight
    pleats: int = 0
    seam: bool = False
    strap_width: float = 0.03  # eye distances: 2 mm


CUTS: dict[Shape, Cut] = {
    "surgical": Cut(1.15, 0.06, 0.14, 0.62, 1.66, 2.4, pleats=3),
    "cloth": Cut(1.12, 0.10, 0.24, 0.42, 1.62, 1.8, seam=True),
    "kn95": Cut(1.05, 0.16, 0.34, 0.34, 1.68, 1.4, seam=True),
    "cone": Cut(0.86, 0.10, 0.36, 0.30, 1.62, 2.0),
    "sponge": Cut(1.34, 0.10, 0.26, 0.24, 1.64, 1.7, seam=True, strap_width=0.07),
    "bandana": Cut(1.50, 0.04, 0.10, 1.60, 2.15, 2.0),
}

# About as often as seen in the street, by eye over the training pictures
_SHAPE_SHARES: dict[Shape, float] = {
    "surgical": 0.42,
    "cloth": 0.20,
    "kn95": 0.13,
    "cone": 0.07,
    "sponge": 0.12,
    "bandana": 0.06,
}
_WHITES: tuple[Colour, ...] = ((240, 242, 243), (226, 232, 238))
_PALE: tuple[Colour, ...] = (
    (146, 190, 214),
    (110, 168, 205),
    (172, 206, 222),
    (130, 200, 200),
    (150, 208, 180),
    (214, 180, 200),
)
_DARKS: tuple[Colour, ...] = ((26, 26, 29), (44, 46, 52), (30, 38, 66), (70, 72, 78))
_VIVID: tuple[Colour, ...] = (
    (46, 120, 80),
    (222, 150, 172),
    (170, 36, 44),
    (60, 80, 150),
    (206, 176, 70),
    (128, 104, 84),
)
_PALETTES = (_WHITES, _PALE, _DARKS, _VIVID)
_MEDICAL_SHARES, _FASHION_SHARES = (0.42, 0.36, 0.14, 0.08), (0.16, 0.10, 0.48, 0.26)
_PRINTS: tuple[Pattern, ...] = ("stripes", "dots", "check", "blobs")
_PATTERNED = 0.45  # share of cloth masks and bandanas with a print


def random_style(rng: np.random.Generator) -> MaskStyle:
    """A style about as often as it is seen in the street: surgical and cloth lead."""
    shape = _choose(rng, tuple(_SHAPE_SHARES), tuple(_SHAPE_SHARES.values()))
    medical = shape in ("surgical", "kn95", "cone")
    palette = _choose(rng, _PALETTES, _MEDICAL_SHARES if medical else _FASHION_SHARES)
    colour = _jitter(palette[rng.integers(len(palette))], 14, rng)
    trim = _jitter((236, 236, 236), 10, rng) if medical else _jitter(colour, 25, rng)
    pattern: Pattern = "plain"
    if shape in ("cloth", "bandana") and rng.random() < _PATTERNED:
        pattern = _choose(rng, _PRINTS)
        trim = _jitter((128, 128, 128), 120, rng)
    return MaskStyle(
        shape=shape,
        colour=colour,
        trim=trim,
        pattern=pattern,
        straps="head_straps" if shape == "cone" else "none" if shape == "bandana" else "ear_loops",
        folds=float(rng.uniform(0.1, 0.9)),
        opacity=float(rng.uniform(0.94, 1.0)),
        roughness=float(rng.uniform(0.1, 0.7)),
    )


def dark_style(rng: np.random.Generator, skin: np.ndarray | None = None) -> MaskStyle:
    """Plain dark cloth: black, navy, charcoal, or a darker shade of `skin` (3,) RGB."""
    style = random_style(rng)
    colour = _jitter(_DARKS[rng.integers(len(_DARKS))], 10, rng)
    if skin is not None:
        r, g, b = np.clip(skin * rng.uniform(0.25, 0.7), 0, 255).astype(int).tolist()
        colour = _jitter((r, g, b), 12, rng)
    return replace(style, colour=colour, trim=_jitter(colour, 25, rng), pattern="plain")


def garment_style(rng: np.random.Generator, *, plain: bool) -> MaskStyle:
    """Cloth of a collar or scarf: mostly dark, often with a print if it is not to be `plain`."""
    palette = _choose(rng, _PALETTES, (0.12, 0.08, 0.5, 0.3))
    colour = _jitter(palette[rng.integers(len(palette))], 20, rng)
    printed = not plain and rng.random() < _PATTERNED
    return MaskStyle(
        shape="cloth",
        colour=colour,
        trim=_jitter((128, 128, 128), 120, rng),
        pattern=_choose(rng, _PRINTS) if printed else "plain",
        straps="none",
        roughness=float(rng.uniform(0.2, 0.9)),
    )


def _choose(
    rng: np.random.Generator, options: tuple[Option, ...], shares: tuple[float, ...] | None = None
) -> Option:
    return options[rng.choice(len(options), p=shares)]


def _jitter(colour: Colour, spread: int, rng: np.random.Generator) -> Colour:
    r, g, b = np.clip(np.array(colour) + rng.integers(-spread, spread + 1, 3), 0, 255)
    return int(r), int(g), int(b)
