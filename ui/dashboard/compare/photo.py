"""Two models on one photo of the visitor: which models, which photo. Nothing is written down."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import streamlit as st

from core.errors import MaskwiseError
from core.images import SUFFIXES, to_jpeg
from core.mask_rendering import SAMPLES, sample_frame
from core.models import ModelCard, default_model
from core.photos import Album, Photo
from core.runs import Run
from ui import loaders, uploaded, visit
from ui.controls import choose_one
from ui.dashboard.compare import answers
from ui.dashboard.selection import Tested, records
from ui.turns import turn
from ui.wording import plain


def show(a: Tested, b: Tested) -> None:
    show_runs([a.run, b.run])


def show_runs(runs: Sequence[Run]) -> None:
    """Of one run or two: its model against the default one, or both."""
    st.subheader("Both on a photo", anchor=False)
    _both_on_a_photo(runs)


@st.fragment
def _both_on_a_photo(runs: Sequence[Run]) -> None:
    """A fragment, so that a new photo does not redraw the charts above."""
    models = loaders.offered_models()
    detectors = [offer.name for offer in loaders.detector_offers() if offer.unavailable is None]
    if len(models) < 2 or not detectors:
        few = f"Only {len(models)} model is" if len(models) == 1 else f"{len(models)} models are"
        st.info(
            f"{few} installed here and {len(detectors)} face detectors; it takes two models and a detector. "
            "Install an exported model by putting its folder into that of `MASKWISE_MODELS`.",
            icon=":material/deployed_code:",
        )
        return
    chosen = _choose_models(runs, models)
    detector = choose_one("Face detector", detectors, key="compare detector")
    photo = _choose_photo()
    if chosen[0] == chosen[1]:
        st.info("Choose two different models.")
    elif photo is not None:
        try:
            _show_answers(photo, chosen, models, detector)
        except MaskwiseError as problem:
            st.error(plain(str(problem)))


def _choose_models(runs: Sequence[Run], models: Mapping[str, ModelCard]) -> tuple[str, str]:
    """Those of the runs where they are installed, else whichever the visitor wants, the default one first."""
    own = [next((m for m in records.models_of(run) if m in models), None) for run in runs]
    if len(own) == 2 and own[0] and own[1] and own[0] != own[1]:
        return own[0], own[1]
    missing = [run.name for run, model in zip(runs, own, strict=True) if model is None]
    if missing:
        names = plain(" and ".join(dict.fromkeys(missing)))
        are = "is" if len(set(missing)) == 1 else "are"
        st.caption(f"{names} {are} not installed: choose which models answer.")
    own += [None] * (2 - len(own))
    models = dict(sorted(models.items(), key=lambda item: item[0] != default_model()))
    first = own[0] or next(name for name in models if name != own[1])
    second = own[1] if own[1] not in (None, first) else next(name for name in models if name != first)
    chosen = [
        column.selectbox(
            f"Model {side} on the photo",
            list(models),
            index=list(models).index(default),
            key=f"compare photo {side} {', '.join(run.name for run in runs)}",
            persist_state="page",
        )
        for column, side, default in zip(st.columns(2), "AB", (first, second), strict=True)
    ]
    return chosen[0], chosen[1]


def _choose_photo() -> Photo | None:
    """An upload, else a sample, kept for as long as it is chosen."""
    upload = st.file_uploader(
        "A photo with faces: it stays in this server's memory while you look at it",
        [suffix.lstrip(".") for suffix in SUFFIXES],
        max_upload_size=uploaded.PICTURE_MB,
        key="compare photo",
    )
    sample = st.pills(
        "Or a sample: the astronaut Eileen Collins (NASA, public domain), masks drawn on by Maskwise",
        list(SAMPLES),
        format_func=SAMPLES.__getitem__,
        key="compare sample",
        persist_state="page",
        disabled=upload is not None,
    )
    uploaded.say_refused()
    album = _album()
    key = upload.file_id if upload else f"sample {sample}" if sample else None
    if len(album) and (key is None or key not in album):
        album.clear()
        st.rerun()  # of the whole page: what a fragment showed stays at its address until then
    if key is None:
        return None
    if key not in album:
        if upload:
            album.put(key, upload.name, uploaded.take(upload))
        elif sample:
            album.put(key, SAMPLES[sample], to_jpeg(sample_frame(sample).rgb, quality=95))
    return next(iter(album))


def _album() -> Album:
    """This visit's one photo."""
    return visit.album("compare")


def _show_answers(
    photo: Photo, chosen: tuple[str, str], models: Mapping[str, ModelCard], detector: str
) -> None:
    """Both models' answers to the faces that were found once. Raises `MaskwiseError`."""
    pipelines = [loaders.pipeline(name, detector) for name in chosen]
    with st.spinner("Looking at the photo…"):
        for pipeline in pipelines:
            if not photo.is_checked(pipeline):
                with turn():
                    _album().check(photo, pipeline)
    if photo.error is not None:
        st.error(plain(photo.error), icon=":material/broken_image:")
        return
    a, b = (
        photo.result(pipeline, loaders.operating_point(name, models[name]))
        for pipeline, name in zip(pipelines, chosen, strict=True)
    )
    if not a.faces or not b.faces:
        st.info(
            f"**No face found** by {detector}. Use a picture in which faces are at least 15 pixels high "
            "and seen from the front, or another detector.",
            icon=":material/person_search:",
        )
        return
    answers.show(photo, a, b, *(models[name].label_set for name in chosen))
