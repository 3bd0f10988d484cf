"""Options of `check` for many pictures, and what they ask for."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path

from core.bulk import FORMATS, is_one_of
from core.errors import JobError
from core.results import FaceResult

FAILED_ON = 3  # exit code when a face has an answer that --fail-on names
MAX_WORKERS = 512
# Ends of names that are no folder's, for which a table was meant, but not one that is written
_OTHER_TABLES = (".json", ".ndjson", ".tsv", ".txt", ".xls", ".xlsx", ".ods", ".feather", ".html")
_NEED_A_FILE = ("recursive", "resume", "workers", "annotate", "blur", "engine", "address")


def add_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--fail-on",
        type=_answers,
        default=(),
        metavar="ANSWERS",
        help=f"exit with {FAILED_ON} where a face has one",
    )
    many = parser.add_argument_group(
        "many pictures", f"with --output FILE, whose name ends with {', '.join(FORMATS)}"
    )
    many.add_argument("--recursive", action="store_true", help="look into the folders in folders, too")
    many.add_argument("--resume", action="store_true", help="go on with a run that was stopped")
    many.add_argument("--workers", type=_count, metavar="N", help="processes; default: one for each core")
    many.add_argument("--annotate", type=Path, metavar="DIR", help="write the pictures, drawn on, into it")
    many.add_argument("--blur", action="store_true", help="blur faces in drawn pictures and in the report")
    many.add_argument("--engine", choices=("local", "ray"), help="ray: on many machines; default: local")
    many.add_argument(
        "--address", metavar="ADDRESS", help="of the Ray cluster, auto or ray://...; default: a new one here"
    )


def is_job(options: argparse.Namespace) -> bool:
    """Whether a table is asked for. Raises `JobError` for options that only a table has, and other tables."""
    suffix = (options.output.suffix or options.output.name).lower() if options.output else ""
    if suffix in FORMATS:
        if printed := [name for name in ("json", "csv") if getattr(options, name)]:
            raise JobError(
                f"--{printed[0]} is for answers that are printed. A table is what its name ends with."
            )
        if options.address and options.engine != "ray":
            raise JobError("--address needs --engine ray.")
        return True
    if suffix in _OTHER_TABLES and not options.output.is_dir():
        raise JobError(f"{options.output}: name a file that ends with {', '.join(FORMATS)}, or a folder.")
    if given := [name for name in _NEED_A_FILE if getattr(options, name)]:
        raise JobError(f"--{given[0]} needs --output with a file that ends with {', '.join(FORMATS)}.")
    return False


def is_named(face: FaceResult, fail_on: Sequence[str]) -> bool:
    """Whether a face has an answer that --fail-on names."""
    return is_one_of(face.answer, face.prediction.unclear_between, fail_on)


def _answers(text: str) -> tuple[str, ...]:
    names = tuple(filter(None, (name.strip() for name in text.split(","))))
    if not names:  # as of a variable that is not set: a check that nothing fails is none
        raise argparse.ArgumentTypeError("name at least one answer")
    return names


def _count(text: str) -> int:
    if not (text.isdecimal() and 1 <= int(text) <= MAX_WORKERS):
        raise argparse.ArgumentTypeError(f"{text!r}: give a number from 1 to {MAX_WORKERS}")
    return int(text)
