"""What the pipeline answers: one picture's faces, each with what is said of it and how sure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from core import notebook
from core.decision import Decisions, OperatingPoint, alarm_classes, decide
from core.labels import CANNOT_TELL, NOT_PROPERLY, SUBTYPES, LabelSet, appearance, either

Box = tuple[float, float, float, float]
"""(x1, y1, x2, y2) in pixels of the frame; x2 and y2 are one past the last pixel."""

Landmarks = tuple[tuple[float, float], ...]
"""Five (x, y) points in pixels: right eye, left eye (the person's), nose tip, right and left mouth corner."""


LEAST_SUBTYPE = 0.5  # of worn wrongly's probability, before a way of wearing it is named


@dataclass(frozen=True, slots=True, eq=False)
class Frame:
    """One picture. `rgb` is (H, W, 3) uint8, channel order red, green, blue.

    `note` is what to know of how it was read, in words; empty for most.
    """

    rgb: np.ndarray
    note: str = ""

    def __post_init__(self) -> None:
        a = self.rgb
        if a.ndim != 3 or a.shape[2] != 3 or a.dtype != np.uint8 or 0 in a.shape:
            raise ValueError(f"rgb must be (H, W, 3) uint8 and not empty, got {a.shape} {a.dtype}")

    @property
    def width(self) -> int:
        return int(self.rgb.shape[1])

    @property
    def height(self) -> int:
        return int(self.rgb.shape[0])


@dataclass(frozen=True, slots=True)
class Detection:
    """A face found.

    `score` is the detector's own confidence, 0 to 1, comparable within one detector only. `visible` is the
    share of the detector's box that lies inside the frame; `box` itself never leaves it.
    """

    box: Box
    score: float
    detector: str
    landmarks: Landmarks | None = None
    visible: float = 1.0

    @property
    def side(self) -> float:
        """Longer side of the box, pixels."""
        x1, y1, x2, y2 = self.box
        return max(x2 - x1, y2 - y1)

    def moved(self, scale: float, dx: float = 0.0, dy: float = 0.0) -> Detection:
        """Moved by (dx, dy) pixels, then in a picture that is `scale` times as large."""
        x1, y1, x2, y2 = map(float, self.box)
        box = ((x1 + dx) * scale, (y1 + dy) * scale, (x2 + dx) * scale, (y2 + dy) * scale)
        points = self.landmarks and tuple(((x + dx) * scale, (y + dy) * scale) for x, y in self.landmarks)
        return replace(self, box=box, landmarks=points)


@dataclass(frozen=True, slots=True)
class Prediction:
    """What the classifier says of a face.

    `probabilities` are calibrated and in label order. `operating_point` was applied: it names the label, and
    says from which margin on it is an answer. How it decides: `core.decision.decide`. `subtypes` is how
    probable each way of wearing it wrongly is, given that it is; empty where the network does not tell.
    """

    labels: LabelSet
    probabilities: tuple[float, ...]
    operating_point: OperatingPoint = OperatingPoint()  # noqa: RUF009 - frozen, so that all may share it
    subtypes: Mapping[str, float] = field(default_factory=dict, hash=False)
    _said: Decisions = field(init=False, repr=False, compare=False)  # asked for many times a frame

    def __post_init__(self) -> None:
        if len(self.probabilities) != len(self.labels):
            raise ValueError(f"{len(self.probabilities)} probabilities for {len(self.labels)} labels")
        said = decide(np.array([self.probabilities]), self.labels, self.operating_point)
        object.__setattr__(self, "_said", said)  # as of any frozen dataclass

    @property
    def label(self) -> str:
        return self.labels.labels[int(self._said.class_index[0])]

    @property
    def probability(self) -> float:
        """Of the label."""
        return self.probabilities[int(self._said.class_index[0])]

    @property
    def margin(self) -> float:
        """The margin by which the answer leads, 0 to 1: of worn properly over not, or the reverse."""
        return float(self._said.margin[0])

    @property
    def worn_properly(self) -> bool | None:
        """None where the labels do not tell."""
        alarms = alarm_classes(self.labels)
        return not alarms[int(self._said.class_index[0])] if alarms.any() else None

    @property
    def worn_properly_probability(self) -> float | None:
        """Of all labels that mean so; None where they do not tell."""
        alarms = alarm_classes(self.labels)
        return float(np.clip(np.sum(self.probabilities, where=~alarms), 0, 1)) if alarms.any() else None

    @property
    def unclear_between(self) -> tuple[str, ...]:
        """How it may be worn, the most probable way first, where it is not worn properly and these ways are
        too even to name one of them; else empty.
        """
        return self._said.between[0]

    @property
    def answer(self) -> str:
        """The label, or `not_properly` where that much is clear, but not how."""
        return NOT_PROPERLY if self.unclear_between else self.label

    @property
    def confidence(self) -> float:
        """Probability of the answer."""
        properly = self.worn_properly_probability
        return 1 - properly if properly is not None and self.unclear_between else self.probability

    @property
    def sentence(self) -> str:
        """The answer in words."""
        look = appearance(self.answer)
        if self.unclear_between:
            return f"{look.short}: {either(self.unclear_between)}."
        return SUBTYPES[self.subtype] if self.subtype else look.sentence

    @property
    def subtype(self) -> str | None:
        """How a mask worn wrongly is worn, where one way has half of the probability or more."""
        best = max(self.subtypes, key=self.subtypes.__getitem__, default=None)
        if best is None or self.subtypes[best] < LEAST_SUBTYPE or appearance(self.answer).worn != "wrongly":
            return None
        return best

    @property
    def by_label(self) -> dict[str, float]:
        return dict(zip(self.labels, self.probabilities, strict=True))

    def rounded(self) -> dict[str, float]:
        """Probabilities by label as the command line prints them."""
        return {label: round(p, 4) for label, p in self.by_label.items()}

    def as_json(self) -> dict[str, Any]:
        """The stable fields of `python -m core` that tell of the mask."""
        properly = self.worn_properly_probability
        return {
            "answer": self.answer,
            "label": self.label,
            "probabilities": self.rounded(),
            "worn_properly": self.worn_properly,
            "worn_properly_probability": None if properly is None else round(properly, 4),
            "unclear_between": list(self.unclear_between),
            "subtype": self.subtype,
        }


@dataclass(frozen=True, slots=True)
class CannotTell:
    """Why a face is not judged, and what the person can do about it."""

    reason: str
    advice: str


@dataclass(frozen=True, slots=True)
class FaceResult:
    """A face, what is said of it, and why not when it cannot be told."""

    detection: Detection
    prediction: Prediction
    cannot_tell: CannotTell | None = None
    track_id: int | None = None

    @property
    def answer(self) -> str:
        """The label, `not_properly` where it is not clear how, or `cannot_tell`."""
        return CANNOT_TELL if self.cannot_tell else self.prediction.answer

    @property
    def sentence(self) -> str:
        """The answer in words, or what the person can do to be told."""
        return self.cannot_tell.advice if self.cannot_tell else self.prediction.sentence

    def scaled(self, scale: float) -> FaceResult:
        """The face in a picture that is `scale` times as large."""
        return replace(self, detection=self.detection.moved(scale))

    def mirrored(self, width: int) -> FaceResult:
        """The face in the mirror image of a picture that is `width` pixels wide. Landmarks are left out."""
        x1, y1, x2, y2 = self.detection.box
        box = (width - x2, y1, width - x1, y2)
        return replace(self, detection=replace(self.detection, box=box, landmarks=None))

    def as_json(self) -> dict[str, Any]:
        """The stable fields of `python -m core check --json`."""
        return {
            "box": [round(v, 1) for v in self.detection.box],
            "score": round(self.detection.score, 4),
            **self.prediction.as_json(),
            "answer": self.answer,
            "confidence": None if self.cannot_tell else round(self.prediction.confidence, 4),
            "cannot_tell": self.cannot_tell
            and {"reason": self.cannot_tell.reason, "advice": self.cannot_tell.advice},
        }


@dataclass(frozen=True, slots=True)
class Result:
    """One picture's answer. `ms` holds milliseconds by stage: decode, detect, classify.

    `dropped` is how many places the detector took for faces and the classifier did not. `note` is that of the
    frame.
    """

    width: int
    height: int
    faces: tuple[FaceResult, ...]
    model: str
    detector: str
    ms: Mapping[str, float] = field(default_factory=dict)
    dropped: int = 0
    note: str = ""

    def counts(self) -> dict[str, int]:
        """Number of faces by answer, answers that occur only."""
        found: dict[str, int] = {}
        for face in self.faces:
            found[face.answer] = found.get(face.answer, 0) + 1
        return found

    def _repr_html_(self) -> str:
        """A row a face, where a notebook shows it."""
        looks = [appearance(face.answer) for face in self.faces]
        rows = [
            (
                number,
                f"{look.icon} {look.short}",
                "" if face.cannot_tell else f"{face.prediction.confidence:.0%}",
                face.sentence,
                ", ".join(f"{v:.0f}" for v in face.detection.box),
            )
            for number, (face, look) in enumerate(zip(self.faces, looks, strict=True), 1)
        ]
        found = notebook.table(("face", "answer", "confidence", "", "box, pixels"), rows)
        about = (
            f"{self.width} x {self.height} pixels, by {self.model} and {self.detector}. {self.note}".strip()
        )
        return notebook.section(f"{len(rows)} faces", found if rows else "", notebook.sentence(about))

    def as_json(self, image: str) -> dict[str, Any]:
        """One line of `python -m core check --json`; `image` is the path or URL as it was given."""
        return {
            "image": image,
            "width": self.width,
            "height": self.height,
            "faces": [face.as_json() for face in self.faces],
            "dropped": self.dropped,
            "ms": {stage: round(ms, 1) for stage, ms in self.ms.items()},
        } | ({"note": self.note} if self.note else {})
