"""The folder beside the results in which a job grows, part by part, until it is whole.

    <results>.parts/lock                 held by whoever is at work
    <results>.parts/plan.sqlite          the names of all pictures
    <results>.parts/job.json             written when the plan is whole: what the job is, to go on with
    <results>.parts/part-00000000.parquet  the rows of a part, written whole or not at all

A process that is killed leaves whole parts behind, and its lock goes with it.
"""

from __future__ import annotations

import contextlib
import json
import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from core.errors import JobError
from core.files import PARTIAL, written_whole

_OURS = re.compile(rf"lock|plan\.sqlite|job\.json|part-\d+\.parquet|{re.escape(PARTIAL)}.*")


class PartsFolder:
    """Where parts are. Processes write different parts of one folder without knowing of each other."""

    def __init__(self, path: Path) -> None:
        self.path = path

    @property
    def plan(self) -> Path:
        return self.path / "plan.sqlite"

    @contextlib.contextmanager
    def locked(self) -> Iterator[None]:
        """Have the folder, which is made where it is not there, to oneself. Raises `JobError`."""
        self._require_ours()
        import fcntl  # which Windows does not have

        try:
            self.path.mkdir(exist_ok=True)
            with (self.path / "lock").open("a") as lock:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                if not (self.path / "lock").exists():  # whoever had it has just finished
                    raise BlockingIOError
                yield
        except BlockingIOError:
            raise JobError(
                f"{self.path.with_suffix('')}: another run is writing it. Wait, or name another output."
            ) from None

    def _require_ours(self) -> None:
        """As it is removed in the end, with all that is in it. Raises `JobError`."""
        if self.path.is_symlink() or (
            self.path.exists() and any(_OURS.fullmatch(entry.name) is None for entry in self.path.iterdir())
        ):
            raise JobError(
                f"{self.path} is there, and is no folder of a run. Put it elsewhere, or name another output."
            )

    def read_job(self) -> dict[str, Any] | None:
        """What was begun here; None where nothing was. Raises `JobError`."""
        try:
            found = json.loads((self.path / "job.json").read_text(encoding="utf-8"))
        except FileNotFoundError:
            return None
        except (OSError, ValueError):
            found = None
        if not isinstance(found, dict):
            raise JobError(f"{self.path / 'job.json'} cannot be read. Remove {self.path}, and begin again.")
        return found

    def write_job(self, job: dict[str, Any]) -> None:
        with written_whole(self.path / "job.json") as file:
            file.write_text(json.dumps(job, indent=2), encoding="utf-8")

    def file_of(self, number: int) -> Path:
        return self.path / f"part-{number:08d}.parquet"

    def write(self, number: int, table: pa.Table) -> None:
        """A part, in place of an equal one. Raises `OSError`."""
        with written_whole(self.file_of(number)) as path, path.open("wb") as file:
            pq.write_table(table, file, compression="zstd")

    def read(self, number: int) -> list[dict[str, Any]]:
        """The rows of a part. Raises `JobError` for one that is damaged, which is answered again then."""
        path = self.file_of(number)
        try:
            with path.open("rb") as file:
                rows: list[dict[str, Any]] = pq.read_table(file).to_pylist()
        except (pa.ArrowInvalid, OSError) as problem:
            if isinstance(problem, OSError) and problem.errno:  # of the disk; pyarrow has none for content
                raise
            path.unlink()
            raise JobError(
                f"{path}: was damaged, and is removed. Add --resume to have its pictures checked again."
            ) from None
        return rows

    def is_done(self, number: int) -> bool:
        return self.file_of(number).exists()

    def tidy(self) -> None:
        """Remove what killed processes left half written. Only for whoever holds the lock."""
        for name in self.path.glob(f"{PARTIAL}*"):
            name.unlink(missing_ok=True)

    def remove(self) -> None:
        shutil.rmtree(self.path)
