"""A visitor of the live page: a Chromium of its own whose camera plays a numbered film, and what it saw."""

from __future__ import annotations

import math
from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import Playwright, ViewportSize

from bench.camera import WATCH_FRAMES, chromium_arguments
from bench.chromium import open_chromium

VIEWPORT: ViewportSize = {"width": 1280, "height": 900}
READY_MS = 60_000  # models load on the first visit, on a machine that others use too
AGAIN_MS = 5_000  # a number shown again before is an old frame repeated; after it, the film has begun anew

Frames = list[tuple[int | None, float]]
"""Number of each frame, None where it could not be read, and when it was there, milliseconds."""

_WATCH_PAGE = f"""(() => {{
  const seen = window.seen = {{clicked: null, first: null, analysed: 0, delays: [], camera: [], shown: []}};
  addEventListener('click', () => seen.clicked ??= performance.now(), true);
  addEventListener('maskwise:answer', ({{detail}}) => {{
    if (detail.analysed) seen.first ??= performance.now();
    seen.analysed = detail.analysed;
    if (detail.drawn) seen.delays.push(detail.drawn - detail.captured);
  }});
  if (!location.search.includes('transport=webrtc')) return;  // a second video would slow the direct way
  // WebRTC shows only what comes back: watch the camera in a video that is not shown.
  const media = navigator.mediaDevices;
  const ask = media.getUserMedia.bind(media);
  media.getUserMedia = async constraints => {{
    const stream = await ask(constraints);
    const video = seen.video = document.createElement('video');
    video.srcObject = stream;
    video.muted = true;
    video.play();
    ({WATCH_FRAMES})(video, seen.camera);
    return stream;
  }};
}})()"""
_WATCH_SHOWN = f"video => ({WATCH_FRAMES})(video, window.seen.shown)"
_TAKE = """() => {
  const {clicked, first, analysed, delays, camera, shown} = window.seen;
  const taken = {delays: delays.splice(0), camera: camera.splice(0), shown: shown.splice(0)};
  return {now: performance.now(), clicked, first, analysed, ...taken};
}"""


@dataclass(frozen=True, slots=True)
class SeenFrames:
    """By one viewer in a stretch of time: frames a second shown and analysed, latencies in milliseconds.

    `unread` is the share of shown frames whose number could not be read, 0 to 1.
    """

    shown: float
    analysed: float
    latencies: list[float]
    unread: float


class Visitor:
    """One visitor; all calls from the thread of `playwright`."""

    def __init__(self, playwright: Playwright, camera: Path, transport: str) -> None:
        """`camera` is a film of `bench.camera`. Close when done: a browser is running."""
        self._transport = transport
        self._browser = open_chromium(playwright.chromium, chromium_arguments(camera))
        context = self._browser.new_context(viewport=VIEWPORT, permissions=["camera"])
        context.add_init_script(_WATCH_PAGE)
        self._page = context.new_page()
        self._page.set_default_timeout(READY_MS)
        self._since = (0.0, 0)  # milliseconds, frames analysed until then

    def open(self, url: str) -> None:
        """Come by the front page of the app at `url`, as visitors do, and wait until live video can start."""
        self._page.goto(url)
        self._page.locator("[data-testid=stApp][data-test-script-state=notRunning]").wait_for()
        self._page.goto(f"{url}/live?transport={self._transport}")
        self._page.locator(".mw-live[data-state=ready]").wait_for()

    def start(self) -> float:
        """Click Start; seconds from there to the first result. Raises `RuntimeError` when there is none."""
        page = self._page
        page.get_by_role("button", name="Start", exact=True).click()
        live = page.locator(".mw-live")
        page.locator(".mw-live:is([data-state=live], [data-state=failed])").wait_for()
        if live.get_attribute("data-state") == "failed":
            raise RuntimeError(f"The page says: {live.inner_text()}")
        page.wait_for_function("() => window.seen.first !== null")
        if (used := live.get_attribute("data-transport")) != self._transport:
            raise RuntimeError(f"The page went over to {used}.")
        live.locator("video").evaluate(_WATCH_SHOWN)
        taken = page.evaluate(_TAKE)
        return float(taken["first"] - taken["clicked"]) / 1000

    def look(self) -> SeenFrames:
        """What was seen since the last look."""
        taken = self._page.evaluate(_TAKE)
        (before, analysed), self._since = self._since, (taken["now"], taken["analysed"])
        seconds = (taken["now"] - before) / 1000
        shown = taken["shown"]
        return SeenFrames(
            shown=len(first_showings(shown)) / seconds,
            analysed=(taken["analysed"] - analysed) / seconds,
            latencies=taken["delays"] or latencies(taken["camera"], shown),
            unread=sum(number is None for number, _ in shown) / len(shown) if shown else math.nan,
        )

    def wait(self, seconds: float) -> None:
        """Let the page live on: `time.sleep` would keep Playwright from answering the browser."""
        self._page.wait_for_timeout(seconds * 1000)

    def close(self) -> None:
        self._browser.close()


def first_showings(shown: Frames) -> Frames:
    """The frames without those that only repeat a recent one."""
    last: dict[int, float] = {}
    new: Frames = []
    for number, at in shown:
        if number is not None:
            if at - last.get(number, -math.inf) > AGAIN_MS:
                new.append((number, at))
            last[number] = at
    return new


def latencies(camera: Frames, shown: Frames) -> list[float]:
    """Milliseconds from the camera to the screen, of each frame that came to both."""
    delivered: dict[int, float] = {}
    found = []
    for at, on_screen, number in sorted(
        [(at, False, n) for n, at in camera if n is not None]
        + [(at, True, n) for n, at in first_showings(shown) if n is not None]
    ):
        if not on_screen:
            delivered[number] = at
        elif number in delivered:
            found.append(at - delivered.pop(number))
    return found
