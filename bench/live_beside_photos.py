"""What is left of live video while other visitors' pictures are read and searched beside it.

    python -m bench.live_beside_photos [--seconds 10] [--rate 15] [--beside 4]

One live viewer sends pictures of 640 x 480 with five faces at a camera's rate; a picture that comes while the
last is still analysed is left out, as the page does. First alone, then beside visitors who have hostile
pictures checked without a pause: some that their decoder must end, some of 50 megapixels that are searched.
A row each: answers a second, their share of those alone, the median and the slowest twentieth of the time
from picture to answer, and pictures dealt with beside. Runs in one process, as the app's server does.
"""

from __future__ import annotations

import argparse
import statistics
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass

from bench.bombs import jpeg, older, png, tiff
from core.errors import ImageError
from core.images import read_image, shrunk, to_jpeg
from core.mask_rendering import group_photo
from core.pipeline import Pipeline, load_pipeline
from core.results import Frame
from core.scheduling import Turns, cancellable, cores
from core.video import LiveAnalysis


class _OverError(BaseException):
    pass


@dataclass(frozen=True, slots=True)
class Live:
    """`ms`: from picture to answer, of each that was answered in `seconds`."""

    seconds: float
    ms: tuple[float, ...]
    beside: int

    @property
    def rate(self) -> float:
        return len(self.ms) / self.seconds


def hostile() -> list[bytes]:
    """What is neither refused by counting nor soon decoded."""
    return [older.runs_bmp(0)[:7_900_000], png.wide_png(1), tiff.packed_tiff(15), jpeg.large_jpeg(0)]


def watch(pipeline: Pipeline, seconds: float, rate: float, beside: Sequence[bytes], visitors: int) -> Live:
    """One live viewer for `seconds`, beside `visitors` who have pictures checked."""
    turns, over, dealt_with = Turns(cores()), threading.Event(), []

    def ask() -> None:
        if over.is_set():
            raise _OverError

    def visit(first: int) -> None:
        number = first
        try:
            while True:
                with cancellable(ask), turns.turn(lambda before: ask()):
                    try:
                        frame = read_image(beside[number % len(beside)], "It")
                        pipeline.classify(frame, pipeline.detector.detect(frame))
                    except ImageError:
                        pass
                dealt_with.append(number)
                number += 1
        except _OverError:
            return

    threads = [threading.Thread(target=visit, args=(number,)) for number in range(visitors)]
    picture, live = to_jpeg(shrunk(group_photo(5).rgb, 640)), LiveAnalysis(pipeline)
    for thread in threads:
        thread.start()
    start, times, due = time.monotonic(), [], 0
    while (now := time.monotonic() - start) < seconds:
        if now < due / rate:
            time.sleep(due / rate - now)
        came = time.monotonic()
        live.analyse(read_image(picture, "The live picture"), came)
        times.append((time.monotonic() - came) * 1000)
        due = max(due + 1, int((time.monotonic() - start) * rate))
    took = time.monotonic() - start
    over.set()
    for thread in threads:
        thread.join()
    return Live(took, tuple(times), len(dealt_with))


def row(name: str, seen: Live, alone: Live) -> str:
    slow = statistics.quantiles(seen.ms, n=20)[-1]
    share = seen.rate / alone.rate
    middle = statistics.median(seen.ms)
    return f"| {name} | {seen.rate:.1f} | {share:.0%} | {middle:.0f} | {slow:.0f} | {seen.beside} |"


def load() -> Pipeline:
    """Loaded, and warm."""
    pipeline = load_pipeline()
    pipeline.check(Frame(group_photo(5).rgb))
    return pipeline


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--seconds", type=float, default=10)
    parser.add_argument("--rate", type=float, default=15, help="pictures a second of the camera")
    parser.add_argument("--beside", type=int, default=4, metavar="VISITORS")
    options = parser.parse_args()
    pipeline, files = load(), hostile()
    print("| beside | answers a second | share | p50 ms | p95 ms | pictures beside |")
    print("|---" * 6 + "|", flush=True)
    alone = watch(pipeline, options.seconds, options.rate, files, 0)
    print(row("nobody", alone, alone), flush=True)
    seen = watch(pipeline, options.seconds, options.rate, files, options.beside)
    print(row(f"{options.beside} visitors", seen, alone))


if __name__ == "__main__":
    main()
