"""How many faces a detector finds on pictures that it was not trained on.

What `python -m training.evaluate` does with a detector: the real one, asked both ways, as the pages ask it.
"""

from __future__ import annotations

import os
import platform
from collections import Counter
from collections.abc import Collection
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
from tqdm import tqdm

from core.detection import FaceFpnDetector
from core.errors import ImageError, RecordError
from core.images import read_image
from core.models import (
    DETECTOR_CARD_FILE,
    WAYS,
    Way,
    folders,
    load_engine,
    read_detector_card,
    write_detector_card,
)
from core.records import MAX_LINES, MAX_LONG_TEXT
from core.review import detection_scores
from core.runs import (
    CONFIG_FILE,
    DetectionEvaluation,
    DetectionRow,
    Detections,
    write_detection_evaluation,
    write_detections,
)
from training.data import Manifest, require_few_sources, shared_groups, tested_part
from training.detection.boxed_images import key, read_boxed_images
from training.detection.labelled_detections import detection_rows


def detector_folder(model: str) -> Path | None:
    """The folder of a detector by its name or folder; None when there is none."""
    folder = Path(model)
    return folder if (folder / DETECTOR_CARD_FILE).is_file() else folders(DETECTOR_CARD_FILE).get(model)


def open_detector(folder: Path) -> FaceFpnDetector:
    """The detector in a folder, warmed up. Raises `MaskwiseError`."""
    card = read_detector_card(folder)
    detector = FaceFpnDetector(card, load_engine(folder, card), card.name)
    detector.warm_up()
    return detector


def evaluate_detector(
    detector: FaceFpnDetector,
    manifest: Manifest,
    runs: Path,
    *,
    allow_shared_groups: bool = False,
    incomplete: Collection[str] = (),
) -> tuple[DetectionEvaluation, list[DetectionRow]]:
    """Evaluate on the test part of `manifest`; `incomplete` are sources of which not all faces are labelled.

    A picture that cannot be read is left out and named. Raises `RecordError` when there is no test part, and
    when it shares groups with what the detector's run in `runs` learned from.
    """
    card = detector.card
    part = [example for example in tested_part(manifest) if example.box]
    images = read_boxed_images(manifest, sorted({example.split for example in tested_part(manifest)}))
    require_few_sources({image.source for image in images})
    if unknown := sorted(set(incomplete) - {image.source for image in images}):
        raise RecordError(f"--incomplete {', '.join(unknown)}: no test picture is of that source.")
    run = runs / card.trained_by
    shared_groups(run, part, allowed=allow_shared_groups)  # refused before pictures are read

    rows: list[DetectionRow] = []
    ms: dict[Way, list[float]] = {way: [] for way in WAYS}
    unreadable: dict[Path, str] = {}
    for image in tqdm(images, unit=" pictures", disable=None):
        try:
            found, took = detection_rows(
                detector,
                read_image(image.path),
                image.boxes,
                image.labels,
                source=image.source,
                picture=key(image.path),
            )
        except ImageError as problem:
            unreadable[image.path] = str(problem)
            continue
        rows += found
        for way in WAYS:
            ms[way].append(took[way])
    pictures = Counter(image.source for image in images if image.path not in unreadable)
    if not pictures:
        raise RecordError(f"No picture could be read. {next(iter(unreadable.values()))}")
    min_score = {way: card.min_score[way].value for way in WAYS}
    evaluation = DetectionEvaluation(
        schema=1,
        model=card.name,
        weights_sha256=card.weights[detector.engine.name].sha256,
        manifest_sha256=manifest.sha256,
        evaluated=datetime.now(UTC).isoformat(timespec="seconds"),
        device=f"{detector.engine.name} on {platform.machine()}, {os.cpu_count()} cores",
        pictures=dict(sorted(pictures.items())),
        min_score=min_score,
        ms={way: float(np.median(ms[way])) for way in WAYS},
        scores=detection_scores(Detections.from_rows(rows), pictures, min_score),
        incomplete=tuple(sorted(set(incomplete) & set(pictures))),
        unreadable=tuple(said[:MAX_LONG_TEXT] for said in list(unreadable.values())[:MAX_LINES]),
        leakage=shared_groups(
            run, [example for example in part if example.path not in unreadable], allowed=allow_shared_groups
        ),
    )
    return evaluation, rows


def record_detector(
    folder: Path, evaluation: DetectionEvaluation, rows: list[DetectionRow], runs: Path
) -> None:
    """Write the test into the detector's run, or beside a card without one, and the counts into the card.

    Raises `RecordError` when a record cannot hold it.
    """
    card = read_detector_card(folder)
    run = runs / card.trained_by
    target = run if (run / CONFIG_FILE).is_file() else folder
    write_detections(target, rows)
    write_detection_evaluation(target, evaluation)
    write_detector_card(folder, card.model_copy(update={"test": evaluation.scores}))
