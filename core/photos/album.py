"""One visitor's pictures and what is known of them, in memory, for as long as the visit lasts.

Each step's outcome is kept under what it depends on, so a new model needs no new detections, and a
new operating point does not even classify.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Protocol

from core.decision import OperatingPoint
from core.drawing import annotate, blur_faces
from core.errors import MaskwiseError, NoRoomError
from core.images import crop_face, read_image, shrunk, to_jpeg
from core.pipeline import FaceMeasurement, Pipeline
from core.results import Detection, Frame, Result
from core.scheduling import checkpoint
from core.text import printable

log = logging.getLogger(__name__)

PREVIEW_SIDE = 1280  # pixels: sharp on a laptop, some 200 kB a picture
THUMB_SIDE = 160  # pixels: twice its width on the page, for dense screens
THUMB_SCALE = 1.5  # of the face box, as the network sees it


@dataclass(frozen=True, slots=True)
class DetectedFaces:
    """What a detector found, with a JPEG of each face."""

    detections: tuple[Detection, ...]
    thumbs: tuple[bytes, ...]
    ms: float


@dataclass(frozen=True, slots=True)
class ClassifiedFaces:
    """What a model says of the faces that a detector found."""

    measurements: tuple[FaceMeasurement, ...]
    ms: float


@dataclass(eq=False)
class Photo:
    """A picture, its preview, and the outcome of each step for the settings it was checked with."""

    name: str
    data: bytes
    error: str | None = None
    width: int = 0
    height: int = 0
    preview: bytes = b""
    decode_ms: float = 0.0
    detected: dict[str, DetectedFaces] = field(default_factory=dict)  # by detector
    classified: dict[tuple[str, str], ClassifiedFaces] = field(default_factory=dict)  # by detector and model
    drawn: tuple[object, bytes] | None = None  # settings, JPEG: only the last, a preview is redrawn in 20 ms

    @property
    def held(self) -> int:
        """Bytes that it takes."""
        thumbs = sum(len(thumb) for faces in self.detected.values() for thumb in faces.thumbs)
        return len(self.data) + 2 * len(self.preview) + thumbs  # twice: as it is, and drawn on

    def is_checked(self, pipeline: Pipeline) -> bool:
        return self.error is not None or _settings(pipeline) in self.classified

    def check(self, pipeline: Pipeline) -> None:
        """Do the steps that are not done yet. A picture that cannot be read keeps its error instead."""
        try:
            self._check(pipeline)
        except MaskwiseError as problem:
            self.error = str(problem)
        except Exception as fault:  # a bug, but one picture's: the others are still answered
            log.exception("a picture of %d bytes could not be checked", len(self.data))
            self.error = (
                f"{self.name}: could not be checked, by a fault of Maskwise ({type(fault).__name__}). "
                "The other pictures are not affected. Save it again as JPEG or PNG and try that."
            )

    def _check(self, pipeline: Pipeline) -> None:
        start = time.perf_counter()
        frame = read_image(self.data, self.name)
        if not self.preview:
            self.decode_ms = _ms_since(start)
            self.width, self.height = frame.width, frame.height
            self.preview = to_jpeg(shrunk(frame.rgb, PREVIEW_SIDE))
        detector = pipeline.detector.name
        if detector not in self.detected:
            start = time.perf_counter()
            detections = pipeline.detector.detect(frame)
            ms = _ms_since(start)
            thumbs = tuple(_thumb(frame, found) for found in detections)
            self.detected[detector] = DetectedFaces(detections, thumbs, ms)
        start = time.perf_counter()
        measurements = pipeline.classify(frame, self.detected[detector].detections)
        self.classified[_settings(pipeline)] = ClassifiedFaces(measurements, _ms_since(start))

    def result(self, pipeline: Pipeline, point: OperatingPoint) -> Result:
        """The answer at an operating point. Only for a picture that was checked without error."""
        faces = self.classified[_settings(pipeline)]
        detect_ms = self.detected[pipeline.detector.name].ms
        ms = {"decode": self.decode_ms, "detect": detect_ms, "classify": faces.ms}
        return pipeline.result((self.width, self.height), faces.measurements, point, ms=ms)

    def thumbs(self, result: Result) -> tuple[bytes, ...]:
        """A JPEG of each face of `result`, which may be fewer than the detector found."""
        found = self.detected[result.detector]
        by_face = dict(zip(found.detections, found.thumbs, strict=True))
        return tuple(by_face[face.detection] for face in result.faces)

    def drawn_preview(self, result: Result, *, boxes: bool) -> bytes:
        """JPEG of the preview with the answer drawn on it."""
        faces = tuple((face.detection, face.answer) for face in result.faces)
        settings = (boxes, result.model, result.detector, faces)
        if self.drawn is None or self.drawn[0] != settings:
            frame = read_image(self.preview, self.name)
            scaled = [face.scaled(frame.width / self.width) for face in result.faces]
            self.drawn = (settings, to_jpeg(annotate(frame, scaled)) if boxes else self.preview)
        return self.drawn[1]

    def drawn_picture(self, result: Result, *, boxes: bool, blurred: bool) -> bytes:
        """JPEG of the whole picture for a download, decoded again so that it is not held in memory."""
        rgb = read_image(self.data, self.name).rgb
        checkpoint()
        if blurred:
            rgb = blur_faces(rgb, [face.detection.box for face in result.faces])
        return to_jpeg(annotate(Frame(rgb), result.faces) if boxes else rgb)


def _ms_since(start: float) -> float:
    return (time.perf_counter() - start) * 1000


def _settings(pipeline: Pipeline) -> tuple[str, str]:
    return pipeline.detector.name, pipeline.classifier.card.name


def _thumb(frame: Frame, detection: Detection) -> bytes:
    return to_jpeg(shrunk(crop_face(frame, detection.box, THUMB_SCALE), THUMB_SIDE))


class MemoryBudget(Protocol):
    """Counts the bytes that an album holds under each key, and says when there is no room for more."""

    def hold(self, key: str, size: int) -> None:
        """Let `size` bytes be held, in place of what was held under that key. Raises `NoRoomError`."""

    def count(self, key: str, size: int) -> None:
        """As `hold`, of what is in memory already, so it is never refused."""

    def drop(self, key: str) -> None: ...


class Album:
    """One visitor's pictures in the order they came, each under the id of where it came from.

    What they take of memory is counted in `budget`.
    """

    def __init__(self, budget: MemoryBudget) -> None:
        self._photos: dict[str, Photo] = {}
        self._budget = budget

    def __len__(self) -> int:
        return len(self._photos)

    def __iter__(self) -> Iterator[Photo]:
        return iter(list(self._photos.values()))

    def __contains__(self, key: str) -> bool:
        return key in self._photos

    def put(self, key: str, name: str, data: bytes) -> None:
        """Add a picture, or replace the one of that key. One for which there is no room says so itself."""
        try:
            self._budget.hold(key, len(data))
        except NoRoomError as full:
            error = f"{printable(name)}: was not taken. {full}"
            self._photos[f"{key} not taken" if key in self else key] = Photo(name, b"", error)
        else:
            self._photos[key] = Photo(name, data)

    def check(self, photo: Photo, pipeline: Pipeline) -> None:
        """Do what is not done yet for one of its pictures."""
        photo.check(pipeline)
        for key, mine in self._photos.items():
            if mine is photo:
                self._budget.count(key, photo.held)

    def remove(self, keys: Iterable[str]) -> None:
        for key in keys:
            if self._photos.pop(key, None):
                self._budget.drop(key)

    def clear(self) -> None:
        self.remove(list(self._photos))


def counts(results: Iterable[Result]) -> dict[str, int]:
    """Faces by answer over several pictures."""
    total: dict[str, int] = {}
    for result in results:
        for answer, n in result.counts().items():
            total[answer] = total.get(answer, 0) + n
    return total
