"""What is said in a terminal of a film's answer."""

from __future__ import annotations

from core.labels import appearance
from core.video import FilmAnswer, FilmPerson, clock_words, people_words


def describe(answer: FilmAnswer) -> str:
    width, height = answer.size
    lines = [
        f"{clock_words(answer.start)} to {clock_words(answer.end)}, {width} x {height}, "
        f"{answer.analysed} of {answer.frames} pictures analysed"
    ]
    if not answer.is_whole:
        lines[0] += ", then stopped"
    counts = ", ".join(f"{n} {appearance(label).short.lower()}" for label, n in answer.counts.items())
    lines.append(f"{people_words(len(answer.people))}: {counts}" if answer.people else "no face found")
    lines += [_person(person) for person in answer.people]
    lines += [f"  {clock_words(m.at)}  person {m.id} {m.words}" for m in answer.moments if m.before]
    return "\n".join(lines)


def _person(person: FilmPerson) -> str:
    look = appearance(person.label)
    seconds = ", ".join(f"{appearance(a).short.lower()} {s:.1f} s" for a, s in person.seconds.items())
    when = f"{clock_words(person.start)} to {clock_words(person.end)}"
    return f"  {person.id}. {look.icon} {look.short}  {when}  ({seconds})"
