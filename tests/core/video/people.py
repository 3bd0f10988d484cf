"""Somebody in view, with the answer that a test wants."""

from core.decision import OperatingPoint
from core.labels import MASK_3, LabelSet
from core.reasons import ADVICE
from core.results import CannotTell, Detection, FaceResult, Prediction
from core.video.analysis import Person
from core.video.tracking import Track

OWN = LabelSet("own", ("helmet", "cap", "bare"))

EVEN = (0.01, 0.51, 0.48)  # of `MASK_3`: surely not worn properly, yet not clear how
LEAD = OperatingPoint(0.4)


def person(
    number: int | None,
    label: str = "with_mask",
    *,
    settled: bool = True,
    reason: str | None = None,
    labels: LabelSet = MASK_3,
    side: float = 40.0,
    probabilities: tuple[float, ...] | None = None,
    t: float = 0.0,
) -> Person:
    """Somebody in view: `reason` is why they cannot be told; `probabilities` replace those of `label`."""
    detection = Detection((0.0, 0.0, side, side), 0.9, "drawn")
    rest = 0.2 / (len(labels) - 1)
    likely = probabilities or tuple(0.8 if name == label else rest for name in labels)
    prediction = Prediction(labels, likely, LEAD)
    why = CannotTell(reason, ADVICE[reason]) if reason else None
    face = FaceResult(detection, prediction, why, number)
    return Person(face, Track(number or 0, detection, (0.0, 0.0), t, t), settled)
