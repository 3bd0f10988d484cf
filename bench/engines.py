"""Engines for our two networks on this CPU: milliseconds, side by side in one run, and how answers differ.

    python -m bench.engines [--repeat 15] [--threads 2] [--detector face_fpn] [--model mask3]

Answers: of ONNX Runtime as the app starts it and quantised to int8, of LiteRT with XNNPACK (in TensorFlow),
of OpenCV's reader, and of OpenVINO in fp32 and bf16 where it is installed (`pip install openvino`). The
detector sees pictures of 640 x 384, as live video does, and of 960 x 544, as a photo of 1280 x 720 is seen;
the classifier 1, 8 and 32 faces. Each engine has the same threads, and they take turns. What differs most is
of scores of cells and of probabilities. What an engine cannot run is said.
"""

from __future__ import annotations

import argparse
import importlib
import importlib.util
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import cv2
import numpy as np
import onnx

from bench.speed import picture
from core.detection import GROUND
from core.images import crop_face, resized, to_batch
from core.models import (
    CARD_FILE,
    DEFAULT,
    DEFAULT_DETECTORS,
    DETECTOR_CARD_FILE,
    ModelCard,
    folders,
    read_card,
    session,
    use_threads,
)
from core.text import plural

Run = Callable[[np.ndarray], np.ndarray]
Start = Callable[[Path, np.ndarray, int], Run]
"""Of a model's folder, a batch as it will be asked, and the threads."""


def onnx_runtime(folder: Path, _: np.ndarray, threads: int) -> Run:
    return _as_the_app((folder / "model.onnx").read_bytes(), threads)


def _as_the_app(graph: bytes, threads: int) -> Run:
    use_threads(threads)
    started = session(graph)
    use_threads(0)  # as many as there are cores, as before
    name = started.get_inputs()[0].name
    return lambda batch: np.asarray(started.run(None, {name: batch})[0])


def onnx_runtime_int8(folder: Path, batch: np.ndarray, threads: int) -> Run:
    """Weights by channel, activations by what they are on `batch`: enough to time, not to ship."""
    from onnxruntime import quantization
    from onnxruntime.quantization.shape_inference import quant_pre_process

    class Asked(quantization.CalibrationDataReader):  # type: ignore[misc]  # it has no types
        def __init__(self) -> None:
            name = onnx.load(folder / "model.onnx").graph.input[0].name
            self._left: Iterator[dict[str, np.ndarray]] = iter([{name: batch}])

        def get_next(self) -> dict[str, np.ndarray] | None:
            return next(self._left, None)

    with tempfile.TemporaryDirectory() as made:
        plain, quantised = Path(made, "plain.onnx"), Path(made, "int8.onnx")
        quant_pre_process(str(folder / "model.onnx"), str(plain), skip_symbolic_shape=True)
        quantization.quantize_static(
            str(plain),
            str(quantised),
            Asked(),
            per_channel=True,
            op_types_to_quantize=["Conv", "Add", "MatMul"],
        )
        return _as_the_app(quantised.read_bytes(), threads)


def litert(folder: Path, batch: np.ndarray, threads: int) -> Run:
    """Compiled for the shape of `batch`, as XNNPACK wants it."""
    import keras
    import tensorflow as tf

    model = keras.saving.load_model(folder / "model.keras", compile=False)
    with tempfile.TemporaryDirectory() as made:
        signature = [keras.InputSpec("float32", batch.shape)]
        model.export(made, "tf_saved_model", verbose=False, input_signature=signature)
        content = tf.lite.TFLiteConverter.from_saved_model(made).convert()
    interpreter = tf.lite.Interpreter(model_content=content, num_threads=threads)
    interpreter.allocate_tensors()
    given, said = interpreter.get_input_details()[0]["index"], interpreter.get_output_details()[0]["index"]

    def run(batch: np.ndarray) -> np.ndarray:
        interpreter.set_tensor(given, batch)
        interpreter.invoke()
        return np.asarray(interpreter.get_tensor(said))

    return run


def opencv(folder: Path, _: np.ndarray, threads: int) -> Run:
    cv2.setNumThreads(threads)
    network = cv2.dnn.readNetFromONNX(str(folder / "model.onnx"))

    def run(batch: np.ndarray) -> np.ndarray:
        network.setInput(batch)
        return np.asarray(network.forward())

    return run


def openvino(folder: Path, batch: np.ndarray, threads: int, *, precision: str) -> Run:
    """Compiled for the shape of `batch`; other shapes would be compiled when they come."""
    ov = importlib.import_module("openvino")  # need not be there

    core = ov.Core()
    model = core.read_model(folder / "model.onnx")
    model.reshape(list(batch.shape))
    properties = {
        "INFERENCE_PRECISION_HINT": precision,
        "INFERENCE_NUM_THREADS": threads,
        "PERFORMANCE_HINT": "LATENCY",
    }
    request = core.compile_model(model, "CPU", properties).create_infer_request()
    return lambda batch: np.array(request.infer({0: batch})[0])


ENGINES: dict[str, Start] = {
    "ONNX Runtime": onnx_runtime,
    "ONNX Runtime int8": onnx_runtime_int8,
    "LiteRT, XNNPACK": litert,
    "OpenCV": opencv,
}
if importlib.util.find_spec("openvino"):
    ENGINES |= {f"OpenVINO {p}": partial(openvino, precision=p) for p in ("f32", "bf16")}


def asked_of_detector() -> Iterator[tuple[str, np.ndarray]]:
    wall, _ = picture(8)
    for width, height in ((640, 384), (960, 544)):
        rgb = np.full((height, width, 3), GROUND, np.uint8)
        seen = resized(wall.rgb, (width, width * 9 // 16))
        rgb[: seen.shape[0]] = seen[:height]
        yield f"{width} x {height}", rgb[None].astype(np.float32)


def asked_of_classifier(card: ModelCard) -> Iterator[tuple[str, np.ndarray]]:
    for faces in (1, 8, 32):
        frame, found = picture(faces)
        crops = [crop_face(frame, detection.box, card.crop_scale) for detection in found]
        yield plural(faces, "face"), to_batch(crops, card.input_size)


def compare(folder: Path, asked: np.ndarray, threads: int, repeat: int) -> None:
    """A line an engine. The first is what others are compared with."""
    running: dict[str, Run] = {}
    said: dict[str, np.ndarray] = {}
    for name, start in ENGINES.items():
        try:
            run = start(folder, asked, threads)
            said[name] = run(asked)
            running[name] = run
        except Exception as problem:  # each engine raises kinds of its own
            print(f"  {name:18} cannot run it: {str(problem).strip().splitlines()[0][:90]}")
    times: dict[str, list[float]] = {name: [] for name in running}
    for _ in range(repeat):
        for name, run in running.items():
            start_s = time.perf_counter()
            run(asked)
            times[name].append((time.perf_counter() - start_s) * 1000)
    first = next(iter(running))
    for name, all_ms in times.items():
        ratio = statistics.median(a / b for a, b in zip(times[first], all_ms, strict=True))
        differs = float(np.abs(_scores(said[name]) - _scores(said[first])).max())
        print(f"  {name:18} {statistics.median(all_ms):7.1f} ms  {ratio:5.2f} x  differs by {differs:.4f}")


def _scores(answers: np.ndarray) -> np.ndarray:
    """Of (1, cells, 15 or more) the scores of the cells; probabilities as they are."""
    return 1 / (1 + np.exp(-answers[..., 0])) if answers.ndim == 3 else answers


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--repeat", type=int, default=15)
    parser.add_argument("--threads", type=int, default=2)
    detectors, classifiers = folders(DETECTOR_CARD_FILE), folders(CARD_FILE)
    parser.add_argument("--detector", choices=detectors, default=DEFAULT_DETECTORS["research"])
    parser.add_argument("--model", choices=classifiers, default=DEFAULT)
    options = parser.parse_args()
    detector, classifier = detectors[options.detector], classifiers[options.model]
    for folder, pictures in (
        (detector, asked_of_detector()),
        (classifier, asked_of_classifier(read_card(classifier))),
    ):
        for what, asked in pictures:
            print(f"{folder.name}, {what}:")
            compare(folder, asked, options.threads, options.repeat)


if __name__ == "__main__":
    main()
