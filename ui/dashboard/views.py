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
    view = st.segmented_control(
        "View",
        list(VIEWS),
        format_func=lambda view: VIEWS[view][0],
        default="curves",
        required=True,
        key="view",
        bind="query-params",
        label_visibility="collapsed",
    )
    return VIEWS[view][1]
