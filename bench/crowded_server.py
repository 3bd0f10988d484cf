"""A crowd at one server: visitors upload photos all at once while others want to be watched live.

    python -m bench.crowded_server [--visitors 50] [--viewers 8] [--places 4] [--seconds 30]

Each visitor opens the page for photos in a visit of his own, uploads one of 12 megapixels and waits for its
answer. More viewers come than there are places: the set number is watched, the others are told that all
places are taken. Meanwhile the server is asked for its health ten times a second. Everybody speaks the
server's own protocols without a browser, from this machine, which they share with the server.

Printed is what each got, and whether it is what is promised: every photo answered, exactly the set number
watched, health within 300 ms. The exit status is 1 where it is not.
"""

from __future__ import annotations

import argparse
import os
import statistics
import sys
import threading
import time
import urllib.request
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass, field

import cv2
import numpy as np
from websockets.exceptions import ConnectionClosed

from bench.app_server import AppServer, served_app
from bench.live_socket import FULL, closed_by
from bench.visitor import Visit
from core import settings
from core.images import to_jpeg
from core.mask_rendering import sample_frame

HEALTHY_S = 0.3
ASK_EVERY = 0.1  # seconds between two questions for health
EVERY = 1 / 15  # seconds between two pictures of a viewer


@dataclass(slots=True)
class Seen:
    """By all together, gathered from their threads."""

    health: list[float] = field(default_factory=list)  # seconds
    uploads: list[float] = field(default_factory=list)  # seconds from the choice of a photo to its answer
    watched: list[float] = field(default_factory=list)  # answers a second, of each viewer who has a place
    full: int = 0  # viewers who were told so
    problems: list[str] = field(default_factory=list)


def photo(width: int, height: int) -> bytes:
    """JPEG with one face."""
    return to_jpeg(cv2.resize(sample_frame("no_mask").rgb, (width, height)))


def ask_health(server: AppServer, seen: Seen, ended: threading.Event) -> None:
    while not ended.wait(ASK_EVERY):
        start = time.monotonic()
        try:
            urllib.request.urlopen(f"{server.url}/_stcore/health", timeout=30).close()
        except OSError as problem:
            seen.problems.append(f"health: {problem}")
        seen.health.append(time.monotonic() - start)


def upload(server: AppServer, seen: Seen, jpeg: bytes) -> None:
    try:
        with closing(Visit(server.url)) as visit:
            visit.open("check_photos")
            start = time.monotonic()
            visit.upload({"photo.jpg": jpeg})
            if not visit.says("1 photo, "):
                raise RuntimeError(f"no answer; the page says {visit.problems()}")
            seen.uploads.append(time.monotonic() - start)
    except Exception as problem:  # of whatever kind: it is counted, and the others go on
        seen.problems.append(f"upload: {type(problem).__name__}: {problem}")


def watch(server: AppServer, seen: Seen, jpeg: bytes, ended: threading.Event) -> None:
    try:
        with closing(Visit(server.url)) as visit:
            visit.open("live")
            live, answers, start = visit.live(), 0, time.monotonic()
            while not ended.wait(EVERY):
                answers = live.show(jpeg)["analysed"]
            seen.watched.append(answers / (time.monotonic() - start))
            live.close()
    except ConnectionClosed as closed:
        if closed_by(closed) == FULL:
            seen.full += 1
        else:
            seen.problems.append(f"live: {closed}")
    except Exception as problem:
        seen.problems.append(f"live: {type(problem).__name__}: {problem}")


def crowd(server: AppServer, visitors: int, viewers: int, seconds: float, size: tuple[int, int]) -> Seen:
    """Everybody at once, until all photos are answered and `seconds` are over."""
    seen, ended, still, picture = Seen(), threading.Event(), photo(*size), photo(640, 480)
    with closing(Visit(server.url)) as first:  # pays for loading the model
        first.open("check_photos")
        first.upload({"first.jpg": picture})
    start = time.monotonic()
    with ThreadPoolExecutor(viewers + 1) as beside, ThreadPoolExecutor(max(visitors, 1)) as uploading:
        beside.submit(ask_health, server, seen, ended)
        for _ in range(viewers):
            beside.submit(watch, server, seen, picture, ended)
        time.sleep(min(seconds / 5, 2))  # viewers are seated before the crowd comes
        list(uploading.map(lambda _: upload(server, seen, still), range(visitors)))
        time.sleep(max(0.0, seconds - (time.monotonic() - start)))
        ended.set()
    return seen


def told(seen: Seen) -> str:
    """In lines."""
    median, p99 = np.percentile(seen.health, (50, 99)) * 1000
    lines = [f"health: median {median:.0f} ms, p99 {p99:.0f}, most {max(seen.health) * 1000:.0f}"]
    if seen.uploads:
        median, last = statistics.median(seen.uploads), max(seen.uploads)
        lines.append(f"photos: {len(seen.uploads)} answered, median {median:.1f} s, last {last:.1f}")
    rates = ", ".join(f"{rate:.1f}" for rate in seen.watched)
    lines.append(
        f"live: {len(seen.watched)} watched, answers a second {rates}; {seen.full} told that it is full"
    )
    return "\n".join(lines)


def verdict(seen: Seen, visitors: int, viewers: int, places: int) -> list[str]:
    """What is not as promised."""
    wrong = [*seen.problems]
    if len(seen.uploads) != visitors:
        wrong.append(f"{len(seen.uploads)} of {visitors} photos were answered")
    watched = min(viewers, places)
    if len(seen.watched) != watched or seen.full != viewers - watched:
        wrong.append(f"{len(seen.watched)} viewers were watched and {seen.full} told that it is full")
    if max(seen.health) > HEALTHY_S:
        wrong.append(f"health took {max(seen.health):.2f} s")
    return wrong


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--visitors", type=int, default=50)
    parser.add_argument("--viewers", type=int, default=8)
    parser.add_argument("--places", type=int, default=4, help="of viewers who are watched at once")
    parser.add_argument("--seconds", type=float, default=30, help="at least")
    parser.add_argument("--size", default="4000x3000", help="pixels of a photo")
    options = parser.parse_args()
    width, height = map(int, options.size.split("x"))
    load = os.getloadavg()[0]
    os.environ[settings.MAX_VIEWERS.name] = str(options.places)
    with served_app() as server:
        before = server.usage()
        seen = crowd(server, options.visitors, options.viewers, options.seconds, (width, height))
        after = server.usage()
    print(told(seen))
    print(f"server: {before.rss_mb:.0f} to {after.rss_mb:.0f} MB, {after.cpu_percent(before):.0f}% CPU")
    print(f"this machine's load before: {load:.1f}")
    wrong = verdict(seen, options.visitors, options.viewers, options.places)
    print("\n".join(["Not as promised:", *wrong]) if wrong else "As promised.")
    sys.exit(bool(wrong))


if __name__ == "__main__":
    main()
