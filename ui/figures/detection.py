"""Precision and recall of a detector over all scores, and what the figures of a detector's test share."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields, replace

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from core.metrics import percent
from core.models import Way
from core.review import MatchedDetections, at_score, precision_recall
from core.runs import Detections
from ui.figures.style import LOOKS, legend, thinned
from ui.wording import in_chart

ALL_SOURCES = "all sources"
MAX_MEASURED = 12  # curves over each other: more cannot be told apart
MAX_POINTS = 600  # of a curve
PRECISION, RECALL = "of the detections are labelled faces", "of the labelled faces are found"
_DASHES: dict[Way, str] = {"photo": "solid", "live": "dash"}
_LEGEND_PX = 19  # a line of it
_PLOT_PX = 400


@dataclass(frozen=True, slots=True, eq=False)
class Measured:
    """The rows of one run, way and source, of `pictures`; `min_score` is the operating point of that way.

    `lower_bound`: not all faces of the source are labelled. `alone`: only one run is shown. `stamp` changes
    with the rows' file.
    """

    run: str
    way: Way
    source: str
    rows: Detections
    pictures: int
    min_score: float
    ap50: float
    lower_bound: bool = False
    alone: bool = True
    stamp: str = ""

    @property
    def name(self) -> str:
        of = f"{self.source}, {self.way}"
        return of if self.alone else f"{self.run}: {of}"

    @property
    def n(self) -> int:
        """Labelled faces."""
        return int(self.rows.labelled.sum())

    def at(self, min_score: float | None = None) -> MatchedDetections:
        """What is found from a score on, by default from the operating point on."""
        return at_score(self.rows, self.min_score if min_score is None else min_score)

    @property
    def columns(self) -> dict[str, str]:
        """Which it is, in a table."""
        return {"Run": self.run, "Way": self.way, "Source": self.source}


def together(measured: Sequence[Measured]) -> Measured:
    """All sources of one run and way as one."""
    rows = Detections(
        *(np.concatenate([getattr(one.rows, f.name) for one in measured]) for f in fields(Detections))
    )
    return replace(
        measured[0],
        source=ALL_SOURCES,
        rows=rows,
        pictures=sum(one.pictures for one in measured),
        ap50=rows.average_precision(),
        lower_bound=any(one.lower_bound for one in measured),
    )


def looks(measured: Sequence[Measured]) -> list[tuple[str, str]]:
    """A colour and a symbol for each, the same for both ways of a run and source; open symbols are live."""
    place: dict[tuple[str, str], int] = {}
    for one in measured:
        place.setdefault((one.run, one.source), len(place))
    found = [(one, *LOOKS[place[one.run, one.source] % len(LOOKS)]) for one in measured]
    return [(colour, symbol if one.way == "photo" else f"{symbol}-open") for one, colour, symbol in found]


def figure(measured: Sequence[Measured]) -> go.Figure:
    """A curve each, whole lines for photo and dashes for live, with the operating point on it."""
    found = go.Figure()
    for one, (colour, symbol) in zip(measured, looks(measured), strict=True):
        name, curve = in_chart(one.name), precision_recall(one.rows)
        kept = thinned(len(curve.score), MAX_POINTS)
        # From recall 0 on the first precision holds; between two scores there is a step, no straight line
        first = kept[:1]
        found.add_scatter(
            x=np.append(np.zeros(len(first)), curve.recall[kept]),
            y=np.append(curve.precision[first], curve.precision[kept]),
            text=[f"{score:.2f}" for score in np.append(curve.score[first], curve.score[kept])],
            name=f"{name}: AP50 {percent(one.ap50)}, n = {one.n:,}",
            mode="lines",
            line={"color": colour, "width": 2.5, "shape": "vh", "dash": _DASHES[one.way]},
            hovertemplate=f"<b>{name}</b><br>score %{{text}} and more<br>%{{y:.1%}} {PRECISION}"
            f"<br>%{{x:.1%}} {RECALL}<extra></extra>",
        )
        at = one.at()
        found.add_scatter(
            x=[at.recall.value],
            y=[at.precision.value],
            name=f"{name}, operating point",
            showlegend=False,
            mode="markers",
            marker={"symbol": symbol, "size": 13, "color": colour, "line": {"width": 2, "color": colour}},
            hovertemplate=f"<b>{name}</b><br>operating point: score {one.min_score:g}"
            f"<br>%{{y:.1%}} {PRECISION}<br>%{{x:.1%}} {RECALL}"
            f"<br>{at.found:,} of {at.n:,} faces found, {at.false:,} false<extra></extra>",
        )
    laid_out(found, "Precision and recall", len(measured))
    found.update_xaxes(title="recall (% of the labelled faces)", tickformat=".0%", range=[-0.01, 1.01])
    found.update_yaxes(title="precision (% of the detections)", tickformat=".0%", range=[-0.01, 1.02])
    return found


def data(measured: Sequence[Measured]) -> pd.DataFrame:
    """Every point of every curve, also those that are not drawn."""
    parts = []
    for one in measured:
        curve = precision_recall(one.rows)
        columns = {"Score": curve.score, "Precision": curve.precision, "Recall": curve.recall}
        parts.append(pd.DataFrame(one.columns | columns, index=range(len(curve.score))))
    return pd.concat(parts, ignore_index=True)


def laid_out(found: go.Figure, title: str, lines: int, plot_px: int = _PLOT_PX) -> None:
    """`lines` is how many lines the legend has on a narrow screen, below everything else."""
    found.update_layout(
        title=title,
        height=plot_px + _LEGEND_PX * lines,
        margin={"l": 8, "r": 16, "t": 50, "b": 8},
        legend=legend(),
        hovermode="closest",
    )
    found.update_xaxes(automargin=True, zeroline=False)
    found.update_yaxes(automargin=True, zeroline=False)
