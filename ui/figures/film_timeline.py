"""Figure of a film: a row a person, a bar for each answer, in its colour and pattern; a click tells when."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import plotly.graph_objects as go

from core.labels import appearance
from core.video import FilmPerson, clock_words
from ui.figures.style import legend
from ui.wording import in_chart

PATTERNS = {"properly": "", "wrongly": "/", "not": "x", "not_properly": "\\", None: "."}
_ROW_PX, _AROUND_PX = 34, 220  # of the figure: a person, and title, times and legend
_CLICKS = 200  # places along the film that a click can tell apart


def figure(people: Sequence[FilmPerson], start: float, end: float) -> go.Figure:
    """Times in seconds of the film; `customdata` of each point is where a click goes."""
    answers = list(dict.fromkeys(s.answer for person in people for s in person.segments))
    figure = go.Figure([_bars(people, answer) for answer in sorted(answers)])
    figure.add_trace(_places(people, start, end))
    ticks = np.linspace(start, end, 6)
    figure.update_layout(
        title="Who wore the mask how, and when",
        barmode="overlay",
        height=_AROUND_PX + _ROW_PX * len(people),
        margin={"r": 32},  # for half of the last time
        xaxis={
            "title": "time in the film (minutes:seconds)",
            "range": [start, max(end, start + 0.1)],
            "tickvals": ticks.tolist(),
            "ticktext": [clock_words(t) for t in ticks],
        },
        yaxis={
            "title": "person",
            "type": "category",
            "categoryarray": [str(person.id) for person in people],
            "autorange": "reversed",
            "tickmode": "linear",  # each of them
            "automargin": True,
        },
        legend=legend(),
        hovermode="closest",
        clickmode="event+select",
    )
    return figure


def _bars(people: Sequence[FilmPerson], answer: str) -> go.Bar:
    look = appearance(answer)
    parts = [(person, s) for person in people for s in person.segments if s.answer == answer]
    return go.Bar(
        name=f"{look.icon} {in_chart(look.short)}",
        orientation="h",
        base=[s.start for _, s in parts],
        x=[s.seconds for _, s in parts],
        y=[str(person.id) for person, _ in parts],
        customdata=[s.start for _, s in parts],
        text=[f"{clock_words(s.start)} to {clock_words(s.end)}" for _, s in parts],
        textposition="none",
        hovertemplate="person %{y}, %{text}",
        marker={
            "color": look.colour,
            "pattern": {"shape": PATTERNS[look.worn], "fillmode": "overlay", "fgcolor": "#ffffff"},
        },
        unselected={"marker": {"opacity": 1}},
    )


def _places(people: Sequence[FilmPerson], start: float, end: float) -> go.Scatter:
    """Points that are not seen, so that a click in the middle of a bar tells where."""
    times = np.linspace(start, end, _CLICKS)
    places = [
        (person, float(t), s.answer)
        for person in people
        for s in person.segments
        for t in times[(times >= s.start) & (times <= s.end)]
    ]
    return go.Scatter(
        mode="markers",
        showlegend=False,
        x=[t for _, t, _ in places],
        y=[str(person.id) for person, _, _ in places],
        customdata=[t for _, t, _ in places],
        text=[f"{clock_words(t)}, {in_chart(appearance(answer).short)}" for _, t, answer in places],
        hovertemplate="person %{y}, %{text}<extra></extra>",
        marker={"symbol": "square", "size": 16, "opacity": 0},
        selected={"marker": {"opacity": 0}},
        unselected={"marker": {"opacity": 0}},
    )
