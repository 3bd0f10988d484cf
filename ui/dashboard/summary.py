"""Summary: in plain words, how far a model can be trusted, and when not."""

from __future__ import annotations

import re
from collections.abc import Sequence

import numpy as np
import pandas as pd
import streamlit as st

from core.labels import appearance
from core.mask_rendering import BELOW_MOUTH, COVERED, NOSE_OUT, masked_portrait, sample_frame
from core.metrics import format_interval
from core.models import USES, ModelCard
from core.review import LEAST, WORN_WRONG, by_dimension, summary, worst_of_all, worst_of_labels
from core.runs import Evaluation, Run
from ui import chart
from ui.dashboard.selection import choose, records, say_state
from ui.wording import plain

_SIDE, _SEED = 240, 1  # of the drawing, in pixels
_CODE = re.compile(r"`[^`]*`")  # in a card's limits: what stands elsewhere in the card


def show(runs: Sequence[Run]) -> None:
    chosen = choose.run(runs)
    if not chosen.measured:
        say_state(chosen)
    tested = choose.tested([chosen])
    if tested is None:
        return
    evaluation = tested.evaluation
    _show_right(evaluation)
    left, right = st.columns(2, gap="large")
    with left:
        _show_weakest(evaluation)
    with right:
        _show_limits(next(iter(records.models_of(chosen).values()), None))
        if not tested.name:
            _show_change(chosen)


def _of_100(share: float) -> str:
    """Whole faces of 100; never 0 or 100, as no test is that large."""
    return f"{min(99, max(1, round(100 * share)))}"


def _show_right(evaluation: Evaluation) -> None:
    if not evaluation.n:
        st.info("This test has no faces.", icon=":material/science:")
        return
    right = summary.hits(evaluation)
    interval = evaluation.bootstrap.accuracy if evaluation.bootstrap else evaluation.interval
    st.markdown(
        f"### Of 100 faces it gets about {_of_100(right / evaluation.n)} right"
        f"\n\nMeasured on {evaluation.n:,} faces that it did not learn from: {right:,} correct "
        f"(95% interval {format_interval(interval)}). "
        "Here every face is answered; in use, unclear ones are “cannot tell”."
    )
    rows = [one for one in summary.by_label(evaluation) if one.n]
    data = pd.DataFrame(
        {
            "True label": [appearance(one.label).short for one in rows],
            "Test faces": [one.n for one in rows],
            "Correct": [one.hits for one in rows],
            "Correct of 100": [one.recall for one in rows],
            "95% interval": [format_interval(one.interval) for one in rows],
            "Most often taken for": [
                appearance(one.mistaken_for).short if one.mistaken_for else "" for one in rows
            ],
        }
    )
    few = [appearance(one.label).short for one in rows if one.n < LEAST]
    said = "Each true label apart: a label with few faces hides in the whole."
    chart.table(
        data,
        f"{said} Too few to tell: {', '.join(few)}." if few else said,
        key="summary labels",
        column_config={"Correct of 100": chart.PERCENT},
    )


def _show_weakest(evaluation: Evaluation) -> None:
    found = summary.weakest(evaluation)
    if found is None:
        return
    look = appearance(found.label)
    st.subheader("The weakest case", anchor=False)
    taken = (
        f", the others most often taken for “{plain(appearance(found.mistaken_for).short)}”"
        if found.mistaken_for
        else ""
    )
    st.markdown(
        f"**{plain(look.short)}**: of 100 such faces about {_of_100(found.recall)} are correct{taken} "
        f"({found.hits:,} of {found.n:,}, {format_interval(found.interval)})."
    )
    if worst := worst_of_all(evaluation):
        st.markdown(f"{plain(worst)}.")
    if look.worn is not None:
        st.image(_drawn(found.label, evaluation), width=_SIDE, alt=f"Drawing: {look.sentence}")
        drawn = "The astronaut Eileen Collins (NASA), drawn on by Maskwise."
        st.caption(f"Such a face: {plain(look.sentence)} {drawn}")


def _drawn(label: str, evaluation: Evaluation) -> np.ndarray:
    """(H, W, 3) uint8 RGB: a face that wears its mask so; of the wrong ways the one that is worst known."""
    worn = appearance(label).worn
    if worn == "not":
        return sample_frame("no_mask").rgb[:300, 80:380]
    worst = worst_of_labels(by_dimension(evaluation).get(WORN_WRONG, ())) if worn == "wrongly" else None
    below = "below_mouth" in label or (worst is not None and "mouth" in worst.value)
    wrong = BELOW_MOUTH if below else NOSE_OUT
    return masked_portrait(wrong if worn == "wrongly" else COVERED, _SIDE, rng=np.random.default_rng(_SEED))


def _show_limits(card: ModelCard | None) -> None:
    st.subheader("When not to use it", anchor=False)
    if card is None:
        st.markdown("No model of this run is installed, so nothing is answered by it here.")
        return
    limits = [_for_everybody(limit) for limit in card.limits] + [f"Its weights are {USES[card.use]}."]
    quality = card.quality
    limits.insert(0, f"Faces under {quality.min_face_px.value:g} pixels are not judged: move closer.")
    st.markdown("\n".join(f"- {plain(limit)}" for limit in limits))


def _for_everybody(limit: str) -> str:
    """Without the sentences that send to another place of the card."""
    sentences = re.split(r"(?<=[.!?]) ", limit)
    return " ".join(s for s in sentences if not _CODE.search(s)) or limit


def _show_change(run: Run) -> None:
    known = {name: one for name, one in records.runs().items() if isinstance(one, Run)}
    before = summary.version_before(run, known)
    if before is None or before.evaluation is None or run.evaluation is None:
        return
    st.subheader("What changed since the last version", anchor=False)
    now, then = summary.hits(run.evaluation), summary.hits(before.evaluation)
    lines = [f"On the same {run.evaluation.n:,} faces {now:,} are correct, {then:,} by {plain(before.name)}."]
    for one, old in zip(summary.by_label(run.evaluation), summary.by_label(before.evaluation), strict=True):
        if one.n and one.hits != old.hits:
            word = "more" if one.hits > old.hits else "fewer"
            name = plain(appearance(one.label).short)
            lines.append(f"{name}: {abs(one.hits - old.hits):,} {word}, {one.hits:,} of {one.n:,}.")
    st.markdown("\n".join(f"- {line}" for line in lines))
