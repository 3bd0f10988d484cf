"""All photos as tiles or rows: a component, as hundreds of Streamlit's pictures and buttons are slow."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from core.drawing import ink_on
from core.labels import GREY, appearance, concern
from core.photos import Album
from ui.components import component, on, picture_url
from ui.photos import intake
from ui.photos.answers import Answered, summary, why_not_read
from ui.photos.drop import FOLDER
from ui.wording import one_line

KEY = "photo_gallery"
_HTML = '<ul class="mw-gallery" aria-label="Photos"></ul>'


def show(photos: Sequence[Answered], view: str, focus: str, act: Callable[[str, str], None]) -> None:
    """`view` is "grid" or "list"; `focus` the key of the photo to bring into view, if any.

    `act` is called with "open" or "remove" and the key of a photo.
    """
    mixed = not all(intake.is_new(one.key) for one in photos)
    component("gallery", FOLDER, _HTML, "made", "gallery")(
        key=KEY,
        data={"tiles": [_tile(one, fresh=mixed) for one in photos], "view": view, "focus": focus},
        on_open_change=on(KEY, "open", lambda key: _known(key, "open", act)),
        on_remove_change=on(KEY, "remove", lambda key: _known(key, "remove", act)),
    )


def _known(key: Any, what: str, act: Callable[[str, str], None]) -> None:
    """A browser may name any photo: those of this visit alone are meant."""
    album: Album = intake.album()
    if isinstance(key, str) and key in album:
        act(what, key)


def _tile(one: Answered, *, fresh: bool) -> dict[str, Any]:
    photo, result = one.photo, one.result
    words = why_not_read(photo) or (summary(result) if result else "Waiting to be checked")
    found = sorted(result.counts().items(), key=lambda item: concern(item[0])) if result else []
    badges = [_badge(answer, count) for answer, count in found]
    if photo.error:
        badges = [_of_none("⊘", "Not read")]
    elif result and not found:
        badges = [_of_none("", "No face")]
    return {
        "key": one.key,
        "name": one_line(photo.name, 120),
        "src": picture_url(photo.tile, f"photo tile {one.key}"),
        "sign": "" if photo.error else "…",
        "badges": badges,
        "words": one_line(words, 300),
        "fresh": fresh and intake.is_new(one.key),
    }


def _badge(answer: str, count: int) -> dict[str, Any]:
    look = appearance(answer)
    return {
        "icon": look.icon,
        "words": one_line(look.short, 40),
        "count": count,
        "colour": look.colour,
        "ink": ink_on(look.colour),
    }


def _of_none(icon: str, words: str) -> dict[str, Any]:
    """Of a photo that has no answer."""
    return {"icon": icon, "words": words, "count": 0, "colour": GREY, "ink": ink_on(GREY)}
