"""Figures of detectors' trainings by epoch: AP50 of the validation pictures, loss and learning rate."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from operator import attrgetter

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from core.metrics import percent
from core.runs import DetectionEpoch, Run
from ui.figures.detection import laid_out
from ui.figures.style import STAR, look, thinned
from ui.wording import in_chart

MAX_LINES = 12  # over each other: more cannot be told apart
_MAX_POINTS, _MAX_MARKED, _TICKED_EPOCHS = 500, 60, 12
_Get = Callable[[DetectionEpoch], float]


def ap50(runs: Sequence[Run]) -> go.Figure:
    """A line a run and source; the kept epoch is a star on each."""
    lines = [(run, source) for run in runs for source in _sources(run)][:MAX_LINES]
    found = go.Figure()
    for i, (run, source) in enumerate(lines):
        words = in_chart(source if len(runs) == 1 else f"{run.name}: {source}")
        _add(found, run, i, words, _of_source(source), _said(source), marked=True)
    _lay_out(found, "AP50 of the validation pictures by epoch", runs, len(lines))
    found.update_yaxes(title="AP50 (%)", tickformat=".0%", rangemode="tozero")
    return found


def loss(runs: Sequence[Run]) -> go.Figure:
    return _of_number(runs, "loss", "Training loss by epoch", "loss", marked=True)


def learning_rate(runs: Sequence[Run]) -> go.Figure:
    found = _of_number(runs, "learning rate", "Learning rate by epoch", "step size", marked=False)
    return found.update_layout(height=300)


def _of_number(runs: Sequence[Run], name: str, title: str, axis: str, *, marked: bool) -> go.Figure:
    """A line a run of what its epochs call `name`."""
    found, get = go.Figure(), attrgetter(name.replace(" ", "_"))

    def say(epoch: DetectionEpoch) -> str:
        return f"{name} {get(epoch):.3g}"

    for i, run in enumerate(runs[:MAX_LINES]):
        _add(found, run, i, in_chart(run.name), get, say, marked=marked)
    _lay_out(found, title, runs, len(runs))
    found.update_yaxes(title=axis, tickformat="~g", rangemode="tozero")
    return found


def data(runs: Sequence[Run]) -> pd.DataFrame:
    """One row an epoch and source of its validation pictures."""
    rows = []
    for run in runs:
        best = run.best_detection_epoch
        for i, epoch in enumerate(run.detection_epochs):
            head = {"Run": run.name, "Epoch": i + 1, "Phase": epoch.phase, "Kept": epoch is best}
            head |= {"Loss": epoch.loss, "Learning rate": epoch.learning_rate, "Mean AP50": epoch.score}
            for source, of in epoch.validation.items():
                counted = {"Faces": of.n, "Found": of.found, "False": of.false, "AP50": of.ap50}
                rows.append(head | {"Seconds": epoch.seconds, "Source": source} | counted)
    return pd.DataFrame(rows)


def _sources(run: Run) -> list[str]:
    return list(dict.fromkeys(source for epoch in run.detection_epochs for source in epoch.validation))


def _of_source(source: str) -> _Get:
    def get(epoch: DetectionEpoch) -> float:
        return epoch.validation[source].ap50 if source in epoch.validation else np.nan

    return get


def _said(source: str) -> Callable[[DetectionEpoch], str]:
    def say(epoch: DetectionEpoch) -> str:
        of = epoch.validation.get(source)
        if of is None:
            return "not measured"
        return f"AP50 {percent(of.ap50)}<br>{of.found:,} of {of.n:,} faces found, {of.false:,} false"

    return say


def _add(
    found: go.Figure,
    run: Run,
    i: int,
    name: str,
    get: _Get,
    say: Callable[[DetectionEpoch], str],
    *,
    marked: bool,
) -> None:
    epochs, best = run.detection_epochs, run.best_detection_epoch
    kept = thinned(len(epochs), _MAX_POINTS, *(() if best is None else (epochs.index(best),)))
    values = np.array([get(epochs[j]) for j in kept], float)
    values[~np.isfinite(values)] = np.nan
    colour, symbol = look(i)
    found.add_scatter(
        x=kept + 1,
        y=values,
        name=name,
        legendgroup=name,
        mode="lines+markers" if len(kept) <= _MAX_MARKED else "lines",
        line={"color": colour, "width": 2.5},
        marker={"symbol": symbol, "size": 6},
        text=[f"epoch {j + 1}, {say(epochs[j])}" for j in kept],
        hovertemplate=f"<b>{name}</b><br>%{{text}}<extra></extra>",
    )
    if marked and best is not None:
        at = int(np.flatnonzero(kept == epochs.index(best))[0])
        found.add_scatter(
            x=[kept[at] + 1],
            y=[values[at]],
            name="kept epoch",
            legendgroup="kept",
            showlegend=not i,
            mode="markers",
            marker=STAR | {"color": colour},
            hovertemplate=f"<b>{name}</b><br>kept: epoch {kept[at] + 1}, {say(best)}<extra></extra>",
        )


def _lay_out(found: go.Figure, title: str, runs: Sequence[Run], lines: int) -> None:
    laid_out(found, title, lines + 1, 360)
    found.update_xaxes(title="epoch")
    if max((len(run.detection_epochs) for run in runs), default=0) <= _TICKED_EPOCHS:
        found.update_xaxes(dtick=1)  # else there would be ticks between epochs
