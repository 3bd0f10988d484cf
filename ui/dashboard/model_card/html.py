"""The model card as one HTML file with its charts: for a reader without this app, or without a network.

Plotly's script is in the file, once. What the file may do is bounded twice: its Markdown is read with HTML
switched off, and its policy allows the two scripts written here, by their hashes, and nothing from a network.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import plotly.graph_objects as go
import plotly.io
from markdown_it import MarkdownIt
from plotly.offline import get_plotlyjs

from core.decision import OperatingPoint
from core.models import DetectorCard, ModelCard
from core.reports import each, model_card, report_of
from core.review import confusion as errors
from core.review import curves_of, filled
from core.runs import Run
from ui.figures import calibration, confusion, curves, report
from ui.html import render

_CLEAR = {"paper_bgcolor": "rgba(0,0,0,0)", "plot_bgcolor": "rgba(0,0,0,0)"}

_STYLE = Path(__file__).with_name("card.css").read_text(encoding="utf-8")
_SCRIPT = Path(__file__).with_name("charts.js").read_text(encoding="utf-8")


def page(run: Run, card: ModelCard | DetectorCard | None = None, point: OperatingPoint | None = None) -> str:
    """Raises `RecordError`."""
    return render(
        "model_card.html.j2",
        name=run.name,
        title=_reader().renderInline(model_card.title(run)),
        sections=model_card.sections(run, card, point),
        charts=[(title, _drawn(figure)) for title, figure in figures(run)],
        numbers=model_card.numbers(run),
        to_html=_to_html,
        themes=_themes(),
        plotly=get_plotlyjs(),
        script=_SCRIPT,
        style=_STYLE,
    )


def figures(run: Run) -> Iterator[tuple[str, go.Figure]]:
    """Titles, which may hold untrusted text as it is, and figures without one.

    The run's curves, then recall by label, confusion matrix and reliability of its evaluations.
    """
    found = []
    if trained := curves_of(run):
        found = [("", curves.by_epoch(quantity, trained)) for quantity in (curves.LOSS, curves.ACCURACY)]
    for name, evaluation in each(run):
        counts, bins = errors.table(evaluation), filled(evaluation.calibration)
        found += [
            (f", on {name}", report.by_label(report_of(evaluation))),
            (f", on {name}", _not_clickable(confusion.figure(counts, evaluation.labels.names, rates=False))),
            (f", on {name}", calibration.reliability({calibration.AFTER: bins})),
        ]
    for where, figure in found:
        title = f"{figure.layout.title.text}{where}"
        yield title, figure.update_layout(title=None, margin_t=50)


def _not_clickable(figure: go.Figure) -> go.Figure:
    """In a file no click opens faces."""
    for trace in figure.data:
        if trace.type == "scatter" and trace.text is not None:
            trace.text = [said.partition("<br>Click")[0] for said in trace.text]
    return figure


def _to_html(markdown: str) -> str:
    found: str = _reader().render(markdown)
    return found.replace("<table>", '<div class="table"><table>').replace("</table>", "</table></div>")


@cache
def _reader() -> MarkdownIt:
    return MarkdownIt("commonmark", {"html": False}).enable("table")


def _drawn(figure: go.Figure) -> Any:
    """As JSON holds it, without its theme: the file has both of these once."""
    drawn = json.loads(figure.to_json())
    drawn["layout"].pop("template", None)
    return drawn


def _themes() -> dict[str, object]:
    found: dict[str, object] = {}
    for theme, name in (("light", "plotly_white"), ("dark", "plotly_dark")):
        template = plotly.io.templates[name].to_plotly_json()
        found[theme] = {**template, "layout": {**template["layout"], **_CLEAR}}
    return found
