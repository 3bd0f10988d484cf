"""Which faces each detector finds, side by side in one run.

    python -m bench.detectors --data DATA_FOLDER [--split test] [--source andrewmvd] [--detector NAME ...]

DATA_FOLDER holds scenes.csv: `path,label,x1,y1,x2,y2,split,source,group`, one box a row. Prints, for each
source and detector: AP50 (faces of any label, IoU 0.5), recall and precision at the operating point, recall
by face height, median milliseconds a picture.
"""

from __future__ import annotations

import argparse
import csv
import itertools
import statistics
import time
from pathlib import Path

from core.detection_metrics import SIZE_EDGES, match
from core.detectors import DETECTOR_NAMES, load_detector
from core.errors import DetectorError
from core.images import read_image

WHOLE_CURVE = 0.05  # scores below this add false faces to the curve and time to the search, but no area


def scenes(folder: Path, split: str) -> dict[str, dict[str, list[tuple[float, ...]]]]:
    """source -> picture path -> true boxes."""
    found: dict[str, dict[str, list[tuple[float, ...]]]] = {}
    with (folder / "scenes.csv").open(newline="") as file:
        for row in csv.DictReader(file):
            if row["split"] == split:
                box = tuple(float(row[k]) for k in ("x1", "y1", "x2", "y2"))
                found.setdefault(row["source"], {}).setdefault(row["path"], []).append(box)
    return found


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--split", default="test")
    parser.add_argument("--source")
    parser.add_argument("--limit", type=int, help="pictures a source")
    parser.add_argument("--detector", action="append", choices=DETECTOR_NAMES)
    options = parser.parse_args()
    bins = list(itertools.pairwise(SIZE_EDGES))
    heads = " | ".join(f"{low:.0f}-{high:.0f} px" for low, high in bins)
    print(f"| source | detector | boxes | AP50 | recall | precision | {heads} | ms |")
    for source, pictures in scenes(options.data, options.split).items():
        if options.source not in (None, source):
            continue
        for name in options.detector or DETECTOR_NAMES:
            try:
                detector = load_detector(name)
            except DetectorError as problem:
                print(problem)
                continue
            rows, ms = [], []
            for path, true in itertools.islice(pictures.items(), options.limit):
                frame = read_image(options.data / path)
                start = time.perf_counter()
                found = detector.detect(frame, WHOLE_CURVE)
                ms.append((time.perf_counter() - start) * 1000)
                rows.append(([d.box for d in found], [d.score for d in found], true))
            m = match(rows)
            at = detector.operating_point
            hits, total = m.recall(min_score=at)
            kept = m.scores >= at
            by_size = " | ".join(
                "no examples" if not t else f"{h / t:.2f} (n={t})"
                for h, t in (m.recall(low, high, at) for low, high in bins)
            )
            print(
                f"| {source} | {name} | {total} | {m.average_precision():.3f} | {hits / total:.3f} "
                f"| {m.hits[kept].mean():.3f} | {by_size} | {statistics.median(ms):.0f} |",
                flush=True,
            )


if __name__ == "__main__":
    main()
