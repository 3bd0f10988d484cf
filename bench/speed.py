"""How long an answer takes, by stage, for 1, 8 and 32 faces in a 1280 x 720 picture, side by side in one run.

    python -m bench.speed [--repeat 15]

The picture is made of the astronaut. `classify` is Maskwise's one batched call, with cropping and the
quality gate; `predict a face` is what most mask projects do: Keras's `model.predict` for each face in turn.
Medians of milliseconds.
"""

from __future__ import annotations

import argparse
import math
import os
import statistics
import time
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import numpy as np

from core.classification import load_classifier
from core.detection import DETECTOR_NAMES, load_detector
from core.errors import DetectorError
from core.images import crop_face, read_image, to_batch, to_jpeg
from core.mask_rendering import sample_frame
from core.models import DEFAULT, ModelCard, folders
from core.pipeline import Pipeline
from core.results import Detection, Frame


def picture(faces: int) -> tuple[Frame, tuple[Detection, ...]]:
    """A 1280 x 720 wall of the astronaut's head, and where each is."""
    head = sample_frame("no_mask").rgb[40:190, 147:297]
    columns = math.ceil(math.sqrt(faces * 16 / 9))
    side = min(1280 // columns, 720 // math.ceil(faces / columns), 150)
    tile = read_image(to_jpeg(head), max_side=side).rgb
    side = tile.shape[0]
    wall = np.full((720, 1280, 3), 180, np.uint8)
    found = []
    for i in range(faces):
        top, left = i // columns * side, i % columns * side
        wall[top : top + side, left : left + side] = tile
        inner = 0.25 * side
        box = (left + inner, top + inner, left + side - inner, top + side - inner)
        found.append(Detection(box, 0.9, "made"))
    return Frame(wall), tuple(found)


def median_ms(call: Callable[[], object], repeat: int) -> float:
    call()  # the first call may set things up
    times = []
    for _ in range(repeat):
        start = time.perf_counter()
        call()
        times.append((time.perf_counter() - start) * 1000)
    return statistics.median(times)


def all_at_once(pipeline: Pipeline, frame: Frame, found: Sequence[Detection]) -> None:
    pipeline.answer(pipeline.classify(frame, found))


def one_by_one(model: Any, card: ModelCard, frame: Frame, found: Sequence[Detection]) -> None:
    for face in found:
        crop = crop_face(frame, face.box, card.crop_scale)
        model.predict(to_batch([crop], card.input_size), verbose=0)


def main() -> None:
    parser = argparse.ArgumentParser(description="How long an answer takes, by stage.")
    parser.add_argument("--repeat", type=int, default=15)
    repeat = parser.parse_args().repeat
    few = max(3, repeat // 5)  # of what takes seconds
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    import keras

    classifier = load_classifier(engine="onnx")
    card = classifier.card
    model = keras.saving.load_model(folders()[DEFAULT] / card.weights["keras"].file, compile=False)
    pipeline = Pipeline(load_detector("haar"), classifier)
    detectors = {}
    for name in DETECTOR_NAMES:
        try:
            detectors[name] = load_detector(name)
        except DetectorError as problem:
            print(problem)
    heads = " | ".join(f"detect, {name}" for name in detectors)
    print(f"| faces | decode | {heads} | classify | predict a face | ratio |")
    for faces in (1, 8, 32):
        frame, found = picture(faces)
        decode = median_ms(partial(read_image, to_jpeg(frame.rgb)), repeat)
        detecting = [median_ms(partial(d.detect, frame), few) for d in detectors.values()]
        classify = median_ms(partial(all_at_once, pipeline, frame, found), repeat)
        slow = median_ms(partial(one_by_one, model, card, frame, found), few)
        cells = " | ".join(f"{ms:.1f}" for ms in (decode, *detecting, classify, slow))
        print(f"| {faces} | {cells} | {slow / classify:.0f} x |", flush=True)


if __name__ == "__main__":
    main()
