"""A film as it came: a file, or bytes that are on no disk."""

from __future__ import annotations

import os
from pathlib import Path

from core.errors import VideoError
from core.files import open_regular_file
from core.text import printable

FILM_SUFFIXES = (
    *(".mp4", ".mov", ".webm", ".mkv", ".avi", ".mpeg", ".mpg", ".m4v", ".3gp", ".3g2", ".ts", ".mts"),
    *(".gif", ".webp"),
)


class Film:
    """Held open until `close`. `shown` is its name, fit to be shown. Safe from any thread.

    Raises `VideoError` for a file that cannot be read, or is empty.
    """

    def __init__(self, source: Path | bytes, name: str | None = None) -> None:
        self.shown = printable(name or (source.name if isinstance(source, Path) else "") or "The film")
        if isinstance(source, Path):
            try:
                self._descriptor = os.dup((file := open_regular_file(source)).fileno())
                file.close()
            except OSError as problem:
                reason = problem.strerror or "it cannot be opened"
                raise VideoError(f"{self.shown}: cannot be read ({reason}). Check the path.") from None
        else:
            self._descriptor = _in_memory(source)
        self.size = os.fstat(self._descriptor).st_size
        if not self.size:
            self.close()
            raise VideoError(f"{self.shown}: is empty. Choose another file.")

    def fileno(self) -> int:
        """The descriptor. Raises `VideoError` once the film is closed."""
        if self._descriptor < 0:
            raise VideoError(f"{self.shown}: was removed.")
        return self._descriptor

    def is_same_file(self, path: Path) -> bool:
        """Whether `path` is where the film lies."""
        try:
            return os.path.samestat(path.stat(), os.fstat(self.fileno()))
        except OSError:
            return False

    def close(self) -> None:
        """Forget the film. Whoever reads it now, reads on."""
        descriptor, self._descriptor = self._descriptor, -1
        if descriptor >= 0:
            os.close(descriptor)


def _in_memory(data: bytes) -> int:
    """A descriptor of `data`, in memory that belongs to no file system."""
    if not hasattr(os, "memfd_create"):
        raise VideoError("Films that are uploaded can be checked on Linux only. Use python -m core video.")
    descriptor = os.memfd_create("film")
    view = memoryview(data)
    while view:
        view = view[os.write(descriptor, view[: 2**24]) :]
    return descriptor
