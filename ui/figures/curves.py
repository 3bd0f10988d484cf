"""Figures of a training: loss, accuracy and learning rate by epoch, several networks over each other."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import plotly.graph_objects as go

from core.labels import GREY
from core.metrics import format_interval
from core.review import EpochSeries, accuracy_interval, smoothed, validation_faces
from ui.figures.style import LOOKS, STAR, legend, look, thinned
from ui.wording import in_chart

MAX_POINTS = 500  # of a line: more cannot be told apart on a screen
MAX_MARKED = 60  # points with a symbol each
_TICKED_EPOCHS = 12  # up to so many, each has a tick
_LEGEND_PX = 16  # a further network on a narrow screen
MAX_CURVES = 2 * len(LOOKS)  # the second round has open symbols


@dataclass(frozen=True, slots=True)
class Line:
    """A field of `Epoch`, its name for people, and how it is drawn."""

    field: str
    name: str
    dash: str


@dataclass(frozen=True, slots=True)
class Quantity:
    """What a figure shows. `mark` is the line on which the best epoch and phases are marked."""

    title: str
    axis: str
    lines: tuple[Line, ...]
    number: str
    percent: bool = False
    height: int = 400

    @property
    def mark(self) -> Line:
        return self.lines[0]


LOSS = Quantity(
    "Loss",
    "cross-entropy in nats",
    (Line("val_loss", "validation", "solid"), Line("loss", "training", "dot")),
    ".3g",
)
ACCURACY = Quantity(
    "Accuracy",
    "correct faces",
    (
        Line("val_accuracy", "validation", "solid"),
        Line("accuracy", "training", "dot"),
        Line("score", "score", "dash"),
    ),
    ".1%",
    percent=True,
)
LEARNING_RATE = Quantity(
    "Learning rate", "step size", (Line("learning_rate", "learning rate", "solid"),), ".2g", height=300
)


def by_epoch(
    quantity: Quantity,
    curves: Sequence[EpochSeries],
    *,
    minutes: bool = False,
    log: bool = False,
    smoothing: float = 0.0,
) -> go.Figure:
    """At most `MAX_CURVES` curves over epochs counted from 1, or over minutes trained.

    Smoothed lines lie on the raw ones, which are then faint.
    """
    figure = go.Figure()
    for i, curve in enumerate(curves[:MAX_CURVES]):
        _add_curve(figure, quantity, curve, i, len(curves) == 1, minutes, smoothing)
    if len(curves) > 1 and len(quantity.lines) > 1:
        for line in quantity.lines:  # what each dash means, once for all networks
            figure.add_scatter(
                x=[None], y=[None], name=line.name, mode="lines", line={"dash": line.dash, "color": GREY}
            )
    figure.update_layout(
        title=f"{quantity.title} by {'time trained' if minutes else 'epoch'}",
        height=quantity.height + _LEGEND_PX * (min(len(curves), MAX_CURVES) - 1),
        margin={"l": 10, "r": 10, "t": 50, "b": 10},
        showlegend=len(curves) > 1 or len(quantity.lines) > 1,
        legend=legend(),
        xaxis={"title": "minutes trained" if minutes else "epoch", "automargin": True},
        yaxis={
            "title": quantity.axis + (", logarithmic" if log else ""),
            "type": "log" if log else "linear",
            "automargin": True,
            "tickformat": ".0%" if quantity.percent else "~g",
        },
    )
    if not minutes and max((len(curve.epochs) for curve in curves), default=0) <= _TICKED_EPOCHS:
        figure.update_xaxes(dtick=1)  # else there would be ticks between epochs
    if quantity.percent and figure.data:
        _show_tenths_where_close(figure)
    return figure


def _add_curve(
    figure: go.Figure,
    quantity: Quantity,
    curve: EpochSeries,
    i: int,
    alone: bool,
    minutes: bool,
    smoothing: float,
) -> None:
    best = () if curve.best is None else (curve.best,)
    kept = thinned(len(curve.epochs), MAX_POINTS, *best)
    x = curve.minutes if minutes else np.arange(1, len(curve.epochs) + 1)
    name = in_chart(curve.name, 28)
    colour, symbol = look(i)
    said = _said(curve, kept)
    for j, line in enumerate(quantity.lines):
        # Alone, a curve's lines differ in colour and symbol too
        colour_of, symbol_of = LOOKS[j] if alone else (colour, symbol)
        raw = curve.values(line.field)
        shown = smoothed(raw, smoothing) if smoothing else raw
        style = {"dash": line.dash, "color": colour_of, "width": 2}
        if smoothing:
            figure.add_scatter(
                x=x[kept], y=raw[kept], mode="lines", line=style, opacity=0.25, hoverinfo="skip",
                showlegend=False, legendgroup=name,
            )  # fmt: skip
        value = f"smoothed %{{y:{quantity.number}}}, raw " if smoothing else ""
        figure.add_scatter(
            x=x[kept],
            y=shown[kept],
            name=in_chart(line.name, 60) if alone else name,
            legendgroup=line.field if alone else name,
            showlegend=alone or not j,
            mode="lines+markers" if len(kept) <= MAX_MARKED else "lines",
            line=style,
            marker={"symbol": symbol_of, "size": 6},
            text=[text if line is quantity.mark else head for head, text in said],
            customdata=raw[kept],
            hovertemplate=f"<b>{name}</b><br>%{{text}}<br>{line.name} {quantity.title.lower()}: "
            f"{value}%{{customdata:{quantity.number}}}<extra></extra>",
        )
        if line is quantity.mark:
            _mark(figure, quantity, curve, x, shown, colour_of, name, alone)


def _mark(
    figure: go.Figure,
    quantity: Quantity,
    curve: EpochSeries,
    x: np.ndarray,
    y: np.ndarray,
    colour: str,
    name: str,
    alone: bool,
) -> None:
    """The best epoch as a star; where a phase begins as a line if the curve is alone, else as a bar on it."""
    if (best := curve.best) is not None and quantity is not LEARNING_RATE:
        figure.add_scatter(
            x=[x[best]],
            y=[y[best]],
            name="best epoch",
            legendgroup="best epoch" if alone else name,
            showlegend=alone,
            mode="markers",
            marker=STAR | {"color": colour},
            hovertemplate=f"<b>{name}</b><br>best epoch: {best + 1}<br>{quantity.mark.name} "
            f"{quantity.title.lower()} {curve.values(quantity.mark.field)[best]:{quantity.number}}"
            "<extra></extra>",
        )
    for start, phase in curve.phases[1 : MAX_CURVES + 1]:
        begins = f"“{in_chart(phase, 24)}” begins"
        if alone:
            figure.add_vline((x[start - 1] + x[start]) / 2, line={"dash": "dash", "color": GREY, "width": 1})
            figure.add_annotation(
                x=(x[start - 1] + x[start]) / 2, y=1, yref="paper", yanchor="bottom", text=begins,
                showarrow=False, font={"size": 11},
            )  # fmt: skip
        else:
            figure.add_scatter(
                x=[x[start]], y=[y[start]], mode="markers", legendgroup=name, showlegend=False,
                marker={"symbol": "line-ns-open", "size": 18, "color": colour, "line": {"width": 3}},
                hovertemplate=f"<b>{name}</b><br>{begins}<extra></extra>",
            )  # fmt: skip


def _said(curve: EpochSeries, kept: np.ndarray) -> list[tuple[str, str]]:
    """What hovering says of each epoch that is kept: of training, and of validation, whose faces count."""
    said = []
    for i in kept:
        epoch = curve.epochs[i]
        head = f"epoch {i + 1}, phase {in_chart(epoch.phase, 24)}, {epoch.seconds:.0f} s"
        _, n = validation_faces(epoch)
        interval = format_interval(accuracy_interval(epoch))
        said.append((head, f"{head}<br>n = {n:,} faces, of which right: 95% interval {interval}"))
    return said


def _show_tenths_where_close(figure: go.Figure) -> None:
    """Ticks of whole per cents would repeat where all values are within some of them."""
    values = np.concatenate([np.array(trace.y, float) for trace in figure.data if len(trace.y)])
    values = values[np.isfinite(values)]
    if len(values) and np.ptp(values) < 0.05:
        figure.update_yaxes(tickformat=".1%")
