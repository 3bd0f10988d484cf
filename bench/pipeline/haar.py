"""Haar's cascade and a body of InceptionV3, as many projects of this field join them.

The network has no weights here, so it names nothing; their values do not change how long it takes.
"""

from __future__ import annotations

from collections.abc import Iterator

import keras
import numpy as np

from bench.pipeline.programs import Program, SeenFace, face_input, inside
from core.detection import load_detector
from core.images import read_image

_SIDE = 299


def haar_and_inception() -> Iterator[Program]:
    haar = load_detector("haar")
    body = keras.applications.InceptionV3(weights=None, classes=2, input_shape=(_SIDE, _SIDE, 3))

    def answer(content: bytes) -> list[SeenFace]:
        frame = read_image(content)
        found = [face.box for face in haar.detect(frame, longest_side=max(frame.width, frame.height))]
        for box in found:
            face = face_input(frame.rgb, inside(np.array(box), frame.width, frame.height), _SIDE)
            body.predict(face[None], verbose=0)
        return [SeenFace(box, None) for box in found]

    yield Program("Haar + InceptionV3, a predict a face", answer)
