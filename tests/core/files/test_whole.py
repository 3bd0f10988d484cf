"""Files that are there whole or not at all."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from core.files import written_whole
from tests.conftest import ROOT


def names(folder):
    return sorted(path.name for path in folder.iterdir())


def test_a_file_gets_its_name_when_it_is_whole(tmp_path):
    path = tmp_path / "a.csv"
    with written_whole(path) as part:
        part.write_text("one")
        assert part.suffix == ".csv" and not path.exists()
    assert path.read_text() == "one" and path.stat().st_mode & 0o777 == 0o644
    assert names(tmp_path) == ["a.csv"]


@pytest.mark.parametrize("inside", [False, True])
def test_what_fails_half_way_leaves_what_was_there(tmp_path, inside):
    path, folder = tmp_path / "a.csv", tmp_path / "parts"
    path.write_text("before")
    folder.mkdir()

    def fail():
        with written_whole(path, folder if inside else None) as part:
            assert (part.parent == folder) is inside
            part.write_text("half")
            raise OSError(28, "No space left on device")

    with pytest.raises(OSError, match="No space"):
        fail()
    assert path.read_text() == "before" and names(tmp_path) == ["a.csv", "parts"] and not names(folder)


def test_a_link_stays_one_or_is_replaced(tmp_path):
    path, link = tmp_path / "a.csv", tmp_path / "link.csv"
    path.write_text("one")
    link.symlink_to(path)
    with written_whole(link) as part:
        part.write_text("two")
    assert path.read_text() == "two" and link.is_symlink()
    with written_whole(link, through_link=False) as part:
        part.write_text("three")
    assert path.read_text() == "two" and not link.is_symlink() and link.read_text() == "three"


def test_what_is_no_file_is_written_to_directly():
    with written_whole(Path("/dev/null")) as part:
        assert part == Path("/dev/null")


def test_content_is_on_the_disk_before_the_name_is_and_then_the_name(tmp_path, monkeypatch):
    """Whatever the machine does, a name without its content is never seen."""
    path, synced, real = tmp_path / "a.csv", [], os.fsync

    def fsync(handle):
        inode = os.fstat(handle).st_ino
        synced.append("content" if inode != tmp_path.stat().st_ino else "name")
        assert path.exists() == (synced[-1] == "name")
        real(handle)

    monkeypatch.setattr(os, "fsync", fsync)
    with written_whole(path) as part:
        part.write_text("one")
    assert synced == ["content", "name"]


@pytest.mark.parametrize(("umask", "mode"), [(0o077, 0o600), (0o002, 0o664)])
def test_who_may_read_a_file_is_the_users_to_say(tmp_path, umask, mode):
    script = f"""if True:
        from pathlib import Path
        from core.files import written_whole
        with written_whole(Path({str(tmp_path / "a")!r})) as part:
            part.write_text("one")
        Path({str(tmp_path / "b")!r}).touch()"""
    subprocess.run([sys.executable, "-c", script], cwd=ROOT, umask=umask, check=True)
    assert {(tmp_path / name).stat().st_mode & 0o777 for name in "ab"} == {mode}
