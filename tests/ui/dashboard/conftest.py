"""A view on runs that a test may change."""

from __future__ import annotations

import math
import shutil
from collections.abc import Sequence
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from core import settings
from core.models import Way
from core.review.detection import detection_scores
from core.runs.catalog import SHIPPED_RUNS
from core.runs.detections import DetectionRow, read_detections, write_detections
from core.runs.detector_epochs import DetectionEpoch, SourceFound
from core.runs.detector_evaluation import DetectionEvaluation, write_detection_evaluation
from core.runs.training import append_epoch, write_config
from tests.records import run_config


@pytest.fixture(autouse=True)
def _for_the_owner(monkeypatch: pytest.MonkeyPatch) -> None:
    """Tests have no browser that could show the owner's cookie."""
    monkeypatch.setenv(settings.TRUST_VISITORS.name, "1")


OF_DETECTOR = [  # of picture crowds/a.png 3 faces, all found, and of b.png 2, of which the larger is missed
    DetectionRow("photo", "toy", "crowds/a.png", "with_mask", (0, 0, 20, 20), 0.95),
    DetectionRow("photo", "toy", "crowds/a.png", "with_mask", (30, 0, 50, 20), 0.6),
    DetectionRow("photo", "toy", "crowds/a.png", "without_mask", (0, 30, 10, 42), 0.4),
    DetectionRow("photo", "toy", "crowds/a.png", "", (60, 60, 90, 95), 0.8),
    DetectionRow("photo", "toy", "crowds/b.png", "with_mask", (10, 10, 50, 80), 0.2),
    DetectionRow("photo", "toy", "crowds/b.png", "without_mask", (60, 10, 80, 30), 0.7),
    DetectionRow("photo", "other", "others/c.png", "with_mask", (5, 5, 20, 20), math.nan),
    DetectionRow("photo", "other", "others/c.png", "", (50, 50, 70, 70), 0.1),
    DetectionRow("live", "toy", "crowds/a.png", "with_mask", (0, 0, 20, 20), 0.9),
    DetectionRow("live", "toy", "crowds/b.png", "with_mask", (10, 10, 50, 80), 0.5),
]


def page(view: str, folders: list[str]) -> None:
    from pathlib import Path

    from core.runs.catalog import read_run
    from ui.dashboard.views import VIEWS

    runs = [read_run(Path(folder).name, Path(folder)) for folder in folders]
    VIEWS[view][1](runs)


def shown(view: str, *folders: Path) -> AppTest:
    """The view of that address on the runs in `folders`."""
    kwargs = {"view": view, "folders": [str(folder) for folder in folders]}
    app = AppTest.from_function(page, kwargs=kwargs, default_timeout=30).run()
    assert not app.exception
    return app


def copy_of(name: str, folder: Path) -> Path:
    """The records of a shipped run, to be changed, in `folder`, which is made."""
    return shutil.copytree(SHIPPED_RUNS / name, folder, ignore=shutil.ignore_patterns("checkpoints"))


def detector_run(
    folder: Path,
    *,
    epochs: int = 3,
    rows: Sequence[DetectionRow] | None = OF_DETECTOR,
    incomplete: Sequence[str] = (),
    recipe: str = "toy_detector",
) -> Path:
    """A detector's run of 3 epochs planned, tested where there are `rows`; epoch 2 was the best."""
    folder.mkdir()
    config = run_config(
        folder.name,
        task="detect",
        recipe=recipe,
        settings={"phases": [{"epochs": 3}], "sources": ["toy", "other"]},
        split_sizes={"train": 40, "validation": 10, "faces": 200},
    )
    write_config(folder, config)
    for number in range(epochs):
        ap50 = (0.5, 0.8, 0.7)[number % 3]
        found = SourceFound(n=20, found=15, false=2, ap50=ap50)
        line = DetectionEpoch(
            epoch=number,
            phase="all",
            learning_rate=1e-3 / (number + 1),
            loss=2.0 - number / 2,
            score=ap50,
            validation={"toy": found},
            seconds=60,
        )
        append_epoch(folder, line)
    if rows is not None:
        write_detections(folder, rows)
        kept, pictures = read_detections(folder), {}
        for source in sorted(set(kept.source)):
            pictures[source] = len(set(kept.picture[kept.source == source]))
        at: dict[Way, float] = {"photo": 0.5, "live": 0.4}
        test = DetectionEvaluation(
            schema=1,
            model="toy",
            manifest_sha256="0" * 64,
            evaluated="2026-01-02T00:00:00+00:00",
            device="two cores",
            pictures=pictures,
            min_score=at,
            ms={"photo": 18.25, "live": 6.5},
            scores=detection_scores(kept, pictures, at),
            incomplete=tuple(incomplete),
        )
        write_detection_evaluation(folder, test)
    return folder
