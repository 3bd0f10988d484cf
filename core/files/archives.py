"""Archives of untrusted files, read in place: nothing of them is written to disk, none is held whole.

A zip's directory is kept in memory, so its length is bounded. A tar is a row of files: to reach one in a
packed tar, what is before it is unpacked and thrown away, so read it from front to back.
"""

from __future__ import annotations

import bz2
import contextlib
import gzip
import io
import lzma
import re
import stat
import struct
import tarfile
import zipfile
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import BinaryIO, Protocol, cast

from core.errors import ImageError
from core.text import printable

MAX_MEMBERS = 200_000
MAX_DIRECTORY = 32 * 2**20  # bytes of a zip's directory: 160 a member
MAX_RATIO = 200  # unpacked by packed; pictures are near 1, a drawing saved as BMP has 50
_SMALL = 2**20  # bytes: less may be packed as well as it can
_LARGEST_HEADER = 2**20  # bytes that a tar may say before a file; long names take some hundreds
_SHOWN = 300  # characters of a name in a message
_BROKEN = (
    *(zipfile.BadZipFile, tarfile.TarError, zlib.error, lzma.LZMAError, struct.error),
    *(EOFError, OSError, ValueError, OverflowError, RuntimeError),  # RuntimeError: an unknown packing, too
)
_UNPACK: dict[str, Callable[[BinaryIO], BinaryIO]] = {
    ".tar": lambda file: file,
    **dict.fromkeys((".tar.gz", ".tgz"), lambda file: cast(BinaryIO, gzip.GzipFile(fileobj=file))),
    **dict.fromkeys((".tar.bz2", ".tbz2", ".tbz"), lambda file: cast(BinaryIO, bz2.BZ2File(file))),
}
ARCHIVE_SUFFIXES = (".zip", *_UNPACK)  # not .tar.xz: its reader takes as much memory as the file asks for
_ENDS, _ENDS_64, _LOCATOR = b"PK\5\6", b"PK\6\6", b"PK\6\7"  # of a zip's directory
_SAYS_UTF8 = 0x800  # of a zip's flags: how a name is written
_AWAY = re.compile(r"^([/\\]|[A-Za-z]:)|(^|[/\\])\.\.([/\\]|$)")


@dataclass(frozen=True, slots=True)
class Member:
    """A file in an archive. `at` is its place, which grows from member to member; `size` is in bytes.

    `problem` says in words why it is not read, else is empty.
    """

    name: str
    at: int
    size: int
    problem: str = ""


class Archive(Protocol):
    """Not safe between threads: its file is sought in."""

    def members(self) -> Iterator[Member]:
        """Its files in order, without folders. Raises `ImageError` where it cannot be read on."""
        ...

    def read(self, at: int, size: int, name: str) -> bytes:
        """The bytes of the member at that place. Raises `ImageError` that starts with `name`."""
        ...


def is_archive(name: str) -> bool:
    """By its name."""
    return name.lower().endswith(ARCHIVE_SUFFIXES)


def open_archive(file: BinaryIO, name: str, max_bytes: int) -> Archive:
    """The archive in a file that can be sought in, of the kind that `name` ends with.

    Members of more than `max_bytes` are named, not read. Raises `ImageError` that starts with `name`.
    """
    shown = printable(name, _SHOWN)
    try:
        size = file.seek(0, io.SEEK_END)
        file.seek(0)
        if name.lower().endswith(".zip"):
            return _Zip(file, shown, size, max_bytes)
        longest = max((suffix for suffix in _UNPACK if name.lower().endswith(suffix)), key=len)
        return _Tar(_UNPACK[longest](file), shown, size, max_bytes)
    except _BROKEN:
        raise ImageError(
            f"{shown}: is no such archive, or it ends early. Copy or download it again."
        ) from None


def _problem(name: str, size: int, max_bytes: int) -> str:
    if _AWAY.search(name):
        return "its name leads out of the archive, so it is not read"
    if is_archive(name):
        return "is an archive in an archive, which is not opened. Unpack it, and name it by itself"
    if size > max_bytes:
        return f"has {size / 2**20:.1f} MB, more than the {max_bytes // 2**20} MB allowed"
    return ""


class _Zip:
    def __init__(self, file: BinaryIO, shown: str, size: int, max_bytes: int) -> None:
        count, length = _directory(file, size)
        if count > MAX_MEMBERS or length > MAX_DIRECTORY:
            raise ImageError(
                f"{shown}: holds more than the {MAX_MEMBERS:,} files allowed. Divide it, or unpack it."
            )
        self._zip, self._max_bytes = zipfile.ZipFile(file), max_bytes
        self._infos = self._zip.infolist()
        unpacked = sum(info.file_size for info in self._infos)
        if unpacked > MAX_RATIO * size + _SMALL or sum(info.compress_size for info in self._infos) > size:
            raise ImageError(
                f"{shown}: unpacks to {unpacked / 2**20:,.0f} MB, more than {MAX_RATIO} times its size. "
                "No archive of pictures does, so it is not read."
            )

    def members(self) -> Iterator[Member]:
        for at, info in enumerate(self._infos):
            if not info.filename.endswith("/"):  # not `is_dir`, which fails for one without a name
                yield Member(_named(info), at, info.file_size, self._problem(info))

    def _problem(self, info: zipfile.ZipInfo) -> str:
        if info.flag_bits & 1:
            return "is encrypted. Unpack the archive"
        if stat.S_ISLNK(info.external_attr >> 16):
            return "is a link, which is not followed"
        if info.file_size > max(_SMALL, MAX_RATIO * info.compress_size):
            return f"unpacks to more than {MAX_RATIO} times its size, so it is not read"
        return _problem(info.filename, info.file_size, self._max_bytes)

    def read(self, at: int, size: int, name: str) -> bytes:
        try:
            with self._zip.open(self._infos[at]) as file:
                content = file.read(min(size, self._max_bytes) + 1)
        except (*_BROKEN, IndexError):
            raise _unreadable(name) from None
        return _whole(content, size, name)


def _named(info: zipfile.ZipInfo) -> str:
    """Macs write names in UTF-8 without saying so, which by the standard would be of a PC of 1981."""
    if not info.flag_bits & _SAYS_UTF8:
        with contextlib.suppress(UnicodeError):
            return info.filename.encode("cp437").decode("utf-8")
    return info.filename


def _directory(file: BinaryIO, size: int) -> tuple[int, int]:
    """How many files a zip says that it holds, and the bytes of its directory, before it is read."""
    start = max(0, size - 2**16 - 42)
    file.seek(start)
    end = file.read()
    found = end.rfind(_ENDS)
    if found < 0 or len(end) < found + 22:
        raise zipfile.BadZipFile
    count, length = struct.unpack_from("<HL", end, found + 10)
    (comment,) = struct.unpack_from("<H", end, found + 20)
    if any(
        end[found + 22 + comment :]
    ):  # it ends early, after a zip that lay in it and would be taken for it
        raise zipfile.BadZipFile
    if end[max(0, found - 20) :].startswith(_LOCATOR):
        file.seek(struct.unpack_from("<Q", end, found - 12)[0])
        record = file.read(56)
        if not record.startswith(_ENDS_64) or len(record) < 56:
            raise zipfile.BadZipFile
        count, length = struct.unpack_from("<QQ", record, 32)
    return count, length


class _HeadersOnly:
    """The file as `tarfile` sees it: it reads the headers alone, whose lengths the archive decides."""

    def __init__(self, file: BinaryIO) -> None:
        self.seek, self.tell, self._read = file.seek, file.tell, file.read

    def read(self, size: int) -> bytes:
        if size > _LARGEST_HEADER:
            raise tarfile.ReadError("a header without end")
        return self._read(size)


class _Tar:
    def __init__(self, file: BinaryIO, shown: str, size: int, max_bytes: int) -> None:
        self._file, self._shown, self._max_bytes = file, shown, max_bytes
        self._most = MAX_RATIO * size + _SMALL

    def members(self) -> Iterator[Member]:
        count, at = 0, 0
        try:
            self._file.seek(0)
            tar = tarfile.TarFile(fileobj=cast(BinaryIO, _HeadersOnly(self._file)))
            while info := tar.next():
                tar.members = []  # type: ignore[attr-defined]  # it keeps all, and nobody asks for them
                count, at = count + 1, tar.offset
                if count > MAX_MEMBERS or at > self._most:
                    break
                if info.size < 0:  # it would be read to the end of all, and `tarfile` goes back by it
                    raise tarfile.ReadError
                if not info.isdir():
                    yield Member(info.name, info.offset_data, info.size, self._problem(info))
            else:
                self._file.seek(tar.offset)
                if any(self._file.read(tarfile.BLOCKSIZE)):
                    raise tarfile.ReadError
        except _BROKEN:
            raise ImageError(
                f"{self._shown}: ends early or is damaged. What lies before that is read. "
                "Copy or download it again."
            ) from None
        if count > MAX_MEMBERS or at > self._most:
            raise ImageError(
                f"{self._shown}: holds more than {MAX_MEMBERS:,} files, or {MAX_RATIO} times its size. "
                "What is beyond that is not read. Divide it, or unpack it."
            )

    def _problem(self, info: tarfile.TarInfo) -> str:
        if not info.isreg() or info.issparse():
            return "is a link or a device, which is not read"
        return _problem(info.name, info.size, self._max_bytes)

    def read(self, at: int, size: int, name: str) -> bytes:
        try:
            self._file.seek(at)
            content = self._file.read(min(size, self._max_bytes) + 1 if size > self._max_bytes else size)
        except _BROKEN:
            raise _unreadable(name) from None
        return _whole(content, size, name)


def _whole(content: bytes, size: int, name: str) -> bytes:
    if len(content) != size:
        raise _unreadable(name)
    return content


def _unreadable(name: str) -> ImageError:
    return ImageError(
        f"{printable(name, _SHOWN)}: cannot be read from its archive, which ends early or is damaged. "
        "Copy or download the archive again."
    )
