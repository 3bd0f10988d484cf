"""The runs on this machine as a table to choose from, and what is wrong with broken ones."""

from __future__ import annotations

from collections.abc import Mapping

from core.errors import RecordError
from core.run_catalog import Run


def choose(runs: Mapping[str, Run | RecordError]) -> list[Run]:
    """The selected runs, in the table's order."""
    return [run for run in runs.values() if isinstance(run, Run)][:1]
