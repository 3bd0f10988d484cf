"""Records on disk: read with a bound and a clear error, written whole or not at all."""

from __future__ import annotations

import hashlib
import json
import os
import stat
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError

from core.errors import RecordError
from core.files import open_regular_file, read_at_most, written_whole
from core.text import printable

MAX_RECORD_BYTES = 16 * 2**20  # a card is some kB, an evaluation of 10,000 faces some MB
MAX_ERRORS = 1000  # to look at one, all are made: a million take many seconds
MAX_NAMED, MAX_MESSAGE = 100, 500  # characters: a field's name may be an untrusted megabyte


class Record(BaseModel):
    """Base of everything stored as JSON: unknown fields are an error, so that typing slips are seen."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=True, ser_json_inf_nan="strings")

    def as_json(self) -> dict[str, Any]:
        """Plain values for `json.dumps`. NaN becomes the text "NaN", since JSON has no number for it."""
        plain: dict[str, Any] = json.loads(self.model_dump_json(by_alias=True))
        return plain


R = TypeVar("R", bound=Record)


def read_bytes(path: Path, max_bytes: int = MAX_RECORD_BYTES, *, linked: bool = False) -> bytes:
    """A file of at most `max_bytes`. Raises `RecordError` when absent, too large or no plain file.

    `linked`: also where a link leads out of the file's folder, as that of a file which a user named may.
    """
    try:
        with open_regular_file(path, inside=None if linked else path.parent) as file:
            content = read_at_most(file, max_bytes)
    except OSError as problem:
        raise _unreadable(path, problem) from None
    if content is None:
        raise _too_large(path, max_bytes)
    return content


def read_text(path: Path, max_bytes: int = MAX_RECORD_BYTES, *, linked: bool = False) -> str:
    """UTF-8 text, line ends untouched. Raises `RecordError` as `read_bytes`, or when it is not UTF-8."""
    try:
        return read_bytes(path, max_bytes, linked=linked).decode()
    except UnicodeDecodeError:
        raise RecordError(f"{path}: is not UTF-8 text. Write it again with Maskwise.") from None


def file_stamp(path: Path) -> str:
    """Changes whenever a record is written: when that was, which file it is, its size; nothing of it is read.

    Raises `RecordError` as `read_bytes`.
    """
    try:
        status = path.lstat()
        if not stat.S_ISREG(status.st_mode):  # a link may be followed, if it stays in the folder
            with open_regular_file(path, inside=path.parent) as file:
                status = os.fstat(file.fileno())
    except OSError as problem:
        raise _unreadable(path, problem) from None
    if status.st_size > MAX_RECORD_BYTES:
        raise _too_large(path, MAX_RECORD_BYTES)
    return f"{status.st_mtime_ns} {status.st_ino} {status.st_size}"


def _unreadable(path: Path, problem: OSError) -> RecordError:
    return RecordError(f"{path}: cannot be read ({problem.strerror}). Check the path.")


def _too_large(path: Path, max_bytes: int) -> RecordError:
    return RecordError(f"{path}: is more than the {max_bytes:,} bytes allowed. It is not read.")


def content_hash(path: Path) -> str:
    """SHA-256 of a file of at most `MAX_RECORD_BYTES`. Raises `RecordError` as `read_bytes`."""
    return hashlib.sha256(read_bytes(path)).hexdigest()


def read_record(path: Path, kind: type[R]) -> R:
    """A validated record. Raises `RecordError` that names file, field and remedy."""
    try:
        return kind.model_validate_json(read_text(path))
    except ValidationError as problem:
        kind_of_error, where, what = first_error(problem)
        if kind_of_error == "json_invalid":
            raise RecordError(f"{path}: is not JSON ({what}). Write it again with Maskwise.") from None
        raise RecordError(
            f"{path}: {where or 'the whole file'}: {what}. Correct this field, or write the record again "
            "with the Maskwise version that made it."
        ) from None


def first_error(problem: ValidationError) -> tuple[str, str, str]:
    """Its kind, the field by dots, empty for the whole record, and what is wrong: all of bounded length."""
    if problem.error_count() > MAX_ERRORS:
        return "too_many", "", f"{problem.error_count():,} fields are wrong"
    first = problem.errors(include_url=False, include_context=False, include_input=False)[0]
    where = ".".join(map(str, first["loc"]))  # untrusted words, which may steer a terminal
    return first["type"], where and printable(where, MAX_NAMED), printable(first["msg"], MAX_MESSAGE)


def write_text(path: Path, text: str) -> None:
    """Write through a temporary file and a rename, so that a reader never sees half a record."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with written_whole(path, through_link=False) as part:
        part.write_text(text, encoding="utf-8")


def write_json(path: Path, value: Record | dict[str, Any]) -> None:
    """Write a record, or a plain dictionary, as indented JSON."""
    plain = value.as_json() if isinstance(value, Record) else value
    write_text(path, json.dumps(plain, indent=2, ensure_ascii=False, allow_nan=False) + "\n")
