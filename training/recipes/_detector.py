"""What a recipe for a detector states. Its module in `training.recipes` has it as `RECIPE`, as others do."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from core.labels import MASK_3, LabelSet
from training.recipes._base import Phase


@dataclass(frozen=True, slots=True)
class AboutDetector:
    """What a detector's card says in words."""

    summary: str
    limits: tuple[str, ...]
    licence: str
    licence_notes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class DetectionRecipe:
    """All that a training depends on beside the data and the weights that the backbone starts from.

    The network sees tiles of `size` pixels, made of images with boxes: parts of them at any scale, mosaics of
    those and of single faces, and parts without a face; `turned_share` of the tiles are turned by any angle.
    A face is `least_px` to `most_px` high there, small ones oftener. `width` are the channels of the pyramid,
    `depths` the layers of each branch of the head by stride, finest first. `allowed_sources` as of `Recipe`.
    """

    name: str
    about: AboutDetector
    phases: tuple[Phase, ...]
    labels: LabelSet = MASK_3
    alpha: float = 0.35
    width: int = 64
    depths: tuple[int, ...] = (1, 2, 2)
    frozen_until: str = "block_2_add"
    size: int = 416
    batch: int = 16
    weight_decay: float = 5e-4
    ema_momentum: float = 0.995  # of the weights, over some 200 steps (as in Polyak and Juditsky 1992)
    pictures_per_epoch: int = 1_600
    mosaic_share: float = 0.5
    face_mosaic_share: float = 0.12
    empty_share: float = 0.2
    turned_share: float = 0.25
    least_px: float = 9.0
    most_px: float = 420.0
    validation_share: float = 0.12
    seed: int = 0
    allowed_sources: Mapping[str, str] = field(default_factory=dict)

    @property
    def epochs(self) -> int:
        return sum(phase.epochs for phase in self.phases)

    @property
    def architecture(self) -> str:
        return f"MobileNetV2, width {self.alpha:g}, with a feature pyramid of {self.width}"
