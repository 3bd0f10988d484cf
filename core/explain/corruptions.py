"""How an answer holds as a face gets worse, in physical units: blur, darkness, rotation and more.

The kinds of harm are those of photographs that people send, after the idea of Hendrycks and Dietterich,
"Benchmarking Neural Network Robustness to Common Corruptions and Perturbations" (ICLR 2019). Nothing is
random: the same face always gives the same curve.
"""

from __future__ import annotations

import io
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from PIL import Image

from core.classification import Classifier, Quality, measure_pixels, quality_failure
from core.decision import decide
from core.explain.occlusion import mean_colour
from core.images import crop_face, resized, scaled, to_jpeg
from core.labels import DEPICTION, NOT_A_FACE
from core.reasons import LOW_MARGIN
from core.results import Frame


def blur(rgb: np.ndarray, sigma: float) -> np.ndarray:
    """Out of focus: a Gaussian of `sigma` pixels; 0 leaves the picture as it is."""
    if sigma <= 0:
        return rgb.copy()
    # As float32: OpenCV's exact way for uint8 takes ten times as long where sigma is large
    soft = cv2.GaussianBlur(rgb.astype(np.float32), (0, 0), sigma, borderType=cv2.BORDER_REPLICATE)
    return np.asarray(soft.round(), np.uint8)


def darken(rgb: np.ndarray, exposure: float) -> np.ndarray:
    """As if only the proportion `exposure` of the light, 0 to 1, had reached the sensor; without its noise.

    Light is linear where sRGB is not (IEC 61966-2-1), so numbers are decoded, scaled and encoded again.
    """
    encoded = np.arange(256) / 255
    light = exposure * np.where(encoded <= 0.04045, encoded / 12.92, ((encoded + 0.055) / 1.055) ** 2.4)
    dark = np.where(light <= 0.0031308, light * 12.92, 1.055 * light ** (1 / 2.4) - 0.055)
    return cv2.LUT(rgb, (dark * 255).round().astype(np.uint8))


def rotate(rgb: np.ndarray, degrees: float) -> np.ndarray:
    """Turned about its centre, clockwise above 0. Corners that come in repeat the edge, as in crops."""
    if degrees == 0:
        return rgb.copy()
    height, width = rgb.shape[:2]
    matrix = cv2.getRotationMatrix2D(((width - 1) / 2, (height - 1) / 2), -degrees, 1.0)
    return cv2.warpAffine(rgb, matrix, (width, height), borderMode=cv2.BORDER_REPLICATE)


def compress(rgb: np.ndarray, quality: float) -> np.ndarray:
    """Saved as JPEG and read again; `quality` 1 to 100 is that of libjpeg. Above 100: not saved at all."""
    if quality > 100:
        return rgb.copy()
    return np.array(Image.open(io.BytesIO(to_jpeg(rgb, quality=round(quality)))))


def shrink(rgb: np.ndarray, scale: float) -> np.ndarray:
    """With `scale` times the pixels a side, 0 to 1, and enlarged again to its own size."""
    if scale >= 1:
        return rgb.copy()
    height, width = rgb.shape[:2]
    return resized(scaled(rgb, scale), (width, height))


def cover_below(rgb: np.ndarray, rows: int) -> np.ndarray:
    """A block of the mean colour over the lowest `rows`, as wide as the picture."""
    covered = rgb.copy()
    covered[len(rgb) - rows :] = mean_colour(rgb)
    return covered


def cover_above(rgb: np.ndarray, rows: int) -> np.ndarray:
    """A block of the mean colour over the uppermost `rows`, as wide as the picture."""
    covered = rgb.copy()
    covered[:rows] = mean_colour(rgb)
    return covered


@dataclass(frozen=True, slots=True)
class Corruption:
    """One kind of harm.

    `steps` are severities from none, which is `none`, to extreme; those of a kind with two directions run
    from one extreme over none to the other. `apply` takes a crop, a severity and the face's side in pixels of
    the crop. `unit` is the axis's title; `shown` writes a severity with its unit, for people. `in_pixels`:
    severities are the face's side in pixels, so that only those below its own are of use.
    """

    name: str
    unit: str
    none: float
    steps: tuple[float, ...]
    shown: Callable[[float], str]
    apply: Callable[[np.ndarray, float, float], np.ndarray]
    in_pixels: bool = False


def _margin(rgb: np.ndarray, face_px: float, proportion: float) -> int:
    """Rows from the crop's edge to `proportion` of the face in its middle; none for a proportion of 0."""
    return round((len(rgb) - face_px) / 2 + proportion * face_px) if proportion else 0


_WHOLE = math.inf
_PROPORTIONS = (0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.65, 0.8)
CORRUPTIONS = (
    Corruption(
        name="Blur",
        unit="Gaussian blur: sigma, % of the face's side",
        none=0,
        steps=(0, 0.01, 0.02, 0.03, 0.05, 0.08, 0.12, 0.2),
        shown=lambda proportion: f"{proportion:.0%}",
        apply=lambda rgb, proportion, face_px: blur(rgb, proportion * face_px),
    ),
    Corruption(
        name="Darkness",
        unit="Light: share of what the picture has",
        none=1,
        steps=tuple(2.0**-stops for stops in range(8)),
        shown=lambda proportion: f"1/{1 / proportion:.0f}" if proportion < 1 else "1",
        apply=lambda rgb, proportion, face_px: darken(rgb, proportion),
    ),
    Corruption(
        name="Rotation",
        unit="Turned clockwise, degrees",
        none=0,
        steps=(-90, -60, -40, -20, 0, 20, 40, 60, 90),
        shown=lambda degrees: f"{degrees:.0f}°".replace("-", "−"),
        apply=lambda rgb, degrees, face_px: rotate(rgb, degrees),
    ),
    Corruption(
        name="JPEG",
        unit="JPEG quality, 1 to 100",
        none=101,
        steps=(101, 80, 60, 40, 25, 15, 8, 3),
        shown=lambda quality: f"{quality:.0f}" if quality <= 100 else "as it is",
        apply=lambda rgb, quality, face_px: compress(rgb, quality),
    ),
    Corruption(
        name="Fewer pixels",
        unit="The face's side, pixels",
        none=_WHOLE,
        steps=(_WHOLE, 64, 48, 32, 24, 16, 12, 8, 5),
        shown=lambda side: f"{side:.0f} px" if side < _WHOLE else "as it is",
        apply=lambda rgb, side, face_px: shrink(rgb, side / face_px),
        in_pixels=True,
    ),
    Corruption(
        name="Covered from below",
        unit="Plain block: share of the face it hides, %",
        none=0,
        steps=_PROPORTIONS,
        shown=lambda proportion: f"{proportion:.0%}",
        apply=lambda rgb, proportion, face_px: cover_below(rgb, _margin(rgb, face_px, proportion)),
    ),
    Corruption(
        name="Covered from above",
        unit="Plain block: share of the face it hides, %",
        none=0,
        steps=_PROPORTIONS,
        shown=lambda proportion: f"{proportion:.0%}",
        apply=lambda rgb, proportion, face_px: cover_above(rgb, _margin(rgb, face_px, proportion)),
    ),
)


@dataclass(frozen=True, slots=True, eq=False)
class CorruptionResults:
    """What the app would say of N faces.

    probabilities  (N, C) calibrated
    class_indices  (N,) of the label named at the operating point
    margins        (N,) of the answers, see `core.decision.decide`
    between        of each, the ways of wearing it that are too even to name one, or none
    refused        why the app would not name a label: `not_a_face`, a key of `core.reasons.ADVICE`, or None
    """

    labels: tuple[str, ...]
    probabilities: np.ndarray
    class_indices: np.ndarray
    margins: np.ndarray
    between: tuple[tuple[str, ...], ...]
    refused: tuple[str | None, ...]

    def named(self, index: int) -> str:
        """The label, also where the app would not say it."""
        return self.labels[int(self.class_indices[index])]


@dataclass(frozen=True, slots=True, eq=False)
class RobustnessCurve:
    """A face under one corruption: N severities, N crops (H, W, 3) uint8 RGB and what is said of them."""

    corruption: Corruption
    severities: tuple[float, ...]
    crops: tuple[np.ndarray, ...]
    answers: CorruptionResults

    @property
    def start(self) -> int:
        """Index of the severity that leaves the face as it is."""
        return self.severities.index(self.corruption.none)

    def directions(self) -> tuple[range, ...]:
        """Indices from `start` outwards, to each end that there is."""
        ways = range(self.start, -1, -1), range(self.start, len(self.severities))
        return tuple(way for way in ways if len(way) > 1)

    def first_change(self, way: range) -> int | None:
        """Index of the first severity on the way outwards at which another label is named."""
        return next(
            (i for i in way if self.answers.class_indices[i] != self.answers.class_indices[self.start]), None
        )

    def first_refusal(self, way: range) -> int | None:
        """Index of the first severity on the way outwards at which the app would say `cannot_tell`."""
        return next((i for i in way if self.answers.refused[i]), None)


def measure_robustness(classifier: Classifier, crop: np.ndarray, corruption: Corruption) -> RobustnessCurve:
    """Ask about all severities in one call; `crop` (H, W, 3) uint8 RGB is a face with the card's margin.

    Raises `ModelError`.
    """
    height, width = crop.shape[:2]
    square = crop_face(Frame(crop), (0, 0, width, height), 1.0)
    face_px = len(square) / classifier.card.crop_scale
    steps = corruption.steps
    if corruption.in_pixels:
        steps = tuple(side for side in steps if side == corruption.none or side < face_px)
    crops = tuple(corruption.apply(square, step, face_px) for step in steps)
    sides = [min(step, face_px) if corruption.in_pixels else face_px for step in steps]
    return RobustnessCurve(corruption, steps, crops, classify_crops(classifier, crops, sides))


def classify_crops(
    classifier: Classifier, crops: Sequence[np.ndarray], face_px: Sequence[float]
) -> CorruptionResults:
    """What the app would say of square crops in which the face is the middle, `face_px` pixels a side.

    In one call. Where the face is turned to is not known, so nothing is refused for it. Raises `ModelError`.
    """
    card, point = classifier.card, classifier.operating_point
    found, from_ = classifier.predict(crops), card.refused_from
    said = decide(found.labels, card.label_set, point)
    refused = []
    for i, (crop, side, margin) in enumerate(zip(crops, face_px, said.margin, strict=True)):
        edge = round(len(crop) * (1 - 1 / card.crop_scale) / 2)
        middle = crop[edge : len(crop) - edge, edge : len(crop) - edge]
        quality = Quality(side, roll=math.nan, yaw=math.nan, visible=1.0, **measure_pixels(middle))
        refusals = {
            NOT_A_FACE: found.not_a_face[i] >= from_[NOT_A_FACE],
            DEPICTION: found.depiction[i] >= from_[DEPICTION],
            quality_failure(quality, card.quality): True,
            LOW_MARGIN: margin < point.min_margin,
        }
        refused.append(next((reason for reason, holds in refusals.items() if reason and holds), None))
    return CorruptionResults(
        card.label_set.labels, found.labels, said.class_index, said.margin, said.between, tuple(refused)
    )
