"""A job from its sources to its results: what was begun is gone on with, what is whole is not done again."""

from __future__ import annotations

import os
import shutil
import sqlite3
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass, field
from itertools import groupby
from operator import itemgetter
from pathlib import Path
from typing import Any, BinaryIO, Protocol, TextIO

from core.bulk.checking import unwritable
from core.bulk.entries import FORMATS, CheckOptions, JobFacts, Tally, shown
from core.bulk.named_answers import require_answers
from core.bulk.outcome import JobResults, Outputs
from core.bulk.parts import PartsFolder
from core.bulk.plan import JobPlan
from core.bulk.progress import JobProgress
from core.bulk.rows import ENTRY
from core.bulk.sources import Finder
from core.bulk.summary import WORTH_A_LOOK
from core.errors import JobError
from core.terminal import Speaker
from core.text import plural, printable

PLAN_SCHEMA = 2  # of what is in the folder of parts: a run of another version is not gone on with
_LONGEST_NAME = 4_096  # characters that are printed
LEAST_PART, USUAL_PART = 4, 16  # pictures: some seconds, so that workers end together
MAX_PARTS = 200_000
_PARTS_A_WORKER = 16
_BYTES_A_PICTURE = 2_000  # of rows, a generous guess
_REPORT_BYTES = 20_000  # of a face in the report
_DRAWN_BYTES = 200_000


class BulkEngine(Protocol):
    """Answers parts, whichever way."""

    def facts(self) -> JobFacts: ...

    def run(self, plan: Path, numbers: Sequence[int], folder: Path) -> Iterator[Tally]: ...


StartEngine = Callable[[CheckOptions], AbstractContextManager[BulkEngine]]


@dataclass(frozen=True, slots=True)
class Job:
    """What `python -m core check SOURCES... --output FILE` was asked for."""

    sources: Sequence[str]
    output: Path
    options: CheckOptions = field(default_factory=CheckOptions)
    recursive: bool = False
    resume: bool = False
    workers: int = 1  # that share the parts: how large these are
    fail_on: Sequence[str] = ()


def run_job(
    job: Job, start_engine: StartEngine, *, said: TextIO | None, stdin: BinaryIO | None = None
) -> dict[str, Any]:
    """Do it; the summary, as it is written beside the results. Raises `JobError` or another error of ours."""
    outputs = Outputs(job.output)
    folder = PartsFolder(outputs.parts.absolute())
    _check_output(job)
    try:
        with folder.locked():
            try:
                return _Run(job, outputs, folder, stdin, Speaker(said)).run(start_engine)
            except BaseException:
                if folder.read_job() is None:  # nothing was begun that could be gone on with
                    folder.remove()
                raise
    except OSError as problem:
        raise unwritable(job.output, problem) from None
    except sqlite3.Error as problem:
        raise unwritable(job.output, OSError(0, str(problem))) from None


def _check_output(job: Job) -> None:
    """What can be known before any work."""
    output = job.output
    if output.suffix.lower() not in FORMATS:
        raise JobError(f"{output}: name a file that ends with {', '.join(FORMATS)}.")
    for path in Outputs(output).all():
        try:
            path.lstat()
        except FileNotFoundError:
            pass
        except OSError as problem:
            raise JobError(f"{path}: cannot be written ({problem.strerror}). Name another output.") from None
    if not output.parent.is_dir():
        raise JobError(f"{output}: its folder is not there. Make it, or name another output.")
    for folder in (output.parent, *([Path(job.options.annotate)] if job.options.annotate else [])):
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError as problem:
            raise JobError(f"{folder}: cannot be made ({problem.strerror}). Name another folder.") from None
        if not os.access(folder, os.W_OK | os.X_OK):
            raise JobError(f"{folder}: there is no right to write there. Get it, or name another folder.")
    if output.exists() and not job.resume:
        raise JobError(
            f"{output} is there already, and stays as it is. Name another output, or add --resume to go on "
            "with a run that was stopped."
        )


class _Run:
    """A job under its lock."""

    def __init__(
        self, job: Job, outputs: Outputs, folder: PartsFolder, stdin: BinaryIO | None, speaker: Speaker
    ) -> None:
        self.job, self.outputs, self.folder, self.stdin = job, outputs, folder, stdin
        self.speaker = speaker

    def run(self, start_engine: StartEngine) -> dict[str, Any]:
        begun = self.folder.read_job()
        if begun and begun.get("schema") != PLAN_SCHEMA:
            raise JobError(
                f"{self.folder.path} is of a run that another version of Maskwise began. Go on with that, or "
                "remove the folder to begin again."
            )
        if begun and not self.job.resume:
            raise JobError(
                f"{self.job.output}: a run that was stopped is kept in {self.folder.path}. Add --resume to "
                "go on with it, or remove that folder to begin again."
            )
        with ExitStack() as stack:
            with start_engine(self.job.options) as engine:
                facts = engine.facts()
                require_answers(self.job.fail_on, facts.labels, facts.model)
                if self.outputs.are_whole():
                    return self._whole_already(facts)
                if not begun:
                    self.outputs.require_own()
                plan = self._plan(begun, facts)
                stack.callback(plan.close)
                progress = self._answer(engine, plan)
            with self._words_when_stopped(lambda: len(plan), len(plan)):
                outcome = JobResults(self.outputs, facts, self._about(facts, plan, progress))
                summary = outcome.write(self._rows(plan), blur=self.job.options.blur)
        self.folder.remove()
        return summary

    def _whole_already(self, facts: JobFacts) -> dict[str, Any]:
        summary = self.outputs.read_summary()
        self._require_same(summary | summary.get("asked", {}), facts)
        self.speaker.say(f"{self.job.output} is whole: nothing is left to do.")
        self.folder.remove()
        return summary

    def _require_same(self, begun: dict[str, Any], facts: JobFacts) -> None:
        """Rows of two models are no one's result, nor are those of other pictures."""
        now, before = facts.as_json(), begun["run"]
        if differs := [name for name, value in now.items() if before.get(name) != value]:
            old, new = before.get(differs[0]), now[differs[0]]
            raise JobError(
                f"{self.job.output} was started with another {differs[0].replace('_', ' ')}: {old}, not "
                f"{new}. Go on with what it was started with, or name another output."
            )
        asked = self._asked()
        if differs := [name for name, value in asked.items() if begun.get(name, value) != value]:
            raise JobError(
                f"{self.job.output} was started with other {differs[0]}: {begun[differs[0]]}. "
                "Go on with those, or name another output."
            )

    def _asked(self) -> dict[str, Any]:
        """What decides, beside the model, which rows there are; `folder` is where names are meant from."""
        return {
            "sources": list(map(shown, self.job.sources)),
            "recursive": self.job.recursive,
            "folder": str(Path.cwd()),
            "annotate": self.job.options.annotate,
            "blur": self.job.options.blur,
        }

    def _plan(self, begun: dict[str, Any] | None, facts: JobFacts) -> JobPlan:
        """The plan that was made, or a new one."""
        self.folder.tidy()
        if begun:
            self._require_same(begun, facts)
            return JobPlan(self.folder.plan)
        plan = JobPlan.new(self.folder.plan)
        never = [Path(self.job.options.annotate)] if self.job.options.annotate else []
        finder = Finder(
            plan, recursive=self.job.recursive, stdin=self.stdin, never=never, parts=self.folder.path
        )
        finder.find(self.job.sources)
        count = len(plan)
        self._require_room(count)
        plan.finish(part_size(count, self.job.workers))
        passed_over = dict(finder.passed_over)
        self.folder.write_job(
            {"schema": PLAN_SCHEMA, "run": facts.as_json(), **self._asked(), "passed_over": passed_over}
        )
        noted = [f"passed over {n:,} {what}" for what, n in passed_over.items()]
        self.speaker.say("; ".join([plural(count, "picture"), *noted]))
        for name in plan.videos():
            self.speaker.say(
                f"{printable(shown(name), _LONGEST_NAME)}: is a video. Check it with: python -m core video"
            )
        return plan

    def _require_room(self, count: int) -> None:
        for folder, needed in (
            (self.job.output.parent, count * _BYTES_A_PICTURE + min(count, WORTH_A_LOOK) * _REPORT_BYTES),
            (self.job.options.annotate, count * _DRAWN_BYTES),
        ):
            if folder and (free := shutil.disk_usage(folder).free) < needed:
                raise JobError(
                    f"{folder}: {free / 2**20:,.1f} MB are free, and {count:,} pictures may need "
                    f"{needed / 2**20:,.1f} MB. Make room, or name a place on another disk."
                )

    def _answer(self, engine: BulkEngine, plan: JobPlan) -> JobProgress:
        total, left = len(plan), dict(part for part in plan.parts() if not self.folder.is_done(part[0]))
        done = total - sum(left.values())
        progress = JobProgress(total, done, self.speaker)
        progress.show()
        with self._words_when_stopped(lambda: done + progress.tally.pictures, total):
            try:
                for tally in engine.run(self.folder.plan, list(left), self.folder.path):
                    progress.add(tally)
            finally:
                progress.close()
        return progress

    @contextmanager
    def _words_when_stopped(self, kept: Callable[[], int], total: int) -> Iterator[None]:
        """The last word of a run that is stopped is how to go on."""
        try:
            yield
        except KeyboardInterrupt:
            of_all = f"{kept():,} of {plural(total, 'picture')} are kept"
            self.speaker.say(f"Stopped. {of_all}: add --resume to go on.")
            raise

    def _about(self, facts: JobFacts, plan: JobPlan, progress: JobProgress) -> dict[str, Any]:
        """What the summary says beside what was counted."""
        begun = self.folder.read_job() or {}
        return {
            "run": facts.as_json(),
            "sources": begun["sources"],
            "asked": {name: begun[name] for name in self._asked() if name != "sources"},
            "videos": sum(1 for _ in plan.videos()),
            "passed_over": begun["passed_over"],
            "last_session": {
                "pictures": progress.tally.pictures,
                "seconds": round(progress.seconds, 1),
                "pictures_a_second": round(progress.rate, 2),
                "workers": self.job.workers,
            },
        }

    def _rows(self, plan: JobPlan) -> Iterator[list[dict[str, Any]]]:
        """All rows of each picture, in the plan's order."""
        for number, _ in plan.parts():
            for _, of_one in groupby(self.folder.read(number), key=itemgetter(ENTRY)):
                yield list(of_one)


def part_size(pictures: int, workers: int) -> int:
    """So small that workers end together and a kill costs little, so large that there are not too many."""
    return max(LEAST_PART, min(USUAL_PART, pictures // (workers * _PARTS_A_WORKER)), pictures // MAX_PARTS)
