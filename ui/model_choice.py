"""Which model and detector answer, and how certain they must be: asked by every page that answers."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

import streamlit as st

from core.decision import OperatingPoint, alarm_classes
from core.errors import DetectorError, RecordError
from core.labels import appearance, names_gender
from core.models import USES, ModelCard, operating_point_from_card, why_not_offered
from core.pipeline import Pipeline
from ui import kept, loaders
from ui.wording import plain

_LOADED, _FAILED = "detector that was loaded", "detector that was not loaded"
_NUMBERS = ("No", "One", "Two", "Three", "Four", "Five", "Six", "Seven", "Eight", "Nine")
# As cards have the reason of their margin: "of 216 answers with a lead under 0.4 55% were wrong"
_REASON = re.compile(r"of (?P<n>[\d,]+) answers with a lead under [\d.]+ (?P<share>[\d.]+%|half) were wrong")


@dataclass(frozen=True, slots=True)
class ModelChoice:
    """What the visitor chose."""

    model: str
    detector: str
    operating_point: OperatingPoint


def choose_model() -> ModelChoice | None:
    """The controls, or None when no model or no detector is usable; says so in their place."""
    offers = loaders.detector_offers()
    usable = loaders.models_for_visitors()
    detectors = {offer.name: offer.summary for offer in offers if offer.unavailable is None}
    for name, problem in loaders.installed_models().items():
        if isinstance(problem, RecordError):
            st.warning(f"Model {plain(name)} is not offered. {plain(str(problem))}")
    if not usable or not detectors:
        st.error("No model or no face detector is installed, so nothing can be checked. See the README.")
        return None
    model = kept.select("Model", usable, key="model")
    st.caption(f"{_answers(usable[model])} Its weights are {USES[usable[model].use]}.")
    if usable[model].warning:
        st.warning(plain(usable[model].warning), icon=":material/warning:")
    detector = _choose_detector(detectors)
    missing = {offer.name: offer.unavailable for offer in offers if offer.unavailable}
    for name, card in loaders.usable_models().items():
        if why := why_not_offered(name, card):
            missing[name] = why
    for name, why in missing.items():
        with st.expander(f"Why {plain(name)} is missing", icon=":material/info:"):
            st.caption(plain(why))
    return ModelChoice(model, detector, _ask_operating_point(model, usable[model]))


def load(choice: ModelChoice) -> Pipeline:
    """What was chosen. Raises `MaskwiseError`.

    A detector that cannot be loaded gives way, with a word, to the one that answered before.
    """
    try:
        pipeline = loaders.pipeline(choice.model, choice.detector)
    except DetectorError as problem:
        before = st.session_state.get(_LOADED)
        if before in (None, choice.detector):
            raise
        st.session_state[_FAILED] = choice.detector, str(problem)
        st.rerun()
    st.session_state[_LOADED] = choice.detector
    if failed := st.session_state.pop(f"{_FAILED}, to be said", None):
        name, why = failed
        st.error(f"{plain(why)} {choice.detector} goes on in place of {plain(name)}.")
    return pipeline


def _choose_detector(detectors: dict[str, str]) -> str:
    if failed := st.session_state.pop(_FAILED, None):
        st.session_state.detector = st.session_state[_LOADED]
        st.session_state[f"{_FAILED}, to be said"] = failed
    detector = kept.select("Face detector", detectors, key="detector")
    st.caption(plain(detectors[detector]))
    return detector


def _answers(card: ModelCard) -> str:
    """What it tells apart: by its labels, or, where they name more than the wearing, by its card."""
    if names_gender(card.label_set) or len(card.label_set) >= len(_NUMBERS):
        return f"{plain(card.summary.rstrip('.'))}."
    words = [plain(appearance(label).short) for label in card.label_set]
    listed = ", ".join([words[0], *(word[:1].lower() + word[1:] for word in words[1:])])
    return f"{_NUMBERS[len(words)]} answers: {listed[:1].lower()}{listed[1:]}."


def _ask_operating_point(model: str, card: ModelCard) -> OperatingPoint:
    """The one in use, the user's or else the card's, whose margin the visitor may change for the visit."""
    own = point = operating_point_from_card(card)
    try:
        point = loaders.operating_point(model, card)
    except RecordError as problem:
        st.warning(plain(str(problem)))
    default = round(point.min_margin * 100)
    margin = kept.slider(
        "Minimum certainty",
        0,
        95,
        default,
        format="%d%%",
        # Another default needs another widget: this one keeps its value otherwise.
        key=f"margin_{model}" if point == own else f"margin_{model} from {point.min_margin}",
        name="certainty",
        help=_about_certainty(card, point, own),
    )
    if point != own:
        st.caption(f":material/tune: Set in the dashboard: {point}. The model's own is {own}.")
    return replace(point, min_margin=margin / 100)


def _about_certainty(card: ModelCard, point: OperatingPoint, own: OperatingPoint) -> str:
    what = (
        "“Worn properly” and “not worn properly” must"
        if alarm_classes(card.label_set).any()
        else ("The two likeliest answers must")
    )
    least = f"{what} be this far apart in probability; else the answer is “cannot tell”. "
    if point != own:  # the card's reason is of another rule
        return f"{least}Default {point.min_margin:.0%}, set in the dashboard."
    found = _REASON.fullmatch(card.quality.min_margin.reason)
    if found is None:
        return f"{least}The model's own value: {plain(card.quality.min_margin.reason)}"
    share = found["share"]
    return f"{least}Default {point.min_margin:.0%}: below it {share} of {found['n']} test answers were wrong."
