"""The operating point that the app uses for a model: shown, replaced by the one chosen here, taken back."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import streamlit as st

from core.decision import OperatingPoint
from core.errors import MaskwiseError, RecordError
from core.files import is_there
from core.models import (
    OPERATING_POINT_FILE,
    ModelCard,
    operating_point_from_card,
    read_operating_point,
    save_operating_point,
    saved_at,
    take_back_operating_point,
)
from core.models import installed as models
from ui.dashboard.selection import Tested, records
from ui.server import owner
from ui.wording import plain

_ANSWER = "thresholds answer"


@dataclass(frozen=True, slots=True)
class Installed:
    """The model that an evaluation is of, on this machine."""

    folder: Path
    card: ModelCard

    @property
    def has_users(self) -> bool:
        return is_there(self.folder / OPERATING_POINT_FILE)

    def in_use(self) -> OperatingPoint:
        """The card's, too, where the user's cannot be used: as the app does."""
        try:
            return read_operating_point(self.folder, self.card)
        except RecordError:
            return operating_point_from_card(self.card)


def installed(chosen: Tested) -> Installed:
    """Raises `RecordError` that says why no operating point can be set from this evaluation."""
    evaluation = chosen.evaluation
    if evaluation.mapped_from:
        raise RecordError(
            f"This test was scored by labels that the model's own ({evaluation.mapped_from}) were read as, "
            "so the app's operating point is not set from it. Choose another test under “Measured on”."
        )
    trained_here = records.models_of(chosen.run)
    if not trained_here:
        raise RecordError(
            "No model of this run is installed, so there is no app to set it for. Export the run, then put "
            "the model's folder where MASKWISE_MODELS points to."
        )
    for name, card in trained_here.items():
        measured = evaluation.weights_sha256 in {weights.sha256 for weights in card.weights.values()}
        if measured and card.labels.names == evaluation.labels.names:
            return Installed(models.folders()[name], card)
    raise RecordError(
        "The installed model of this run has other weights or labels than those measured here, so these "
        "rates are not its own. Evaluate it again: python -m training.evaluate."
    )


def show(model: Installed, point: OperatingPoint) -> None:
    """What is in use, and the buttons that replace it by `point` or take that back."""
    _say(st.session_state.pop(_ANSWER, None))
    try:
        used = read_operating_point(model.folder, model.card)
        whose = "set in this dashboard" if model.has_users else "the model's own"
        st.markdown(f"**In the app** ({plain(model.card.name)}): {used}; {whose}.")
        if model.has_users:
            st.caption(plain(f"Set at {saved_at(model.folder)}."))
    except RecordError as problem:
        used = None
        st.warning(f"{plain(str(problem))} Until then the app uses the model's own.")
    if not owner.is_owner():
        st.caption(owner.REFUSED)
        return
    if used == point:
        st.caption("The app uses this already, so there is nothing to change.")
    else:
        st.caption(":material/group: “Use it in the app” changes the answers for all visitors, at once.")
    with st.container(horizontal=True):
        st.button(
            "Use it in the app",
            key="thresholds use",
            type="primary",
            icon=":material/check:",
            disabled=used == point,
            on_click=_use,
            args=(model, point),
            help=f"From now on, for all visitors: {point}. The model's card is not changed.",
        )
        st.button(
            "Restore the default",
            key="thresholds take back",
            icon=":material/undo:",
            disabled=not model.has_users,
            on_click=_take_back,
            args=(model,),
            help=f"Use the model's own again: {operating_point_from_card(model.card)}.",
        )


def _use(model: Installed, point: OperatingPoint) -> None:
    now = datetime.now(UTC).isoformat(timespec="seconds")
    save = partial(save_operating_point, model.folder, model.card, point, now)
    _tell_outcome(save, f"The app uses it from now on: {point}.")


def _take_back(model: Installed) -> None:
    words = f"The app uses the model's own again: {operating_point_from_card(model.card)}."
    _tell_outcome(partial(take_back_operating_point, model.folder), words)


def _tell_outcome(act: Callable[[], object], done: str) -> None:
    """Before the page is drawn, so that it shows what holds now; whatever a browser sends, for the owner."""
    if not owner.is_owner():
        return
    try:
        act()
        st.session_state[_ANSWER] = "success", done
    except MaskwiseError as problem:
        st.session_state[_ANSWER] = "error", str(problem)


def _say(answer: tuple[str, str] | None) -> None:
    if answer is None:
        return
    kind, words = answer
    if kind == "success":
        st.success(plain(words), icon=":material/check:")
    else:
        st.error(plain(words))
