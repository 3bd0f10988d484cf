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

        A visit has one download at a time, the last. Raises `NoRoomError`.
        """
        if isinstance(path_or_data, str):
            raise MediaFileStorageError("Maskwise serves no files of its machine.")
        whose, until = visit(), float("inf")
        if kind == MediaFileKind.DOWNLOADABLE:
            self._keep_if(lambda file: file.visit != whose or file.kind != kind)
            HELD.hold(whose, DOWNLOAD, len(path_or_data))
            until = self._clock() + FETCHED_WITHIN
        hashed = hashlib.blake2b(key=self._key, digest_size=32)
        for part in (whose.encode(), mimetype.encode(), (filename or "").encode(), path_or_data):
            hashed.update(b"%d:" % len(part))
            hashed.update(part)
        file_id = hashed.hexdigest()
        with self._lock:
            self._files[file_id] = MediaFile(path_or_data, mimetype, kind, filename, whose, until)
        return file_id

    def get_file(self, filename: str) -> MediaFile:
        """By id, with or without its ending. Raises `MediaFileStorageError`."""
        found = self._files.get(os.path.splitext(filename)[0])
        if found is None or self._clock() > found.until:
            raise MediaFileStorageError("There is no such file, or no longer.")
        return found

    def get_url(self, file_id: str) -> str:
        return f"{PATH}/{file_id}{get_extension_for_mimetype(self.get_file(file_id).mimetype)}"

    def delete_file(self, file_id: str) -> None:
        with self._lock:
            self._files.pop(file_id, None)

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
            for file in map(self._files.pop, gone):
                if file.kind == MediaFileKind.DOWNLOADABLE:
                    HELD.drop(file.visit, DOWNLOAD)
            return bool(gone)


MEDIA = Media()
