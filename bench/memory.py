"""How much memory the app's server holds before, during and after visitors with photos.

    python -m bench.memory [--photos 100] [--visitors 1]

Starts the app and a Chromium, has each visitor upload 12-megapixel photos made of the sample picture, all at
once, waits for every answer, closes the tabs, waits until the server forgets the visitors (two minutes), and
prints resident megabytes: at that moment, and the most since the start.
"""

from __future__ import annotations

import argparse
import time
from pathlib import Path

import numpy as np
from PIL import Image
from playwright.sync_api import FilePayload, Page, sync_playwright

from bench.app_server import served_app
from bench.chromium import open_chromium
from core.images import to_jpeg
from core.mask_rendering import group_photo

FORGOTTEN_S = 140  # server.disconnectedSessionTTL is 120 s
GRAIN = 6  # of a phone's camera indoors: without it a photo would have a quarter of its bytes
AT_ONCE = 10  # Playwright sends at most 50 MB at once


def resident(pid: int) -> str:
    """Now, and the most since the start."""
    status = Path(f"/proc/{pid}/status").read_text().splitlines()
    now, most = (
        int(line.split()[1]) / 1024 for key in ("VmRSS", "VmHWM") for line in status if line.startswith(key)
    )
    return f"{now:.0f} MB, at most {most:.0f} MB"


def photo(number: int) -> bytes:
    """A 4000 x 3000 JPEG; each differs, so that nothing can be kept once for all."""
    rgb = np.asarray(Image.fromarray(group_photo(20).rgb).resize((4000, 3000)))
    grain = np.random.default_rng(number).normal(0, GRAIN, rgb.shape).astype(np.float32)
    return to_jpeg(np.clip(rgb + grain, 0, 255).astype(np.uint8), quality=92)


def wait_for(page: Page, answered: int) -> None:
    page.wait_for_function(
        "n => document.querySelector('[data-testid=stMetricValue]')?.innerText == n", arg=str(answered)
    )


def main() -> None:
    parser = argparse.ArgumentParser(description="Memory of the app's server around many photos.")
    parser.add_argument("--photos", type=int, default=100, help="of each visitor")
    parser.add_argument("--visitors", type=int, default=1)
    asked = parser.parse_args()
    photos = [photo(n) for n in range(asked.photos)]
    files = [FilePayload(name=f"{n}.jpg", mimeType="image/jpeg", buffer=p) for n, p in enumerate(photos)]
    with served_app() as server, sync_playwright() as playwright:
        browser = open_chromium(playwright.chromium)
        pages = [browser.new_context().new_page() for _ in range(asked.visitors)]
        for page in pages:
            page.set_default_timeout(1_800_000)
            page.goto(f"{server.url}/check_photos")
            page.locator('input[type="file"]').wait_for(state="attached")
        print(f"before: {resident(server.pid)}", flush=True)
        start = time.monotonic()
        for i in range(0, asked.photos, AT_ONCE):
            for page in pages:
                page.locator('input[type="file"]').set_input_files(files[i : i + AT_ONCE])
            for page in pages:
                wait_for(page, min(i + AT_ONCE, asked.photos))
        sent, seconds = sum(map(len, photos)) / 2**20, time.monotonic() - start
        each = f"{asked.photos} photos of {asked.visitors} visitors ({sent:.0f} MB each, {seconds:.0f} s)"
        print(f"after {each}: {resident(server.pid)}", flush=True)
        browser.close()
        time.sleep(FORGOTTEN_S)
        print(f"tabs closed, {FORGOTTEN_S} s later: {resident(server.pid)}")


if __name__ == "__main__":
    main()
