"""Films of which the truth is known: who is right about them, how fast, and in how much memory.

    python -m bench.films accuracy [--data DATA] [--films 2] [--every 0 .1 .2 .5]
    python -m bench.films speed [--seconds 20] [--repeat 3] [--frames 60]
    python -m bench.films memory [--minutes 1 60] [--size 320x180] [--every 1] [--page]

`accuracy`: six films of each set are made by code (pans, zooms, a pillar that hides everybody for a moment,
masks taken off and put on in mid-film, cuts; 24 to 60 pictures a second and variable). With DATA, a folder
as bench.detectors takes it with crops.csv, the people are test faces of which no near-copy was trained on, a
set for each of `--films`; masks are drawn on bare ones where they are taken off. Without, the people are the
astronaut with drawn masks. A row for each film and number of analysed pictures:

- people: in truth, and counted; found: of the seconds of all people together, the share in which they were;
  told: of these, the share with another answer than cannot tell; right: of these, those with the true label
  (not worn properly is right for whoever wears it wrong or not at all).
- switches: how often somebody got another number. changes: how often the answer of somebody changed though
  their mask did not. speed: seconds of film in a second.
- alone: each picture answered for itself, as a photo is.

Ends with 1 where less than 95 % of what is told with the default is right.

`speed`: 1280 x 720, five faces, 30 pictures a second. Side by side in one run: with the default, with
`--every 0.5`, with that and no annotated film, and each picture read by OpenCV, checked as a photo, drawn on
and written by OpenCV. Medians.

`memory`: of the command, with the processes that it starts, for a film looped to so many minutes; ends with
1 where that is more than 300 MB over the same command for one second. With `--page` of the server instead, to
which a Chromium sends the films: they and the annotated films are in its memory.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from bench import film_speed
from bench.detectors import print_table
from bench.film_accuracy import FilmScore, each_alone, first_picture, followed
from bench.film_page import page_memory
from bench.film_people import drawn_pairs, drawn_people, test_pairs, test_people
from bench.film_scenes import MadeFilm, films_of
from core.errors import MaskwiseError
from core.pipeline import Pipeline, load_pipeline
from core.video import DEFAULT_EVERY

PEOPLE = 10  # of a set
LEAST_RIGHT = 0.95
HEAD = ("every", "film", "people", "counted", "found", "told", "right", "switches", "changes", "speed")


def sets(data: Path | None, count: int, pipeline: Pipeline) -> Iterator[MadeFilm]:
    """All films, `count` sets of them with data. Raises `RecordError`."""
    if data is None:
        yield from films_of(drawn_people(PEOPLE), drawn_pairs())
        return
    for seed in range(count):
        pairs = test_pairs(data, 3, seed, pipeline.detector)
        yield from films_of(test_people(data, PEOPLE, seed), pairs)


def accuracy(films: Iterable[MadeFilm], pipeline: Pipeline, every: Sequence[float]) -> float:
    """Print the tables. The share that is right with the default, or with the first of `every`."""
    totals = {words: FilmScore() for words in (*(f"{e:g} s" for e in every), "alone")}
    default = DEFAULT_EVERY if DEFAULT_EVERY in every else every[0]

    def rows() -> Iterator[list[str]]:
        for made in films:
            data = made.written()
            pipeline.check(first_picture(data))  # what is made at first is not timed
            scores = {f"{e:g} s": followed(made, data, pipeline, e) for e in every}
            scores["alone"] = each_alone(made, data, pipeline, default)
            for words, score in scores.items():
                totals[words].add(score)
                yield [words, made.name, *score.cells()]

    print_table(HEAD, rows())
    print()
    print_table(HEAD, ([words, "all", *score.cells()] for words, score in totals.items()))
    print()
    of_default = totals[f"{default:g} s"]
    labels = sorted(of_default.by_label)
    told_right = [of_default.by_label[label] for label in labels]
    shares = [f"{right / told:.1%} of {told:.0f} s" for told, right in told_right]
    print_table(labels, [shares])
    return of_default.right / of_default.told if of_default.told else 0.0


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(
        prog="python -m bench.films",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("what", choices=("accuracy", "speed", "memory"))
    parser.add_argument("--data", type=Path)
    parser.add_argument("--films", type=int, default=2, help="sets of six films, with --data")
    parser.add_argument("--every", type=float, nargs="+", help="seconds between two analysed pictures")
    parser.add_argument("--seconds", type=float, default=20, help="of the film of `speed`")
    parser.add_argument("--repeat", type=int, default=3)
    parser.add_argument("--frames", type=int, default=60, help="that `speed` checks as photos")
    parser.add_argument("--minutes", type=float, nargs="+", default=[1, 60])
    parser.add_argument("--size", default="320x180", help="of the film of `memory`")
    parser.add_argument("--page", action="store_true", help="`memory` of the server, by a browser")
    options = parser.parse_args(arguments)
    try:
        if options.what == "memory":
            width, height = map(int, options.size.split("x"))
            if options.page:
                return page_memory(options.minutes, (width, height))
            every = (options.every or [1.0])[0]
            return film_speed.memory(options.minutes, (width, height), every)
        pipeline = load_pipeline()
        if options.what == "speed":
            film_speed.speed(pipeline, options.seconds, options.repeat, options.frames)
            return 0
        films = sets(options.data, options.films, pipeline)
        right = accuracy(films, pipeline, options.every or [0.0, 0.1, 0.2, 0.5])
    except MaskwiseError as problem:
        parser.exit(1, f"error: {problem}\n")
    return 0 if right >= LEAST_RIGHT else 1


if __name__ == "__main__":
    raise SystemExit(main())
