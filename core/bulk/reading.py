"""The bytes of a picture, wherever it lies: on disk, in an archive, in an object store, on the web."""

from __future__ import annotations

import io
from pathlib import Path
from typing import BinaryIO, cast

from core.bulk import storage
from core.bulk.entries import Entry
from core.errors import ImageError
from core.files import Archive, open_archive, open_regular_file, read_at_most
from core.images import MAX_BYTES, fetch_image
from core.text import is_url


class PictureReader:
    """Reads pictures, and keeps the last archive open. Not safe between threads."""

    def __init__(self) -> None:
        self._source, self._file = "", cast(BinaryIO, io.BytesIO())
        self._archive: Archive | None = None

    def read(self, entry: Entry) -> bytes:
        """Raises `ImageError` that starts with the picture's name."""
        if entry.problem:
            raise ImageError(entry.problem)
        if entry.member:
            return self.archive(entry.source).read(entry.at, entry.size, entry.name)
        try:
            content = _read(entry.source)
        except OSError as problem:
            raise ImageError(
                f"{entry.name}: cannot be read ({problem.strerror}). Check the name and its permissions."
            ) from None
        if content is None:
            allowed = f"{MAX_BYTES // 2**20} MB allowed"
            raise ImageError(f"{entry.name}: has more than the {allowed}. Save it smaller and try again.")
        return content

    def archive(self, source: str) -> Archive:
        """The archive of that path or address. Raises `ImageError` that starts with its name."""
        if self._archive is None or self._source != source:
            self.close()
            name = Entry(source).name
            try:
                self._file = open_source(source)
            except OSError as problem:
                raise ImageError(
                    f"{name}: cannot be read ({problem.strerror}). Check the name and its permissions."
                ) from None
            self._archive, self._source = open_archive(self._file, name, MAX_BYTES), source
        return self._archive

    def close(self) -> None:
        self._archive = None
        self._file.close()


def open_source(source: str) -> BinaryIO:
    """A file or an object that can be sought in. Raises `OSError`."""
    return storage.open_object(source) if storage.is_address(source) else open_regular_file(Path(source))


def _read(source: str) -> bytes | None:
    if storage.is_address(source):  # before what has a scheme at all is taken for the web's
        return storage.read(source, MAX_BYTES)
    if is_url(source):
        return fetch_image(source)
    with open_regular_file(Path(source)) as file:
        return read_at_most(file, MAX_BYTES)
