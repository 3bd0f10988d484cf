"""A folder for pictures with the answers drawn on them."""

from __future__ import annotations

from pathlib import Path

from core.drawing import annotate
from core.errors import RecordError
from core.exports import file_name, unused_name
from core.images import to_jpeg
from core.results import Frame, Result


class DrawnPictures:
    """JPEGs in `folder`, which is made where it is not there. What is in it stays as it is.

    Raises `RecordError` when nothing can be written there.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        try:
            folder.mkdir(parents=True, exist_ok=True)
            self._taken = {entry.name.casefold() for entry in folder.iterdir()}
        except OSError as problem:
            raise self._unwritable(problem) from None

    def write(self, image: str, frame: Frame, result: Result) -> None:
        """Under the picture's own name, with a number where that is taken."""
        name = unused_name(f"{Path(file_name(image)).stem}.jpg", self._taken)
        try:
            (self._folder / name).write_bytes(to_jpeg(annotate(frame, result.faces)))
        except OSError as problem:
            raise self._unwritable(problem) from None

    def _unwritable(self, problem: OSError) -> RecordError:
        return RecordError(
            f"{self._folder}: pictures cannot be written there ({problem.strerror}). "
            "Make room, or name another folder with --output."
        )
