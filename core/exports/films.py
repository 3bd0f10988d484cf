"""What a film answers as tables, and as chapters for players."""

from __future__ import annotations

from collections.abc import Iterator

from core.exports.tables import line
from core.labels import CANNOT_TELL, NOT_PROPERLY, appearance
from core.video import FilmAnswer

_SHORTEST = 1.0  # seconds of a chapter; what changes sooner goes into the one before


def people_to_csv(answer: FilmAnswer) -> str:
    """One row a person: id, from, to and label as in `python -m core video --json`, seconds_<answer> for
    every label, not_properly and cannot_tell, and best_time, the second of the film with the best picture.
    """
    answers = [*answer.sightings.labels, NOT_PROPERLY, CANNOT_TELL]
    lines = [line(["id", "from", "to", "label", *(f"seconds_{label}" for label in answers), "best_time"])]
    for person in answer.people:
        plain = person.as_json()
        seconds = [plain["seconds"].get(label, 0.0) for label in answers]
        best = plain["best"]["time"] if plain["best"] else ""
        lines.append(line([*(plain[name] for name in ("id", "from", "to", "label")), *seconds, best]))
    return "".join(lines)


def frames_to_csv(answer: FilmAnswer) -> Iterator[str]:
    """One row a face of each analysed picture, in parts of some lines; a picture without faces has no row.

    Columns: time (seconds of the film), id (of the person), x1, y1, x2, y2 (pixels), score (the detector's),
    answer, label, probability_<label> for every label, and reason when it cannot be told.
    """
    labels = list(answer.sightings.labels)
    yield line(
        [
            *("time", "id", "x1", "y1", "x2", "y2", "score", "answer", "label"),
            *(f"probability_{label}" for label in labels),
            "reason",
        ]
    )
    known = {person.id for person in answer.people}
    for glance in answer.sightings:
        rows = []
        for face in glance.faces:
            if face.track_id not in known:
                continue
            plain = face.as_json()
            rows.append(
                [
                    *(round(glance.at, 3), face.track_id, *plain["box"], plain["score"]),
                    *(face.answer, plain["label"], *plain["probabilities"].values()),
                    face.cannot_tell.reason if face.cannot_tell else "",
                ]
            )
        if rows:
            yield "".join(map(line, rows))


def chapters_to_vtt(answer: FilmAnswer) -> str:
    """WebVTT chapters of the annotated film, whose beginning is that of the part that was checked.

    A chapter begins where somebody comes, goes, or wears the mask otherwise, and says how many wear it how.
    """
    edges = {answer.start, answer.end}
    for person in answer.people:
        for segment in person.segments:
            edges |= {segment.start, segment.end}
    starts: list[float] = []
    for edge in sorted(edges):
        if not starts or (edge - starts[-1] >= _SHORTEST and answer.end - edge >= _SHORTEST):
            starts.append(edge)
    parts = ["WEBVTT\n"]
    for number, (start, end) in enumerate(zip(starts, [*starts[1:], answer.end], strict=True), 1):
        said = _who_is_there(answer, (start + end) / 2)
        times = f"{_clock(start - answer.start)} --> {_clock(max(end - answer.start, 0.001))}"
        parts.append(f"{number}\n{times}\n{said}\n")
    return "\n".join(parts)


def _who_is_there(answer: FilmAnswer, at: float) -> str:
    found: dict[str, int] = {}
    for person in answer.people:
        for segment in person.segments:
            if segment.start <= at < segment.end:
                found[segment.answer] = found.get(segment.answer, 0) + 1
    words = [f"{count} {appearance(label).short.lower()}" for label, count in found.items()]
    return ", ".join(" ".join(word.replace("-->", "").split()) for word in words) or "Nobody"


def _clock(seconds: float) -> str:
    ms = round(max(seconds, 0.0) * 1000)
    return f"{ms // 3_600_000:02d}:{ms // 60_000 % 60:02d}:{ms // 1000 % 60:02d}.{ms % 1000:03d}"
