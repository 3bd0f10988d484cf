"""How much memory the server takes for films of the page Check a video, sent by a real browser."""

from __future__ import annotations

import io
import re
import tempfile
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import av
from playwright.sync_api import Page, expect, sync_playwright

from bench.app_server import served_app
from bench.chromium import open_chromium
from bench.film_speed import MOST_GROWTH, five_faces, looped
from bench.scale.memory import held

_LOOK_EVERY = 0.25  # seconds
_PATIENCE = 3_600_000  # milliseconds for an answer


def page_memory(minutes: Sequence[float], size: tuple[int, int]) -> int:
    """Print a row for each film, of which a picture a second is analysed. 1 where one takes more than
    `MOST_GROWTH` MB over one of a second, else 0.
    """
    ten = _small(five_faces(10, size, 10.0))
    films = {"one second": 1 / 60} | {f"{length:g} min": length for length in minutes}
    peaks = {}
    with tempfile.TemporaryDirectory() as folder, served_app() as server, sync_playwright() as playwright:
        browser = open_chromium(playwright.chromium)
        page = browser.new_page()
        page.set_default_timeout(_PATIENCE)
        page.goto(f"{server.url}/check_video")
        page.get_by_role("combobox", name=re.compile("Pictures analysed")).click()
        page.get_by_role("option", name="1 a second").click()
        for words, length in films.items():
            path = Path(folder) / "film.mp4"
            looped(ten, path, 60 * length)
            with _watched(server.pid) as most:
                _answered(page, path)
            peaks[words] = most[0]
            growth = peaks[words] - peaks["one second"]
            sent = path.stat().st_size
            print(
                f"{words}, {sent / 2**20:.0f} MB sent: at most {peaks[words] / 2**20:.0f} MB, "
                f"{growth / 2**20:+.0f} MB",
                flush=True,
            )
        browser.close()
    return 1 if max(peaks.values()) - peaks["one second"] > MOST_GROWTH * 2**20 else 0


def _small(data: bytes) -> bytes:
    """As few bytes as a quiet film has: an hour of it may be sent."""
    memory = io.BytesIO()
    with av.open(io.BytesIO(data), "r") as source, av.open(memory, "w", format="mp4") as target:
        video = source.streams.video[0]
        stream = target.add_stream("libx264", rate=10, options={"crf": "30"})
        stream.width, stream.height, stream.pix_fmt = video.width, video.height, "yuv420p"
        for frame in source.decode(video):
            target.mux(stream.encode(frame))
        target.mux(stream.encode())
    return memory.getvalue()


def _answered(page: Page, film: Path) -> None:
    """Send a film, wait for its answer and its annotated film, and remove it."""
    page.locator('input[type="file"]').first.set_input_files(film)
    remove = page.get_by_role("button", name="Remove", exact=True)
    expect(remove).to_be_visible(timeout=_PATIENCE)
    expect(page.locator("video")).to_be_visible()
    remove.click()
    expect(remove).to_have_count(0)


@contextmanager
def _watched(pid: int) -> Iterator[list[int]]:
    """The most bytes that a process and what it starts hold meanwhile."""
    most, is_over = [0], threading.Event()

    def watch() -> None:
        while not is_over.wait(_LOOK_EVERY):
            most[0] = max(most[0], held(pid))

    thread = threading.Thread(target=watch, daemon=True)
    thread.start()
    try:
        yield most
    finally:
        is_over.set()
        thread.join()
