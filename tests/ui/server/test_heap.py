"""What was freed is out of the process's memory, in a process of its own."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
SCRIPT = """
import os, secrets
from tests import process_memory
from ui.server import heap
heap.bound()
mark, around = secrets.token_bytes(32), []
for size in (2_000, 70_000, 900_000, 9_000_000):
    around.append(bytearray(1000))  # so that what is freed lies between what is not
    kept = [mark + bytes(size) + mark for _ in range(3)]
    around.append(bytearray(1000))
    assert process_memory.count(os.getpid(), mark) >= 7
    del kept
    around.append([around, mark[:0]])
    heap.give_back()
    print(process_memory.count(os.getpid(), mark))
"""


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_nothing_of_what_was_freed_is_left():
    run = subprocess.run([sys.executable, "-c", SCRIPT], cwd=ROOT, capture_output=True, text=True, timeout=60)
    # The mark itself, which the script keeps, and perhaps a copy on its way to the search
    assert not run.returncode, run.stderr
    left = [int(line) for line in run.stdout.split()]
    assert len(left) == 4 and max(left) <= 2, left
