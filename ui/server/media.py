"""Pictures and downloads that the browser fetches by an address: unguessable, of one visit, and soon gone.

Streamlit's own storage derives the address from the content, so that whoever knows a picture knows where it
lies, and two visitors with the same picture share it.
"""

from __future__ import annotations

import hashlib
import os.path
import secrets
import threading
import time
from collections.abc import Callable
from contextvars import ContextVar
from dataclasses import dataclass
from typing import TypeVar

from streamlit.runtime.media_file_storage import MediaFileKind, MediaFileStorage, MediaFileStorageError
from streamlit.runtime.memory_media_file_storage import get_extension_for_mimetype
from streamlit.runtime.scriptrunner_utils.script_run_context import get_script_run_ctx

from core.errors import NoRoomError
from ui.server.memory import DOWNLOAD, HELD

PATH = "/media"
FETCHED_WITHIN = 60.0  # seconds after a download was made: the browser asks for it at once
T = TypeVar("T")
_making_for: ContextVar[str] = ContextVar("making_for", default="")  # whose download is being made


def visit() -> str:
    """Of whom a script, or a download's maker, runs. Empty where there is no visit."""
    context = get_script_run_ctx(suppress_warning=True)
    return context.session_id if context else _making_for.get()


def for_visit(make: Callable[[], T]) -> Callable[[], T]:
    """`make` of a download. It runs when its button is pressed, where no script tells whose it is."""
    whose = visit()

    def made() -> T:
        _making_for.set(whose)
        return make()

    return made


@dataclass(frozen=True, slots=True)
class MediaFile:
    """As Streamlit's route asks for it. `until` is on the monotonic clock."""

    content: bytes
    mimetype: str
    kind: MediaFileKind
    filename: str | None
    visit: str
    until: float


class Media(MediaFileStorage):
    """Safe from any thread."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._key = secrets.token_bytes(32)
        self._files: dict[str, MediaFile] = {}
        self._lock = threading.Lock()

    def load_and_get_id(
        self, path_or_data: str | bytes, mimetype: str, kind: MediaFileKind, filename: str | None = None
    ) -> str:
        """The same picture has the same id for as long as a visit lasts, so that its browser keeps it.

        Of a visit's downloads the last are kept, as many as have room beside it. Raises `NoRoomError`.
        """
        if isinstance(path_or_data, str):
            raise MediaFileStorageError("Maskwise serves no files of its machine.")
        whose = visit()
        hashed = hashlib.blake2b(key=self._key, digest_size=32)
        for part in (whose.encode(), mimetype.encode(), (filename or "").encode(), path_or_data):
            hashed.update(b"%d:" % len(part))
            hashed.update(part)
        file_id = hashed.hexdigest()
        download = kind == MediaFileKind.DOWNLOADABLE
        until = self._clock() + FETCHED_WITHIN if download else float("inf")
        file = MediaFile(path_or_data, mimetype, kind, filename, whose, until)
        with self._lock:
            if download:
                self._make_room(whose, file_id, len(path_or_data))
            self._files[file_id] = file
        return file_id

    def get_file(self, filename: str) -> MediaFile:
        """By id, with or without its ending. Raises `MediaFileStorageError`."""
        found = self._files.get(os.path.splitext(filename)[0])  # noqa: PTH122 - an address, not a path
        if found is None or self._clock() > found.until:
            raise MediaFileStorageError("There is no such file, or no longer.")
        return found

    def get_url(self, file_id: str) -> str:
        return f"{PATH}/{file_id}{get_extension_for_mimetype(self.get_file(file_id).mimetype)}"

    def delete_file(self, file_id: str) -> None:
        """Of what no page shows any more. A download, which none does, stays for its own time."""
        with self._lock:
            file = self._files.get(file_id)
            if file is not None and file.kind != MediaFileKind.DOWNLOADABLE:
                del self._files[file_id]

    def forget(self, whose: str) -> None:
        """What is of one visit."""
        self._keep_if(lambda file: file.visit != whose)

    def forget_old(self) -> bool:
        """Downloads that nobody fetched. Whether there were any."""
        now = self._clock()
        return self._keep_if(lambda file: now <= file.until)

    def visits(self) -> set[str]:
        with self._lock:
            return {file.visit for file in self._files.values() if file.visit}

    def _keep_if(self, kept: Callable[[MediaFile], bool]) -> bool:
        with self._lock:
            gone = [file_id for file_id, file in self._files.items() if not kept(file)]
            for whose in {file.visit for file in map(self._files.pop, gone)}:
                self._count(whose)
            return bool(gone)

    def _make_room(self, whose: str, file_id: str, size: int) -> None:
        """For one more download. The others go where it has none beside them, the first made first."""
        self._files.pop(file_id, None)
        others = self._downloads(whose)
        while others and size + sum(taken for _, taken in others) > HELD.a_visit:
            del self._files[others.pop(0)[0]]
        try:
            self._count(whose, size)
        except NoRoomError:
            for other, _ in others:
                del self._files[other]
            self._count(whose)
            self._count(whose, size)

    def _downloads(self, whose: str) -> list[tuple[str, int]]:
        """Id and size of each, the first made first."""
        return [
            (file_id, len(file.content))
            for file_id, file in self._files.items()
            if file.visit == whose and file.kind == MediaFileKind.DOWNLOADABLE
        ]

    def _count(self, whose: str, more: int = 0) -> None:
        """Hold what the visit's downloads take, and `more`. Raises `NoRoomError`."""
        size = more + sum(size for _, size in self._downloads(whose))
        if size:
            HELD.hold(whose, DOWNLOAD, size)
        else:
            HELD.drop(whose, DOWNLOAD)


MEDIA = Media()
