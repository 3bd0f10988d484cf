"""Live video end to end: real Chromium, a numbered film as its camera, the cascade that is always at hand."""

from __future__ import annotations

import csv
import io
import math
import re
import statistics
import struct
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import Page, expect
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import connect

from bench.app_server import STOP_S, AppServer, served_app
from bench.camera import chromium_arguments, film
from core import settings
from core.mask_rendering.samples import SAMPLES
from tests.e2e.conftest import eventually
from ui.live.socket import PROTOCOL
from ui.server.message_size import MAX_BYTES

WATCH = """window.seen = [];
addEventListener('maskwise:answer', ({detail}) => window.seen.push(detail))"""
RESTED = 1000  # ms for what was started or stopped to come to rest


@pytest.fixture(scope="session")
def camera(tmp_path_factory):
    """Makes a film of faces: `camera("no_mask", "below_mouth")`, both of which the cascade finds."""
    folder = tmp_path_factory.mktemp("films")

    def make(*samples: str):
        assert set(samples) <= SAMPLES.keys()
        path = folder / f"{'-'.join(samples)}.mjpeg"
        return path if path.exists() else film(path, faces=len(samples), samples=samples, seconds=10)

    return make


@pytest.fixture
def live(visitor, chromium, camera):
    """Opens the live page before a camera of its own, ready to start, and keeps what it answers."""

    def open_page(*samples: str, transport="direct", init=None, **options) -> Page:
        browser = chromium(chromium_arguments(camera(*samples)))
        scripts = [WATCH, init] if init else [WATCH]
        page = visitor(f"/live?transport={transport}", by=browser, init=scripts, **options)
        page.locator(".mw-live[data-state=ready]").wait_for()
        return page

    return open_page


@contextmanager
def served(folder: Path, patch: str = "", **environment: str) -> Iterator[AppServer]:
    """A server of its own, `core.video.analysis` patched by the lines of `patch` before the app starts."""
    lines = [
        "import runpy, sys, time",
        "from core.video.analysis import LiveAnalysis",
        "analyse = LiveAnalysis.analyse",
    ]
    lines += [patch, "sys.argv = ['streamlit', 'run', 'app.py', *sys.argv[1:]]"]
    lines += ["runpy.run_module('streamlit', run_name='__main__')"]
    (folder / "patched_app.py").write_text("\n".join(lines))
    own = {"XDG_CACHE_HOME": str(folder), "PYTHONPATH": str(folder), settings.OFFLINE.name: "1"}
    with ExitStack() as running:
        with pytest.MonkeyPatch.context() as patched:
            for name, value in {**own, **environment}.items():
                patched.setenv(name, value)
            server = running.enter_context(served_app(("patched_app",)))
        yield server


@pytest.fixture(scope="module")
def slow_server(tmp_path_factory) -> Iterator[AppServer]:
    """Its analysis is far slower than a camera."""
    slow = "LiveAnalysis.analyse = lambda self, *a, **o: time.sleep(0.4) or analyse(self, *a, **o)"
    with served(tmp_path_factory.mktemp("slow"), slow) as server:
        yield server


def start(page: Page) -> None:
    page.get_by_role("button", name="Start", exact=True).click()
    page.locator(".mw-live[data-state=live]").wait_for()


def stop(page: Page) -> None:
    page.get_by_role("button", name="Stop", exact=True).click()
    page.locator(".mw-live[data-state=ready]").wait_for()


def answers(page: Page, milliseconds: int, enough: float = math.inf) -> list[dict]:
    """What comes within a time, or until `enough` have come."""
    page.evaluate("window.seen.length = 0")
    deadline = time.monotonic() + milliseconds / 1000
    while page.evaluate("window.seen.length") < enough and time.monotonic() < deadline:
        page.wait_for_timeout(min(100, milliseconds))
    return page.evaluate("window.seen")


def labels(page: Page) -> list[str]:
    """Of the people in view, once there are some."""
    page.wait_for_function("() => window.seen.at(-1)?.people.length")
    return page.evaluate("window.seen.at(-1).people.map(person => person.label)")


def figure(page: Page, name: str):
    return page.locator(f"[data-figure={name}]")


def colours(page: Page, video) -> set[tuple[int, ...]]:
    """Coarse colours of what an element shows."""
    picture = np.asarray(Image.open(io.BytesIO(video.screenshot())).convert("RGB"))
    return set(map(tuple, (picture // 32).reshape(-1, 3)))


ORANGE = (
    0xE6 // 32,
    0x9F // 32,
    0,
)  # of "worn incorrectly", as core.labels has it; nothing in the film is orange


def video(page: Page):
    return page.locator(".mw-live video")


# --- both ways --------------------------------------------------------------------------------


def test_direct_answers_a_drawn_mask_over_the_visitors_own_video(live):
    page = live("below_mouth")
    before = colours(page, page.locator(".mw-stage"))
    start(page)
    assert labels(page) == ["incorrect_mask"]
    seen = answers(page, 3000, enough=6)
    assert len(seen) > 5
    assert [detail["analysed"] for detail in seen] == sorted({detail["analysed"] for detail in seen})
    assert ORANGE in colours(page, page.locator(".mw-stage")) and ORANGE not in before
    expect(page.locator(".mw-status")).to_contain_text("1 in view: Worn incorrectly.")
    expect(figure(page, "now")).to_have_text("1")
    expect(figure(page, "latency")).to_contain_text(re.compile(r"\d+ ms"))
    stop(page)
    assert page.locator(".mw-live video").first.evaluate("video => video.srcObject") is None
    expect(figure(page, "now")).to_have_text("0")
    expect(figure(page, "so_far")).to_have_text("1")


def test_webrtc_sends_the_video_back_with_the_answers_on_it(live):
    page = live("below_mouth", transport="webrtc")
    start(page)
    assert labels(page) == ["incorrect_mask"]
    seen = answers(page, 3000)
    assert seen[-1]["analysed"] > seen[0]["analysed"] + 3
    assert video(page).evaluate("video => video.currentTime") > 0.5
    assert ORANGE in colours(page, video(page))
    stop(page)
    expect(figure(page, "now")).to_have_text("0")
    start(page)  # and once more
    assert answers(page, RESTED, enough=1)


def test_the_direct_way_starts_by_itself_where_webrtc_cannot_connect(live):
    """As on a network that lets no UDP through: the browser's offer never meets an answer.

    The page is patient for ten seconds, of which its clock is told to make one.
    """
    deaf = """RTCPeerConnection.prototype.setRemoteDescription = () => new Promise(() => {});
        const now = performance.now.bind(performance);
        performance.now = () => 10 * now();"""
    page = live("no_mask", transport="webrtc", init=deaf)
    page.get_by_role("button", name="Start", exact=True).click()
    page.locator(".mw-live[data-transport=direct][data-state=live]").wait_for()
    expect(page.get_by_text("WebRTC could not connect")).to_be_visible()
    assert labels(page) == ["without_mask"]


@pytest.mark.parametrize("transport", ["direct", "webrtc"])
def test_latency_stays_bounded_when_analysis_is_far_slower_than_the_camera(transport, live, slow_server):
    page = live("no_mask", transport=transport, of=slow_server)
    start(page)
    page.evaluate("window.seen.length = 0")
    page.wait_for_function(
        "() => window.seen.length && window.seen.at(-1).analysed > window.seen[0].analysed + 4"
    )
    seen = page.evaluate("window.seen")
    analysed, skipped = (seen[-1][what] - seen[0][what] for what in ("analysed", "skipped"))
    assert skipped > 3 * analysed  # the camera went on
    if transport == "direct":
        delays = [detail["drawn"] - detail["captured"] for detail in seen]
        half = len(delays) // 2
        assert max(delays) < 2000
        assert statistics.median(delays[half:]) < 1.5 * statistics.median(delays[:half])
    else:
        expect(figure(page, "latency")).to_have_text(re.compile(r"^\d{3} ms$"))
    page.context.close()


def test_an_analysis_that_fails_is_told_and_the_next_ones_answer(live, tmp_path):
    fails_at_first = """calls = []
def failing(self, *a, **o):
    calls.append(1)
    if len(calls) < 25: time.sleep(0.1); raise ZeroDivisionError("injected")
    return analyse(self, *a, **o)
LiveAnalysis.analyse = failing"""
    with served(tmp_path, fails_at_first) as server:
        page = live("no_mask", transport="webrtc", of=server)
        start(page)
        expect(page.locator(".mw-status")).to_contain_text("could not be analysed, by a fault of Maskwise")
        assert labels(page) == ["without_mask"]
        expect(page.locator(".mw-status")).to_have_text("1 in view: No mask.")
        assert "ZeroDivisionError: injected" in server.log()
        page.context.close()


def test_keras_in_the_server_leaves_the_page_live(live, tmp_path):
    """As on a GPU: Streamlit must not clear Keras's session while it answers."""
    with served(tmp_path, MASKWISE_ENGINE="keras") as server:
        page = live("no_mask", of=server)
        start(page)
        assert labels(page) == ["without_mask"]
        page.evaluate("window.seen.length = 0")
        for _ in range(8):  # runs of the script
            page.get_by_label("Mirror").click()
            page.wait_for_timeout(400)
        page.wait_for_function("() => window.seen.at(-1)?.analysed - window.seen[0]?.analysed > 16")
        page.context.close()


# --- what can be wrong ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("without", "instead", "code", "words"),
    [
        (
            "--use-fake-ui-for-media-stream",
            "--use-fake-ui-for-media-stream=deny",
            "denied",
            "Allow it with the camera or lock sign",
        ),
        ("--use-fake-device-for-media-stream", "--mute-audio", "none", "No camera was found"),
    ],
)
def test_a_camera_that_is_not_had_is_explained_and_a_photo_offered(
    without, instead, code, words, chromium, camera, visitor
):
    arguments = [argument for argument in chromium_arguments(camera("no_mask")) if argument != without]
    page = visitor("/live", by=chromium([*arguments, instead]), camera=code == "none")
    page.get_by_role("button", name="Start", exact=True).click()
    problem = page.locator(".mw-live[data-state=failed] .mw-problem")
    expect(problem).to_contain_text(words)
    expect(problem).to_have_attribute("data-code", code)
    expect(page.get_by_text("Take or choose a picture")).to_be_visible()
    expect(page.get_by_role("button", name="Start", exact=True)).to_be_enabled()


def test_an_insecure_address_is_explained(live):
    page = live("no_mask", init="Object.defineProperty(window, 'isSecureContext', {value: false})")
    page.get_by_role("button", name="Start", exact=True).click()
    expect(page.locator(".mw-problem")).to_contain_text("only to secure pages")


def test_a_full_server_says_so_and_has_room_once_somebody_leaves(live, tmp_path):
    with served(tmp_path, MASKWISE_MAX_VIEWERS="1") as server:
        first = live("no_mask", of=server)
        start(first)
        second = live("below_mouth", of=server)
        second.get_by_role("button", name="Start", exact=True).click()
        expect(second.locator(".mw-problem")).to_contain_text("All places are taken")
        expect(second.get_by_text("Take a picture")).to_be_visible()
        first.close()

        def there_is_room() -> None:  # once the server has noticed
            second.get_by_role("button", name="Start", exact=True).click()
            second.locator(".mw-live:is([data-state=live], [data-state=failed])").wait_for()
            assert second.locator(".mw-live").get_attribute("data-state") == "live"

        eventually(second, there_is_room)
        assert labels(second) == ["incorrect_mask"]
        second.context.close()


def test_a_server_ends_at_once_under_a_running_video_and_the_page_says_so(live, tmp_path):
    with served(tmp_path) as server:
        page = live("no_mask", transport="webrtc", of=server, expected="")
        start(page)
        stopping = time.monotonic()
    assert time.monotonic() - stopping < STOP_S / 2  # after STOP_S it would have been killed
    expect(page.locator(".mw-status")).to_contain_text("Trying again")


def test_a_camera_that_is_unplugged_is_explained_and_can_be_started_again(live):
    page = live("no_mask")
    start(page)
    page.locator(".mw-live").evaluate(
        "live => live.stage.stream.getVideoTracks()[0].dispatchEvent(new Event('ended'))"
    )
    expect(page.locator(".mw-problem")).to_contain_text("The camera was unplugged")
    assert page.locator(".mw-live").evaluate("live => live.stage.stream") is None
    start(page)


@pytest.mark.parametrize("path", ["live-socket", "_stcore/stream"])
def test_a_message_too_large_is_refused_by_its_header(path, live):
    page = live("no_mask")
    token = page.locator(".mw-live").evaluate("live => live.stage.data.token")
    offered = [PROTOCOL, token] if path == "live-socket" else ["streamlit"]
    address = page.url.partition("/live")[0]
    with connect(
        f"{address.replace('http', 'ws')}/{path}", origin=address, subprotocols=offered, proxy=None
    ) as connection:
        connection.socket.sendall(struct.pack(">BBQ", 0x82, 0x80 | 127, MAX_BYTES + 1) + bytes(4))
        with pytest.raises(ConnectionClosed) as closed:  # noqa: PT012 - after what was under way
            while True:
                connection.recv(10)
    assert closed.value.rcvd.code == 1009


# --- several viewers, many starts ---------------------------------------------------------------


def test_two_viewers_see_each_their_own(live):
    pages = [live("no_mask"), live("below_mouth", "below_mouth", transport="webrtc")]
    for page in pages:
        start(page)
    assert labels(pages[0]) == ["without_mask"]
    pages[1].wait_for_function("() => window.seen.at(-1)?.people.length === 2")
    assert set(labels(pages[1])) == {"incorrect_mask"}
    assert labels(pages[0]) == ["without_mask"]
    expect(figure(pages[1], "so_far")).to_have_text("2")


@pytest.mark.parametrize("transport", ["direct", "webrtc"])
def test_ten_starts_and_stops_leave_threads_and_memory_where_they_were(transport, live, tmp_path):
    memory = {  # as `make app` sets them
        "MALLOC_ARENA_MAX": "2",
        "MALLOC_MMAP_THRESHOLD_": "4194304",
        "MALLOC_TRIM_THRESHOLD_": "33554432",
    }
    with served(tmp_path, **memory) as server:
        page = live("no_mask", transport=transport, of=server)

        def cycle():
            start(page)
            page.wait_for_timeout(100)
            stop(page)
            page.wait_for_timeout(100)

        for _ in range(3):
            cycle()
        page.wait_for_timeout(2 * RESTED)
        before = server.usage()
        for _ in range(10):
            cycle()
        page.wait_for_timeout(2 * RESTED)
        after = server.usage()
        page.context.close()
    assert after.threads <= before.threads + 2  # a pool may grow by one
    assert after.files <= before.files + 4
    assert after.rss_mb < before.rss_mb + 40


@pytest.mark.parametrize("transport", ["direct", "webrtc"])
def test_reload_and_leaving_the_page_end_the_stream_and_it_starts_again(transport, live):
    page = live("no_mask", transport=transport)
    start(page)
    page.reload()
    page.locator(".mw-live[data-state=ready]").wait_for()
    start(page)
    page.get_by_role("link", name="Home").first.click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Maskwise")
    page.go_back()
    page.locator(".mw-live[data-state=ready]").wait_for()
    start(page)
    assert labels(page) == ["without_mask"]


# --- what else the page offers ------------------------------------------------------------------


def test_the_door_says_one_big_answer_in_the_language_chosen(live):
    listen = "window.said = []; speechSynthesis.speak = words => said.push([words.text, words.lang])"
    page = live("no_mask", init=listen)
    page.get_by_text("Door mode").click()
    page.locator(".mw-door").wait_for()
    page.get_by_label("Language").click()
    page.get_by_role("option", name="Deutsch").click()
    page.get_by_text("Say the answer aloud").click()
    expect(page.locator(".mw-door-words")).to_have_text("Bitte vor die Kamera treten")
    start(page)
    expect(page.locator(".mw-door-words")).to_have_text("Bitte eine Maske aufsetzen")
    page.wait_for_function("() => said.length > 0")
    assert page.evaluate("said.at(-1)") == ["Bitte eine Maske aufsetzen", "de-DE"]
    page.get_by_role("button", name="Full screen").click()
    expect(page.get_by_role("button", name="Leave full screen")).to_be_visible()
    size = page.locator(".mw-door-words").evaluate("words => parseFloat(getComputedStyle(words).fontSize)")
    assert size > 60  # pixels of a laptop's screen: letters of 2 cm, read from three metres and more


def test_an_alert_shows_and_the_log_and_a_snapshot_can_be_downloaded(live):
    listen = """window.tones = 0; const make = AudioContext.prototype.createOscillator;
        AudioContext.prototype.createOscillator = function () { tones++; return make.call(this); }"""
    page = live("no_mask", init=listen)
    page.get_by_text("Alert me").click()
    expect(page.get_by_label("For at least (s)")).to_be_visible()
    start(page)
    expect(page.locator(".mw-alert")).to_be_visible()
    expect(page.locator(".mw-alert")).to_contain_text("Somebody has no mask on")
    assert page.evaluate("tones") == 2
    with page.expect_download() as snapshot:
        page.get_by_role("button", name="Snapshot").click()
    with Image.open(snapshot.value.path()) as picture:
        assert picture.format == "JPEG" and picture.size == (640, 480)
    with page.expect_download() as log:
        page.get_by_role("button", name="Session log (CSV)").click()
    rows = list(csv.DictReader(io.StringIO(log.value.path().read_text())))
    assert {"time", "id", "label", "confidence"} <= rows[0].keys()
    assert rows[0]["label"] == "without_mask" and float(rows[0]["confidence"]) > 0.5
    assert rows[0]["answer"] == "No mask" and [row["answer"] for row in rows].count("Alert") == 1
    expect(figure(page, "alerts")).to_have_text(re.compile(r"^! 1 alert, last \d"))


# --- ways in, and what is kept ------------------------------------------------------------------


def test_start_is_on_the_stage_and_above_the_fold_of_a_small_laptop(live):
    page = live("no_mask")
    page.set_viewport_size({"width": 1366, "height": 650})

    def on_the_stage() -> None:
        box = page.get_by_role("button", name="Start", exact=True).bounding_box()
        stage = page.locator(".mw-stage").bounding_box()
        assert box and stage and box["y"] + box["height"] < 650
        assert stage["y"] < box["y"] and box["y"] + box["height"] < stage["y"] + stage["height"]

    eventually(page, on_the_stage)
    expect(figure(page, "latency")).to_be_hidden()  # engineering figures are folded away
    page.get_by_text("Technical figures").click()
    expect(figure(page, "latency")).to_be_visible()


def test_a_door_is_an_address_that_starts_by_itself_without_controls(visitor, chromium, camera):
    kept = "() => JSON.parse(localStorage.getItem('maskwise.door.day'))"
    page = visitor(
        "/live?door=1&language=de&start=1&sound=1",
        by=chromium(chromium_arguments(camera("no_mask"))),
        init=[WATCH],
    )
    page.locator(".mw-live[data-state=live]").wait_for()
    expect(page.locator(".mw-door-words")).to_have_text("Bitte eine Maske aufsetzen")
    expect(page.locator(".mw-door-picture svg")).to_be_visible()  # what to change, drawn
    stop_button = page.get_by_role("button", name="Stop", exact=True)
    expect(stop_button).to_be_hidden()
    page.mouse.move(200, 200)
    expect(stop_button).to_be_visible()
    expect(stop_button).to_be_hidden()  # some seconds later
    page.wait_for_function(f"() => Object.values(({kept})()?.now ?? {{}}).some(counts => counts[0] > 0)")
    page.locator(".mw-live").evaluate(  # the camera is gone for a moment: it starts again by itself
        "live => live.stage.stream.getVideoTracks()[0].dispatchEvent(new Event('ended'))"
    )
    page.locator(".mw-live[data-state=failed]").wait_for()
    page.locator(".mw-live[data-state=live]").wait_for()


def test_the_log_outlives_a_reload_and_other_pages(live):
    page = live("no_mask")
    start(page)
    assert labels(page)
    expect(figure(page, "so_far")).to_have_text("1")
    page.reload()
    page.locator(".mw-live[data-state=ready]").wait_for()
    expect(figure(page, "so_far")).to_have_text("1")
    with page.expect_download() as log:
        page.get_by_role("button", name="Session log (CSV)").click()
    assert log.value.path().read_text().count("without_mask") >= 1
    page.get_by_role("link", name="Home").first.click()
    page.get_by_role("link", name="Live video").first.click()
    expect(figure(page, "so_far")).to_have_text("1")
