"""`video`: who wears a mask properly in a film, when, and the film with the answers drawn on it."""

from __future__ import annotations

import argparse
import json
import signal
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType

from core.commands.film_files import FilmFiles
from core.commands.film_words import describe
from core.commands.options import add_model_options, operating_point
from core.commands.pictures import LONGEST_NAME, UNREADABLE
from core.detection import DETECTOR_NAMES
from core.errors import VideoError
from core.images import fetch_film, shown_url
from core.pipeline import load_pipeline
from core.terminal import signals_handled
from core.text import is_url, printable
from core.video import DEFAULT_EVERY, Film, FilmCheck, FilmProgress, FilmSettings, clock_words, people_words

FETCH_S, MOST_FETCHED = 600.0, 2**30  # seconds for a film to arrive, and its bytes
_TELL_EVERY = 0.5  # seconds


def add_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "video", metavar="IN", help="a film, or its address: MP4, MOV, WebM, MKV, AVI, MPEG, GIF, ..."
    )
    for name, (metavar, words) in FilmFiles.OPTIONS.items():
        parser.add_argument(f"--{name}", type=Path, metavar=metavar, help=words)
    parser.add_argument("--blur", action="store_true", help="blur all faces in whatever is written")
    parser.add_argument(
        "--every",
        type=float,
        default=DEFAULT_EVERY,
        metavar="SECONDS",
        help=f"analyse a picture so often, 0 for every picture; default: {DEFAULT_EVERY:g}",
    )
    parser.add_argument("--from", type=float, default=0.0, dest="start", metavar="S", help="begin there")
    parser.add_argument("--to", type=float, dest="end", metavar="S", help="end there")
    add_model_options(parser)
    parser.add_argument("--detector", choices=DETECTOR_NAMES, help="default: the best at hand")
    parser.add_argument("--json", action="store_true", help="one object of JSON")


def run(options: argparse.Namespace) -> int:
    """Print the answer to a film and write what was asked for. Ctrl-C ends it early, with what there is."""
    settings = FilmSettings(options.every, options.start, options.end)
    files = FilmFiles(options)
    try:
        film = _opened(options.video)
    except VideoError as problem:
        return _failed(options, problem)
    files.check(film)
    pipeline = load_pipeline(options.model, options.detector)
    check = FilmCheck(film, pipeline, settings, operating_point(options, pipeline.classifier))
    try:
        with _stopped_by_signals(check, files) as signals:
            answer, problems = files.write(check, _Teller())
    except VideoError as problem:
        return _failed(options, problem)
    finally:
        film.close()
    for said in (*answer.notes, *map(str, problems)):
        print(f"{film.shown}: {said}", file=sys.stderr)
    if options.json:
        print(json.dumps(answer.as_json(options.video)))
    else:
        print(f"{printable(options.video, LONGEST_NAME)}: {describe(answer)}")
    if signals:
        return 128 + signals[0]  # as shells number them
    return 1 if problems else 0


def _opened(video: str) -> Film:
    """A path or an address. Raises `VideoError`."""
    if not is_url(video):
        return Film(Path(video))
    return Film(fetch_film(video, timeout_s=FETCH_S, max_bytes=MOST_FETCHED), shown_url(video))


def _failed(options: argparse.Namespace, problem: VideoError) -> int:
    if options.json:
        print(json.dumps({"video": options.video, "error": str(problem)}))
    else:
        print(f"{printable(options.video, LONGEST_NAME)}: error: {problem}")
    return UNREADABLE


@contextmanager
def _stopped_by_signals(check: FilmCheck, files: FilmFiles) -> Iterator[list[int]]:
    """The first Ctrl-C, or SIGTERM, stops the check, which then answers what there is, or else the writing
    of files; the second ends the program. Gives the numbers of those that came.
    """
    came: list[int] = []

    def stop(number: int, _frame: FrameType | None) -> None:
        came.append(number)
        if check.is_stopped or files.is_checked:
            raise KeyboardInterrupt
        check.stop()

    with signals_handled(dict.fromkeys((signal.SIGINT, signal.SIGTERM), stop)):
        yield came


class _Teller:
    """Says on a terminal how far the check is."""

    def __init__(self) -> None:
        self._wanted, self._next = sys.stderr.isatty(), 0.0

    def __call__(self, progress: FilmProgress) -> None:
        if not self._wanted or time.monotonic() < self._next:
            return
        self._next = time.monotonic() + _TELL_EVERY
        of = f" of {clock_words(progress.facts.seconds)}" if progress.facts.seconds else ""
        left = f", {progress.seconds_left:.0f} s left" if progress.seconds_left is not None else ""
        people = people_words(progress.people)
        words = f"{clock_words(progress.at)}{of}, {progress.analysed} pictures, {people}{left}"
        print(f"\r\x1b[K{words}", end="", file=sys.stderr, flush=True)
