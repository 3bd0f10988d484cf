"""What a detector's training has recorded so far."""

from __future__ import annotations

from pathlib import Path

from core.runs.detector_epochs import DetectionEpoch, read_detection_epochs
from core.runs.training import METRICS_FILE


def epochs_done(run: Path) -> tuple[DetectionEpoch, ...]:
    return read_detection_epochs(run) if (run / METRICS_FILE).exists() else ()
