"""Answers in words, for a terminal."""

from __future__ import annotations

from core.labels import CANNOT_TELL, appearance, either
from core.results import Prediction, Result


def described(result: Result) -> str:
    """A line for each face of a picture, under how many there are."""
    notes = [f"\n  note: {result.note}"] if result.note else []
    if result.dropped:
        notes.append(f"\n  left out: {result.dropped} that looked like faces at first")
    if not result.faces:
        return f"no face found{''.join(notes)}"
    lines = []
    for number, face in enumerate(result.faces, 1):
        said = refused(face.cannot_tell.advice) if face.cannot_tell else answered(face.prediction)
        box = ", ".join(f"{v:.0f}" for v in face.detection.box)
        lines.append(f"  {number}. {said}  [{box}]")
    return f"{len(result.faces)} face(s)\n" + "\n".join(lines) + "".join(notes)


def answered(said: Prediction) -> str:
    look, ways = appearance(said.answer), said.unclear_between
    how = either(ways) if ways else (said.subtype or "").replace("_", " ")
    return f"{look.icon} {look.short} {said.confidence:.0%}" + (f" ({how})" if how else "")


def refused(advice: str) -> str:
    look = appearance(CANNOT_TELL)
    return f"{look.icon} {look.short} {advice}"
