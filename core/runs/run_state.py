"""What a training says of itself while it runs and when it ends, and whether its process still lives.

runs/<id>/state.json
"""

from __future__ import annotations

import hashlib
import os
import platform
from contextlib import suppress
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field

from core.records import MAX_LONG_TEXT, LongText, NonNegativeInt, Record, Text, read_record, write_json
from core.text import printable

STATE_FILE = "state.json"
State = Literal["finished", "in progress", "interrupted", "failed"]


class RunState(Record):
    """`reason`: why it failed, in words. The rest says which process trains, and on which machine.

    `machine` is a hash: of the host's name, of when it started, and of the space that process numbers are of.
    `began` is the process's start in the kernel's clock ticks, as numbers are given again.
    """

    schema_version: Literal[1] = Field(1, alias="schema")
    state: State
    reason: LongText = ""
    machine: Text = ""
    pid: Annotated[int, Field(ge=1, lt=2**31)] | None = None
    began: NonNegativeInt | None = None


def write_state(run: Path, state: State, reason: str = "") -> None:
    """Raises `OSError`."""
    said = RunState(schema=1, state=state, reason=printable(reason, MAX_LONG_TEXT) if reason else "")
    if state == "in progress":
        pid = os.getpid()
        mine = {"machine": _machine(), "pid": pid, "began": _status(pid)[0]}
        said = said.model_copy(update=mine)
    write_json(run / STATE_FILE, said)


def read_state(run: Path) -> RunState:
    """Raises `RecordError`."""
    return read_record(run / STATE_FILE, RunState)


def still_runs(state: RunState) -> bool | None:
    """Whether the process of a training in progress lives; None where this machine cannot tell."""
    if state.pid is None or not state.machine or state.machine != _machine():
        return None
    began, dead = _status(state.pid)
    return not dead and (state.began is None or began is None or began == state.began)


def _machine() -> str:
    """Empty where processes of others cannot be looked at."""
    if os.name != "posix":
        return ""
    parts = [platform.node()]
    with suppress(OSError):
        parts.append(Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii"))
    with suppress(OSError):
        parts.append(str(Path("/proc/self/ns/pid").readlink()))
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:12]


def _status(pid: int) -> tuple[int | None, bool]:
    """When a process began, where that is known, and whether it is none any more."""
    try:
        os.kill(pid, 0)  # asks alone
    except ProcessLookupError:
        return None, True
    except OSError:  # somebody else's
        pass
    with suppress(OSError, ValueError, IndexError):
        # After the name, which is in brackets and may hold anything: state, ..., start as the 20th
        line = Path(f"/proc/{pid}/stat").read_text(errors="replace")
        fields = line.rpartition(")")[2].split()
        return int(fields[19]), fields[0] in "ZX"
    return None, False
