"""Where the face to explain comes from: picked in another view, a photo of the visitor's, or a sample."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from dataclasses import dataclass

import streamlit as st
from streamlit.runtime.uploaded_file_manager import UploadedFile

from core.classification import turn_back
from core.detection import Offer
from core.errors import DetectorError, ImageError, ModelError, NoRoomError
from core.explain import OcclusionMap
from core.images import SUFFIXES, crop_face, read_image, shrunk
from core.mask_rendering import SAMPLES, sample_frame
from core.results import Detection, Frame
from ui import loaders, uploaded, visit
from ui.controls import choose_one
from ui.dashboard.selection import PickedFace, picked
from ui.server import HELD, media, memory
from ui.turns import turn
from ui.wording import plain

SOURCES = {
    "picked": ":material/ads_click: Picked",
    "photo": ":material/upload_file: A photo",
    "sample": ":material/face: A sample",
}
MAX_SIDE = 320  # pixels of a crop: no less than networks usually see, and it bounds the work
PHOTO_SIDE = 3000  # pixels: a photo is kept for the visit, so not larger than faces in it need
MOST_FACES = 24
_UPLOAD, _SEEN = "explain upload", "explain seen pick"


@dataclass(frozen=True, slots=True, eq=False)
class _Photo:
    """A picture and its faces, kept in the visit so that they are read and found once."""

    identity: str
    name: str
    frame: Frame
    faces: tuple[Detection, ...]


def choose(crop_scale: float) -> PickedFace | None:
    """The face, cut with the model's margin; None while there is none, and says what to do."""
    face = picked()
    last, picks = st.session_state.get(_SEEN, (None, 0))
    if face is not last:
        picks += 1
        st.session_state[_SEEN] = face, picks
    source = choose_one(
        "The face",
        [source for source in SOURCES if face or source != "picked"],
        format_func=SOURCES.__getitem__,
        default="picked" if face else "sample",
        key=f"explain source {picks}",  # a new widget, so that a face just picked comes on screen by itself
    )
    if source == "picked":
        return face
    try:
        photo = _uploaded() if source == "photo" else _sample()
    except (ImageError, NoRoomError, DetectorError, ModelError) as problem:
        st.error(plain(str(problem)), icon=":material/broken_image:")
        return None
    return _face_of(photo, crop_scale) if photo else None


def _uploaded() -> _Photo | None:
    file = st.file_uploader(
        "A photo with faces",
        [s.lstrip(".") for s in SUFFIXES],
        max_upload_size=uploaded.PICTURE_MB,
        key=_UPLOAD,
        on_change=_forget_photo,
    )
    uploaded.say_refused()
    if file is not None:
        photo = _photo("photo", file.file_id, file.name, lambda: _read_upload(file))
        uploaded.take(file)
        return photo
    kept = _photos().get("photo")
    if kept is None:
        st.caption("It is kept in memory for this visit only. Nothing is saved or shared.")
    else:  # the uploader left the screen with another view, and forgot its file
        st.button(f"Forget {plain(kept.name)}", key="explain forget", on_click=_forget_photo)
    return kept


def _read_upload(file: UploadedFile) -> Frame:
    return read_image(file.getvalue(), file.name, max_side=PHOTO_SIDE)


def _forget_photo() -> None:
    _photos().forget("photo")
    maps().clear()


def maps() -> dict[Hashable, tuple[OcclusionMap, float]]:
    """What the visit's faces react to, with milliseconds. Each holds its face, so they go with the photos."""
    return visit.kept("explain maps", dict)


def _sample() -> _Photo | None:
    name = choose_one(
        "The astronaut Eileen Collins (NASA, public domain). The masks are drawn on by Maskwise.",
        SAMPLES,
        format_func=SAMPLES.__getitem__,
        default="no_mask",
        key="explain sample",
        draw=st.pills,
        wrap=True,
    )
    return _photo("sample", name, SAMPLES[name], lambda: sample_frame(name))


class _Photos:
    """A visit's photo and sample, by source."""

    def __init__(self) -> None:
        self._photos: dict[str, _Photo] = {}
        self._visit = media.visit()

    def get(self, source: str) -> _Photo | None:
        return self._photos.get(source)

    def keep(self, source: str, photo: _Photo) -> None:
        """Instead of the one before. Raises `NoRoomError`."""
        HELD.hold(self._visit, ("explain", source), photo.frame.rgb.nbytes)
        self._photos[source] = photo

    def forget(self, source: str) -> None:
        if self._photos.pop(source, None):
            HELD.drop(self._visit, ("explain", source))
            memory.give_back_soon()

    def clear(self) -> None:
        for source in list(self._photos):
            self.forget(source)


def _photos() -> _Photos:
    return visit.kept("explain", _Photos)


def _photo(source: str, identity: str, name: str, read: Callable[[], Frame]) -> _Photo:
    """Raises `ImageError`, `NoRoomError`, `DetectorError` and `ModelError`."""
    photo = _photos().get(source)
    if photo is None or photo.identity != identity:
        with st.spinner("Looking for faces…"), turn():
            frame = read()
            faces = loaders.detector(_best_detector().name).detect(frame)
            if landmarks := loaders.landmarks():
                faces = landmarks.locate(frame, faces)
        photo = _Photo(identity, name, frame, faces)
        _photos().keep(source, photo)
    return photo


def _best_detector() -> Offer:
    """Raises `DetectorError` with the reasons when there is none."""
    offers = loaders.detector_offers()
    for offer in offers:
        if offer.unavailable is None:
            return offer
    raise DetectorError(" ".join(offer.unavailable or "" for offer in offers))


def _face_of(photo: _Photo, crop_scale: float) -> PickedFace | None:
    faces = photo.faces[:MOST_FACES]
    crops = [
        shrunk(crop_face(photo.frame, face.box, crop_scale, turn_back(face.landmarks)), MAX_SIDE)
        for face in faces
    ]
    if not faces:
        detector = _best_detector()
        st.info(
            f"**No face found.** The detector here is {plain(detector.name)}: {plain(detector.summary)}.",
            icon=":material/person_search:",
        )
    chosen = 0
    if len(faces) > 1:
        numbers = [f"{number}" for number in range(1, len(faces) + 1)]
        st.image(crops, caption=numbers, width=72, alt=[f"Face {number}" for number in numbers])
        chosen = choose_one(
            "Which face",
            range(len(faces)),
            format_func=lambda i: f"{i + 1}",
            key=f"explain face of {len(faces)}",
            draw=st.pills,
            wrap=True,
        )
        if len(photo.faces) > MOST_FACES:
            st.caption(f"The surest {MOST_FACES} of {len(photo.faces)} faces.")
    if st.toggle("Use the whole picture as the face", key="explain whole", persist_state="page"):
        whole = crop_face(photo.frame, (0, 0, photo.frame.width, photo.frame.height), 1.0)
        return PickedFace(shrunk(whole, MAX_SIDE), photo.name)
    if not faces:
        return None
    return PickedFace(crops[chosen], f"{photo.name}, face {chosen + 1}" if len(faces) > 1 else photo.name)
