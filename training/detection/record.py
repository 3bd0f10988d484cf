"""What a detector's training has recorded so far."""

from __future__ import annotations

from pathlib import Path

from core.runs import METRICS_FILE, DetectionEpoch, read_detection_epochs


def epochs_done(run: Path) -> tuple[DetectionEpoch, ...]:
    return read_detection_epochs(run) if (run / METRICS_FILE).exists() else ()
