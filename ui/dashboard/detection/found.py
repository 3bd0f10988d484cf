"""Precision and recall of the selected detectors, over all scores and by face height."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from core.metrics import format_interval, percent
from core.review import LEAST
from ui import chart
from ui.figures import AP50, MAX_MEASURED, RECALL, Measured, OfHeight, detection, detection_heights
from ui.wording import plain

NOBODY_LABELLED = "detections that match no label may be faces that nobody labelled"
WAYS_MEAN = "photo: the picture in all its detail. live: one quick look, as the next frame comes soon."
MAX_READ = 4  # of which a sentence is written; the rest is in the chart and its data


def show(measured: Sequence[Measured]) -> None:
    shown = _ask(measured)
    if not shown:
        st.info("Choose at least one source and one way.", icon=":material/filter_alt:")
        return
    if len(shown) > MAX_MEASURED:
        st.caption(f"The first {MAX_MEASURED} of {len(shown)} curves are drawn.")
        shown = shown[:MAX_MEASURED]
    chart.show(
        detection.figure(shown), _sentence(shown), detection.data(shown), key="detection precision recall"
    )
    with st.spinner("Counting by face height…"):
        heights = [_of_heights(one) for one in shown]
    data = detection_heights.data(shown, heights)
    left, right = st.columns(2)
    for place, what in ((left, AP50), (right, RECALL)):
        with place:
            figure = detection_heights.figure(shown, heights, what)
            chart.show(figure, _read_heights(shown, heights, what), data, key=f"detection height {what}")


def _ask(measured: Sequence[Measured]) -> list[Measured]:
    """Which sources and ways are drawn: at first all of photo, and of live where there is room."""
    sources = list(dict.fromkeys(one.source for one in measured))
    ways = list(dict.fromkeys(one.way for one in measured))
    with st.container(horizontal=True, vertical_alignment="bottom", gap="medium"):
        if len(sources) > 1:
            # By number, as untrusted names may be anything
            chosen = st.pills(
                "Sources", range(len(sources)), format_func=lambda i: plain(sources[i], 40),
                selection_mode="multi", default=range(min(len(sources), MAX_MEASURED)),
                key=f"detection sources of {len(sources)}", persist_state="page", wrap=True,
            )  # fmt: skip
            sources = [sources[i] for i in chosen]
        if len(ways) > 1:
            ways = st.pills(
                "Ways", ways, selection_mode="multi", default=ways, key="detection ways",
                persist_state="page", help=WAYS_MEAN,
            )  # fmt: skip
    return [one for one in measured if one.source in sources and one.way in ways]


def _sentence(shown: Sequence[Measured]) -> str:
    said = []
    for one in shown[:MAX_READ]:
        at = one.at()
        said.append(
            f"{one.name}: from score {one.min_score:g} on, the mark on the curve, {percent(at.recall.value)} "
            f"({format_interval(at.recall.interval)}) of {at.n:,} faces are found, and "
            f"{percent(at.precision.value)} of {at.precision.n:,} detections match a label."
        )
    if len(shown) > MAX_READ:
        said.append(f"The other {len(shown) - MAX_READ} are in the chart and its data.")
    return "\n\n".join([*said, _lower_bounds(shown)])


def _lower_bounds(shown: Sequence[Measured]) -> str:
    known = list(dict.fromkeys(one.source for one in shown if one.lower_bound))
    if known:
        return (
            f"Not all faces of {', '.join(known)} are labelled, so precision and AP50 there are lower "
            f"bounds: {NOBODY_LABELLED}."
        )
    return f"Precision may be higher than it looks: {NOBODY_LABELLED}."


def _of_heights(one: Measured) -> list[OfHeight]:
    return _kept_heights(one, (one.run, one.stamp, one.way, one.source, one.min_score))


@st.cache_data(show_spinner=False, max_entries=200)
def _kept_heights(_one: Measured, of: tuple[str, str, str, str, float]) -> list[OfHeight]:
    """Kept by `of` alone: resampling takes a second for some thousand faces."""
    return detection_heights.of_heights(_one)


def _read_heights(shown: Sequence[Measured], heights: Sequence[Sequence[OfHeight]], what: str) -> str:
    """Where the first is worst and best; the rest is seen."""
    one, bins = shown[0], [of for of in heights[0] if of.rate(what).n >= LEAST]
    interval = "by picture" if what == AP50 else "by face"
    if not bins:
        return f"{one.name}: no height has the {LEAST} faces from which on one can tell."
    worst, best = (pick(bins, key=lambda of: of.rate(what).value) for pick in (min, max))
    said = f"{one.name}: {what} is least for faces {_said(worst, what)}"
    said += "." if worst is best else f", and most for faces {_said(best, what)}."
    return f"{said} Intervals are {interval}; grey marks have fewer than {LEAST} faces."


def _said(of: OfHeight, what: str) -> str:
    rate = of.rate(what)
    return f"{of.words} high, {percent(rate.value)} ({format_interval(rate.interval)}) of {rate.n:,}"
