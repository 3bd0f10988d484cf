"""What a detector's training has recorded so far."""

from __future__ import annotations

from pathlib import Path

from core.detection_record import DetectionEpoch, read_detection_epochs
from core.records import write_text
from core.runs import METRICS_FILE


def epochs_done(run: Path) -> tuple[DetectionEpoch, ...]:
    return read_detection_epochs(run) if (run / METRICS_FILE).exists() else ()


def drop_half_line(run: Path) -> None:
    """What an interruption left of a line must not be written on."""
    path = run / METRICS_FILE
    if path.exists():
        whole, _, rest = path.read_text(encoding="utf-8").rpartition("\n")
        if rest:
            write_text(path, whole + "\n" if whole else "")
