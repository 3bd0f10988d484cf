"""The photo page with many photos, as a visitor meets it: real Chromium, times in the browser.

python -m bench.photo_page [--photos 30 500] [--clicks 15]

Prints, for each count of photos: seconds to the first answer and to all; milliseconds from a click on a photo
of the grid to its being shown large, from "All photos" to the grid and from a click on a counter to what it
counts (median, slowest); how much more memory the server holds. Other work on the machine makes all slower.
"""

from __future__ import annotations

import argparse
import re
import statistics
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from playwright.sync_api import Page, expect, sync_playwright

from bench.app_server import AppServer, served_app
from bench.chromium import open_chromium
from core.images import resized, to_jpeg
from core.mask_rendering import group_photo

SIZE = (1280, 960)
TIMEOUT_S = 1800


@dataclass(frozen=True, slots=True)
class PhotoVisit:
    """Of `photos`; clicks in milliseconds, memory in MB beyond what an idle server holds."""

    photos: int
    first_s: float
    all_s: float
    opened_ms: list[float]
    back_ms: list[float]
    filtered_ms: list[float]
    memory_mb: float

    def __str__(self) -> str:
        clicks = (("open", self.opened_ms), ("back", self.back_ms), ("filter", self.filtered_ms))
        told = ", ".join(f"{name} {statistics.median(ms):.0f} ({max(ms):.0f}) ms" for name, ms in clicks)
        return (
            f"{self.photos:,} photos: first answer after {self.first_s:.1f} s, all after {self.all_s:.1f} s; "
            f"{told}; server + {self.memory_mb:.0f} MB"
        )


def make_photos(folder: Path, count: int) -> list[Path]:
    """JPEGs of one to four faces, no two alike."""
    scenes = [resized(group_photo(faces).rgb, SIZE) for faces in (1, 2, 4)]
    random, made = np.random.default_rng(0), []
    for number in range(count):
        noise = random.integers(-6, 7, (SIZE[1], SIZE[0], 1))
        picture = np.clip(scenes[number % len(scenes)].astype(int) + noise, 0, 255).astype(np.uint8)
        made.append(folder / f"photo {number:04d}.jpg")
        made[-1].write_bytes(to_jpeg(picture))
    return made


def visit(page: Page, server: AppServer, photos: list[Path], clicks: int) -> PhotoVisit:
    """Upload `photos` together, wait until all are checked, then click."""
    page.goto(f"{server.url}/check_photos")
    uploader = page.locator('input[type="file"]').first
    uploader.wait_for(state="attached")
    idle, began = server.usage().rss_mb, time.monotonic()
    uploader.set_input_files(photos)
    page.locator(".mw-open .mw-plate").first.wait_for()
    first = time.monotonic() - began
    done = page.get_by_text(re.compile(rf"^{len(photos):,} photos(?!.*waiting).* faces?$"))
    expect(done).to_be_visible(timeout=TIMEOUT_S * 1000)
    in_all = time.monotonic() - began
    memory = server.usage().rss_mb - idle

    opened, back, filtered = [], [], []
    large, grid = page.locator(".mw-viewer h3"), page.locator(".mw-open")
    last = grid.nth(len(photos) - 1)
    for number in range(clicks):
        opened.append(_took(grid.nth(number % 12).click, large.wait_for))
        back.append(_took(page.get_by_role("button", name="← All photos").click, last.wait_for))
        one, all_of_them = (
            page.get_by_role("radio", name=re.compile(rf"{name} [\d,]+$"))
            for name in ("Worn incorrectly", "Photos")
        )
        filtered.append(_took(one.click, lambda: last.wait_for(state="detached")))
        filtered.append(_took(all_of_them.click, last.wait_for))
    return PhotoVisit(len(photos), first, in_all, opened, back, filtered, memory)


def _took(act: Callable[[], object], until: Callable[[], object]) -> float:
    began = time.perf_counter()
    act()
    until()
    return 1000 * (time.perf_counter() - began)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.photo_page", description=__doc__.split("\n")[0])
    parser.add_argument("--photos", type=int, nargs="+", default=[30, 500])
    parser.add_argument("--clicks", type=int, default=15)
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        photos = make_photos(Path(folder), max(args.photos))
        for count in args.photos:
            with served_app() as server:
                browser = open_chromium(playwright.chromium)
                page = browser.new_page()
                page.set_default_timeout(60_000)
                print(visit(page, server, photos[:count], args.clicks), flush=True)
                browser.close()


if __name__ == "__main__":
    main()
