"""Maskwise: the way of the photo page and of the command `check`, and those of live video."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from bench.pipeline.programs import Program, SeenFace
from core.images import read_image
from core.pipeline import load_pipeline
from core.results import FaceResult

LIVE_SIDES = (640, 320)


def ours() -> Iterator[Program]:
    pipeline = load_pipeline()
    yield Program("Maskwise, photo", lambda content: _seen(pipeline.check(read_image(content)).faces))
    for side in LIVE_SIDES:

        def live(content: bytes, side: int = side) -> list[SeenFace]:
            frame = read_image(content)
            found = pipeline.detector.detect(frame, longest_side=side)
            return _seen(pipeline.answer(pipeline.classify(frame, found)))

        yield Program(f"Maskwise, live {side}", live)


def _seen(faces: Sequence[FaceResult]) -> list[SeenFace]:
    return [
        SeenFace(face.detection.box, None if face.cannot_tell else face.prediction.worn_properly)
        for face in faces
    ]
