"""Which model and detector answer, and how sure they must be: asked by every page that answers."""

from __future__ import annotations

from dataclasses import dataclass, replace

import streamlit as st

from core.decision import OperatingPoint, alarm_classes
from core.errors import RecordError
from core.models import (
    USES,
    ModelCard,
    default_model,
    operating_point_from_card,
    why_not_offered,
)
from ui import loaders
from ui.wording import plain


@dataclass(frozen=True, slots=True)
class ModelChoice:
    """What the visitor chose."""

    model: str
    detector: str
    operating_point: OperatingPoint


def choose_model() -> ModelChoice | None:
    """The controls, or None when no model or no detector is usable; says so in their place."""
    models = loaders.installed_models()
    offers = loaders.detector_offers()
    usable = loaders.offered_models()
    detectors = [offer for offer in offers if offer.unavailable is None]
    for name, problem in models.items():
        if isinstance(problem, RecordError):
            st.warning(f"Model {plain(name)} is not offered. {plain(str(problem))}")
    if not usable or not detectors:
        st.error("No model or no face detector is installed, so nothing can be checked. See the README.")
        return None
    model = st.selectbox(
        "Model",
        list(usable),
        index=list(usable).index(default_model()) if default_model() in usable else 0,
        key="model",
    )
    st.caption(f"{plain(usable[model].summary.rstrip('.'))}. Its weights are {USES[usable[model].use]}.")
    if usable[model].warning:
        st.warning(plain(usable[model].warning), icon=":material/warning:")
    detector = st.selectbox("Face detector", [offer.name for offer in detectors], key="detector")
    st.caption(plain(next(offer.summary for offer in detectors if offer.name == detector)))
    missing = {offer.name: offer.unavailable for offer in offers if offer.unavailable}
    for name, card in loaders.usable_models().items():
        if why := why_not_offered(name, card):
            missing[name] = why
    for name, why in missing.items():
        with st.expander(f"Why {plain(name)} is missing", icon=":material/info:"):
            st.caption(plain(why))
    return ModelChoice(model, detector, _ask_operating_point(model, usable[model]))


def _ask_operating_point(model: str, card: ModelCard) -> OperatingPoint:
    """The one in use, the user's or else the card's, whose margin the visitor may change for the visit."""
    own = point = operating_point_from_card(card)
    try:
        point = loaders.operating_point(model, card)
    except RecordError as problem:
        st.warning(plain(str(problem)))
    properly = alarm_classes(card.label_set).any()
    what = (
        "“Worn properly” must lead “not worn properly”, or the reverse,"
        if properly
        else "The best label must lead the next"
    )
    margin = st.slider(
        "How sure it must be",
        0,
        95,
        round(point.min_margin * 100),
        format="%d points",
        # Another default needs another widget: this one keeps its value otherwise.
        key=f"margin_{model}" if point == own else f"margin_{model} from {point.min_margin}",
        help=f"{what} by this many percentage points; else the answer is “cannot tell”. "
        f"The model's own value: {plain(card.quality.min_margin.reason)}",
    )
    if point != own:
        st.caption(f":material/tune: Set in the dashboard: {point}. The model's own is {own}.")
    return replace(point, min_margin=margin / 100)
