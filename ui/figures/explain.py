"""One face: how likely each label is, which places the network reacts to, and how the answer holds."""

from __future__ import annotations

import base64
import math
from collections.abc import Iterator, Sequence
from itertools import groupby

import numpy as np
import plotly.graph_objects as go

from core.explain import CorruptionResults, OcclusionMap, RobustnessCurve
from core.images import to_jpeg
from core.labels import BLUE, CANNOT_TELL, GREY, NOT_PROPERLY, VERMILION, appearance
from core.reasons import LOW_MARGIN
from ui.figures.style import legend
from ui.wording import in_chart

MOST_LABELS = 12  # of a set of up to 64, in one chart; the rest is in its data
LEAST_PROBABILITY = 0.05  # a line that never reaches this says nothing
MOST_PIXELS = 160  # of a map's side: as fine as a screen shows it
LEAST_SCALE = 0.05  # the colours' range: less than 5 points either way is noise, and stays pale
_DASHES = ("solid", "dash", "dot", "dashdot", "longdash", "longdashdot")
_SYMBOLS = ("circle", "square", "diamond", "triangle-up", "x", "cross", "star", "hexagon")


def short(label: str, longest: int = 24) -> str:
    return in_chart(appearance(label).short, longest)


def likeliest(probabilities: np.ndarray, most: int = MOST_LABELS) -> list[int]:
    """Class indices to draw of (N, C) probabilities, in order: all of a few, else those that ever matter."""
    highest = probabilities.max(axis=0)
    if len(highest) <= 4:
        return list(range(len(highest)))
    ranked = np.argsort(-highest, kind="stable")
    kept = [
        int(class_index)
        for rank, class_index in enumerate(ranked[:most])
        if rank < 2 or highest[class_index] >= LEAST_PROBABILITY
    ]
    return sorted(kept)


def probabilities(labels: Sequence[str], values: np.ndarray, named: int) -> go.Figure:
    """A bar a label, the likeliest on top; `named` is the class index of the answer."""
    order = np.argsort(-values, kind="stable")[:MOST_LABELS][::-1]
    looks = [appearance(labels[class_index]) for class_index in order]
    texts = [
        f"<b>{values[class_index]:.1%}</b>" if class_index == named else f"{values[class_index]:.1%}"
        for class_index in order
    ]
    figure = go.Figure(
        go.Bar(
            x=[float(values[class_index]) for class_index in order],
            y=list(range(len(order))),
            orientation="h",
            marker_color=[look.colour for look in looks],
            text=texts,
            textposition="outside",
            cliponaxis=False,
            customdata=[short(labels[class_index], 40) for class_index in order],
            hovertemplate="%{customdata}: %{x:.2%}, calibrated<extra></extra>",
        )
    )
    figure.update_layout(
        title="How likely each label is",
        height=150 + 30 * len(order),
        margin={"r": 50},
        xaxis={
            "title": "Probability, calibrated",
            "range": [0, 1.12],
            "tickformat": ".0%",
            "tickvals": [0, 0.5, 1],
        },
        yaxis={
            "tickvals": list(range(len(order))),
            "ticktext": [
                f"{in_chart(look.icon)} {short(labels[class_index])}"
                for look, class_index in zip(looks, order, strict=True)
            ],
            "automargin": True,
        },
    )
    return figure


def occlusion(found: OcclusionMap, class_index: int, label: str, opacity: float = 0.7) -> go.Figure:
    """The face under a map of what a grey patch takes from `label`; a square marks the strongest patch."""
    size = len(found.face)
    falls, counts = found.per_pixel(class_index)
    step = math.ceil(size / MOST_PIXELS)
    middle = np.arange(0, size, step)
    points, counts = 100 * falls[::step, ::step], counts[::step, ::step]
    most = max(float(abs(points).max()), 100 * LEAST_SCALE)
    picture = base64.b64encode(to_jpeg(found.face, quality=92)).decode("ascii")
    figure = go.Figure(
        go.Heatmap(
            x=middle + step / 2,
            y=middle + step / 2,
            z=points.round(2).astype(np.float32),
            customdata=counts.astype(np.int32),
            zmin=-most,
            zmax=most,
            zmid=0,
            # Nothing where nothing changes, so that the face is seen there
            colorscale=[[0, _rgba(BLUE, 1)], [0.5, _rgba(GREY, 0)], [1, _rgba(VERMILION, 1)]],
            opacity=opacity,
            colorbar={"title": {"text": "points", "side": "right"}, "ticks": "outside", "thickness": 14},
            hovertemplate=f"Covered here, “{short(label)}” loses %{{z:.1f}} points"
            "<br>mean of %{customdata} patches<extra></extra>",
        )
    )
    figure.add_layout_image(
        source=f"data:image/jpeg;base64,{picture}",
        xref="x",
        yref="y",
        x=0,
        y=0,
        sizex=size,
        sizey=size,
        sizing="stretch",
        layer="below",
    )
    place = found.strongest(class_index)
    square = {"x0": place.left, "y0": place.top, "x1": place.left + found.side, "y1": place.top + found.side}
    for colour, dash in (("#000000", "solid"), ("#ffffff", "dot")):  # seen on dark and on light skin
        figure.add_shape(type="rect", **square, line={"color": colour, "width": 2, "dash": dash})
    axis = {"range": [0, size], "showgrid": False, "zeroline": False, "constrain": "domain"}
    figure.update_layout(
        title=f"What drove “{short(label)}”",
        height=460,
        xaxis=axis | {"title": "Pixels of the network's input"},
        yaxis=axis | {"title": "Pixels, from the top", "range": [size, 0], "scaleanchor": "x"},
    )
    return figure


def robustness(curve: RobustnessCurve) -> go.Figure:
    """Probability against severity; grey where the app would not judge, dashed where the answer turns."""
    steps = list(range(len(curve.severities)))
    shown = [curve.corruption.shown(severity) for severity in curve.severities]
    said = [answer_of(curve.answers, i) for i in steps]
    figure = go.Figure()
    colours: list[str] = []
    for class_index in likeliest(curve.answers.probabilities):
        look = appearance(curve.answers.labels[class_index])
        name = short(curve.answers.labels[class_index])
        dash = _DASHES[colours.count(look.colour) % len(_DASHES)]
        symbol = _SYMBOLS[len(colours) % len(_SYMBOLS)]
        colours.append(look.colour)
        figure.add_scatter(
            x=steps,
            y=curve.answers.probabilities[:, class_index].astype(float),
            name=f"{in_chart(look.icon)} {name}",
            mode="lines+markers",
            line={"color": look.colour, "dash": dash, "width": 2},
            marker={"symbol": symbol, "size": 8},
            customdata=[[s, short(label)] for s, label in zip(shown, said, strict=True)],
            hovertemplate=f"{name}: %{{y:.1%}}<br>{curve.corruption.unit}: %{{customdata[0]}}"
            "<br>answer: %{customdata[1]}<extra></extra>",
        )
    for first, last, why in _refusals(curve.answers):
        figure.add_vrect(x0=first - 0.5, x1=last + 0.5, fillcolor=GREY, opacity=0.18, line_width=0)
        figure.add_annotation(x=first - 0.5, y=1.1, text=f"? {why}", showarrow=False, xanchor="left")
    for way in curve.directions():
        turn = curve.first_change(way)
        if turn is not None:
            figure.add_vline(x=turn - 0.5 * way.step, line={"dash": "dash", "width": 2, "color": VERMILION})
    icons = [in_chart(appearance(label).icon) for label in said]
    ticks = [f"{s}<br>{icon}" for s, icon in zip(shown, icons, strict=True)]
    ticks[curve.start] = f"as is<br>{icons[curve.start]}"
    figure.update_layout(
        title=f"{curve.corruption.name}: what the answer does",
        height=420,
        legend=legend(-0.36),
        xaxis={
            "title": curve.corruption.unit,
            "tickvals": steps,
            "ticktext": ticks,
            "range": [-0.5, len(steps) - 0.5],
        },
        yaxis={
            "title": "Probability, calibrated",
            "range": [-0.03, 1.16],
            "tickformat": ".0%",
            "dtick": 0.25,
        },
    )
    return figure


def answer_of(answers: CorruptionResults, index: int) -> str:
    """What the app would show: the label, `not_properly` or `cannot_tell`."""
    if answers.refused[index]:
        return CANNOT_TELL
    return NOT_PROPERLY if answers.between[index] else answers.named(index)


def why_short(reason: str) -> str:
    """A reason of `core.reasons.ADVICE` in a word or two."""
    return "not sure" if reason == LOW_MARGIN else reason.replace("_", " ")


def _refusals(answers: CorruptionResults) -> Iterator[tuple[int, int, str]]:
    """First and last index, and the reason, of each run of severities that the app would not judge."""
    for why, group in groupby(enumerate(answers.refused), key=lambda item: item[1]):
        indices = [i for i, _ in group]
        if why:
            yield indices[0], indices[-1], why_short(why)


def _rgba(colour: str, alpha: float) -> str:
    r, g, b = (int(colour[i : i + 2], 16) for i in (1, 3, 5))
    return f"rgba({r},{g},{b},{alpha})"
