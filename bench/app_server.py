"""The app in a process of its own, and what that costs: processor, memory, threads, files. Needs Linux."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO

ROOT = Path(__file__).parent.parent
START_S = 60  # a warm start takes a second
STOP_S = 10
STREAMLIT = ("streamlit", "run", "app.py")
_TICKS = os.sysconf("SC_CLK_TCK")
_PAGE_MB = os.sysconf("SC_PAGE_SIZE") / 2**20


@dataclass(frozen=True, slots=True)
class Usage:
    """Of the server and its children. `at` and `cpu_s` are seconds: on a steady clock, since the start."""

    at: float
    cpu_s: float
    rss_mb: float
    threads: int
    files: int

    def cpu_percent(self, since: Usage) -> float:
        """Of one core, between two readings."""
        return 100 * (self.cpu_s - since.cpu_s) / (self.at - since.at)


@dataclass(frozen=True, slots=True)
class AppServer:
    url: str
    pid: int
    _log: IO[bytes]

    def usage(self) -> Usage:
        """Read from /proc. The server leads a session, so its children are known by that session's number."""
        at, ticks, pages, threads, files = time.monotonic(), 0, 0, 0, 0
        for stat in Path("/proc").glob("[0-9]*/stat"):
            try:
                fields = stat.read_text().rpartition(")")[2].split()  # from field 3 of proc(5) on
                if int(fields[3]) != self.pid:
                    continue
                ticks += sum(map(int, fields[11:15]))  # user, system, and both of children that have ended
                threads += int(fields[17])
                pages += int(fields[21])
                files += sum(1 for _ in (stat.parent / "fd").iterdir())
            except OSError:  # it has just ended
                continue
        return Usage(at, ticks / _TICKS, pages * _PAGE_MB, threads, files)

    def log(self) -> str:
        self._log.seek(0)
        return self._log.read().decode(errors="replace")


@contextmanager
def served_app(module: Sequence[str] = STREAMLIT, *, folder: Path = ROOT) -> Iterator[AppServer]:
    """The app on a free port, started as `python -m <module>` with the caller's environment, until the end.

    Another app than ours where `folder` is another.

    Raises `RuntimeError` with the server's log when it does not answer.
    """
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        port = s.getsockname()[1]
    with tempfile.TemporaryFile() as log:
        process = subprocess.Popen(
            [sys.executable, "-m", *module, "--server.port", str(port), "--server.headless", "true"],
            cwd=folder,
            env={**os.environ, "MALLOC_ARENA_MAX": "1"},  # as the Makefile has it
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        server = AppServer(f"http://localhost:{port}", process.pid, log)
        try:
            _wait_until_healthy(server, process)
            yield server
        finally:
            _stop(process)


def _wait_until_healthy(server: AppServer, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + START_S
    while True:
        try:
            urllib.request.urlopen(f"{server.url}/_stcore/health", timeout=5).close()
            return
        except OSError:
            if process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError(f"The server did not start.\n{server.log()}") from None
            time.sleep(0.1)


def _stop(process: subprocess.Popen[bytes]) -> None:
    if process.poll() is None:
        os.killpg(process.pid, signal.SIGTERM)
        try:
            process.wait(STOP_S)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
