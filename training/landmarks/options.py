"""The options by which both commands of face points are told what to read."""

from __future__ import annotations

import argparse
from pathlib import Path

from training.data import add_data_options


def add_taught_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--taught", type=Path, required=True, metavar="CSV", help="with FaceMesh's points")
    parser.add_argument("--faces", type=Path, metavar="MANIFEST", help="pictures that are a face each")
    add_data_options(parser)
