"""The README's pictures of each page, taken in real Chromium: samples of the astronaut, nobody else.

python -m bench.screenshots [FOLDER]          default: docs/pictures
"""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Callable
from io import BytesIO
from pathlib import Path

from PIL import Image
from playwright.sync_api import FilePayload, Page, ViewportSize, sync_playwright

from bench.app_server import served_app
from bench.camera import chromium_arguments, film
from bench.chromium import open_chromium
from core.images import to_jpeg
from core.mask_rendering import group_photo

FOLDER = Path(__file__).parent.parent / "docs" / "pictures"
VIEWPORT: ViewportSize = {"width": 1280, "height": 860}
QUALITY = 80  # of WebP: text stays sharp, and a page takes some 60 kB
SETTLED = "[data-testid=stApp][data-test-script-state=notRunning]"
AT_REST_MS = 1500  # charts and pictures fade in
FOLLOWED_MS = 6000  # until the counts of people stand


def _photos(page: Page) -> None:
    picture: FilePayload = {
        "name": "queue.jpg",
        "mimeType": "image/jpeg",
        "buffer": to_jpeg(group_photo(6).rgb),
    }
    page.locator('input[type="file"]').first.set_input_files(picture)
    page.locator(".mw-card").nth(5).wait_for()
    _scroll(page, ".mw-viewer", "start")


def _video(page: Page) -> None:
    page.get_by_role("radio", name="Sample").click()
    page.get_by_role("button", name="Check the sample").click()
    page.locator(".js-plotly-plot .bars .point").first.wait_for()
    page.locator(SETTLED).wait_for()
    _scroll(page, "[data-testid=stHeading] h3 >> nth=0", "start")


def _live(page: Page) -> None:
    page.locator(".mw-live[data-state=ready]").wait_for()
    page.get_by_role("button", name="Start", exact=True).click()
    page.locator(".mw-live[data-state=live]").wait_for()
    page.wait_for_timeout(FOLLOWED_MS)


def _chart(page: Page) -> None:
    page.locator(".js-plotly-plot").last.wait_for()
    _scroll(page, ".js-plotly-plot >> nth=0", "center")


def _scroll(page: Page, selector: str, block: str) -> None:
    page.locator(selector).evaluate(f"element => element.scrollIntoView({{block: '{block}'}})")


# By the name of the picture: the page's address, and what is done there before the picture is taken.
PAGES: dict[str, tuple[str, Callable[[Page], None]]] = {
    "home": ("", lambda page: page.get_by_role("heading", name="Maskwise").wait_for()),
    "photos": ("check_photos", _photos),
    "video": ("check_video", _video),
    "live": ("live", _live),
    "dashboard": ("dashboard?view=mistakes", _chart),
}


def take(folder: Path) -> None:
    """Write a WebP of each page. Starts a server and a browser, whose camera plays a film of the samples."""
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as films, served_app() as server, sync_playwright() as playwright:
        camera = film(Path(films, "camera.mjpeg"), faces=4, numbered=False)
        browser = open_chromium(playwright.chromium, chromium_arguments(camera))
        page = browser.new_context(viewport=VIEWPORT, permissions=["camera"]).new_page()
        page.set_default_timeout(60_000)
        for name, (address, arrange) in PAGES.items():
            page.goto(f"{server.url}/{address}")
            page.locator(SETTLED).wait_for()
            arrange(page)
            page.wait_for_timeout(AT_REST_MS)
            with Image.open(BytesIO(page.screenshot())) as picture:
                picture.save(folder / f"{name}.webp", quality=QUALITY, method=6)
        browser.close()


if __name__ == "__main__":
    take(Path(sys.argv[1]) if len(sys.argv) > 1 else FOLDER)
