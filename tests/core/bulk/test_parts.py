"""Files that are there whole or not at all, and the progress that is told."""

import fcntl
import io
import json
import os
import struct
import termios

import pyarrow as pa
import pytest

from core.bulk import progress as module
from core.bulk.entries import Tally
from core.bulk.parts import PartsFolder
from core.bulk.progress import JobProgress
from core.errors import JobError
from core.files import PARTIAL
from core.terminal import Speaker

TABLE = pa.table({"a": [1, 2]})


def test_a_part_is_done_when_it_is_whole(tmp_path):
    folder = PartsFolder(tmp_path)
    assert not folder.is_done(3)
    folder.write(3, TABLE)
    folder.write(3, TABLE)  # as a worker does that was too late
    assert folder.is_done(3) and [path.name for path in tmp_path.iterdir()] == ["part-00000003.parquet"]


def test_what_killed_processes_left_is_tidied_up(tmp_path):
    folder = PartsFolder(tmp_path)
    (tmp_path / f"{PARTIAL}abc").write_bytes(b"half")
    folder.write(0, TABLE)
    folder.tidy()
    assert [path.name for path in tmp_path.iterdir()] == ["part-00000000.parquet"]


def test_the_lock_is_free_again_after_its_holder(tmp_path):
    folder = PartsFolder(tmp_path / "r.csv.parts")
    with folder.locked(), pytest.raises(JobError, match="another run is writing it"), folder.locked():
        pass
    with folder.locked():
        pass
    with folder.locked():  # whoever finishes removes the folder
        folder.remove()
    with folder.locked():
        assert folder.path.is_dir()


@pytest.mark.parametrize("content", ["{", "[]", "\udcff"])
def test_a_job_that_cannot_be_read_is_refused(tmp_path, content):
    (tmp_path / "job.json").write_bytes(content.encode("utf-8", "surrogateescape"))
    with pytest.raises(JobError, match="begin again"):
        PartsFolder(tmp_path).read_job()


@pytest.mark.parametrize("is_link", [False, True])
def test_a_folder_of_somebody_is_not_taken_for_one_of_a_run_and_removed(tmp_path, is_link):
    folder, mine = PartsFolder(tmp_path / "r.csv.parts"), tmp_path / "mine"
    mine.mkdir()
    if is_link:
        folder.path.symlink_to(mine)
    else:
        folder = PartsFolder(mine)
        (mine / "lock").touch()
        (mine / "notes.txt").touch()
    with pytest.raises(JobError, match="no folder of a run"), folder.locked():
        pass
    (mine / "notes.txt").unlink(missing_ok=True)  # and what a kill left of a folder that was removed is one
    with PartsFolder(mine).locked():
        pass


@pytest.mark.parametrize("damage", [lambda _: b"", lambda content: b"PAR1" + bytes(99) + content[103:]])
def test_a_part_that_is_damaged_is_removed_and_said(tmp_path, damage):
    folder = PartsFolder(tmp_path)
    folder.write(0, pa.table({"a": list(range(200))}))
    assert len(folder.read(0)) == 200
    folder.file_of(0).write_bytes(damage(folder.file_of(0).read_bytes()))
    with pytest.raises(JobError, match=r"part-00000000.parquet: was damaged, and is removed. Add --resume"):
        folder.read(0)
    assert not folder.is_done(0)


def test_a_job_comes_back_as_it_was_written(tmp_path):
    folder = PartsFolder(tmp_path)
    assert folder.read_job() is None
    folder.write_job({"a": 1})
    assert folder.read_job() == {"a": 1} == json.loads((tmp_path / "job.json").read_text())


class Clock:
    now = 1000.0

    def monotonic(self):
        return self.now


class Terminal(io.StringIO):
    def isatty(self):
        return True


@pytest.fixture
def clock(monkeypatch):
    made = Clock()
    monkeypatch.setattr(module, "time", made)
    return made


def test_without_a_terminal_there_is_a_line_a_minute(clock):
    stream = io.StringIO()
    progress = JobProgress(1000, 100, Speaker(stream))
    for _ in range(30):
        clock.now += 6
        progress.add(Tally(12, 30, 1))
    lines = stream.getvalue().splitlines()
    assert len(lines) == 3
    assert lines[0] == (
        "220 of 1,000 pictures (22%), 2.0 a second, 6:30 left; 300 faces, 10 failures in this session"
    )


@pytest.mark.parametrize("columns", [200, 80, 60, 30])
def test_a_bar_fits_its_terminal_as_a_line_that_wraps_is_not_written_over(clock, columns, monkeypatch):
    monkeypatch.setattr(Speaker, "columns", columns)
    stream = Terminal()
    progress = JobProgress(10_000, 100, Speaker(stream))
    for _ in range(4):
        clock.now += 1
        progress.add(Tally(1_000, 20_000, 100))
    shown = stream.getvalue().split("\r\x1b[K")[1:]
    progress.close()
    assert len(shown) == 4 and max(map(len, shown)) < columns
    assert "4,100 of 10,000 pictures" in shown[-1] and ("[##" in shown[-1]) == (columns >= 80)
    assert stream.getvalue().endswith("left; 80,000 faces, 400 failures in this session\n")


@pytest.mark.parametrize(("says", "columns"), [(120, 120), (0, 80)])
def test_how_wide_a_terminal_is(says, columns):
    ours, theirs = os.openpty()
    with os.fdopen(theirs, "w") as stream, os.fdopen(ours):
        fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 24, says, 0, 0))
        assert Speaker(stream).columns == columns
    assert Speaker(None).columns == Speaker(io.StringIO()).columns == 80


def test_on_a_terminal_there_is_a_bar(clock):
    stream = Terminal()
    progress = JobProgress(10_000, 0, Speaker(stream))
    for _ in range(10):
        clock.now += 0.05
        progress.add(Tally(1, 2, 0))
    progress.close()
    text = stream.getvalue()
    assert 2 <= text.count("\r") <= 5 and text.endswith("\n")  # not at every picture
    assert "[........................] 10 of 10,000 pictures (0%), 20.0 a second, 8:" in text
    assert text.endswith(" left; 20 faces, 0 failures\n")
