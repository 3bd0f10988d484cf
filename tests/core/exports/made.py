"""Results that the tests of exports write and read back."""

from __future__ import annotations

import csv
import io
import zipfile
from xml.etree import ElementTree

from core.decision import OperatingPoint
from core.exports.voc import to_voc
from core.labels import MASK_3, LabelSet
from core.results import Box, CannotTell, Detection, FaceResult, Prediction, Result

ADVICE = 'Come closer, then "try" again.'


def face(
    box: Box = (10.2, 20.0, 50.7, 80.5),
    probabilities: tuple[float, ...] = (0.1, 0.7, 0.2),
    *,
    labels: LabelSet = MASK_3,
    reason: str | None = None,
    visible: float = 1.0,
    min_margin: float = 0.0,
) -> FaceResult:
    return FaceResult(
        Detection(box, 0.912345, "yunet", visible=visible),
        Prediction(labels, probabilities, OperatingPoint(min_margin)),
        CannotTell(reason, ADVICE) if reason else None,
    )


def result(*faces: FaceResult, width: int = 100, height: int = 90) -> Result:
    return Result(width, height, faces, "mask3", "yunet", {"decode": 1.23, "detect": 4.56, "classify": 7.89})


TWO = result(face(), face((0, 0, 30, 30), (0.6, 0.3, 0.1), reason="too_small"))
UNCLEAR = result(face(probabilities=(0.01, 0.51, 0.48), min_margin=0.4))
NONE = result()
NAMED = [("a.jpg", TWO), ("empty.jpg", NONE)]
HARD_NAMES = [
    "with, comma.jpg",
    'with "quotes".jpg',
    "with\nnewline.jpg",
    "semi;colon.jpg",
    "Grüße 日本 🌍.jpg",
    " spaces ",
    "it's.jpg",
]
FORMULAS = ["=1+1.jpg", "+1.jpg", "-1.jpg", "@SUM(A1).jpg", "\t=1.jpg", "\r=1.jpg", "\n=1.jpg", "＝1.jpg"]  # noqa: RUF001 - full-width is meant


def rows_of(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text, newline="")))


def voc_of(named: list[tuple[str, Result]]) -> dict[str, ElementTree.Element]:
    with zipfile.ZipFile(io.BytesIO(to_voc(named))) as archive:
        assert archive.testzip() is None
        return {name: ElementTree.fromstring(archive.read(name)) for name in archive.namelist()}
