"""Records that a training leaves, for tests to write."""

from typing import Any

from core.labels import MASK_2
from core.records.fields import Labels
from core.runs.training import RunConfig


def run_config(run_id: str, **changes: Any) -> RunConfig:
    """The config of a toy run of two labels, changed."""
    plain: dict[str, Any] = {
        "id": run_id,
        "recipe": "toy",
        "settings": {},
        "labels": Labels(set=MASK_2.name, names=MASK_2.labels),
        "seed": 0,
        "git_commit": "unknown",
        "versions": {},
        "manifest_sha256": "0" * 64,
        "split_sizes": {},
        "device": "cpu",
        "started": "2026-01-01T00:00:00+00:00",
    }
    return RunConfig(**plain | changes)
