"""Opening untrusted files: plain files only, and none that a link leads away to."""

from __future__ import annotations

import errno
import os
import stat
from pathlib import Path
from typing import BinaryIO

# A pipe that nobody writes to would wait for ever, and a terminal would become this process's own.
_FLAGS = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_NOCTTY", 0) | getattr(os, "O_BINARY", 0)


def open_regular_file(path: Path, inside: Path | None = None) -> BinaryIO:
    """The open file. Raises `OSError` for a pipe, a device, a folder, and all that cannot be opened.

    `inside`: a folder that no link may lead out of. The error's `strerror` is fit for a message in brackets.
    """
    try:
        _require_plain(path.stat().st_mode)  # some devices act on being opened
        if inside is not None and not path.resolve(strict=True).is_relative_to(inside.resolve(strict=True)):
            raise OSError(errno.EPERM, "a link that leads out of its folder")
        handle = os.open(path, _FLAGS)
        try:
            _require_plain(os.fstat(handle).st_mode)  # it may have become another one in between
            return os.fdopen(handle, "rb")
        except BaseException:
            os.close(handle)
            raise
    except RuntimeError:  # of `resolve`, for a link to itself
        raise OSError(errno.ELOOP, os.strerror(errno.ELOOP)) from None
    except ValueError:  # a zero byte in the path
        raise OSError(errno.EINVAL, "not a path") from None


def read_at_most(file: BinaryIO, max_bytes: int) -> bytes | None:
    """The whole file, or None when it has more: then little or nothing of it was read."""
    size = os.fstat(file.fileno()).st_size
    if size > max_bytes:
        return None
    content = file.read(max_bytes + 1)
    return content if len(content) <= max_bytes else None


def is_there(path: Path) -> bool:
    """Whether something is at `path`, be it of use or not: unlike `Path.exists` it never raises."""
    try:
        path.stat()
    except (FileNotFoundError, NotADirectoryError, ValueError):
        return False
    except OSError:  # it cannot be looked at; whoever reads it will be told why
        return True
    return True


def _require_plain(mode: int) -> None:
    if not stat.S_ISREG(mode):
        raise OSError(errno.EINVAL, "not a plain file")
