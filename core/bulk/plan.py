"""The names of all pictures of a job, on disk: sorted, each once, however many there are.

SQLite sorts them within a few megabytes of memory. Whoever answers a part asks for its names here.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator
from pathlib import Path

from core.bulk.entries import Entry, JobPart
from core.text import is_url

_TABLES = """
CREATE TABLE pictures (key BLOB, at INTEGER, spelled BLOB, size INTEGER, member BLOB, problem TEXT,
                       PRIMARY KEY (key, at)) WITHOUT ROWID;
CREATE TABLE videos (key BLOB PRIMARY KEY, spelled BLOB) WITHOUT ROWID;
CREATE TABLE parts (number INTEGER PRIMARY KEY, key BLOB, at INTEGER, count INTEGER);
"""
# `spelled` is a name as it was given where that is not its key

_LITTLE_MEMORY = "PRAGMA cache_size = -256; PRAGMA shrink_memory"  # KiB: parts are read one after another


class JobPlan:
    """For one thread at a time. Others may read it once it is finished."""

    def __init__(self, path: Path) -> None:
        self._path = path
        address = f"{path.absolute().as_uri()}?immutable=1"
        self._base = sqlite3.connect(address, uri=True, check_same_thread=False)  # Ray calls from another
        self._base.executescript(_LITTLE_MEMORY)

    @classmethod
    def new(cls, path: Path) -> JobPlan:
        """An empty one, in place of one that was not finished."""
        path.unlink(missing_ok=True)
        plan = cls.__new__(cls)
        plan._path, plan._base = path, sqlite3.connect(path, isolation_level=None)
        # One that is not finished is made anew, so nothing of it need be safe before its end
        plan._base.executescript(f"PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; {_TABLES} BEGIN;")
        return plan

    def add(self, entry: Entry) -> None:
        key, spelled = _keyed(entry.source)
        # Not as the system has names: an archive may hold any, and a system of Latin 1 or ASCII few
        member = entry.member.encode("utf-8", "surrogateescape")
        row = (key, entry.at, spelled, entry.size, member, entry.problem)
        self._base.execute("INSERT OR IGNORE INTO pictures VALUES (?, ?, ?, ?, ?, ?)", row)

    def add_video(self, name: str) -> None:
        self._base.execute("INSERT OR IGNORE INTO videos VALUES (?, ?)", _keyed(name))

    def finish(self, part: int) -> None:
        """Nothing is added any more: divide it into parts of so many pictures, and have it outlive all."""
        rows = self._base.execute("SELECT key, at FROM pictures ORDER BY key, at")
        number = 0
        while taken := rows.fetchmany(part):
            self._base.execute("INSERT INTO parts VALUES (?, ?, ?, ?)", (number, *taken[0], len(taken)))
            number += 1
        self._base.execute("COMMIT")
        self._base.executescript(_LITTLE_MEMORY)
        with self._path.open("rb") as file:
            os.fsync(file.fileno())

    def __len__(self) -> int:
        return int(self._base.execute("SELECT count(*) FROM pictures").fetchone()[0])

    def videos(self) -> Iterator[str]:
        for (name,) in self._base.execute("SELECT coalesce(spelled, key) FROM videos"):
            yield os.fsdecode(name)

    def parts(self) -> Iterator[tuple[int, int]]:
        """The number of each part, and of its pictures."""
        yield from self._base.execute("SELECT number, count FROM parts ORDER BY number")

    def part(self, number: int) -> JobPart:
        key, at, count = self._base.execute(
            "SELECT key, at, count FROM parts WHERE number = ?", (number,)
        ).fetchone()
        rows = self._base.execute(
            "SELECT coalesce(spelled, key), member, at, size, problem FROM pictures "
            "WHERE (key, at) >= (?, ?) ORDER BY key, at LIMIT ?",
            (key, at, count),
        )
        return JobPart(number, tuple(_entry(*row) for row in rows))

    def close(self) -> None:
        self._base.close()


def _keyed(name: str) -> tuple[bytes, bytes | None]:
    """What a name sorts by and is one with: `p/a.jpg` and `./p//a.jpg` are the same. No link is followed."""
    key = name if is_url(name) or not name else str(Path(name))
    return os.fsencode(key), None if key == name else os.fsencode(name)


def _entry(source: bytes, member: bytes, at: int, size: int, problem: str) -> Entry:
    return Entry(os.fsdecode(source), member.decode("utf-8", "surrogateescape"), at, size, problem)
