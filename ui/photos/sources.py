"""Where pictures come from: files, a folder, the camera, a web address, a sample. All end in the album."""

from __future__ import annotations

from functools import partial

import streamlit as st

from core.images import fetch_image, to_jpeg
from core.mask_rendering import SAMPLES, sample_frame
from ui import addresses, uploaded, visit
from ui.photos import drop, intake
from ui.photos.intake import album

SOURCES = {
    "files": ":material/upload_file: Photos",
    "folder": ":material/folder_open: Folder",
    "camera": ":material/photo_camera: Camera",
    "web": ":material/link: Web address",
    "sample": ":material/face: Sample",
}

_PRESSED = "samples that were pressed"


def choose() -> None:
    """Show the ways in, and put what comes into the album."""
    st.session_state.setdefault("source", "files")  # no `default`, as what is pasted sets it, too
    source = st.segmented_control(
        "Where from",
        list(SOURCES),
        format_func=SOURCES.__getitem__,
        required=True,
        key="source",
        persist_state="session",
        label_visibility="collapsed",
    )
    source = source or "files"  # never none, as it is required
    {"files": _files, "folder": _folder, "camera": _camera, "web": _web, "sample": _sample}[source]()
    problem = drop.show(
        camera=source == "camera",
        holds=len(album()) > 0,
        on_refused=intake.tell_refused,
        on_wanted=_show_files,
    )
    if source == "camera" and problem:
        st.warning(problem, icon=":material/no_photography:")
    uploaded.say_refused()
    intake.show_told()


def offer_removal() -> None:
    """The button that forgets the pictures, if there are any: also where none can be checked."""
    if len(album()):
        with st.popover("Remove all…", icon=":material/delete:", type="tertiary"):
            n = len(album())
            st.markdown(f"Remove {'the photo' if n == 1 else f'all {n:,} photos'} and what was found?")
            st.button("Remove all", key="remove_all", type="primary", on_click=_remove_all)


def _remove_all() -> None:
    """Forget every picture, and what the widgets hold of them: under a new key a widget is a new one."""
    visit.forget_pictures()
    intake.forget_told()
    intake.open_photo(None)
    st.session_state.pop(_PRESSED, None)
    _start_anew()


def _start_anew() -> None:
    """An uploader under a new key is empty: what it held is in the album, where one photo can be removed."""
    st.session_state.round = _round() + 1


def _round() -> int:
    return int(st.session_state.get("round", 0))


def _show_files() -> None:
    """Something was pasted or dropped where no uploader is on the screen."""
    st.session_state.source = "files"


def _files() -> None:
    st.file_uploader(
        "Add photos, or a zip of them: choose, paste, or drop them anywhere on this page",
        drop.TYPES,
        max_upload_size=uploaded.PICTURE_MB,
        accept_multiple_files=True,
        key=f"files {_round()}",
        on_change=partial(_take_uploads, f"files {_round()}"),
    )


def _folder() -> None:
    st.file_uploader(
        "Add a folder: all photos in it are checked",
        drop.TYPES,
        max_upload_size=uploaded.PICTURE_MB,
        accept_multiple_files="directory",
        key=f"folder {_round()}",
        on_change=partial(_take_uploads, f"folder {_round()}", folder=True),
    )


def _take_uploads(widget: str, folder: bool = False) -> None:
    if files := uploaded.not_taken(st.session_state[widget] or ()):
        intake.take([(f.file_id, f.name, partial(uploaded.take, f)) for f in files], folder=folder)
        _start_anew()


def _camera() -> None:
    key = f"camera {_round()}"
    st.camera_input("Take a picture", key=key, resolution="1080p", on_change=partial(_take_snapshot, key))


def _take_snapshot(widget: str) -> None:
    """Each is a photo of its own. The camera starts anew, ready for the next."""
    for shot in uploaded.not_taken([st.session_state[widget]]):
        number = st.session_state["snapshots"] = int(st.session_state.get("snapshots", 0)) + 1
        name = "snapshot.jpg" if number == 1 else f"snapshot {number}.jpg"
        intake.take([(shot.file_id, name, partial(uploaded.take, shot))])
        _start_anew()


def _web() -> None:
    if found := addresses.ask("picture", "photo.jpg", fetch_image):
        intake.put(found)


def _sample() -> None:
    st.pills(
        "Built-in sample: the astronaut Eileen Collins (NASA, public domain). "
        "The masks are drawn on by Maskwise.",
        list(SAMPLES),
        format_func=SAMPLES.__getitem__,
        selection_mode="multi",
        key=f"samples {_round()}",
        on_change=partial(_take_samples, f"samples {_round()}"),
        persist_state="session",
    )


def _take_samples(widget: str) -> None:
    """Add what was pressed, remove what was released."""
    before, chosen = st.session_state.get(_PRESSED, set()), set(st.session_state[widget])
    st.session_state[_PRESSED] = chosen
    album().remove(f"sample {name}" for name in before - chosen)
    intake.put(*map(_sample_picture, sorted(chosen - before)))


def _sample_picture(name: str) -> tuple[str, str, bytes]:
    return f"sample {name}", f"{SAMPLES[name]}.jpg", to_jpeg(sample_frame(name).rgb, quality=95)
