"""A zip, read back: what was given, pictures stored as they are, the same bytes again."""

from __future__ import annotations

import io
import zipfile

from core.exports.archive import zip_of


def test_a_zip_holds_what_was_given():
    files = [("a.jpg", b"\xff\xd8" * 500), ("notes.txt", b"hello " * 500), ("empty", b"")]
    with zipfile.ZipFile(io.BytesIO(zip_of(files))) as archive:
        assert archive.testzip() is None
        assert [(info.filename, archive.read(info)) for info in archive.infolist()] == files
        sizes = {info.filename: info.compress_size for info in archive.infolist()}
    assert sizes["a.jpg"] == 1000  # a picture is stored as it is
    assert sizes["notes.txt"] < 100


def test_the_same_files_give_the_same_zip():
    assert zip_of([("a.xml", b"a")]) == zip_of([("a.xml", b"a")])
