"""What visitors of the live page get, measured in real Chromium with a camera whose frames are numbered.

    python -m bench.live [--transport direct|webrtc|both] [--viewers 1 2 4] [--faces 1 5] [--seconds 15]
                         [--size 640x480] [--slow MS] [--soak MINUTES]

A row a case, each with a server of its own, and a Chromium process a viewer: pages in one headless Chromium
slow each other down. Server and browsers share this machine.

- shown: different camera frames a second on the screen of the viewer who has fewest; analysed: likewise.
- p50, p95: latency in milliseconds, all viewers together. Direct: from the capture of a frame until its
  answer is drawn over the video. WebRTC: from the camera until the frame is back, with its answers drawn in.
- first result: seconds from the click on Start, slowest viewer. With WebRTC the page tells up to 0.2 s late.
- CPU: of the server alone, percent of one core. RSS: resident memory of the server, first to last look.
- load: this machine's average of the minute before the case.

`--slow` adds MS milliseconds to every analysis. `--soak` has one viewer and prints a row a minute; growth is
counted from minute 2, when caches have filled.
"""

from __future__ import annotations

import argparse
import itertools
import os
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from playwright.sync_api import Error, Playwright, sync_playwright

from bench.app_server import STREAMLIT, AppServer, served_app
from bench.camera import film
from bench.live_viewer import Visitor

TRANSPORTS = ("direct", "webrtc")
SETTLE_S = 3  # WebRTC finds its bit rate in the first seconds
UNREAD = 0.02  # a larger share of frames without a readable number makes the figures doubtful


@dataclass(frozen=True, slots=True)
class Case:
    transport: str
    faces: int
    viewers: int
    size: tuple[int, int]  # width, height
    slow_ms: float

    @property
    def title(self) -> str:
        return f"{self.transport} | {self.size[0]}x{self.size[1]} | {self.faces} | {self.viewers}"


@contextmanager
def watched(
    playwright: Playwright, case: Case, camera: Path
) -> Iterator[tuple[AppServer, list[Visitor], float]]:
    """The server, its viewers once each has had a result and some seconds, and the slowest first result."""
    module = ("bench.slow_app", str(case.slow_ms)) if case.slow_ms else STREAMLIT
    viewers: list[Visitor] = []
    with served_app(module) as server:
        try:
            for _ in range(case.viewers):
                viewers.append(Visitor(playwright, camera, case.transport))
                viewers[-1].open(server.url)
            first_s = max(viewer.start() for viewer in viewers)
            viewers[0].wait(SETTLE_S)
            look(viewers)
            yield server, viewers, first_s
        finally:
            for viewer in viewers:
                viewer.close()


def look(viewers: list[Visitor]) -> str:
    """Cells of what was seen since the last look: shown, analysed, p50, p95."""
    seen = [viewer.look() for viewer in viewers]
    unread = max(s.unread for s in seen)
    if not unread <= UNREAD:
        print(f"{unread:.0%} of the frames had no readable number", file=sys.stderr)
    delays = [ms for s in seen for ms in s.latencies]
    p50, p95 = np.percentile(delays, (50, 95)) if delays else (np.nan, np.nan)
    shown, analysed = min(s.shown for s in seen), min(s.analysed for s in seen)
    return f"{shown:.1f} | {analysed:.1f} | {p50:.0f} | {p95:.0f}"


def measure(playwright: Playwright, case: Case, camera: Path, seconds: float) -> str:
    """Cells of one row after the case's title."""
    load = os.getloadavg()[0]
    with watched(playwright, case, camera) as (server, viewers, first_s):
        start = server.usage()
        viewers[0].wait(seconds)
        cells, end = look(viewers), server.usage()
    cpu = end.cpu_percent(start)
    return f"{cells} | {first_s:.2f} | {cpu:.0f} | {start.rss_mb:.0f} to {end.rss_mb:.0f} | {load:.1f}"


def soak(playwright: Playwright, case: Case, camera: Path, minutes: int) -> None:
    """Print a row a minute, and the growth."""
    print("| minute | shown | analysed | p50 | p95 | CPU | RSS MB | threads | open files | load |")
    print("|---" * 10 + "|")
    looks = []
    with watched(playwright, case, camera) as (server, viewers, _):
        before = server.usage()
        for minute in range(1, minutes + 1):
            viewers[0].wait(60)
            cells, now = look(viewers), server.usage()
            print(
                f"| {minute} | {cells} | {now.cpu_percent(before):.0f} | {now.rss_mb:.1f} "
                f"| {now.threads} | {now.files} | {os.getloadavg()[0]:.1f} |",
                flush=True,
            )
            before = now
            looks.append(now)
    if minutes > 2:
        second, last = looks[1], looks[-1]
        print(
            f"\nFrom minute 2 to {minutes}: {last.rss_mb - second.rss_mb:+.1f} MB, "
            f"{last.threads - second.threads:+d} threads, {last.files - second.files:+d} open files",
            flush=True,
        )


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--transport", choices=(*TRANSPORTS, "both"), default="both")
    parser.add_argument("--viewers", type=int, nargs="+", default=[1, 2, 4])
    parser.add_argument("--faces", type=int, nargs="+", default=[1, 5])
    parser.add_argument("--seconds", type=float, default=15)
    parser.add_argument("--size", default="640x480")
    parser.add_argument("--slow", type=float, default=0, metavar="MS")
    parser.add_argument("--soak", type=int, metavar="MINUTES")
    options = parser.parse_args()
    width, height = map(int, options.size.split("x"))
    transports = TRANSPORTS if options.transport == "both" else (options.transport,)
    viewers = [1] if options.soak else options.viewers
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        cameras = {
            faces: film(Path(folder) / f"{faces}.mjpeg", faces=faces, width=width, height=height)
            for faces in options.faces
        }
        cases = [
            Case(transport, faces, count, (width, height), options.slow)
            for transport, faces, count in itertools.product(transports, options.faces, viewers)
        ]
        if not options.soak:
            print(
                "| transport | size | faces | viewers | shown | analysed | p50 | p95 | first result | CPU "
                "| RSS MB | load |"
            )
            print("|---" * 12 + "|", flush=True)
        for case in cases:
            try:
                if options.soak:
                    print(f"\n{case.title}\n")
                    soak(playwright, case, cameras[case.faces], options.soak)
                else:
                    cells = measure(playwright, case, cameras[case.faces], options.seconds)
                    print(f"| {case.title} | {cells} |", flush=True)
            except (Error, RuntimeError) as problem:  # the other cases are still worth their time
                print(f"| {case.title} | failed: {problem} |", flush=True)


if __name__ == "__main__":
    main()
