"""Only plain files are opened, and none that a link leads away to."""

import os
import time

import pytest

from core.files.regular import is_there, open_regular_file, read_at_most


def refused(path, inside=None) -> str:
    began = time.monotonic()
    with pytest.raises(OSError) as problem:  # noqa: PT011 - what it says is returned
        open_regular_file(path, inside)
    assert time.monotonic() - began < 1  # a pipe nobody writes to is not waited for
    return problem.value.strerror


def test_what_is_no_plain_file_is_refused_at_once(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "device").symlink_to("/dev/zero")
    (tmp_path / "loop").symlink_to("loop")
    for name in ("pipe", "device", "."):
        assert refused(tmp_path / name) == "not a plain file"
    assert "symbolic links" in refused(tmp_path / "loop")
    assert "No such file" in refused(tmp_path / "absent")
    assert refused(tmp_path / "a\0b") == "not a path"


def test_a_link_is_followed_within_its_folder_and_not_out_of_it(tmp_path):
    folder = tmp_path / "run"
    folder.mkdir()
    (tmp_path / "secret").write_text("secret")
    (folder / "kept").write_text("kept")
    (folder / "within").symlink_to("kept")
    (folder / "out").symlink_to("../secret")
    (tmp_path / "linked").symlink_to("run")
    for within in (folder, tmp_path / "linked"):  # the folder itself may be a link
        with open_regular_file(within / "within", inside=within) as file:
            assert file.read() == b"kept"
        assert refused(within / "out", inside=within) == "a link that leads out of its folder"
    with open_regular_file(folder / "out") as file:
        assert file.read() == b"secret"


def test_a_file_is_read_up_to_its_bound(tmp_path):
    path = tmp_path / "file"
    path.write_bytes(b"12345")
    for most, content in ((5, b"12345"), (4, None)):
        with open_regular_file(path) as file:
            assert read_at_most(file, most) == content


def test_nothing_is_there_or_something_is(tmp_path):
    (tmp_path / "loop").symlink_to("loop")
    assert is_there(tmp_path) and is_there(tmp_path / "loop")
    assert not is_there(tmp_path / "absent") and not is_there(tmp_path / "a\0b")
