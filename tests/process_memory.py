"""What stands in another process's memory: whether a picture that was to be forgotten still does. Linux."""

from __future__ import annotations

import time
from contextlib import suppress
from pathlib import Path

_PIECE = 2**24  # bytes read at once


def count(pid: int, mark: bytes) -> int:
    """How often `mark` stands in what the process, and those that it started, can write to."""
    return sum(_count(each, mark) for each in [pid, *children(pid)])


def children(pid: int) -> list[int]:
    found: list[int] = []
    with suppress(FileNotFoundError):  # a process that has ended meanwhile
        for thread in Path(f"/proc/{pid}/task").iterdir():
            with suppress(FileNotFoundError, ProcessLookupError):
                found += map(int, (thread / "children").read_text().split())
    return found


def _count(pid: int, mark: bytes) -> int:
    found = 0
    with suppress(FileNotFoundError, ProcessLookupError), Path(f"/proc/{pid}/mem").open("rb", 0) as memory:
        for line in Path(f"/proc/{pid}/maps").read_text().splitlines():
            addresses, rights = line.split()[:2]
            if not rights.startswith("rw"):
                continue
            start, end = (int(address, 16) for address in addresses.split("-"))
            for at in range(start, end, _PIECE):
                try:
                    memory.seek(at)
                    found += memory.read(min(_PIECE + len(mark) - 1, end - at)).count(mark)
                except OSError:  # given back meanwhile
                    break
    return found


def wait_until_gone(pid: int, mark: bytes, seconds: float) -> None:
    """Raises `AssertionError`."""
    deadline = time.monotonic() + seconds
    while left := count(pid, mark):
        assert time.monotonic() < deadline, f"a picture is still in memory, {left} times"
        time.sleep(0.2)
