"""Somebody in view, with the answer that a test wants."""

from core.labels import MASK_3, LabelSet
from core.reasons import ADVICE
from core.results import CannotTell, Detection, FaceResult, Prediction
from core.video.analysis import Person
from core.video.tracking import Track

OWN = LabelSet("own", ("helmet", "cap", "bare"))


def person(
    number: int | None,
    label: str = "with_mask",
    *,
    settled: bool = True,
    reason: str | None = None,
    labels: LabelSet = MASK_3,
    side: float = 40.0,
    t: float = 0.0,
) -> Person:
    """Somebody in view: `reason` is why they cannot be told."""
    detection = Detection((0.0, 0.0, side, side), 0.9, "drawn")
    prediction = Prediction(labels, tuple(0.8 if name == label else 0.1 for name in labels))
    why = CannotTell(reason, ADVICE[reason]) if reason else None
    face = FaceResult(detection, prediction, why, number)
    return Person(face, Track(number or 0, detection, (0.0, 0.0), t, t), settled)
