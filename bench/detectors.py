"""Which faces each detector finds, and how soon, side by side in one run.

    python -m bench.detectors --data DATA [--split test] [--source andrewmvd] [--limit N]
        [--detector NAME ...] [--ultraface ONNX] [--repeat 5]

DATA is a manifest with boxes, or a folder with one called scenes.csv. Each picture is decoded once and given
to every detector in turn, so that what else the machine does hits all alike. Prints, for each source and
detector: labelled faces, AP50 (faces of any label, IoU 0.5), recall and precision at the operating point,
recall by face height, median milliseconds a picture at the operating point and their ratio to the first
detector's. Then the milliseconds of pictures of some sizes, medians of `--repeat`.

Where faces have no box, as in some pictures of karan_unmasked, AP50 and precision are lower bounds.
"""

from __future__ import annotations

import argparse
import itertools
import statistics
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from tqdm import tqdm

from bench.crowd import crowd
from bench.rivals import NAMES, WHOLE_CURVE, Rival, rivals
from bench.speed import picture
from core.errors import MaskwiseError
from core.images import read_image
from core.metrics import SIZE_EDGES, match
from core.results import Frame
from training.data import read_manifest
from training.detection import BoxedImage, read_boxed_images

BINS = tuple(itertools.pairwise(SIZE_EDGES))


@dataclass(slots=True)
class DetectorTimings:
    """Of one rival to one source's pictures: (boxes, scores, true boxes) a picture, and the milliseconds."""

    pictures: list[tuple[list, list, Sequence]] = field(default_factory=list)
    ms: list[float] = field(default_factory=list)

    @property
    def median_ms(self) -> float:
        return statistics.median(self.ms)


def read_data(data: Path, split: str) -> list[BoxedImage]:
    """Pictures with boxes of that split. Raises `RecordError`."""
    return read_boxed_images(read_manifest(data / "scenes.csv" if data.is_dir() else data), [split])


def of_sources(
    images: Iterable[BoxedImage], source: str | None, limit: int | None
) -> dict[str, list[BoxedImage]]:
    """At most `limit` of each source's, or of that one source's."""
    found: dict[str, list[BoxedImage]] = {}
    for image in images:
        if source in (None, image.source):
            found.setdefault(image.source, []).append(image)
    return {name: mine[:limit] for name, mine in found.items()}


def time_detectors(asked: Sequence[Rival], images: Iterable[BoxedImage]) -> list[DetectorTimings]:
    answers = [DetectorTimings() for _ in asked]
    for image in tqdm(images, unit=" pictures", disable=None, leave=False):
        frame = read_image(image.path)
        for rival, mine in zip(asked, answers, strict=True):
            mine.ms.append(milliseconds(rival, frame))
            found = rival.find(frame, WHOLE_CURVE)
            mine.pictures.append(([d.box for d in found], [d.score for d in found], image.boxes))
    return answers


def milliseconds(rival: Rival, frame: Frame) -> float:
    start = time.perf_counter()
    rival.find(frame, rival.operating_point)
    return (time.perf_counter() - start) * 1000


def share(part: int, whole: int) -> str:
    return f"{part / whole:.3f}" if whole else "none"


def cells(answers: DetectorTimings, least: float) -> list[str]:
    """AP50, recall, precision and recall by height, as they are printed."""
    found = match(answers.pictures)
    hits, total = found.recall(min_score=least)
    kept = found.scores >= least
    by_height = (found.recall(low, high, least) for low, high in BINS)
    return [
        str(total),
        f"{found.average_precision():.3f}",
        share(hits, total),
        share(int(found.hits[kept].sum()), int(kept.sum())),
        *(f"{share(h, t)} (n={t})" for h, t in by_height),
    ]


def table_lines(head: Sequence[str], rows: Iterable[Sequence[str]]) -> list[str]:
    """A table in Markdown."""
    return [f"| {' | '.join(row)} |" for row in (head, ["---"] * len(head), *rows)]


def print_table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    for line in table_lines(head, rows):
        print(line, flush=True)


def finding(asked: Sequence[Rival], source: str, images: Sequence[BoxedImage]) -> list[list[str]]:
    """A row for each rival."""
    answers = time_detectors(asked, images)
    first = answers[0].median_ms
    return [
        [
            source,
            str(rival),
            *cells(mine, rival.operating_point),
            f"{mine.median_ms:.1f}",
            f"{mine.median_ms / first:.2f}",
        ]
        for rival, mine in zip(asked, answers, strict=True)
    ]


def speed(asked: Sequence[Rival], title: str, frame: Frame, repeat: int) -> list[list[str]]:
    """A row for each rival that can look at so large a picture."""
    able = [rival for rival in asked if frame.width * frame.height <= rival.most_pixels]
    counts = [len(rival.find(frame, rival.operating_point)) for rival in able]  # the first call is not timed
    times = [[milliseconds(rival, frame) for rival in able] for _ in range(repeat)]
    return [
        [title, str(rival), str(count), f"{statistics.median(ms):.1f}"]
        for rival, count, ms in zip(able, counts, zip(*times, strict=True), strict=True)
    ]


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(
        prog="python -m bench.detectors",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--split", default="test")
    parser.add_argument("--source")
    parser.add_argument("--limit", type=int, help="pictures a source")
    parser.add_argument("--detector", action="append", choices=NAMES)
    parser.add_argument("--ultraface", type=Path, help="ONNX of UltraFace")
    parser.add_argument(
        "--repeat", type=int, default=5, help="of the pictures of some sizes; 0 leaves them out"
    )
    options = parser.parse_args(arguments)
    asked = rivals(options.detector, ultraface=options.ultraface)
    try:
        images = of_sources(read_data(options.data, options.split), options.source, options.limit)
    except MaskwiseError as problem:
        parser.exit(1, f"error: {problem}\n")
    if not asked or not images:
        parser.exit(1, "error: no detector is at hand, or no picture is of that source.\n")
    heights = [f"{low:.0f} to {high:.0f} px" for low, high in BINS]
    head = ["source", "detector", "faces", "AP50", "recall", "precision", *heights, "ms", f"x {asked[0]}"]
    print_table(head, itertools.chain.from_iterable(finding(asked, *item) for item in images.items()))
    if options.repeat:
        print()
        pictures = {"1280 x 720, 8 faces": picture(8)[0]}
        for width, height in ((1280, 720), (4000, 3000)):
            frame, faces = crowd(width, height)
            pictures[f"{width} x {height}, {faces} faces"] = frame
        rows = (speed(asked, title, frame, options.repeat) for title, frame in pictures.items())
        print_table(["picture", "detector", "found", "ms"], itertools.chain.from_iterable(rows))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
