"""One face: how likely each label is, which places the network reacts to, and how far the answer holds."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Sequence

import numpy as np
import pandas as pd
import streamlit as st

from core.classification import Classifier
from core.decision import alarm_classes, decide
from core.errors import MaskwiseError
from core.explain import PATCH_PROPORTIONS, CorruptionResults, OcclusionMap, classify_crops, occlude
from core.images import shrunk
from core.labels import appearance, either
from core.runs import Run
from ui import chart, loaders
from ui.controls import choose_one, select
from ui.dashboard.explain import corruptions
from ui.dashboard.explain import source as face_source
from ui.dashboard.selection import PickedFace, choose, records
from ui.figures import explain as figures
from ui.html import chip
from ui.wording import plain

MOST_MAPS = 8  # kept in a visit
CLEAR_FALL = 0.05  # less is no place in particular


def show(runs: Sequence[Run]) -> None:
    run = choose.run(runs)
    model = _model(run)
    if model is None:
        return
    try:
        classifier = loaders.classifier(model)
        beside, main = st.columns([2, 3], gap="medium")
        with beside:
            face = face_source.choose(classifier.card.crop_scale)
        if face is None:
            return
        crop = shrunk(face.rgb, face_source.MAX_SIDE)
        with main:
            _show_answer(classifier, crop, face)
        _reacts_to(classifier, model, crop)
        corruptions.show(classifier, crop)
    except MaskwiseError as problem:
        st.error(plain(str(problem)))


def _model(run: Run) -> str | None:
    """Name of the run's own model, or of another that the visitor chose."""
    names = list(loaders.offered_models())
    if not names:
        st.error("No model is installed, so no face can be explained. See the README.")
        return None
    own = [name for name in records.models_of(run) if name in names]
    if not own:
        st.info(
            f"The network of {plain(run.name)} is not installed here, so another answers below. To "
            "install it, with its checkpoints at hand: `python -m training.export RUN NAME`",
            icon=":material/deployed_code:",
        )
    return select("Model that answers", own or names, key="explain model")


def _show_answer(classifier: Classifier, crop: np.ndarray, face: PickedFace) -> None:
    answers = classify_crops(classifier, [crop], [max(crop.shape[:2]) / classifier.card.crop_scale])
    picture, words = st.columns([1, 2], vertical_alignment="center")
    picture.image(crop, width=160, alt=f"The face: {face.title}")
    with words:
        st.markdown(f"**{plain(face.title)}**")
        st.html(chip(appearance(figures.answer_of(answers, 0))))
        if face.true_label is not None:
            st.caption(f"Labelled {plain(appearance(face.true_label).short)}")
    values, labels = answers.probabilities[0], answers.labels
    data = pd.DataFrame({"Label": labels, "Probability": values.astype(float)})
    data = data.sort_values("Probability", ascending=False)
    figure = figures.probabilities(labels, values, int(answers.class_indices[0]))
    chart.show(figure, _spoken(answers, classifier), data, key="explain-probabilities")


def _spoken(answers: CorruptionResults, classifier: Classifier) -> str:
    label, why = answers.named(0), answers.refused[0]
    value = answers.probabilities[0, answers.class_indices[0]]
    needed = classifier.operating_point.min_margin
    # What leads is not the label alone, where labels tell whether a mask is worn properly
    side = alarm_classes(answers.labels)
    what = "it"
    if side.any():
        what = "“not worn properly”" if side[answers.class_indices[0]] else "“worn properly”"
    margin = f"{what} leads by {100 * answers.margins[0]:.0f} points, and {100 * needed:.0f} are asked for"
    refusal = f" The app says “cannot tell”: {figures.why_short(why)}." if why else ""
    if not why and answers.between[0]:
        refusal = f" The app says “not worn properly”: {either(answers.between[0])}."
    left_out = len(answers.labels) - figures.MOST_LABELS
    rest = f" {left_out} less likely labels are in the CSV." if left_out > 0 else ""
    return f"“{appearance(label).short}” has {value:.1%}; {margin}.{refusal}{rest}"


def _reacts_to(classifier: Classifier, model: str, crop: np.ndarray) -> None:
    st.subheader("What the network reacts to", anchor=False)
    st.markdown(
        "A grey patch covers one place after another; the map shows what the label loses. "
        "It tells what this network reacts to, not why."
    )
    with st.container(horizontal=True, vertical_alignment="bottom"):
        patch = choose_one(
            "Patch",
            PATCH_PROPORTIONS,
            format_func=lambda name: f"{name}, 1/{1 / PATCH_PROPORTIONS[name]:.0f}",
            default="medium",
            key="explain patch",
            help="Its side as a share of the crop's. A finer one asks the network about more places.",
        )
        key = (hashlib.sha256(crop.tobytes()).hexdigest(), model, patch)
        maps = face_source.maps()
        clicked = st.button("Explain this face", key="explain go", type="primary", disabled=key in maps)
    if clicked:
        with st.spinner("Covering one place after another…"):
            start = time.perf_counter()
            found = occlude(classifier, crop, PATCH_PROPORTIONS[patch])
            maps[key] = found, 1000 * (time.perf_counter() - start)
        while len(maps) > MOST_MAPS:
            del maps[next(iter(maps))]
        st.rerun()  # the button, drawn before, has nothing more to do
    if key in maps:
        _show_map(classifier, *maps[key])


def _show_map(classifier: Classifier, found: OcclusionMap, ms: float) -> None:
    labels = classifier.card.label_set.labels
    point = classifier.operating_point
    answered = int(decide(found.probabilities[None], labels, point).class_index[0])
    controls, main = st.columns([2, 3], gap="medium")
    with controls:
        class_index = st.selectbox(
            "Label to explain",
            range(len(labels)),
            index=answered,
            format_func=lambda class_index: appearance(labels[class_index]).short,
            key=f"explain label {classifier.card.name} {answered}",  # starts at the answer of each face
            persist_state="page",
        )
        opacity = st.slider(
            "Strength of the map", 0, 100, 70, 5, "%d%%", key="explain opacity", persist_state="page"
        )
        st.caption(
            f"{found.covered[..., 0].size} patches of {found.side} × {found.side} pixels, in {ms:.0f} ms. A "
            "pixel shows the mean of the patches that cover it; the square is the patch that takes most."
        )
    named = decide(found.covered.reshape(-1, len(labels)), labels, point).class_index
    with main:
        chart.show(
            figures.occlusion(found, class_index, labels[class_index], opacity / 100),
            reading(found, class_index, labels[class_index], int((named != answered).sum())),
            patches(found, class_index, labels[class_index]),
            key="explain-occlusion",
        )


def reading(found: OcclusionMap, class_index: int, label: str, changed: int) -> str:
    """What the map shows of this face; `changed` patches make the model name another label."""
    place, before = found.strongest(class_index), float(found.probabilities[class_index])
    name, tried = f"“{appearance(label).short}”", found.covered[..., class_index].size
    takes = (
        f"Covering the {place.region} of the crop, where the square is, takes {100 * place.fall:.0f} points "
        f"from {name}: {before:.1%} becomes {before - place.fall:.1%}."
    )
    if place.fall < CLEAR_FALL:
        takes = (
            f"No patch takes more than {max(0.0, 100 * place.fall):.1f} points from {name} ({before:.1%})."
        )
    gain = -float(found.falls(class_index).min())
    adds = f" Another place, covered, adds {100 * gain:.0f} points." if gain >= CLEAR_FALL else ""
    changes = f" {changed or 'None'} of {tried} patches change{'s' if changed == 1 else ''} the answer."
    return takes + adds + changes


def patches(found: OcclusionMap, class_index: int, label: str) -> pd.DataFrame:
    """A row a patch: where it lay and what it took."""
    left, top = np.meshgrid(found.starts, found.starts)
    return pd.DataFrame(
        {
            "Label": label,
            "Left, pixels": left.ravel(),
            "Top, pixels": top.ravel(),
            "Side, pixels": found.side,
            "Probability uncovered": float(found.probabilities[class_index]),
            "Probability covered": found.covered[..., class_index].ravel().astype(float),
            "Fall, points": 100 * found.falls(class_index).ravel(),
        }
    )
