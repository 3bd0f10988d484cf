"""`check SOURCES... --output FILE`: many pictures into a table, by all cores, to be resumed after any end."""

from __future__ import annotations

import argparse
import os
import signal
import sys
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any

from core.bulk import BulkEngine, CheckOptions, Job, LocalEngine, count_of, run_job
from core.commands.bulk_options import FAILED_ON
from core.commands.pictures import UNREADABLE
from core.errors import JobError
from core.labels import appearance
from core.photos import RayEngine
from core.scheduling import cores
from core.terminal import SignalHandler, Speaker, signals_handled
from core.text import plural

TERMINATED = 143  # as shells number SIGTERM


def run(options: argparse.Namespace) -> int:
    workers = options.workers or cores()
    try:
        Path.cwd()
    except OSError:
        raise JobError("The working folder is gone. Change to one that is there, and try again.") from None
    job = Job(
        sources=options.images,
        output=options.output,
        options=CheckOptions(
            model=options.model,
            detector=options.detector,
            min_score=options.min_score,
            margin=options.margin,
            annotate=os.path.abspath(options.annotate) if options.annotate else None,  # noqa: PTH100 - no link is followed
            blur=options.blur,
        ),
        recursive=options.recursive,
        resume=options.resume,
        workers=workers,
        fail_on=options.fail_on,
    )

    def start_engine(asked: CheckOptions) -> AbstractContextManager[BulkEngine]:
        if options.engine == "ray":
            return RayEngine(asked, options.workers, options.address)
        return LocalEngine(asked, workers)

    stdin = sys.stdin.buffer if sys.stdin else None  # it may be closed
    try:
        with _signals():
            summary = run_job(job, start_engine, said=sys.stderr, stdin=stdin)
    except _Terminated:
        return TERMINATED
    _tell(Speaker(sys.stdout), job.output, summary)
    if found := count_of(summary, options.fail_on):
        Speaker(sys.stderr).say(f"--fail-on names the answer of {plural(found, 'face')}.")
        return FAILED_ON
    return UNREADABLE if summary["failures"] else 0


class _Terminated(KeyboardInterrupt):
    """As of `timeout`, or of a machine that shuts down: like Ctrl-C, with a code of its own."""


@contextmanager
def _signals() -> Iterator[None]:
    """A lost connection or a window that is closed ends no run of hours, which workers inherit."""

    def terminate(*_: object) -> None:
        raise _Terminated

    handlers: dict[int, SignalHandler] = {signal.SIGTERM: terminate}
    if hasattr(signal, "SIGHUP"):  # which Windows does not have
        handlers[signal.SIGHUP] = signal.SIG_IGN
    with signals_handled(handlers):
        yield


def _tell(speaker: Speaker, output: Path, summary: dict[str, Any]) -> None:
    speaker.say(
        f"{plural(summary['pictures'], 'picture')}: {plural(summary['faces'], 'face')}, "
        f"{summary['without_faces']:,} without one, {summary['failures']:,} that could not be read"
    )
    for answer, n in summary["answers"].items():
        look = appearance(answer)
        speaker.say(f"  {look.icon} {look.short}: {n:,} ({n / summary['faces']:.1%})")
    speaker.say(", ".join(str(output.with_name(name)) for name in summary["files"].values()))
