"""All cores of this machine: `concurrent.futures` with worker processes, a few parts ahead of them.

A worker that dies (out of memory, or broken by a picture) ends its whole pool, as Python has it: a new one
begins, and the parts that were under way are answered again; those that were so twice, one by one. A picture
that breaks a worker by itself becomes a row of the failures.
"""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import signal
import threading
from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from pathlib import Path
from typing import Any

from core.bulk.checking import TRIES, check_part, facts_from, try_picture
from core.bulk.entries import CheckOptions, Entry, JobFacts, JobPart, Tally
from core.bulk.plan import JobPlan
from core.errors import JobError

AHEAD = 2  # parts a worker that wait for it, so that none waits for the driver
TICK_S = 1.0
_ONE_THREAD = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", "MALLOC_ARENA_MAX": "1"}


class LocalEngine:
    """A pool of worker processes, to be used once and within `with`."""

    def __init__(self, options: CheckOptions, workers: int) -> None:
        self._options, self._workers = options, workers
        self._others = set(multiprocessing.active_children())
        self._pool = self._new_pool(workers)

    def __enter__(self) -> LocalEngine:
        return self

    def __exit__(self, *_: object) -> None:
        self._end()

    def facts(self) -> JobFacts:
        """Who answers. Raises `MaskwiseError` where nobody can."""
        with _words():
            found: JobFacts = self._insist(facts_from, self._options)
        return found

    def run(self, plan: Path, numbers: Sequence[int], folder: Path) -> Iterator[Tally]:
        """What came of each part, as each is done, and now and then of nothing, for who waits.

        Raises `JobError` where rows cannot be written.
        """
        names = JobPlan(plan)
        with contextlib.closing(names), _words():
            yield from self._run(map(names.part, numbers), folder)

    def _run(self, waiting: Iterator[JobPart], folder: Path) -> Iterator[Tally]:
        again: list[JobPart] = []
        under_way, lost = dict[Future[Tally], JobPart](), Counter[int]()
        while True:
            while len(under_way) < self._workers * (1 + AHEAD):
                part = again.pop() if again else next(waiting, None)
                if part is None:
                    break
                under_way[self._check(part, folder)] = part
            if not under_way:
                return
            done, _ = wait(under_way, TICK_S, return_when=FIRST_COMPLETED)
            if not done:
                yield Tally()
            broken = [future for future in done if isinstance(future.exception(), BrokenProcessPool)]
            for future in done.difference(broken):
                del under_way[future]
                yield future.result()
            if broken:
                self._renew()
                lost.update(part.number for part in under_way.values())
                twice = [part for part in under_way.values() if lost[part.number] > 1]
                again += [part for part in under_way.values() if lost[part.number] == 1]
                under_way.clear()
                yield from self._one_by_one(twice, folder)

    def _one_by_one(self, parts: list[JobPart], folder: Path) -> Iterator[Tally]:
        """Parts that were lost twice: one that breaks a pool alone is answered without what breaks it."""
        for part in parts:
            try:
                yield self._check(part, folder).result()
            except BrokenProcessPool:
                self._renew()
                harmless = part.without_what_breaks_it(self._is_harmless)
                yield self._insist(check_part, self._options, harmless, folder)

    def _is_harmless(self, entry: Entry) -> bool:
        try:
            self._insist(try_picture, self._options, entry)
        except BrokenProcessPool:
            self._renew()
            return False
        return True

    def _check(self, part: JobPart, folder: Path) -> Future[Tally]:
        return self._submit(check_part, self._options, part, folder)

    def _insist(self, call: Any, *arguments: Any) -> Any:
        """What a worker answers to what ends none. One that is killed meanwhile is followed by another."""
        for _ in range(TRIES - 1):
            try:
                return self._submit(call, *arguments).result()
            except BrokenProcessPool:
                self._renew()
        return self._submit(call, *arguments).result()

    def _submit(self, call: Any, *arguments: Any) -> Future[Any]:
        """What starts meanwhile does so without Ctrl-C, which is for the driver, and with one thread."""
        try:
            with _without_interrupts(), _environment(_ONE_THREAD):
                return self._pool.submit(call, *arguments)
        except BrokenProcessPool as broken:  # it broke since the last answer
            future: Future[Any] = Future()
            future.set_exception(broken)
            return future

    def _new_pool(self, workers: int) -> ProcessPoolExecutor:
        context = multiprocessing.get_context("spawn")  # threads and locks of ours do not survive a fork
        return ProcessPoolExecutor(workers, context, initializer=_end_with_parent)

    def _renew(self) -> None:
        self._end()
        self._pool = self._new_pool(self._workers)

    def _end(self) -> None:
        """At once: what is under way is lost."""
        self._pool.shutdown(wait=False, cancel_futures=True)
        mine = set(multiprocessing.active_children()) - self._others
        for process in mine:
            process.kill()
        for process in mine:
            process.join()


@contextlib.contextmanager
def _words() -> Iterator[None]:
    """What pools that break again and again mean to people."""
    try:
        yield
    except BrokenProcessPool:
        raise JobError(
            "Worker processes end again and again, most often because there is too little memory. What is "
            "done is kept: add --resume, and fewer --workers."
        ) from None


@contextlib.contextmanager
def _without_interrupts() -> Iterator[None]:
    """Processes and threads that are started within do not get SIGINT."""
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


@contextlib.contextmanager
def _environment(variables: dict[str, str]) -> Iterator[None]:
    before = {name: os.environ.get(name) for name in variables}
    os.environ.update(variables)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value


# --- in a worker --------------------------------------------------------------------------------------------


def _end_with_parent() -> None:
    """However the driver ends, its workers do."""

    def watch() -> None:
        parent = multiprocessing.parent_process()
        if parent:
            parent.join()
        os._exit(1)

    threading.Thread(target=watch, daemon=True).start()
