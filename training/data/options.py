"""What the command lines of training share: options for the data, errors in one line."""

from __future__ import annotations

import argparse
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, get_args

from core import settings
from core.errors import MaskwiseError
from core.records import PLAIN_NAME
from training.data.example import Manifest
from training.data.formats import READERS, detect, root_of
from training.data.formats.file_names import CORRECTED
from training.data.label_corrections import apply_corrections
from training.data.manifest import TurnedBoxes, read_manifest


def add_data_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--data", type=Path, required=True, metavar="MANIFEST_OR_FOLDER")
    parser.add_argument("--format", choices=sorted(READERS), help="of the data; found out if not given")
    parser.add_argument("--images", type=Path, help="folder of the pictures, if the data is elsewhere")
    add_reading_options(parser)
    parser.add_argument("--fixes", type=Path, metavar="CSV", help="labels corrected in the dashboard")


def add_reading_options(parser: argparse.ArgumentParser) -> None:
    """Those that say how data is to be understood; `how_to_read` gives them to `read_manifest`."""
    parser.add_argument("--type-order", default=CORRECTED, help="of types 1 to 4 in file names")
    parser.add_argument(
        "--class",
        dest="class_names",
        action="append",
        default=[],
        type=_said_of_class,
        metavar="NAME=LABEL",
        help="what a class name of the data means; NAME= leaves it out",
    )
    parser.add_argument(
        "--turned-boxes",
        choices=get_args(TurnedBoxes),
        help="how boxes were drawn on pictures that a camera marked as turned",
    )


def how_to_read(options: argparse.Namespace) -> dict[str, Any]:
    return {
        "format": options.format,
        "images": options.images,
        "type_order": options.type_order,
        "class_names": dict(options.class_names),
        "turned_boxes": options.turned_boxes,
    }


def _said_of_class(text: str) -> tuple[str, str]:
    name, given, label = text.rpartition("=")
    if not given or not name.strip():
        raise argparse.ArgumentTypeError(f"{text!r}: give NAME=LABEL, or NAME= to leave it out")
    return name.strip(), label.strip()


@contextmanager
def one_line_errors(parser: argparse.ArgumentParser) -> Iterator[None]:
    """A command's work. Ends it with 1 on a `MaskwiseError`, as on a setting that cannot be used."""
    try:
        settings.check()
        yield
    except MaskwiseError as problem:
        parser.exit(1, f"error: {problem}\n")


def plain_name(name: str) -> str:
    """For `argparse`: a name that may be part of a file's."""
    if not re.fullmatch(PLAIN_NAME, name):
        raise argparse.ArgumentTypeError("give letters, digits, dots, dashes and underscores")
    return name


def read_data(options: argparse.Namespace) -> Manifest:
    """The data asked for, its labels corrected by `--fixes`. Raises `RecordError`."""
    manifest = read_manifest(options.data, **how_to_read(options))
    return apply_corrections(manifest, options.fixes, data_root(options)) if options.fixes else manifest


def data_root(options: argparse.Namespace) -> Path:
    """The folder to which paths in the data are relative."""
    data: Path = options.data
    if options.images:
        return Path(options.images)
    is_manifest = data.is_file() and (options.format or detect(data)) == "manifest"
    return data.parent if is_manifest else root_of(data)
