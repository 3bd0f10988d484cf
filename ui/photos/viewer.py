"""One photo large: zoom to its full resolution, its faces linked with their cards."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from functools import cache
from typing import Any

import numpy as np
import streamlit as st

from core.drawing import ink_on
from core.images import to_jpeg
from core.labels import appearance, concern
from core.mask_rendering import COVERED, how_to_wear, masked_portrait
from core.results import FaceResult, Result
from ui.components import component, on, picture_url
from ui.photos import intake
from ui.photos.answers import NO_FACE, Answered, dropped, summary, why_not_read
from ui.photos.drop import FOLDER
from ui.wording import one_line, share_in_words

KEY = "photo_viewer"
_HTML = (FOLDER / "viewer.html").read_text(encoding="utf-8")
_WHOLE = "photo shown at full resolution"
_BOTH = "Two drawn pictures: a mask worn as here, and the same mask over nose, mouth and chin."
ACTS = ("all", "previous", "next", "remove", "full", "explain", "wrong")

Act = Callable[[str, str, int], None]


def show(one: Answered, among: Sequence[Answered], *, boxes: bool, reports: dict[int, str], act: Act) -> None:
    """A photo that is answered or could not be read, of those that the page shows.

    `reports` says, by number, what was reported of faces. `act` is called with one of `ACTS`, the photo's key
    and the number of the face, 0 where it is about none.
    """
    place = next((i for i, other in enumerate(among) if other.key == one.key), 0)
    component("viewer", FOLDER, _HTML, "made", "zoom", "cards", "viewer")(
        key=KEY,
        data=_picture(one)
        | _answer(one.result, one, reports)
        | {
            "place": f"{place + 1:,} of {len(among):,}" if len(among) > 1 else "",
            "first": place == 0,
            "last": place >= len(among) - 1,
            "boxes": boxes,
        },
        on_act_change=on(KEY, "act", lambda said: _checked(said, act)),
    )


def show_whole(key: str) -> None:
    """Have the photo at full resolution, from now on until another is shown."""
    st.session_state[_WHOLE] = key


def _checked(said: Any, act: Act) -> None:
    """A browser may say anything."""
    if not isinstance(said, dict):
        return
    what, key, face = (said.get(name) for name in ("what", "key", "face"))
    if what in ACTS and isinstance(key, str) and key in intake.album():
        act(what, key, face if isinstance(face, int) and face > 0 else 0)


def _picture(one: Answered) -> dict[str, Any]:
    photo, album = one.photo, intake.album()
    name = one_line(photo.name, 200)
    if one.result is None:
        return {"key": one.key, "name": name, "alt": name, "src": "", "full": "", "width": 1, "height": 1}
    whole = st.session_state.get(_WHOLE) == one.key
    return {
        "key": one.key,
        "name": name,
        "alt": f"{name}: {summary(one.result)}",
        "src": picture_url(album.picture(photo), f"photo {one.key}"),
        "full": picture_url(album.picture(photo, None), f"whole photo {one.key}") if whole else "",
        "width": photo.width,
        "height": photo.height,
    }


def _answer(result: Result | None, one: Answered, reports: dict[int, str]) -> dict[str, Any]:
    photo = one.photo
    if result is None:
        return {"problem": one_line(why_not_read(photo)), "lines": [], "faces": []}
    lines = [summary(result) if result.faces else NO_FACE.replace("**", "")]
    why = Counter(face.cannot_tell for face in result.faces if face.cannot_tell)
    shared = {reason for reason, count in why.items() if count > 1}
    for reason in sorted(shared, key=lambda reason: -why[reason]):
        lines.append(f"{why[reason]} faces {reason.reason.replace('_', ' ')}: {reason.advice}")
    times = " · ".join(f"{stage} {ms:.0f} ms" for stage, ms in result.ms.items())
    lines += [line for line in (photo.note, dropped(result) if result.dropped else "") if line]
    lines.append(f"{result.width} × {result.height} pixels · {times}")
    thumbs = photo.thumbs(result)
    numbered = sorted(enumerate(result.faces, 1), key=lambda item: (concern(item[1].answer), item[0]))
    return {
        "problem": "",
        "lines": lines,
        "faces": [
            _face(n, face, result, sentence=face.cannot_tell not in shared)
            | {
                "thumb": picture_url(thumbs[n - 1], f"face {n} of {one.key}"),
                **_what_to_do(face),
                "report": reports.get(n, ""),
            }
            for n, face in numbered
        ],
    }


def _what_to_do(face: FaceResult) -> dict[str, str]:
    """The picture of proper wearing, beside how it is worn here where that is known."""
    worn, subtype = appearance(face.answer).worn, face.prediction.subtype
    if worn in (None, "properly"):
        return {"todo": "", "todoAlt": ""}
    if subtype is None:
        picture, told = _properly(), "A drawn picture: a mask over nose, mouth and chin."
    else:
        picture, told = to_jpeg(how_to_wear(subtype).rgb), _BOTH
    return {"todo": picture_url(picture, f"what to do: {subtype}"), "todoAlt": told}


@cache
def _properly() -> bytes:
    """JPEG, the same for everybody."""
    return to_jpeg(masked_portrait(COVERED, 160, rng=np.random.default_rng(1)))


def _face(number: int, face: FaceResult, result: Result, *, sentence: bool) -> dict[str, Any]:
    look, why = appearance(face.answer), face.cannot_tell
    x1, y1, x2, y2 = face.detection.box
    unclear = why is not None and why.reason != "low_margin"  # then what the model says means nothing
    labels = {} if unclear else face.prediction.by_label
    return {
        "number": number,
        "box": [
            *(round(v, 5) for v in (x1 / result.width, y1 / result.height)),
            *(round(v, 5) for v in ((x2 - x1) / result.width, (y2 - y1) / result.height)),
        ],
        "icon": look.icon,
        "words": one_line(look.short, 60),
        "colour": look.colour,
        "ink": ink_on(look.colour),
        "why": why.reason.replace("_", " ").replace("low margin", "not sure") if why else "",
        "sentence": face.sentence if sentence or not why else "",
        "bars": [
            {
                "words": one_line(appearance(label).short, 60),
                "percent": share_in_words(p),
                "share": round(p, 4),
            }
            for label, p in labels.items()
        ],
    }
