"""Whole programs side by side in one run: how soon each answers a picture, and how many faces rightly.

    python -m bench.pipeline [--repeat 9] [--faces 1 8 32 100] [--starts 5]
        [--data MANIFEST [--split test] [--limit 60]]
        [--wheel FILE] [--aizoo TFLITE] [--ultraface ONNX] [--json FILE]

Each program gets the same bytes of a JPEG, turn by turn, so that whatever else the machine does hits all
alike. Milliseconds are medians, in brackets the quartiles; the ratio is that of medians to the first
program's. "found" and "right" count faces, right by whether the mask is worn properly; an answer of "cannot
tell" is not right. A program that names nothing has no "right". Then how the milliseconds grow with faces and
with pixels, and how long a start in a fresh process takes. The published wheel is fetched by pip where it is
not given. Tables are explained in bench/README.md.
"""

from __future__ import annotations

import argparse
import json
import os
import tempfile
from collections.abc import Iterable, Sequence
from dataclasses import asdict
from pathlib import Path

from bench.detectors import print_table
from bench.pipeline import comparison, families, growth, limits, scenes, starts
from bench.pipeline.comparison import Row
from bench.pipeline.programs import Family, Program
from core.errors import MaskwiseError
from core.models import CARD_FILE, DETECTOR_CARD_FILE, folders

SIZES = ((1280, 720), (2560, 1440), (4000, 3000))
FACES = (1, 8, 32, 100)


def loaded(of: Iterable[Family]) -> tuple[list[Family], list[Program]]:
    """Those that can be loaded here; of each other it is printed why it is left out."""
    able, made = [], []
    for family in of:
        try:
            made += list(family.programs())
            able.append(family)
        except (ImportError, OSError, RuntimeError, ValueError, MaskwiseError) as problem:
            print(f"{family.name} is left out: {problem}")
    return able, made


def print_limits() -> None:
    """The least that our networks could take here, and their own operations: for a photo of 1280 x 720, and
    for 8 faces.
    """
    rate, copied = limits.matrix_rate(), limits.copy_rate()
    print(f"this machine: {rate / 1e9:.0f} GFLOP/s in float32, copies {copied / 1e9:.1f} GB/s")
    for name, card, shape in (
        ("face_fpn", DETECTOR_CARD_FILE, (1, 544, 960, 3)),
        ("mask3", CARD_FILE, (8, 160, 160, 3)),
    ):
        need = limits.operations((folders(card)[name] / "model.onnx").read_bytes(), shape)
        print(f"{name}, {shape}: {need / 1e9:.2f} GFLOP, at best {need / rate * 1000:.1f} ms")


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(
        prog="python -m bench.pipeline",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--repeat", type=int, default=9)
    parser.add_argument("--faces", type=int, nargs="+", default=list(FACES))
    parser.add_argument("--starts", type=int, default=5, help="of each program; 0 leaves them out")
    parser.add_argument("--data", type=Path, help="a manifest with boxes")
    parser.add_argument("--split", default="test")
    parser.add_argument("--limit", type=int, default=60, help="pictures of --data")
    parser.add_argument("--wheel", type=Path, help=f"of {families.PACKAGE}")
    parser.add_argument("--aizoo", type=Path)
    parser.add_argument("--ultraface", type=Path)
    parser.add_argument("--json", type=Path, help="write all figures there")
    args = parser.parse_args(arguments)
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    print_limits()
    with tempfile.TemporaryDirectory() as folder:
        able, of = loaded(families.families(args.wheel, args.aizoo, args.ultraface, Path(folder)))
        rows = print_rows(of, args)
        grown = growth.growth(rows)
        print()
        print_table(growth.HEAD, [one.cells() for one in grown])
        began = starts.starts(able, args.starts) if args.starts else []
        if began:
            print()
            print_table(starts.HEAD, [one.cells(began[0]) for one in began])
    if args.json:
        told = {
            "rows": [asdict(row) for row in rows],
            "growth": [asdict(one) for one in grown],
            "starts": [asdict(one) for one in began],
        }
        args.json.write_text(json.dumps(told, indent=2), encoding="utf-8")
    return 0


def print_rows(of: Sequence[Program], args: argparse.Namespace) -> list[Row]:
    """Walls of each size, then one's own pictures; each row is printed when it is known."""
    sets = [(w.name, [w]) for size in SIZES for w in (scenes.wall(faces, size) for faces in args.faces)]
    if args.data:
        real = scenes.scenes_of(args.data, args.split, args.limit)
        sets.append((f"{len(real)} real pictures", real))
    print_table(comparison.HEAD, [])
    rows: list[Row] = []
    for named, pictures in sets:
        repeat = max(1, args.repeat // len(pictures)) if len(pictures) > 1 else args.repeat
        some = comparison.compare(of, named, pictures, repeat)
        for row in some:
            print(f"| {' | '.join(row.cells(some[0]))} |", flush=True)
        rows += some
    return rows


if __name__ == "__main__":
    raise SystemExit(main())
