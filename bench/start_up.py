"""How long one waits for a start: of a command, of the server, of its first page and its first answer.

    python -m bench.start_up [--repeat 3]

Each start is that of a new process. Seconds from the start on, medians: all but the first have their files in
the system's cache. The browser is open before. Beside them the memory of the server when it has answered,
and, turn by turn, the first page of the smallest app that Streamlit can show: no page of ours can be sooner.
Needs Linux and Chromium.
"""

from __future__ import annotations

import argparse
import re
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import Browser, sync_playwright

from bench.app_server import ROOT, served_app
from bench.chromium import open_chromium
from bench.photo_page import make_photos


def command(photo: Path) -> float:
    """Seconds of `python -m core check` for one picture."""
    began = time.monotonic()
    subprocess.run(
        [sys.executable, "-m", "core", "check", photo], cwd=ROOT, check=True, stdout=subprocess.PIPE
    )
    return time.monotonic() - began


def smallest_app(browser: Browser, folder: Path) -> float:
    """Seconds to its first page."""
    (folder / "app.py").write_text("import streamlit as st\nst.file_uploader('A file')\n", encoding="utf-8")
    began = time.monotonic()
    with served_app(folder=folder) as server:
        page = browser.new_page()
        page.goto(server.url)
        page.locator('input[type="file"]').first.wait_for(state="attached")
        page.close()
        return time.monotonic() - began


def app(browser: Browser, photo: Path) -> dict[str, float]:
    """Seconds from the start of the server, and its memory in MB."""
    began = time.monotonic()

    def passed() -> float:
        return time.monotonic() - began

    with served_app() as server:
        said = {"server answers": passed()}
        page = browser.new_page()
        page.goto(f"{server.url}/check_photos")
        page.locator('input[type="file"]').first.wait_for(state="attached")
        said["first page"] = passed()
        page.locator('input[type="file"]').first.set_input_files(photo)
        page.get_by_text(re.compile(r"^1 photo\b(?!.*waiting).* faces?$")).wait_for(timeout=60_000)
        said["first answer"] = passed()
        said["memory, MB"] = server.usage().rss_mb
        page.close()
    return said


def median_of(measure: Callable[[], dict[str, float]], repeat: int) -> dict[str, float]:
    runs = [measure() for _ in range(repeat)]
    return {name: statistics.median(run[name] for run in runs) for name in runs[0]}


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.start_up", description=__doc__.split("\n")[0])
    parser.add_argument("--repeat", type=int, default=3)
    repeat = parser.parse_args().repeat
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        (photo,) = make_photos(Path(folder), 1)
        told = median_of(lambda: {"core check": command(photo)}, repeat)
        browser = open_chromium(playwright.chromium)
        told |= median_of(
            lambda: {
                **app(browser, photo),
                "first page, smallest app": smallest_app(browser, photo.parent),
            },
            repeat,
        )
        browser.close()
    for name, figure in told.items():
        print(f"{name}: {figure:.2f}")


if __name__ == "__main__":
    main()
