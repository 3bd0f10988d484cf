"""What a worker does: with one warm pipeline, the pictures of a part in turn, to rows in a file."""

from __future__ import annotations

import hashlib
import logging
from dataclasses import replace
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

import cv2

from core.bulk.entries import CheckOptions, Entry, JobFacts, JobPart, Tally
from core.bulk.parts import PartsFolder
from core.bulk.reading import PictureReader
from core.bulk.rows import ERROR, failure_of, rows_of, table_of
from core.drawing import annotate, blur_faces
from core.errors import JobError, MaskwiseError
from core.exports import file_name
from core.files import written_whole
from core.images import read_image, to_jpeg
from core.models import Engine, use_threads
from core.pipeline import Pipeline, load_pipeline
from core.results import Frame, Result

log = logging.getLogger(__name__)

TRIES = 3  # before what is asked alone is taken for what ends workers


class Checker:
    """A warm pipeline and the archive that was read last. One for each worker process."""

    def __init__(self, options: CheckOptions) -> None:
        self.options = options
        self.pipeline = _pipeline(options.model, options.detector)
        self.facts = facts_of(self.pipeline, options)
        self._reader = PictureReader()

    def check_part(self, part: JobPart, folder: Path) -> Tally:
        """Write the rows of a part. Raises `JobError` where they cannot be written."""
        rows: list[dict[str, Any]] = []
        faces = failures = 0
        for entry in part.entries:
            found = self.rows(entry)
            failures += ERROR in found[0]
            faces += sum("face" in row for row in found)
            rows += found
        try:
            PartsFolder(folder).write(part.number, table_of(rows, self.facts.labels))
        except OSError as problem:
            raise unwritable(folder, problem) from None
        return Tally(len(part.entries), faces, failures)

    def rows(self, entry: Entry) -> list[dict[str, Any]]:
        """One picture's. What is wrong with it is a row, too."""
        try:
            content = self._reader.read(entry)
            frame = read_image(content, entry.name)
            result = self.pipeline.check(frame, min_score=self.options.min_score, point=self.facts.point)
            rows = rows_of(entry, hashlib.sha256(content).hexdigest(), result, self.facts)
            drawn = self._drawn(frame, result) if self.options.annotate else b""
        except MaskwiseError as problem:
            return [failure_of(entry, str(problem))]
        except Exception as fault:  # a bug, but one picture's: the others are still answered
            log.exception("a picture could not be checked")
            said = f"{entry.name}: could not be checked, by a fault of Maskwise ({type(fault).__name__})."
            return [failure_of(entry, f"{said} The other pictures are not affected.")]
        if drawn:
            self._write(entry, drawn)
        return rows

    def _drawn(self, frame: Frame, result: Result) -> bytes:
        rgb = frame.rgb
        if self.options.blur:
            rgb = blur_faces(rgb, [face.detection.box for face in result.faces])
        return to_jpeg(annotate(Frame(rgb), result.faces))

    def _write(self, entry: Entry, drawn: bytes) -> None:
        path = drawn_path(Path(self.options.annotate or ""), entry)
        try:
            with written_whole(path) as file:
                file.write_bytes(drawn)
        except OSError as problem:
            raise unwritable(path.parent, problem) from None


@lru_cache(maxsize=1)
def _warm_checker(options: CheckOptions) -> Checker:
    """That of this process, which is a worker."""
    return Checker(options)


def facts_from(options: CheckOptions) -> JobFacts:
    """Who answers, as this worker has it."""
    return _warm_checker(options).facts


def check_part(options: CheckOptions, part: JobPart, folder: Path) -> Tally:
    """By this worker, as `Checker.check_part`."""
    return _warm_checker(options).check_part(part, folder)


def try_picture(options: CheckOptions, entry: Entry) -> None:
    """To see whether it ends this worker."""
    _warm_checker(options).rows(entry)


def drawn_path(folder: Path, entry: Entry) -> Path:
    """Where a picture is drawn to: its own name, and a mark of where it lies, as others may be called so."""
    where = hashlib.sha256(f"{entry.name}\0{entry.at}".encode()).hexdigest()[:10]
    return folder / f"{Path(file_name(entry.name)).stem}-{where}.jpg"


def facts_of(pipeline: Pipeline, options: CheckOptions) -> JobFacts:
    """Who answers with these options."""
    card, detector = pipeline.classifier.card, pipeline.detector
    point = pipeline.classifier.operating_point
    score = options.min_score
    return JobFacts(
        model=card.name,
        model_sha256=_sha256(pipeline.classifier),
        labels=tuple(card.label_set),
        detector=detector.name,
        detector_sha256=_sha256(detector),
        point=point if options.margin is None else replace(point, min_margin=options.margin),
        min_score=detector.operating_point if score is None else score,
    )


def _sha256(model: Any) -> str:
    """Of the weights in use; empty for a detector without a card, whose weights its name fixes."""
    engine: Engine | None = getattr(model, "engine", None)
    return model.card.weights[engine.name].sha256 if engine else ""


def unwritable(folder: Path, problem: OSError) -> JobError:
    return JobError(
        f"{folder}: cannot be written ({problem.strerror or problem}), so the run stopped. "
        "What was written is kept. Make room or get the right to write there, and add --resume."
    )


@cache
def _pipeline(model: str | None, detector: str | None) -> Pipeline:
    use_threads(1)  # a worker for each core: more threads would wait for each other
    cv2.setNumThreads(1)
    return load_pipeline(model, detector)
