"""What processes cost while they run: theirs may be gone when it is asked for. Needs Linux."""

from __future__ import annotations

import contextlib
import os
import threading
import time
from pathlib import Path

WATCH_EVERY = 0.005  # seconds


class Taken(threading.Thread):
    """What this process and those below it have taken, looked at every few milliseconds."""

    def __init__(self) -> None:
        super().__init__(daemon=True)
        self._lock = threading.Lock()
        self._most = 0  # bytes, of all at once
        self._cpu: dict[int, list[float]] = {}  # seconds by process, when first seen and last
        self.start()

    def forget(self, processes: int) -> None:
        """Begin anew, when no more than so many processes are left."""
        while True:
            with self._lock:
                self._most = 0
                self._cpu.clear()
                self._look()
                if len(self._cpu) <= processes:
                    return
            time.sleep(WATCH_EVERY)

    def since(self) -> tuple[float, int]:
        """Seconds of a core, and bytes at most, since `forget`. Pages that two share count twice."""
        with self._lock:
            self._look()
            return sum(last - first for first, last in self._cpu.values()), self._most

    def run(self) -> None:
        while True:
            with self._lock:
                self._look()
            time.sleep(WATCH_EVERY)

    def _look(self) -> None:
        together, waiting = 0, [os.getpid()]
        while waiting:
            with contextlib.suppress(OSError):  # ended meanwhile
                pid = waiting.pop()
                fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
                cpu = (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
                self._cpu.setdefault(pid, [cpu, cpu])[1] = cpu
                together += int(fields[21]) * os.sysconf("SC_PAGE_SIZE")
                for task in Path(f"/proc/{pid}/task").iterdir():
                    waiting += map(int, (task / "children").read_text().split())
        self._most = max(self._most, together)
