"""A run's folder while it is trained: named rightly, begun in the same way, and true about how it ends."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from core.errors import MaskwiseError, RecordError
from core.records import PLAIN_NAME
from core.runs import CONFIG_FILE, RunConfig, read_config, write_config, write_state
from core.text import printable

_MOST_NAMED = 12
_ABSENT = object()


def refuse_existing(run: Path, *, resume: bool) -> None:
    """Raises `RecordError` for a name that no run can have, and for a folder that is there already.

    With `resume` one may be there, in which a run is to go on.
    """
    if not re.fullmatch(PLAIN_NAME, run.name):
        raise RecordError(
            f"--output {printable(str(run), 300)}: {printable(run.name, 120)!r} is no name for a run. Take "
            "at most 100 letters, digits, dots, dashes and underscores; begin with a letter or digit."
        )
    if run.exists() and not resume:
        raise RecordError(
            f"{run} exists already, and no record is overwritten. Go on with it by --resume, or give "
            "another --output."
        )


def keep_config(run: Path, config: RunConfig) -> None:
    """Write it, or make sure that a run to go on with was begun in the same way. Raises `RecordError`."""
    if not (run / CONFIG_FILE).exists():
        try:
            write_config(run, config)
        except OSError as problem:
            raise RecordError(
                f"{run}: cannot be written ({problem.strerror}). Give another --output."
            ) from None
        return
    differs = differences(read_config(run), config)
    if differs:
        raise RecordError(
            f"{run} was started with another {'; '.join(differs)}. Give the same options and data, or "
            "another --output."
        )


def differences(before: RunConfig, now: RunConfig) -> list[str]:
    """What differs between a run and one that is to go on with it: each by its name, with both values."""
    records = [config.as_json() for config in (before, now)]
    for record in records:  # they follow from the data, and older records have none
        record["settings"].pop("source_labels", None)
    fields = ("recipe", "settings", "labels", "seed", "manifest_sha256", "split_sizes")
    found = [said for field in fields for said in _apart(field, *(record[field] for record in records))]
    return found[:_MOST_NAMED] + (["and more"] if len(found) > _MOST_NAMED else [])


def _apart(name: str, before: Any, now: Any) -> Iterator[str]:
    """What differs between two plain values; of dictionaries and lists of one length their parts alone."""
    if before is not _ABSENT is not now and json.dumps(before, sort_keys=True) == json.dumps(
        now, sort_keys=True
    ):
        return
    short = name.removeprefix("settings.")
    if isinstance(before, dict) and isinstance(now, dict):
        for key in sorted({*before, *now}):
            yield from _apart(f"{name}.{key}", before.get(key, _ABSENT), now.get(key, _ABSENT))
    elif isinstance(before, list) and isinstance(now, list) and len(before) == len(now):
        for number, (one, other) in enumerate(zip(before, now, strict=True), 1):
            yield from _apart(f"{name} {number}", one, other)
    else:
        yield f"{short}: {_shown(before)}, now {_shown(now)}"


def _shown(value: Any) -> str:
    return "not there" if value is _ABSENT else printable(str(value), 120)


@contextmanager
def kept_state(run: Path) -> Iterator[None]:
    """A training in `run`: its record says that it goes on, and then how it ended."""
    write_state(run, "in progress")
    try:
        yield
    except KeyboardInterrupt:
        write_state(run, "interrupted")
        raise
    except MaskwiseError as problem:
        write_state(run, "failed", str(problem))
        raise
    except BaseException as problem:
        write_state(run, "failed", f"{type(problem).__name__}: {problem}")
        raise
    write_state(run, "finished")
