"""How much memory the app's server holds before, during and after a visitor with many photos.

    python -m bench.memory [--photos 100]

Starts the app and a Chromium, uploads 12-megapixel photos made of the sample picture, waits for every answer,
closes the tab, waits until Streamlit forgets the visitor (two minutes), and prints resident megabytes.
"""

from __future__ import annotations

import argparse
import os
import shutil
import signal
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import numpy as np
from PIL import Image
from playwright.sync_api import sync_playwright

from core.encode import to_jpeg
from core.samples import group_photo

ROOT = Path(__file__).parent.parent
PORT = 8599
FORGOTTEN_S = 160  # server.disconnectedSessionTTL is 120 s


def resident_mb(pid: int) -> float:
    status = Path(f"/proc/{pid}/status").read_text()
    return next(int(line.split()[1]) / 1024 for line in status.splitlines() if line.startswith("VmRSS"))


def photo(number: int) -> bytes:
    """A 4000 x 3000 JPEG; each differs, so that nothing can be kept once for all."""
    rgb = np.asarray(Image.fromarray(group_photo(20).rgb).resize((4000, 3000))).copy()
    rgb[:100, :100] = number
    return to_jpeg(rgb)


def main() -> None:
    parser = argparse.ArgumentParser(description="Memory of the app's server around many photos.")
    parser.add_argument("--photos", type=int, default=100)
    count = parser.parse_args().photos
    command = [sys.executable, "-m", "streamlit", "run", "app.py", "--server.headless", "true"]
    server = subprocess.Popen(
        [*command, "--server.port", str(PORT)],
        cwd=ROOT,
        start_new_session=True,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    url = f"http://localhost:{PORT}"
    try:
        while True:
            try:
                urllib.request.urlopen(f"{url}/_stcore/health", timeout=5).close()
                break
            except OSError:
                time.sleep(0.2)
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(
                executable_path=os.environ.get("CHROMIUM") or shutil.which("chromium"), args=["--no-sandbox"]
            )
            page = browser.new_page()
            page.set_default_timeout(1_800_000)
            page.goto(f"{url}/check_photos")
            chooser = page.locator('input[type="file"]')
            chooser.wait_for(state="attached")
            print(f"before: {resident_mb(server.pid):.0f} MB", flush=True)
            files = [{"name": f"{n}.jpg", "mimeType": "image/jpeg", "buffer": photo(n)} for n in range(count)]
            sent = sum(len(file["buffer"]) for file in files) / 2**20
            start = time.monotonic()
            for i in range(0, count, 10):  # Playwright sends at most 50 MB at once
                chooser.set_input_files(files[i : i + 10])
                done = page.get_by_test_id("stMetricValue").first
                page.wait_for_function(
                    "n => document.querySelector('[data-testid=stMetricValue]')?.innerText == n",
                    arg=str(min(i + 10, count)),
                )
            seconds = time.monotonic() - start
            print(
                f"after {done.inner_text()} photos ({sent:.0f} MB of files, {seconds:.0f} s): "
                f"{resident_mb(server.pid):.0f} MB",
                flush=True,
            )
            browser.close()
        time.sleep(FORGOTTEN_S)
        print(f"tab closed, {FORGOTTEN_S} s later: {resident_mb(server.pid):.0f} MB")
    finally:
        os.killpg(server.pid, signal.SIGTERM)


if __name__ == "__main__":
    main()
