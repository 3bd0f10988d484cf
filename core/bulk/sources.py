"""What a job's sources stand for: files, folders, patterns, archives, object stores, and lists of these."""

from __future__ import annotations

import codecs
import fnmatch
import glob
import os
import re
from collections import Counter, deque
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import BinaryIO

from core.bulk import storage
from core.bulk.entries import Entry, shown
from core.bulk.kinds import Kind, kind_of
from core.bulk.plan import JobPlan
from core.bulk.reading import PictureReader
from core.errors import ImageError, JobError
from core.files import is_archive, is_litter
from core.images import MAX_BYTES, is_picture
from core.text import is_url

STDIN = "-"
_PASSED_OVER = {Kind.OTHER: "other files", Kind.LITTER: "files that systems leave behind"}
_LAST = 2**62  # after all members of an archive
_CHUNK, _LONGEST_LINE = 2**16, 2**14  # bytes of a list


class Finder:
    """Puts what sources stand for into a plan. `passed_over` counts what is no picture, by what it is.

    `never` are folders that are not looked into: those that are drawn into. `parts` is the job's own, and
    not even counted. `stdin` has the lists.
    Only names beneath a folder tell what systems left behind: what it is called itself is its owner's matter.
    """

    def __init__(
        self,
        plan: JobPlan,
        *,
        recursive: bool,
        stdin: BinaryIO | None = None,
        never: Iterable[Path] = (),
        parts: Path | None = None,
    ) -> None:
        self._plan, self._recursive, self._stdin = plan, recursive, stdin
        self._parts = _key(parts) if parts else None
        self._never = {key for folder in never if (key := _key(folder))}
        self._reader, self._found = PictureReader(), 0
        self.passed_over: Counter[str] = Counter()

    def find(self, sources: Iterable[str]) -> None:
        for source in sources:
            if source == STDIN and self._stdin:
                for name in names_in(self._stdin):
                    self._one(name)
            else:
                self._one(source)
        self._reader.close()

    def _one(self, name: str) -> None:
        if storage.is_address(name):
            self._objects(name)
        elif is_url(name):
            self._plan.add(Entry(name))
        elif os.path.isdir(name):  # noqa: PTH112 - a name with a zero byte is no folder either
            self._folder(Path(name))
        elif glob.has_magic(name) and not os.path.lexists(name):
            self._pattern(name)
        else:
            self._file(name)

    def _fail(self, source: str, words: str, at: int = 0) -> None:
        self._plan.add(Entry(source, at=at, problem=f"{Entry(source).name}: {words}"))

    def _file(self, name: str) -> None:
        """A file that was named: whatever it is called, it is taken for a picture."""
        self._found += 1
        if is_archive(name):
            self._members(name)
        elif kind_of(name.rpartition("/")[2]) is Kind.VIDEO:
            self._plan.add_video(name)
        else:
            self._plan.add(Entry(name))

    def _met(self, name: str, beneath: str) -> None:
        """A file that was met in a folder, or by a pattern. `beneath` is the part that was not named."""
        kind = kind_of(beneath)
        if kind is Kind.OTHER and not storage.is_address(name) and is_picture(Path(name)):
            kind = Kind.PICTURE  # without a suffix, but it begins as one
        if kind in _PASSED_OVER:
            self.passed_over[_PASSED_OVER[kind]] += 1
        else:
            self._file(name)

    def _folder(self, top: Path, recursive: bool | None = None, pattern: list[str] | None = None) -> None:
        """Each folder once, so that no loop of links is endless; those that are no links come first."""
        recursive = self._recursive if recursive is None else recursive
        if _key(top) in self._never:
            raise JobError(
                f"{shown(str(top))}: drawn pictures would be written among those that are checked. "
                "Name another folder with --annotate."
            )
        waiting, links, seen = deque([top]), deque[Path](), set[tuple[int, int]]()
        while waiting or links:
            folder = waiting.popleft() if waiting else links.popleft()
            key = _key(folder)
            if key in self._never:
                self.passed_over["folders that are drawn into"] += 1
                continue
            if key in seen:
                continue
            seen |= {key} if key else set()
            try:
                with os.scandir(folder) as entries:
                    inner = self._entries(entries, top, recursive, pattern)
            except OSError as problem:
                self._fail(str(folder), f"cannot be listed ({problem.strerror}). Check its permissions.")
                continue
            for path, is_link in sorted(inner):
                (links if is_link else waiting).append(path)

    def _entries(
        self, entries: Iterator[os.DirEntry[str]], top: Path, recursive: bool, pattern: list[str] | None
    ) -> list[tuple[Path, bool]]:
        """Takes the files of a folder. The folders in it, and whether each is a link."""
        inner = []
        for entry in entries:
            if is_litter(entry.name):
                self.passed_over[_PASSED_OVER[Kind.LITTER]] += 1
            elif _is_folder(entry):
                if self._parts and _key(Path(entry.path)) == self._parts:
                    continue
                if recursive:
                    inner.append((Path(entry.path), entry.is_symlink()))
                else:
                    self.passed_over["folders inside"] += 1
            elif pattern is None or _meets(Path(entry.path).relative_to(top).parts, pattern):
                self._met(entry.path.removeprefix("./"), entry.name)
        return inner

    def _pattern(self, pattern: str) -> None:
        before = self._found
        parts = Path(pattern).parts
        # A folder that is called so is that folder, as `photos [2024]` is
        with_magic = (i for i, part in enumerate(parts) if glob.has_magic(part))
        first = next((i for i in with_magic if not _is_there(Path(*parts[: i + 1]))), len(parts))
        if "**" in parts[first:]:
            self._folder(Path(*parts[:first]), recursive=True, pattern=list(parts[first:]))
        else:
            start = glob.escape(str(Path(*parts[:first])))
            for name in glob.iglob(str(Path(start, *parts[first:]))):  # noqa: PTH207 - it may be absolute
                unnamed = [part for part, asked in zip(Path(name).parts, parts, strict=True) if part != asked]
                if any(map(is_litter, unnamed)):
                    self.passed_over[_PASSED_OVER[Kind.LITTER]] += 1
                elif Path(name).is_dir():
                    self._folder(Path(name))
                else:
                    self._met(name, unnamed[-1] if unnamed else name)
        if self._found == before:
            self._fail(pattern, "no picture has such a name. Check the pattern.")

    def _members(self, source: str) -> None:
        try:
            for member in self._reader.archive(source).members():
                kind = kind_of(member.name)
                if kind in _PASSED_OVER:
                    self.passed_over[_PASSED_OVER[kind]] += 1
                elif kind is Kind.VIDEO:
                    self._plan.add_video(f"{source}/{member.name}")
                else:
                    entry = Entry(source, member.name, member.at, member.size)
                    problem = member.problem and f"{entry.name}: {member.problem}."
                    self._plan.add(Entry(source, member.name, member.at, member.size, problem))
        except ImageError as problem:
            self._plan.add(Entry(source, at=_LAST, problem=str(problem)))
        except OSError as problem:  # of a store, in the middle of it
            self._fail(source, f"cannot be read on ({problem.strerror}). Try again.", at=_LAST)

    def _objects(self, address: str) -> None:
        count, (named, *pattern) = 0, re.split(r"[*?[]", address, maxsplit=1)
        named = named[: named.rfind("/") + 1] if pattern else named
        try:
            for name, size in storage.find(address, self._recursive):
                count += 1
                if size > MAX_BYTES and kind_of(name) is Kind.PICTURE:
                    self._fail(name, f"has more than the {MAX_BYTES // 2**20} MB allowed.")
                elif name == address:
                    self._file(name)
                else:
                    self._met(name, name.removeprefix(named))
        except OSError as problem:
            self._fail(address, f"cannot be listed ({problem.strerror}). Check the address and your rights.")
        else:
            if not count:
                self._fail(address, "there is nothing of that name. Check the address and your rights.")


def names_in(file: BinaryIO) -> Iterator[str]:
    """Names of a list, one a line, or each ended by a zero byte where its first part has one."""
    rest, end = b"", b""
    for chunk in _chunks(file):
        end = end or (b"\0" if b"\0" in chunk else b"\n")
        *whole, rest = (rest + chunk).split(end)
        rest = rest[:_LONGEST_LINE]
        yield from (os.fsdecode(name) for line in whole if (name := _without_end(line, end)))
    if name := _without_end(rest, end):
        yield os.fsdecode(name)


def _chunks(file: BinaryIO) -> Iterator[bytes]:
    """A list as bytes of paths. Windows begins one with a mark, and has some in UTF-16."""
    chunk = file.read(_CHUNK).removeprefix(codecs.BOM_UTF8)
    wide = {codecs.BOM_UTF16_LE: "utf-16-le", codecs.BOM_UTF16_BE: "utf-16-be"}.get(chunk[:2])
    if wide is None or b"\0" not in chunk[2:4]:  # names of other bytes may begin like a mark
        while chunk:
            yield chunk
            chunk = file.read(_CHUNK)
        return
    decoder, chunk = codecs.getincrementaldecoder(wide)("replace"), chunk[2:]
    while chunk:
        yield decoder.decode(chunk).encode("utf-8", "replace")
        chunk = file.read(_CHUNK)


def _without_end(line: bytes, end: bytes) -> bytes:
    return line.removesuffix(b"\r") if end == b"\n" else line


def _key(folder: Path) -> tuple[int, int] | None:
    try:
        status = folder.stat()
    except OSError:
        return None
    return status.st_dev, status.st_ino


def _is_there(folder: Path) -> bool:
    return os.path.isdir(folder)  # noqa: PTH112 - a name with a zero byte, or too long, is no folder either


def _is_folder(entry: os.DirEntry[str]) -> bool:
    try:
        return entry.is_dir()
    except OSError:  # a link to itself
        return False


def _meets(parts: tuple[str, ...], pattern: list[str]) -> bool:
    """Whether a path meets a pattern in which ** stands for any number of folders."""
    if not pattern:
        return not parts
    if pattern == ["**"]:
        return True
    if pattern[0] == "**":
        return any(_meets(parts[i:], pattern[1:]) for i in range(len(parts) + 1))
    return bool(parts) and fnmatch.fnmatchcase(parts[0], pattern[0]) and _meets(parts[1:], pattern[1:])
