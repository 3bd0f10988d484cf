"""Worker processes: killed or stopped at any moment, they lose nothing and repeat nothing."""

import io
import multiprocessing
import os
import signal
import subprocess
import sys
from concurrent.futures import Future
from concurrent.futures.process import BrokenProcessPool
from pathlib import Path

import pytest

from core.bulk import local_engine as module
from core.bulk.entries import CheckOptions, Entry, JobPart, Tally
from core.bulk.job import Job, run_job
from core.bulk.local_engine import LocalEngine
from core.errors import JobError
from tests.conftest import ROOT
from tests.core.bulk.in_process import OPTIONS, InProcess, answered, make_photos
from tests.waiting import wait_for

pytestmark = pytest.mark.alone

PICTURES = 40  # ten parts


@pytest.fixture(scope="module")
def photos(tmp_path_factory):
    return make_photos(tmp_path_factory.mktemp("photos"), PICTURES)


@pytest.fixture(scope="module")
def expected(photos, tmp_path_factory):
    """Rows of results and failures, as one process answers without a break."""
    output = tmp_path_factory.mktemp("whole") / "r.parquet"
    run_job(Job([str(photos)], output, OPTIONS), InProcess, said=io.StringIO())
    return answered(output)


def children(pid):
    """Processes that a process has started, and theirs, by number."""
    found = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return [child for one in map(int, found) for child in (one, *children(one))]


def is_alive(pid):
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def test_workers_answer_as_one_process_does_though_one_is_killed(photos, expected, tmp_path):
    output = tmp_path / "r.parquet"
    killed = []

    class Killing(LocalEngine):
        def run(self, plan, numbers, folder):
            for n, tally in enumerate(super().run(plan, numbers, folder)):
                if n == 2:
                    killed.append(multiprocessing.active_children()[-1].pid)
                    os.kill(killed[0], signal.SIGKILL)
                yield tally

    run_job(
        Job([str(photos)], output, OPTIONS, workers=2),
        lambda options: Killing(options, 2),
        said=io.StringIO(),
    )
    assert killed and answered(output) == expected
    assert not any(map(is_alive, killed))


def test_a_driver_that_is_stopped_or_killed_loses_nothing_but_what_was_under_way(photos, expected, tmp_path):
    output, parts = tmp_path / "r.parquet", tmp_path / "r.parquet.parts"
    command = [sys.executable, "-m", "core", "check", str(photos), "--output", str(output)]
    command += ["--detector", "haar", "--workers", "2", "--resume"]

    def until(count, how):
        """Start it, end it once so many parts are there; its exit code and what it said."""
        driver = subprocess.Popen(
            command,
            cwd=ROOT,
            stderr=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            start_new_session=True,
            preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),  # ignored after a shell's `&`
        )
        wait_for(lambda: len(list(parts.glob("part-*"))) >= count or driver.poll() is not None, 300)
        assert driver.poll() is None, driver.stderr.read()
        workers = children(driver.pid)
        if how in (signal.SIGINT, signal.SIGTERM):
            os.killpg(driver.pid, how)  # as a terminal and `timeout` do: workers get it, too
        else:
            driver.kill()
        said = driver.communicate()[1].decode()
        wait_for(lambda: not any(map(is_alive, workers)), 60)
        return driver.returncode, said, len(workers)

    code, said, _ = until(1, signal.SIGINT)
    assert code == 130 and "pictures are kept: add --resume to go on." in said and "Traceback" not in said
    code, said, _ = until(len(list(parts.glob("part-*"))) + 1, signal.SIGTERM)
    assert code == 143 and said.endswith("pictures are kept: add --resume to go on.\n")
    before = {path.name: path.stat().st_mtime_ns for path in parts.glob("part-*")}
    code, _, workers = until(len(before) + 1, signal.SIGKILL)
    assert code == -signal.SIGKILL and workers >= 2
    ended = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert ended.returncode == 2, ended.stderr  # some cannot be read
    assert answered(output) == expected
    assert before  # and the parts that were there are not done again
    assert f"{PICTURES} of {PICTURES} pictures (100%)" in ended.stderr


class Breaking(LocalEngine):
    """Pools break whenever they meet one of some pictures, and the first `killed` times whatever they do."""

    def __init__(self, deadly=(), killed=0):
        self._options, self._workers, self._deadly = CheckOptions(), 2, deadly
        self.pools, self.killed = 1, killed

    def _renew(self):
        self.pools += 1

    def _submit(self, call, *arguments):
        future = Future()
        what = arguments[1] if arguments[1:] else JobPart(0, ())
        entries = what.entries if isinstance(what, JobPart) else (what,)
        deadly = [entry for entry in entries if entry.source in self._deadly and not entry.problem]
        if self.pools <= self.killed or deadly:
            future.set_exception(BrokenProcessPool())
        else:
            self.seen = entries
            future.set_result(Tally(len(entries), 0, sum(bool(entry.problem) for entry in entries)))
        return future


def test_a_picture_that_breaks_its_worker_is_a_failure_and_the_others_are_answered():
    parts = [JobPart(n, tuple(Entry(f"{n}-{i}.jpg") for i in range(3))) for n in range(5)]
    engine = Breaking({"2-1.jpg", "4-0.jpg"})
    tallies = list(engine._run(iter(parts), Path()))
    assert sorted((t.pictures, t.failures) for t in tallies) == [(3, 0)] * 3 + [(3, 1)] * 2
    assert engine.pools < 16


def test_while_a_part_takes_long_who_waits_hears_of_it(monkeypatch):
    monkeypatch.setattr(module, "TICK_S", 0.01)
    engine, slow = Breaking(), Future()
    monkeypatch.setattr(engine, "_submit", lambda *_: slow)
    tallies = engine._run(iter([JobPart(0, (Entry("0.jpg"),))]), Path())
    assert [next(tallies), next(tallies)] == [Tally(), Tally()]
    slow.set_result(Tally(1))
    assert [tally for tally in tallies if tally != Tally()] == [Tally(1)]


def test_a_picture_that_breaks_its_worker_is_named():
    engine = Breaking({"1.jpg"})
    part = JobPart(0, (Entry("0.jpg"), Entry("1.jpg"))).without_what_breaks_it(engine._is_harmless)
    assert [entry.problem for entry in part.entries] == [
        "",
        "1.jpg: ended each process that opened it. The other pictures are not affected.",
    ]


def test_a_worker_that_is_killed_at_the_start_or_at_a_picture_alone_is_followed_by_another():
    assert Breaking(killed=2).facts() == Tally(0, 0, 0)
    with pytest.raises(JobError, match="end again and again"):
        Breaking(killed=3).facts()
    part = JobPart(0, (Entry("0.jpg"), Entry("1.jpg")))
    assert part.without_what_breaks_it(Breaking(killed=2)._is_harmless) == part  # no picture is blamed
    assert list(Breaking(killed=2)._one_by_one([part], Path())) == [Tally(2, 0, 0)]
