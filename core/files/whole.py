"""Writing a file so that it is there whole or not at all."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

PARTIAL = ".maskwise-"  # how names of files begin that are being written
_NO_FILES = (("/", "dev"), ("/", "proc"))  # /dev/stdout may lead to a file, whose name is another's
# Of files that are made, as the user's umask says: once, as it can only be asked by setting it
_MODE = 0o666 & ~(_umask := os.umask(0o077))
os.umask(_umask)


@contextmanager
def written_whole(path: Path, folder: Path | None = None, *, through_link: bool = True) -> Iterator[Path]:
    """Where to write what shall be at `path` once the block ends; if it is left by an error, nothing changes.

    Nor does it when the machine stops half way. `folder`, on the same disk, is where it is written before it
    gets its name. What is no plain file, such as /dev/stdout or a pipe, is written to directly. A link stays
    one, and what it leads to is written; without `through_link` it is replaced, as in folders that are not
    trusted. Raises `OSError`.
    """
    if through_link and (path.absolute().parts[:2] in _NO_FILES or (path.exists() and not path.is_file())):
        yield path
        return
    target = path.resolve() if through_link else path
    handle, name = tempfile.mkstemp(dir=folder or target.parent, prefix=PARTIAL, suffix=target.suffix)
    os.close(handle)
    part = Path(name)
    try:
        yield part
        part.chmod(_MODE)  # mkstemp makes it private
        _sync(part)
        part.replace(target)
    except BaseException:
        part.unlink(missing_ok=True)
        raise
    with suppress(OSError):  # the file is there; some network disks have no such thing
        _sync(target.parent)


def _sync(path: Path) -> None:
    """A file, or the names in a folder, are on the disk."""
    if os.name != "posix":  # Windows syncs neither by a handle to read by
        return
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
