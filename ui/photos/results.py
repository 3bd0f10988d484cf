"""The place to work in: all photos at once, or one large, with the counters that choose among them."""

from __future__ import annotations

import streamlit as st

from core.pipeline import Pipeline
from ui.photos import answers, corrections, downloads, faces, gallery, intake, sources, viewer
from ui.photos.answers import ALL, WORST, Answered
from ui.photos.settings import PhotoSettings
from ui.wording import plain

_SHOWN = "keys of the photos on the page"  # in their order there, for what is next
_LAST = "photo that was shown large last"
_NAMED, _REASONS = 3, 50  # photos that were not read: by name, and with the reason
VIEWS = {"grid": ":material/grid_view: Grid", "list": ":material/view_list: List"}


def show(photos: list[Answered], pipeline: Pipeline, settings: PhotoSettings) -> None:
    """Counters, then the photos that they choose, or the one that is open."""
    st.markdown(f"**{answers.totals(photos)}**")
    opened: Answered | None
    if len(photos) == 1:
        shown, opened = photos, photos[0]
    else:
        with st.container():  # it comes and goes: what is below stays the same element
            _say_not_read(photos)
        chosen = answers.ask_filter(photos, pipeline.classifier.card.label_set)
        shown = [one for one in photos if chosen == ALL or chosen in one.groups]
        opened = next((one for one in shown if one.key == intake.opened()), None)
    with st.container(horizontal=True, vertical_alignment="center"):
        sort, view = (st.session_state.get("photo_sort", WORST), "") if opened else _ask_order()
        downloads.offer(photos, pipeline, settings)
        st.space("stretch")
        sources.offer_removal()
    shown = answers.in_order(shown, sort)
    st.session_state[_SHOWN] = [one.key for one in shown]
    if opened:
        _show_large(opened, shown, settings)
    elif not shown:
        st.info("No photo has such a face.", icon=":material/filter_alt_off:")
    else:
        gallery.show(shown, view, st.session_state.get(_LAST) or _newest(shown), _on_tile)


def _say_not_read(photos: list[Answered]) -> None:
    """Before anything else, as nobody looks for what is not there."""
    missing = [one.photo for one in photos if one.photo.error]
    if not missing:
        return
    n, names = len(missing), ", ".join(plain(photo.name, 40) for photo in missing[:_NAMED])
    more = f" and {n - _NAMED:,} more" if n > _NAMED else ""
    said = f"{n:,} {'photo was' if n == 1 else 'photos were'} not read: {names}{more}"
    with st.expander(said, icon=":material/broken_image:"):
        st.markdown("\n".join(f"- {plain(photo.error or '', 300)}" for photo in missing[:_REASONS]))


def _ask_order() -> tuple[str, str]:
    """One of `SORTS`, and one of `VIEWS`."""
    sort = st.selectbox(
        "Sort",
        list(answers.SORTS),
        format_func=answers.SORTS.__getitem__,
        key="photo_sort",
        persist_state="session",
        label_visibility="collapsed",
        width=200,
    )
    view = st.segmented_control(
        "View",
        list(VIEWS),
        format_func=VIEWS.__getitem__,
        default="grid",
        required=True,
        key="photo_view",
        persist_state="session",
        label_visibility="collapsed",
    )
    return sort, view


def _newest(shown: list[Answered]) -> str:
    """The first of those that came last, where there were others before."""
    new = [one.key for one in shown if intake.is_new(one.key)]
    return new[0] if new and len(new) < len(shown) else ""


def _show_large(one: Answered, among: list[Answered], settings: PhotoSettings) -> None:
    st.session_state[_LAST] = one.key
    if one.photo.error is None and one.result is None:
        return  # it is being checked
    viewer.show(one, among, boxes=settings.boxes, reports=corrections.told(one), act=_on_photo)


def _on_tile(what: str, key: str) -> None:
    if what == "remove":
        _remove(key)
    else:
        intake.open_photo(key)


def _on_photo(what: str, key: str, face: int) -> None:
    if what == "remove":
        _step(1, key)
        _remove(key)
    elif what == "all":
        intake.open_photo(None)
    elif what == "full":
        viewer.show_whole(key)
    elif what == "explain":
        faces.want(key, face)
    elif what == "wrong":
        corrections.ask(key, face)
    else:
        _step(1 if what == "next" else -1, key)


def _step(by: int, key: str) -> None:
    """Open the next of the photos on the page, if there is one."""
    shown: list[str] = st.session_state.get(_SHOWN, [])
    to = shown.index(key) + by if key in shown else -1
    intake.open_photo(shown[to] if 0 <= to < len(shown) else None)


def _remove(key: str) -> None:
    intake.album().remove([key])
    corrections.forget(key)
