"""What the dashboard can show of the selected runs. Only the view on screen is computed."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import streamlit as st

from core.run_catalog import Run
from ui.dashboard import (
    calibration,
    compare,
    curves,
    explain,
    mistakes,
    model_card,
    report,
    sources,
    thresholds,
)

_KEY = "view"
VIEWS: dict[str, tuple[str, Callable[[Sequence[Run]], None]]] = {
    "curves": (":material/show_chart: Curves", curves.show),
    "report": (":material/summarize: Report", report.show),
    "mistakes": (":material/grid_on: Mistakes", mistakes.show),
    "thresholds": (":material/tune: Thresholds", thresholds.show),
    "calibration": (":material/straighten: Calibration", calibration.show),
    "sources": (":material/hub: Sources", sources.show),
    "compare": (":material/compare: Compare", compare.show),
    "explain": (":material/psychology: Explain a face", explain.show),
    "card": (":material/description: Model card", model_card.show),
}


def choose() -> Callable[[Sequence[Run]], None]:
    """Ask for the view, which is in the page's address too: `?view=report`."""
    if _KEY not in st.session_state:
        asked = st.query_params.get(_KEY)
        st.session_state[_KEY] = asked if asked in VIEWS else next(iter(VIEWS))
    view = st.segmented_control(
        "View",
        list(VIEWS),
        format_func=lambda view: VIEWS[view][0],
        required=True,
        key=_KEY,
        label_visibility="collapsed",
    )
    # Not bound by Streamlit, which would put the shown words with their icons into the address.
    if st.query_params.get(_KEY) != view:
        st.query_params[_KEY] = view
    return VIEWS[view][1]
