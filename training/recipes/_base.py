"""What a recipe states. A recipe is a module of `training.recipes` with a `RECIPE`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from core.labels import ClassSet, LabelSet
from core.models import QualityThresholds, Threshold

IMAGENET, NOTHING = "imagenet", "none"  # what a body may start from beside a file
Backbone = Literal["mobilenet_v2", "inception_v3", "resnet50", "small_cnn"]
Head = Literal["linear", "dense"]
Optimizer = Literal["adam", "adamw", "sgd"]
Schedule = Literal["constant", "cosine", "inverse_time"]


@dataclass(frozen=True, slots=True)
class About:
    """What a model's card says in words, when its quality gate speaks, and from when a face is refused.

    The notes on licence are of the data of `sources`; a run that learned from others is not spoken for.
    """

    summary: str
    intended_use: str
    limits: tuple[str, ...]
    licence: str
    licence_notes: tuple[str, ...]
    quality: QualityThresholds
    warning: str = ""
    sources: tuple[str, ...] = ()
    not_a_face_threshold: Threshold | None = None
    depiction_threshold: Threshold | None = None


def borrowed(quality: QualityThresholds, name: str) -> QualityThresholds:
    """Those of the model `name`, said to be so: pictures decide them more than a model does."""
    return QualityThresholds(
        **{field: borrowed_threshold(threshold, name) for field, threshold in quality.given.items()}
    )


def borrowed_threshold(threshold: Threshold, name: str) -> Threshold:
    return Threshold(value=threshold.value, reason=f"that of {name}, not measured")


@dataclass(frozen=True, slots=True)
class Phase:
    """Some epochs with one optimizer. `trains` is "head", "all", or how many of the body's last layers.

    "sgd" has Nesterov momentum .9. "cosine" warms up over the first twentieth of the steps and ends at a
    hundredth; "inverse_time" is rate / (1 + rate / epochs * step), the decay that Keras once had built in.
    With `ema_span` above 0 not the last weights are kept but their exponential moving average over about that
    share of the phase, from where it began: of a body that knew much before, more is kept (as in Wortsman et
    al. 2022), which does better on photos from elsewhere.
    """

    name: str
    epochs: int
    trains: Literal["head", "all"] | int = "all"
    optimizer: Optimizer = "adam"
    learning_rate: float = 1e-3
    schedule: Schedule = "constant"
    ema_span: float = 0.0


@dataclass(frozen=True, slots=True)
class Part:
    """A network of its own for one question about each label: `label_of` gives its answer to `labels`."""

    name: str
    labels: LabelSet
    label_of: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Recipe:
    """All that a training depends on beside the data and the weights that the body starts from.

    `classes` are what the network tells apart, in output order; empty where that is the labels.

    `sampling` "balanced": label `l`, or one of `core.labels.RESERVED`, is drawn with `label_share[l]`, of
    which `synthetic_share[l]` are of `training.synthesis`, and a picture with weight 1 / sqrt(size of its
    source), so that a large source does not drown a small one; the same for subtypes where `classes` has
    them. Of masks that are drawn worn incorrectly `subtype_share` are of each subtype; empty: as
    `training.synthesis` has them. "each_once": every picture once an epoch. An epoch has `pictures_per_epoch`
    pictures, None for as many as there are. With `parts` a network is trained for each, then they are joined
    by new layers and trained on all. `body_ends_at` names the last layer kept, by its name in
    `keras.applications`; "" keeps all. `middle` is the share of the side that the body sees: of 160 pixels
    and .8 the middle 128, so that a face of the same crop has more pixels at no cost. `allowed_sources` are
    those that it may learn from, each with the licence that it claims; none named: any.
    """

    name: str
    labels: LabelSet
    about: About
    backbone: Backbone
    head: Head
    size: int
    phases: tuple[Phase, ...]
    batch: int = 32
    alpha: float = 1.0
    body_ends_at: str = ""
    middle: float = 1.0
    dropout: float = 0.5
    weight_decay: float = 0.0
    label_smoothing: float = 0.0
    sampling: Literal["balanced", "each_once"] = "each_once"
    class_weights: bool = False
    pictures_per_epoch: int | None = None
    label_share: Mapping[str, float] = field(default_factory=dict)
    synthetic_share: Mapping[str, float] = field(default_factory=dict)
    subtype_share: Mapping[str, float] = field(default_factory=dict)
    augmentation: Literal["strong", "gentle"] = "strong"
    validation_share: float = 0.2
    crop_scale: float = 1.5
    patience: int = 8
    seed: int = 0
    parts: tuple[Part, ...] = ()
    allowed_sources: Mapping[str, str] = field(default_factory=dict)
    classes: tuple[str, ...] = ()

    @property
    def class_set(self) -> ClassSet:
        return ClassSet(self.labels, self.classes or self.labels.labels)

    @property
    def seen(self) -> int:
        """Side of what the body sees, pixels."""
        return self.size - 2 * round(self.size * (1 - self.middle) / 2)

    @property
    def epochs(self) -> int:
        return sum(phase.epochs for phase in self.phases)

    @property
    def architecture(self) -> str:
        """The network's name for people."""
        names = {"inception_v3": "InceptionV3", "resnet50": "ResNet50", "small_cnn": "Small CNN"}
        name = names.get(self.backbone, f"MobileNetV2, width {self.alpha:g}")
        name += f", to {self.body_ends_at}" if self.body_ends_at else ""
        name += f", middle {self.middle:.0%}" if self.middle < 1 else ""
        return f"{len(self.parts)} x {name}, joined" if self.parts else name
