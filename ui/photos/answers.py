"""What was found, as the page says it: photos by concern, counters that filter, sentences."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

import streamlit as st

from core.decision import OperatingPoint
from core.labels import CANNOT_TELL, NOT_PROPERLY, appearance, concern
from core.photos import Album, Photo, counts
from core.pipeline import Pipeline
from core.results import Result
from core.text import printable
from ui.wording import plain

ALL, NOT_READ, NO_FACES, WAITING = "all", "not read", "no face", "waiting"
WORST = "worst"
SORTS = {WORST: "Worst first", "newest": "Newest first", "name": "By name", "faces": "Most faces first"}
NO_FACE = (
    "**No face found.** Use a picture in which faces are at least 15 pixels high and seen from the front, "
    "or try another detector in the settings."
)


@dataclass(frozen=True, slots=True, eq=False)
class Answered:
    """A photo of the album with its answer; None where it was not read, or is not checked yet."""

    key: str
    photo: Photo
    result: Result | None
    number: int  # in the order they came

    @property
    def groups(self) -> set[str]:
        """The counters that count it."""
        if self.photo.error is not None:
            return {ALL, NOT_READ}
        if self.result is None:
            return {ALL, WAITING}
        return {ALL, *(self.result.counts() or {NO_FACES: 0})}


def answered(album: Album, pipeline: Pipeline, point: OperatingPoint) -> list[Answered]:
    """All photos in the order they came."""
    return [
        Answered(key, photo, _result(photo, pipeline, point), number)
        for number, (key, photo) in enumerate(album.items())
    ]


def _result(photo: Photo, pipeline: Pipeline, point: OperatingPoint) -> Result | None:
    return photo.result(pipeline, point) if photo.error is None and photo.is_checked(pipeline) else None


def ask_filter(photos: Sequence[Answered], labels: Iterable[str]) -> str:
    """The counters, one of which is pressed: only photos that it counts are shown."""
    total = counts(one.result for one in photos if one.result)
    answers = list(dict.fromkeys((*labels, NOT_PROPERLY, CANNOT_TELL)))
    answers = sorted((a for a in answers if a != NOT_PROPERLY or a in total), key=concern)
    of_photos = {group: sum(group in one.groups for one in photos) for group in (ALL, NOT_READ, NO_FACES)}
    options = [ALL, *(group for group in (NOT_READ, NO_FACES) if of_photos[group]), *answers]
    words = {ALL: "Photos", NOT_READ: ":material/broken_image: Not read", NO_FACES: "No face"}

    def named(option: str) -> str:
        if option in words:
            return f"{words[option]} **{of_photos[option]:,}**"
        look = appearance(option)
        return f"{look.icon} {plain(look.short)} **{total.get(option, 0):,}**"

    chosen = st.pills(
        "Show photos with",
        options,
        format_func=named,
        default=ALL,
        required=True,
        key="photo_filter",
        label_visibility="collapsed",
    )
    return chosen if chosen in options else ALL


def in_order(photos: Iterable[Answered], sort: str) -> list[Answered]:
    """Photos by one of `SORTS`."""
    keys: dict[str, Callable[[Answered], tuple[float, ...] | tuple[str, int]]] = {
        "worst": _worst,
        "newest": lambda one: (-one.number,),
        "name": lambda one: (one.photo.name.casefold(), one.number),
        "faces": lambda one: (-len(one.result.faces) if one.result else 1, one.number),
    }
    return sorted(photos, key=keys[sort])


_CONCERN_NOT_READ = 2.5  # after no mask and worn incorrectly, before cannot tell


def _worst(one: Answered) -> tuple[float, ...]:
    if one.photo.error is not None:
        return (_CONCERN_NOT_READ, 0, -one.number)
    if one.result is None or not one.result.faces:
        return (100, 0, -one.number)
    found = one.result.counts()
    worst = min(found, key=concern)
    return (concern(worst), -found[worst], -one.number)


def totals(photos: Sequence[Answered]) -> str:
    """How many photos and faces, in a sentence whose parts add up."""
    said = {group: sum(group in one.groups for one in photos) for group in (NOT_READ, NO_FACES, WAITING)}
    faces = sum(len(one.result.faces) for one in photos if one.result)
    parts = [f"{n:,} {group}" for group, n in said.items() if n and group != NO_FACES]
    if said[NO_FACES]:
        parts.append(f"{said[NO_FACES]:,} without a face")
    apart = f" ({', '.join(parts)})" if parts else ""
    return f"{_many(len(photos), 'photo')}{apart}, {_many(faces, 'face')}"


def _many(n: int, what: str) -> str:
    return f"{n:,} {what if n == 1 else f'{what}s'}"


def summary(result: Result) -> str:
    """One picture's answer as a sentence."""
    n = len(result.faces)
    if not n:
        return "No face found."
    found = sorted(result.counts().items(), key=lambda item: concern(item[0]))
    if n == 1:
        return f"1 face: {appearance(found[0][0]).short.lower()}."
    return (
        f"{n} faces: {', '.join(f'{count} {appearance(answer).short.lower()}' for answer, count in found)}."
    )


def why_not_read(photo: Photo) -> str:
    """For where the photo's name stands beside it; empty where it could be read."""
    error, name = photo.error or "", f"{printable(photo.name)}: "
    return f"It {error.removeprefix(name)}" if error.startswith(name) else error


def dropped(result: Result) -> str:
    """What was left out of a picture's answer."""
    n = result.dropped
    return (
        f"{n} places looked like faces at first and were left out."
        if n > 1
        else "1 place looked like a face at first and was left out."
    )
