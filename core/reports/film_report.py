"""A film's answer as one HTML page that opens without a network: who wore the mask how, and when."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment

from core.html import environment
from core.text import printable
from core.video import FilmAnswer, FilmPerson, clock_words

MOST_SHOWN = 500  # people with a card: more are in the table of the CSV
PATTERNS = ("solid", "stripes", "dots", "cross", "waves", "grid")


def film_report(answer: FilmAnswer, *, blur: bool = False) -> str:
    """HTML. With `blur` nobody's picture can be recognised."""
    return (
        _environment()
        .get_template("film_report.html.j2")
        .render(
            answer=answer,
            name=printable(answer.name, 200),
            people=[_person(person, answer, blur) for person in answer.people[:MOST_SHOWN]],
            left_out=max(0, len(answer.people) - MOST_SHOWN),
            total=sum(answer.seconds.values()) or 1.0,
            patterns=_patterns(answer),
            blur=blur,
        )
    )


def _person(person: FilmPerson, answer: FilmAnswer, blur: bool) -> dict[str, Any]:
    length = max(answer.end - answer.start, 0.001)
    bars = [
        {
            "left": 100 * (segment.start - answer.start) / length,
            "width": 100 * segment.seconds / length,
            "answer": segment.answer,
            "words": f"{clock_words(segment.start)} to {clock_words(segment.end)}",
        }
        for segment in person.segments
    ]
    jpeg = person.best and (person.best.blurred() if blur else person.best.jpeg)
    return {"person": person, "bars": bars, "jpeg": jpeg}


def _patterns(answer: FilmAnswer) -> dict[str, str]:
    """A pattern for each answer of the film, so that colour is not alone."""
    return {label: PATTERNS[i % len(PATTERNS)] for i, label in enumerate(sorted(answer.seconds))}


@cache
def _environment() -> Environment:
    found = environment(Path(__file__).parent / "templates")
    found.filters["clock"] = clock_words
    return found
