"""How results show themselves in a notebook: plain HTML, everything in it escaped."""

from __future__ import annotations

import html
import math
from collections.abc import Mapping, Sequence

_WIDTH, _HEIGHT = 480, 200  # pixels of a chart
_LEFT, _BOTTOM, _EDGE = 48, 28, 8  # pixels around its lines
_LOOKS = (("#0072B2", ""), ("#D55E00", "6 4"))  # colour and dashes: of the first line, and of the second


def section(title: str, *parts: str) -> str:
    """Parts of HTML under a title, which is text."""
    return f"<section><h4>{html.escape(title)}</h4>{''.join(parts)}</section>"


def sentence(text: str) -> str:
    return f"<p>{html.escape(text)}</p>"


def table(header: Sequence[object], rows: Sequence[Sequence[object]]) -> str:
    """Cells are text or numbers. The first column names the row."""
    head = "".join(f'<th scope="col">{html.escape(str(cell))}</th>' for cell in header)
    body = "".join(
        f'<tr><th scope="row">{html.escape(str(row[0]))}</th>'
        + "".join(f"<td>{html.escape(str(cell))}</td>" for cell in row[1:])
        + "</tr>"
        for row in rows
    )
    return f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"


def curves(lines: Mapping[str, Sequence[float]], x: str, y: str) -> str:
    """An SVG of at most two lines by name, from 1 on, with what x and y are. A gap where a number is none."""
    numbers = [v for values in lines.values() for v in values if math.isfinite(v)]
    if not numbers:
        return ""
    top, last = max(numbers) or 1.0, max(map(len, lines.values()))
    across, down = _WIDTH - _LEFT - _EDGE, _HEIGHT - _BOTTOM - _EDGE
    drawn = []
    for (name, values), (colour, dashes) in zip(lines.items(), _LOOKS, strict=False):
        points = [
            (_LEFT + across * (n / max(last - 1, 1)), _EDGE + down * (1 - max(v, 0) / top))
            for n, v in enumerate(values)
            if math.isfinite(v)
        ]
        path = " ".join(f"{px:.1f},{py:.1f}" for px, py in points)
        drawn.append(
            f'<polyline fill="none" stroke="{colour}" stroke-width="2" stroke-dasharray="{dashes}" '
            f'points="{path}"><title>{html.escape(name)}</title></polyline>'
        )
        drawn += [f'<circle cx="{px:.1f}" cy="{py:.1f}" r="2.5" fill="{colour}"/>' for px, py in points]
    words = [(f"{top:.3g}", 4, _EDGE + 10), ("0", 4, _EDGE + down), (y, _LEFT + 4, _EDGE + 10)]
    words += [("1", _LEFT, _HEIGHT - 8), (f"{x} {last}", _WIDTH - 90, _HEIGHT - 8)]
    labels = "".join(f'<text x="{px}" y="{py}">{html.escape(text)}</text>' for text, px, py in words)
    names = " and ".join(f"{name} ({style})" for name, style in zip(lines, ("solid", "dashed"), strict=False))
    axes = f'<path fill="none" stroke="#6B7280" d="M{_LEFT},{_EDGE} V{_EDGE + down} H{_WIDTH - _EDGE}"/>'
    return (
        f'<svg role="img" aria-label="{html.escape(names)} by {html.escape(x)}" width="{_WIDTH}" '
        f'height="{_HEIGHT}" font-size="12" fill="currentColor">{axes}{"".join(drawn)}{labels}</svg>'
        + sentence(f"{names}, by {x}.")
    )
