"""What a process that reads what strangers sent may not do, for good."""

from __future__ import annotations

import contextlib
import os
import resource

BEHIND_OTHERS = 5  # niceness: a quarter of a core where others, such as live video, want all of it


def bound_process(memory: int) -> None:
    """Bytes of addresses, files and priority of this process, for good."""
    for what, most in (
        (resource.RLIMIT_AS, memory),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_CORE, 0),  # no picture on the disk, as part of a core dump
    ):
        with contextlib.suppress(ValueError, OSError):  # macOS does not bound addresses
            resource.setrlimit(what, (most, most))
    os.nice(BEHIND_OTHERS)
