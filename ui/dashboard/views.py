"""What the dashboard can show of the selected runs. Only the view on screen is computed."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import streamlit as st

from core.runs import Run
from ui.dashboard import calibration, curves, label_check, slices, sources, summary
from ui.dashboard.compare import view as compare
from ui.dashboard.detection import view as detection
from ui.dashboard.errors import view as errors
from ui.dashboard.explain import view as explain
from ui.dashboard.model_card import view as model_card
from ui.dashboard.report import view as report
from ui.dashboard.selection import address
from ui.dashboard.thresholds import view as thresholds
from ui.wording import one_line, plain

_KEY = "view"
_DETECTION = "detection"
_NAMED = 5  # runs named in one sentence
_UNKNOWN = "unknown view"  # that the address names
VIEWS: dict[str, tuple[str, Callable[[Sequence[Run]], None]]] = {
    "summary": (":material/info: Summary", summary.show),
    "curves": (":material/show_chart: Curves", curves.show),
    "report": (":material/summarize: Report", report.show),
    "slices": (":material/groups: Slices", slices.show),
    "mistakes": (":material/grid_on: Mistakes", errors.show),
    "thresholds": (":material/tune: Thresholds", thresholds.show),
    "calibration": (":material/straighten: Calibration", calibration.show),
    "labels": (":material/rule: Labels", label_check.show),
    "sources": (":material/hub: Sources", sources.show),
    "compare": (":material/compare: Compare", compare.show),
    _DETECTION: (":material/frame_person: Detection", detection.show),
    "explain": (":material/psychology: Explain a face", explain.show),
    "card": (":material/description: Model card", model_card.show),
}


def show(runs: Sequence[Run]) -> None:
    """The view that is asked for, of those runs that it is about."""
    view = _ask(runs)
    if view is None:
        return
    st.set_page_config(page_title=f"{_name(view)}, {_title(runs)} · Model dashboard · Maskwise")
    if view != _DETECTION:
        detectors = [run.name for run in runs if run.of_detector]
        runs = [run for run in runs if not run.of_detector]
        if detectors:
            _say_see_detection(detectors, alone=not runs)
        if not runs:
            return
    VIEWS[view][1](runs)


def _name(view: str) -> str:
    return VIEWS[view][0].rpartition(": ")[2]


def _title(runs: Sequence[Run]) -> str:
    """The runs' names for the tab: there nothing is read into them."""
    return one_line(", ".join(run.name for run in runs), 80)


def _ask(runs: Sequence[Run]) -> str | None:
    """Ask for the view, which is in the page's address too: `?view=report`. None where it names no view."""
    is_new, asked = address.is_new(_KEY), address.asked(_KEY)
    first = _DETECTION if all(run.of_detector for run in runs) else next(iter(VIEWS))
    if asked is not None or _KEY not in st.session_state:
        st.session_state[_UNKNOWN] = wanted = asked[0] if asked else first
        st.session_state[_KEY] = wanted if wanted in VIEWS else None
    view = st.segmented_control(
        "View",
        list(VIEWS),
        format_func=lambda view: VIEWS[view][0],
        required=st.session_state[_KEY] is not None,
        key=_KEY,
        label_visibility="collapsed",
    )
    if view is None:
        unknown = plain(st.session_state[_UNKNOWN], 80)
        st.warning(f"No view “{unknown}” here. Choose one above.", icon=":material/link_off:")
        return None
    # Not bound by Streamlit, which would put the shown words with their icons into the address
    if view != (st.query_params.get(_KEY) or ("" if is_new else first)):
        address.put(_KEY, [view])
    return view


def _say_see_detection(names: Sequence[str], *, alone: bool) -> None:
    """Of detectors' runs in a view of what faces wear; `alone`: nothing else is selected."""
    said = f"**{plain(', '.join(names[:_NAMED]))}**{' and others' if len(names) > _NAMED else ''}"
    finds = "finds faces and does" if len(names) == 1 else "find faces and do"
    text = f"{said} {finds} not say what they wear: see Detection."
    if not alone:
        st.caption(text)
        return
    st.info(text, icon=":material/frame_person:")
    st.button(
        "Open Detection", key="open detection", on_click=_open_detection, icon=":material/frame_person:"
    )


def _open_detection() -> None:
    st.session_state[_KEY] = _DETECTION
