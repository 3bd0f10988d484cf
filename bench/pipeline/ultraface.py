"""UltraFace: finds faces, masked ones too, and names none."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from bench.pipeline.programs import Program, SeenFace
from core.images import read_image
from training.detection import UltraFace

SCORE = 0.7  # its authors' own


def ultraface(path: Path) -> Iterator[Program]:
    network = UltraFace(path)

    def answer(content: bytes) -> list[SeenFace]:
        return [SeenFace(face.box, None) for face in network.detect_once(read_image(content).rgb, SCORE)]

    yield Program("UltraFace (finds only)", answer)
