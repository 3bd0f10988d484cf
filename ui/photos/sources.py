"""Where pictures come from: files, a folder, the camera, a web address, a sample. All end in the album."""

from __future__ import annotations

from functools import partial
from typing import cast

import streamlit as st
from streamlit.runtime.uploaded_file_manager import UploadedFile

from core.errors import ImageError
from core.images import SUFFIXES, fetch_image, to_jpeg
from core.mask_rendering import SAMPLES, sample_frame
from core.photos import Album
from core.scheduling import cancellable
from ui import uploaded, visit
from ui.turns import end_if_unwanted
from ui.wording import plain

SOURCES = {
    "files": ":material/upload_file: Photos",
    "folder": ":material/folder_open: Folder",
    "camera": ":material/photo_camera: Camera",
    "web": ":material/link: Web address",
    "sample": ":material/face: Sample",
}
_TYPES = [suffix.lstrip(".") for suffix in SUFFIXES]
_UPLOADED = "uploaded_ids"  # ids that the uploader on screen held last time


def album() -> Album:
    """This visit's pictures to check."""
    if "album" not in st.session_state:
        st.session_state.album = visit.album("photos")
    return cast(Album, st.session_state.album)


def choose() -> None:
    """Show the ways in, and put what comes into the album."""
    source = st.segmented_control(
        "Where from",
        list(SOURCES),
        format_func=SOURCES.__getitem__,
        default="files",
        required=True,
        key="source",
        on_change=_forget_uploader,
        label_visibility="collapsed",
    )
    {"files": _files, "folder": _folder, "camera": _camera, "web": _web, "sample": _sample}[source]()
    uploaded.say_refused()


def offer_removal() -> None:
    """The button that forgets the pictures, if there are any: also where none can be checked."""
    if len(album()):
        st.button("Remove all", key="remove_all", icon=":material/delete:", on_click=_remove_all)


def _remove_all() -> None:
    """Forget every picture, and what the widgets hold of them: under a new key a widget is a new one."""
    visit.forget_pictures()
    st.session_state.round = _round() + 1
    _forget_uploader()


def _round() -> int:
    return int(st.session_state.get("round", 0))


def _forget_uploader() -> None:
    """An uploader that leaves the screen forgets its files; the album keeps them."""
    st.session_state.pop(_UPLOADED, None)


def _files() -> None:
    st.file_uploader(
        "Drop photos here, as many as you like",
        _TYPES,
        accept_multiple_files=True,
        key=f"files {_round()}",
        on_change=partial(_take_uploads, f"files {_round()}"),
    )


def _folder() -> None:
    st.file_uploader(
        "Drop a folder here: all photos in it are checked",
        _TYPES,
        accept_multiple_files="directory",
        key=f"folder {_round()}",
        on_change=partial(_take_uploads, f"folder {_round()}"),
    )


def _take_uploads(widget: str) -> None:
    """Add what is new in the uploader, remove what its user removed."""
    # One that nobody took in time is Streamlit's DeletedFile
    files = {f.file_id: f for f in st.session_state[widget] or () if isinstance(f, UploadedFile)}
    known = st.session_state.get(_UPLOADED, set())
    album().remove(known - files.keys())
    for file_id in (i for i in files if i not in known):
        album().put(file_id, files[file_id].name, uploaded.take(files[file_id]))
    st.session_state[_UPLOADED] = set(files)
    start_again()


def start_again() -> None:
    """New pictures are checked even when the visitor stopped the last ones."""
    st.session_state.stopped = False


def _camera() -> None:
    key = f"camera {_round()}"
    st.camera_input("Take a picture", key=key, on_change=partial(_take_snapshot, key))


def _take_snapshot(widget: str) -> None:
    if isinstance(shot := st.session_state[widget], UploadedFile):
        album().put("camera", "snapshot.jpg", uploaded.take(shot))
        start_again()


def _web() -> None:
    with st.form("web", border=False):
        url = st.text_input("Address of a picture", placeholder="https://…/photo.jpg", key="url").strip()
        wanted = st.form_submit_button("Fetch", key="fetch")
    st.caption("This server fetches the picture; the site sees the server's address, not yours.")
    if not wanted or not url:
        return
    try:
        with st.spinner("Fetching the picture…"), cancellable(end_if_unwanted):
            data = fetch_image(url)
    except ImageError as problem:
        st.error(plain(str(problem)))
        return
    album().put(url, url.split("?")[0].rstrip("/").rsplit("/", 1)[-1], data)
    start_again()


def _sample() -> None:
    st.pills(
        "A picture that is always here: the astronaut Eileen Collins (NASA, public domain). "
        "The masks are drawn on by Maskwise.",
        list(SAMPLES),
        format_func=SAMPLES.__getitem__,
        selection_mode="multi",
        key=f"samples {_round()}",
        on_change=partial(_take_samples, f"samples {_round()}"),
    )


def _take_samples(widget: str) -> None:
    chosen = {f"sample {name}": name for name in st.session_state[widget]}
    album().remove(f"sample {name}" for name in SAMPLES if f"sample {name}" not in chosen)
    for key, name in chosen.items():
        if key not in album():
            album().put(key, f"{SAMPLES[name]}.jpg", to_jpeg(sample_frame(name).rgb, quality=95))
    start_again()
