"""What becomes of files that somebody drops: pictures go into the album, the rest is told in words."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any, cast

import streamlit as st

from core.errors import ImageError
from core.files import Archive, Member, open_archive
from core.images import MAX_BYTES
from core.photos import Album, Kind, kind_of
from core.text import printable
from ui import router, visit
from ui.wording import plain

_TOLD, _NEW, _OPEN = "what became of the last files", "photos that came last", "photo shown large"
_NAMED = 3  # files by name in one line
_MOST_REFUSED = 1000  # that a browser may tell of at once


@dataclass
class Told:
    """What the page says of files that are in no album."""

    videos: list[str] = field(default_factory=list)
    others: list[str] = field(default_factory=list)
    passed_over: int = 0
    problems: list[str] = field(default_factory=list)
    by_browser: bool = False  # what it refused of the files of which the rest is still on its way


def album() -> Album:
    """This visit's pictures to check."""
    if "album" not in st.session_state:
        st.session_state.album = visit.album("photos")
    return cast(Album, st.session_state.album)


def take(files: Iterable[tuple[str, str, Callable[[], bytes]]], *, folder: bool = False) -> None:
    """Put what can be read into the album: of each file its id, name and content.

    Files of a folder that are no pictures are counted, not named: nobody chose them one by one.
    """
    told = _told_so_far()
    new: list[str] = []
    for key, name, content in files:
        kind = kind_of(name)
        if kind is Kind.ARCHIVE:
            new += _unpack(key, name, content(), told)
        elif kind is Kind.PICTURE or (kind is Kind.OTHER and not folder):
            new += _put(key, name, content())
        else:
            _pass_over(kind, name, folder, told)
    if album().is_full:
        told.problems.append(f"A visit holds at most {len(album()):,} photos. Others were left out.")
    _start(new)


def put(*pictures: tuple[str, str, bytes]) -> None:
    """Pictures by key, name and content, whatever their names say of them."""
    forget_told()
    _start([key for picture in pictures for key in _put(*picture)])


def tell_refused(refused: Any) -> None:
    """What a browser says that its uploader did not take: names and sizes, or anything."""
    told = st.session_state[_TOLD] = Told(by_browser=True)
    new = []
    for item in refused[:_MOST_REFUSED] if isinstance(refused, list) else ():
        name, size = (item.get("name"), item.get("size")) if isinstance(item, dict) else (None, None)
        if not isinstance(name, str) or not isinstance(size, int | float):
            continue
        kind = kind_of(name)
        if kind in (Kind.PICTURE, Kind.ARCHIVE):
            megabytes = f"{size / 2**20:,.0f} MB, more than the {MAX_BYTES // 2**20} MB allowed"
            key = f"refused {name} {size}"
            album().refuse(key, name, f"{printable(name)}: has {megabytes}. Save it smaller and try again.")
            new.append(key)
        else:
            _pass_over(kind, name, "/" in name, told)
    _start(new)


def show_told() -> None:
    """A line for each thing to say of the files that came last and are in no album."""
    told = st.session_state.get(_TOLD, Told())
    if told.videos:
        names, n = _listed(told.videos), len(told.videos)
        with st.container(border=True, horizontal=True, vertical_alignment="center"):
            st.markdown(
                f":material/movie: {names} {'is a video' if n == 1 else 'are videos'}. "
                "This page reads photos.",
                width="content",
            )
            st.page_link(router.CHECK_VIDEO, label="Check a video", icon=":material/movie:")
    if told.others:
        n = len(told.others)
        what = "is no picture and was" if n == 1 else "are no pictures and were"
        st.caption(f":material/block: {_listed(told.others)} {what} skipped.")
    if told.passed_over:
        n = told.passed_over
        what = "file that is no picture was" if n == 1 else "files that are no pictures were"
        st.caption(f":material/block: {n:,} {what} skipped.")
    for problem in told.problems:
        st.warning(plain(problem), icon=":material/folder_zip:")


def _told_so_far() -> Told:
    """What the browser refused of these same files, or nothing."""
    before: Told = st.session_state.get(_TOLD, Told())
    told = st.session_state[_TOLD] = before if before.by_browser else Told()
    told.by_browser = False
    return told


def forget_told() -> None:
    st.session_state.pop(_TOLD, None)


def _listed(names: list[str]) -> str:
    more = f" and {len(names) - _NAMED} more" if len(names) > _NAMED else ""
    return ", ".join(plain(name, 80) for name in names[:_NAMED]) + more


def _pass_over(kind: Kind, name: str, folder: bool, told: Told) -> None:
    short = name.replace("\\", "/").rpartition("/")[2]
    if kind is Kind.VIDEO:
        told.videos.append(short)
    elif folder or kind is Kind.LITTER:
        told.passed_over += 1
    else:
        told.others.append(short)


def _put(key: str, name: str, data: bytes) -> list[str]:
    album().put(key, name, data)
    return [key]


def _unpack(key: str, name: str, data: bytes, told: Told) -> list[str]:
    """The pictures of an archive, as many as this visit has room for."""
    new: list[str] = []
    try:
        archive = open_archive(io.BytesIO(data), name, MAX_BYTES)
        full = _take_members(key, archive, told, new)
    except ImageError as problem:
        told.problems.append(f"{problem} {len(new)} of its pictures were taken." if new else str(problem))
        return new
    if full:
        told.problems.append(
            f"{printable(name)}: there is room for {len(new):,} of its pictures; {full:,} were left out. "
            f"For all of them: maskwise check {printable(name)} --output results.csv"
        )
    elif not new:
        told.problems.append(f"{printable(name)}: holds no picture that can be read.")
    return new


def _take_members(key: str, archive: Archive, told: Told, new: list[str]) -> int:
    """Put an archive's pictures into the album, their keys into `new`. How many had no room."""
    left_out = 0
    for member in archive.members():
        kind = kind_of(member.name)
        if kind is not Kind.PICTURE:
            _pass_over(kind, member.name, True, told)
            continue
        place, short = f"{key} {member.at}", printable(member.name)
        if left_out or album().is_full:
            left_out += 1
        elif member.problem:
            album().refuse(place, member.name, f"{short}: {member.problem}.")
            new.append(place)
        elif _offer(place, member, archive):
            new.append(place)
        else:
            left_out = 1
    return left_out


def _offer(place: str, member: Member, archive: Archive) -> bool:
    """Whether there was room for it. One that cannot be read needs none."""
    try:
        data = archive.read(member.at, member.size, printable(member.name))
    except ImageError as problem:
        album().refuse(place, member.name, str(problem))
        return True
    return album().offer(place, member.name, data)


def opened() -> str | None:
    """Key of the photo that is shown large, if one is."""
    return cast("str | None", st.session_state.get(_OPEN))


def open_photo(key: str | None) -> None:
    st.session_state[_OPEN] = key


def is_new(key: str) -> bool:
    """Whether it is of those that came last."""
    return key in st.session_state.get(_NEW, ())


def _start(new: list[str]) -> None:
    """New pictures are checked even when the visitor stopped the last ones. A single one is shown large."""
    if new:
        go_on()
        st.session_state[_NEW] = set(new)
        open_photo(new[0] if len(new) == 1 else None)


def go_on() -> None:
    """Check what is not checked yet."""
    st.session_state.stopped = False
