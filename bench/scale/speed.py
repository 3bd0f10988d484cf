"""Pictures a second: one process, one for each core, a loop of single calls, Ray; what 100 million take.

    python -m bench.scale.speed [--pictures 5000] [--loop 20] [--ray] [--counts 100,1000,10000]

Pictures have 2 megapixels and six faces. Seconds are of the whole command, its start counted in.
`--ray` needs requirements-ray.txt; `--counts` then measures both engines at each number of pictures.
"""

from __future__ import annotations

import argparse
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from bench.scale.pictures import ROOT, check, make, two_megapixels
from core.images import read_image
from core.models import use_threads
from core.pipeline import load_pipeline
from core.scheduling import cores

MILLIONS, MACHINE_CORES, HOURS = 100, 64, 24
_STAGES = 12  # pictures


def seconds_of(folder: Path, place: Path, *options: str) -> float:
    start = time.perf_counter()
    check(folder, place / f"{time.monotonic_ns()}.parquet", *options)
    return time.perf_counter() - start


def loop_seconds(folder: Path, count: int) -> float:
    """Of `count` calls of `check`, one a picture, as a script would have them."""
    start = time.perf_counter()
    for path in sorted(folder.rglob("*.jpg"))[:count]:
        call = [sys.executable, "-m", "core", "check", str(path), "--json"]
        subprocess.run(call, cwd=ROOT, check=True, stdout=subprocess.DEVNULL)
    return time.perf_counter() - start


def stages() -> dict[str, float]:
    """Milliseconds of one thread by stage, the median of some pictures."""
    use_threads(1)
    pipeline, found = load_pipeline(), []
    for n in range(_STAGES):
        content = two_megapixels(n)
        start = time.perf_counter()
        frame = read_image(content)
        found.append(pipeline.check(frame, decode_ms=(time.perf_counter() - start) * 1000).ms)
    return {stage: statistics.median(ms[stage] for ms in found) for stage in found[0]}


def main() -> None:
    parser = argparse.ArgumentParser(description="How many pictures a second.")
    parser.add_argument("--pictures", type=int, default=5000)
    parser.add_argument("--loop", type=int, default=20, help="single calls to measure")
    parser.add_argument("--ray", action="store_true")
    parser.add_argument("--counts", default="", help="numbers of pictures at which both engines are measured")
    options = parser.parse_args()
    print("stages, ms of one thread:", ", ".join(f"{stage} {ms:.0f}" for stage, ms in stages().items()))
    with tempfile.TemporaryDirectory() as place:
        measure(Path(place), options)


def measure(place: Path, options: argparse.Namespace) -> None:
    count, folder = options.pictures, place / "pictures"
    make(folder, count, two_megapixels)
    one = count / seconds_of(folder, place, "--workers", "1")
    print(f"one process: {one:.2f} pictures a second")
    all_cores = count / seconds_of(folder, place)
    print(f"{cores()} processes: {all_cores:.2f}, {all_cores / one:.2f} x of one")
    single = options.loop / loop_seconds(folder, options.loop)
    print(f"a loop of single calls: {single:.2f}, so {all_cores / single:.1f} x of that")
    if options.ray:
        ray = count / seconds_of(folder, place, "--engine", "ray")
        print(f"Ray on the same cores: {ray:.2f}, {ray / all_cores:.2f} of {cores()} processes")
        for n in map(int, filter(None, options.counts.split(","))):
            some = place / f"some-{n}"
            make(some, n, two_megapixels)
            local, by_ray = seconds_of(some, place), seconds_of(some, place, "--engine", "ray")
            print(f"  {n:,} pictures: {local:.0f} s, Ray {by_ray:.0f} s, {by_ray - local:+.0f} s")
    core_hours = MILLIONS * 1e6 / (all_cores / cores()) / 3600
    machines = core_hours / HOURS / MACHINE_CORES
    print(
        f"{MILLIONS} million pictures: {core_hours:,.0f} core hours at this rate a core: "
        f"{machines:,.0f} machines of {MACHINE_CORES} such cores for {HOURS} hours"
    )


if __name__ == "__main__":
    main()
