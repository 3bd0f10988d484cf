"""The model card as one HTML file with its charts: for a reader without this app, or without a network.

Plotly's script is in the file, once. What the file may do is bounded twice: its Markdown is read with HTML
switched off, and its policy allows the two scripts written here, by their hashes, and nothing from a network.
"""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Iterator
from functools import cache
from html import escape
from pathlib import Path

import plotly.graph_objects as go
import plotly.io
from markdown_it import MarkdownIt
from plotly.offline import get_plotlyjs

from core.decision import OperatingPoint
from core.models import ModelCard
from core.reports import each, model_card, report_of
from core.review import confusion as errors
from core.review import curves_of, filled
from core.runs import Run
from ui.figures import calibration, confusion, curves, report

_CLEAR = {"paper_bgcolor": "rgba(0,0,0,0)", "plot_bgcolor": "rgba(0,0,0,0)"}

_STYLE = Path(__file__).with_name("card.css").read_text(encoding="utf-8")
_SCRIPT = Path(__file__).with_name("charts.js").read_text(encoding="utf-8")


def page(run: Run, card: ModelCard | None = None, point: OperatingPoint | None = None) -> str:
    """Raises `RecordError`."""
    charts = "".join(_chart(title, figure) for title, figure in figures(run))
    sections = [_section(section) for section in model_card.sections(run, card, point)]
    if charts:
        sections.append(f"<section><h2>Charts</h2>{charts}</section>")
    sections.append(_section(model_card.numbers(run)))
    plotly_script = get_plotlyjs()
    policy = (
        f"default-src 'none'; script-src {_hash(plotly_script)} {_hash(_SCRIPT)}; "
        "style-src 'unsafe-inline'; img-src data: blob:; base-uri 'none'; form-action 'none'"
    )
    title = escape(f"Model card: {run.name[:200]}")
    return (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
        f'<meta http-equiv="Content-Security-Policy" content="{policy}">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{title}</title><style>{_STYLE}</style></head><body>"
        f"<h1>{_inline(model_card.title(run))}</h1>{''.join(sections)}"
        f"{_data('templates', _templates())}<script>{plotly_script}</script><script>{_SCRIPT}</script>"
        "</body></html>\n"
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


def _section(section: model_card.Section) -> str:
    return f"<section><h2>{escape(section.title)}</h2>{_html(section.body)}</section>"


def _html(markdown: str) -> str:
    found: str = _reader().render(markdown)
    return found.replace("<table>", '<div class="table"><table>').replace("</table>", "</table></div>")


def _inline(markdown: str) -> str:
    return str(_reader().renderInline(markdown))


@cache
def _reader() -> MarkdownIt:
    return MarkdownIt("commonmark", {"html": False}).enable("table")


def _chart(title: str, figure: go.Figure) -> str:
    drawn = json.loads(figure.to_json())
    drawn["layout"].pop("template", None)
    height = figure.layout.height or 450
    return (
        f'<figure><figcaption>{escape(title)}</figcaption><div style="height: {height}px"></div>'
        f'<script type="application/json">{_as_json(drawn)}</script></figure>'
    )


def _templates() -> dict[str, object]:
    found: dict[str, object] = {}
    for theme, name in (("light", "plotly_white"), ("dark", "plotly_dark")):
        template = plotly.io.templates[name].to_plotly_json()
        found[theme] = {**template, "layout": {**template["layout"], **_CLEAR}}
    return found


def _data(name: str, value: object) -> str:
    return f'<script type="application/json" id="{name}">{_as_json(value)}</script>'


def _as_json(value: object) -> str:
    """For a script element, which ends at the first `</script`, whatever that stands in."""
    return json.dumps(value).replace("<", "\\u003c")


@cache
def _hash(script: str) -> str:
    """As a content security policy names a script."""
    return f"'sha256-{base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()}'"
