"""Starting processes that read what strangers sent: they have little of this one's environment."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

_ROOT = Path(__file__).parents[2]
# Blocks go back to the system when freed, and threads share one arena: both count towards the memory bound.
_ENVIRONMENT = {
    "MALLOC_ARENA_MAX": "1",
    "MALLOC_MMAP_THRESHOLD_": "1048576",
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
}
_KEPT_VARIABLES = ("PATH", "LANG", "LC_ALL", "LD_LIBRARY_PATH", "PYTHONHOME", "PYTHONPATH")


def start_child(
    module: str, theirs: socket.socket, descriptors: Sequence[int] = ()
) -> subprocess.Popen[bytes]:
    """Run a module of ours in a process group of its own. Its standard input is `theirs`; of what is open
    here it has `descriptors` alone. Raises `OSError`.
    """
    return subprocess.Popen(  # noqa: S603 - this Python, a module of ours
        [sys.executable, "-B", "-m", module],
        cwd=_ROOT,
        env={k: os.environ[k] for k in _KEPT_VARIABLES if k in os.environ} | _ENVIRONMENT,
        stdin=theirs.fileno(),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,  # libraries write there what a stranger's file makes them say
        pass_fds=descriptors,
        process_group=0,
    )
