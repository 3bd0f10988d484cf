"""One visitor's pictures and what is known of them, in memory, for as long as the visit lasts.

Each step's outcome is kept under what it depends on, so a new model needs no new detections, and a
new operating point does not even classify.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from typing import Protocol

from core.decision import OperatingPoint
from core.drawing import annotate, blur_faces
from core.errors import MaskwiseError, NoRoomError
from core.images import animated_frames, crop_face, read_image, shrunk, to_jpeg
from core.pipeline import FaceMeasurement, Pipeline
from core.results import Detection, FaceResult, Frame, Result
from core.scheduling import checkpoint
from core.text import printable

log = logging.getLogger(__name__)

PREVIEW_SIDE = 1280  # pixels: sharp on a laptop, some 200 kB a picture
TILE_SIDE = 320  # pixels: twice its width in an overview, for dense screens; some 15 kB
MOST_PHOTOS = 5_000  # of one visit: an archive of a few bytes may name 200,000 empty ones
THUMB_SIDE = 160  # pixels: twice its width on the page, for dense screens
THUMB_SCALE = 1.5  # of the face box, as the network sees it


@dataclass(frozen=True, slots=True)
class DetectedFaces:
    """What a detector found."""

    detections: tuple[Detection, ...]
    ms: float


@dataclass(frozen=True, slots=True)
class ClassifiedFaces:
    """What a model says of those that are faces, or of those found once the photo is turned upright."""

    measurements: tuple[FaceMeasurement, ...]
    ms: float


@dataclass(eq=False)
class Photo:
    """A picture, a small one of it, and the outcome of each step for the settings it was checked with.

    `note` is what else there is to say of it.
    """

    name: str
    data: bytes
    error: str | None = None
    note: str = ""  # what to know of how it was read
    width: int = 0
    height: int = 0
    tile: bytes = b""  # JPEG, at most `TILE_SIDE` long
    decode_ms: float = 0.0
    detected: dict[str, DetectedFaces] = field(default_factory=dict)  # by detector
    classified: dict[tuple[str, str], ClassifiedFaces] = field(default_factory=dict)  # by detector and model
    cut_out: dict[Detection, bytes] = field(default_factory=dict)  # a JPEG of each face
    pictures: dict[int | None, bytes] = field(default_factory=dict)  # JPEGs by longest side, until put away
    drawn: tuple[object, bytes] | None = None  # settings, JPEG: only the last, a preview is redrawn in 20 ms
    answered: tuple[object, Result] | None = None  # settings, answer: only the last

    @property
    def held(self) -> int:
        """Bytes that it takes."""
        large = sum(map(len, self.pictures.values())) + (len(self.drawn[1]) if self.drawn else 0)
        return len(self.data) + len(self.tile) + sum(map(len, self.cut_out.values())) + large

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
        if not self.tile:
            self.decode_ms = _ms_since(start)
            self.width, self.height = frame.width, frame.height
            self.tile = to_jpeg(shrunk(frame.rgb, TILE_SIDE))
            self.note = " ".join(filter(None, (frame.note, _said_of(self.data))))
        detector = pipeline.detector.name
        if detector not in self.detected:
            start = time.perf_counter()
            self.detected[detector] = DetectedFaces(pipeline.find(frame), _ms_since(start))
        start = time.perf_counter()
        measurements = pipeline.classify_photo(frame, self.detected[detector].detections)
        self.classified[_settings(pipeline)] = ClassifiedFaces(measurements, _ms_since(start))
        faces = (measured.detection for measured in measurements)
        self.cut_out |= {face: _thumb(frame, face) for face in faces if face not in self.cut_out}

    def result(self, pipeline: Pipeline, point: OperatingPoint) -> Result:
        """The answer at an operating point. Only for a picture that was checked without error."""
        settings = (_settings(pipeline), point)
        if self.answered is None or self.answered[0] != settings:
            faces = self.classified[_settings(pipeline)]
            detect_ms = self.detected[pipeline.detector.name].ms
            ms = {"decode": self.decode_ms, "detect": detect_ms, "classify": faces.ms}
            found = pipeline.result(
                (self.width, self.height), faces.measurements, point, ms=ms, note=self.note
            )
            self.answered = settings, replace(found, faces=_left_to_right(found.faces))
        return self.answered[1]

    def thumbs(self, result: Result) -> tuple[bytes, ...]:
        """A JPEG of each face of `result`, which may be fewer than the detector found."""
        return tuple(self.cut_out[face.detection] for face in result.faces)

    def picture(self, max_side: int | None = PREVIEW_SIDE) -> bytes:
        """JPEG of it, upright and without metadata, at most `max_side` long; kept until `put_away`."""
        if max_side not in self.pictures:
            rgb = read_image(self.data, self.name, max_side=max_side).rgb
            self.pictures[max_side] = to_jpeg(rgb if max_side is None else shrunk(rgb, max_side))
        return self.pictures[max_side]

    def put_away(self) -> None:
        """Forget the large pictures, which can be made again."""
        self.pictures.clear()
        self.drawn = None

    def drawn_preview(self, result: Result, *, boxes: bool) -> bytes:
        """JPEG of the picture, at most `PREVIEW_SIDE` long, with the answer drawn on it."""
        faces = tuple((face.detection, face.answer) for face in result.faces)
        settings = (boxes, result.model, result.detector, faces)
        if self.drawn is None or self.drawn[0] != settings:
            frame = read_image(self.picture(), self.name)
            scaled = [face.scaled(frame.width / self.width) for face in result.faces]
            self.drawn = (settings, to_jpeg(annotate(frame, scaled)) if boxes else self.picture())
        return self.drawn[1]

    def drawn_picture(
        self, result: Result, *, boxes: bool, blurred: bool, max_side: int | None = None
    ) -> bytes:
        """JPEG for a download, whole or at most `max_side` long, decoded again so that none is held."""
        rgb = read_image(self.data, self.name, max_side=max_side).rgb
        checkpoint()
        faces = tuple(face.scaled(rgb.shape[1] / self.width) for face in result.faces)
        if blurred:
            rgb = blur_faces(rgb, [face.detection.box for face in faces])
        return to_jpeg(annotate(Frame(rgb), faces) if boxes else rgb)


def _left_to_right(faces: Iterable[FaceResult]) -> tuple[FaceResult, ...]:
    """As people count them."""
    return tuple(sorted(faces, key=lambda face: face.detection.box[0] + face.detection.box[2]))


def _said_of(data: bytes) -> str:
    if (count := animated_frames(data)) > 1:
        return f"Animated: only the first of its {count:,} pictures is checked here."
    return ""


def _ms_since(start: float) -> float:
    return (time.perf_counter() - start) * 1000


def _settings(pipeline: Pipeline) -> tuple[str, str]:
    return pipeline.detector.name, pipeline.classifier.card.name


def _thumb(frame: Frame, face: Detection) -> bytes:
    return to_jpeg(shrunk(crop_face(frame, face.box, THUMB_SCALE), THUMB_SIDE))


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
        """Add a picture, or replace the one of that key. One for which there is no room says so itself.

        A full album takes none.
        """
        if self.is_full and key not in self:
            return
        try:
            self._budget.hold(key, len(data))
        except NoRoomError as full:
            place = f"{key} not taken" if key in self else key
            self.refuse(place, name, f"{printable(name)}: was not taken. {full}")
        else:
            self._photos[key] = Photo(name, data)

    @property
    def is_full(self) -> bool:
        """Whether it holds as many as it may, however small."""
        return len(self) >= MOST_PHOTOS

    def offer(self, key: str, name: str, data: bytes) -> bool:
        """Add a picture if there is room for it. Whether there was."""
        if self.is_full:
            return False
        try:
            self._budget.hold(key, len(data))
        except NoRoomError:
            return False
        self._photos[key] = Photo(name, data)
        return True

    def refuse(self, key: str, name: str, error: str) -> None:
        """Add a picture that nobody can read, with the reason, if there is room."""
        if not self.is_full:
            self._photos[key] = Photo(name, b"", error)

    def items(self) -> list[tuple[str, Photo]]:
        return list(self._photos.items())

    def get(self, key: str) -> Photo | None:
        return self._photos.get(key)

    def check(self, photo: Photo, pipeline: Pipeline) -> None:
        """Do what is not done yet for one of its pictures."""
        photo.check(pipeline)
        self._count(photo)

    def picture(self, photo: Photo, max_side: int | None = PREVIEW_SIDE) -> bytes:
        """As `Photo.picture`; large pictures of the others are put away."""
        for other in self._photos.values():
            if other is not photo and (other.pictures or other.drawn):
                other.put_away()
                self._count(other)
        found = photo.picture(max_side)
        self._count(photo)
        return found

    def _count(self, photo: Photo) -> None:
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
