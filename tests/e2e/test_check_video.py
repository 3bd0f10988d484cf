"""Check a video, in a real browser: a film is sent, answered, clicked through and played."""

from __future__ import annotations

from playwright.sync_api import FilePayload, Page, expect
from playwright.sync_api import TimeoutError as PlaywrightTimeoutError

from core.mask_rendering.samples import sample_frame
from tests.e2e.conftest import settled
from tests.e2e.photo_page import choose, download
from tests.films import bytes_of, grey

ASTRONAUT = sample_frame("no_mask").rgb[:300]
FILM = bytes_of([ASTRONAUT] * 30, rate=10, sound=3.0, coder={"preset": "ultrafast"})
WALL = bytes_of([grey(i % 200, (64, 48)) for i in range(1200)], rate=1, coder={"preset": "ultrafast"})
PLAYER = "video[data-testid=stVideo], [data-testid=stVideo] video"


def send(page: Page, name: str, data: bytes) -> None:
    page.locator('input[type="file"]').first.set_input_files(
        FilePayload(name=name, mimeType="video/mp4", buffer=data)
    )


def metric(page: Page, label: str):
    return page.get_by_test_id("stMetric").filter(has_text=label).get_by_test_id("stMetricValue")


def jumps_to(page: Page, share: float, at: float) -> bool:
    """Whether a click on the timeline sends the player there; a chart that is drawn anew may miss one."""
    chart = page.locator(".js-plotly-plot .nsewdrag").first
    chart.scroll_into_view_if_needed()
    box = chart.bounding_box()
    page.mouse.click(box["x"] + box["width"] * share, box["y"] + box["height"] / 2)
    near = "([selector, at]) => Math.abs((document.querySelector(selector)?.currentTime ?? 0) - at) < 0.1"
    try:
        page.wait_for_function(near, arg=[PLAYER, at], timeout=10_000)
    except PlaywrightTimeoutError:
        return False
    return True


def test_a_film_is_answered_clicked_through_and_played(visitor):
    page = visitor("/check_video")
    expect(page.get_by_text("It stays in this server's memory")).to_be_visible()
    send(page, "me.mp4", FILM)
    expect(metric(page, "People")).to_have_text("1")
    settled(page)
    player = page.locator(PLAYER).first
    player.evaluate("video => { video.muted = true; return video.play(); }")
    page.wait_for_function("selector => document.querySelector(selector).currentTime > 0.3", arg=PLAYER)
    facts = player.evaluate("v => [v.videoWidth, v.videoHeight, v.duration, v.error && v.error.message]")
    assert facts[:2] == [512, 300] and 2.9 < facts[2] < 3.2 and facts[3] is None

    player.evaluate("video => video.pause()")
    assert any(jumps_to(page, 0.75, 2.25) for _ in range(6))  # to the part of a second
    film = download(page, "Annotated film")
    assert film[4:8] == b"ftyp" and film.index(b"moov") < film.index(b"mdat")
    assert download(page, "People (CSV)").startswith(b'\xef\xbb\xbf"id","from","to","label"')


def test_the_work_goes_on_while_its_page_is_left_and_can_be_ended(visitor):
    """With twenty minutes of nothing, so that it is at work for as long as it takes to look."""
    page = visitor("/check_video")
    send(page, "wall.mp4", WALL)
    expect(page.get_by_text("pictures ·").first).to_be_visible()
    page.get_by_role("link", name="Check photos").first.click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Check photos")
    page.go_back()
    expect(page.get_by_role("button", name="Stop here and show what there is")).to_be_enabled()
    page.get_by_role("button", name="Stop here and show what there is").click()
    expect(page.get_by_text("Stopped at")).to_be_visible()
    expect(metric(page, "People")).to_have_text("0")
    page.get_by_role("button", name="Remove", exact=True).click()
    expect(page.get_by_test_id("stMetric")).to_have_count(0)
    send(page, "wall.mp4", WALL)
    page.get_by_role("button", name="Cancel", exact=True).click()  # not that of the upload
    expect(page.get_by_text("It stays in this server's memory")).to_be_visible()
    expect(page.get_by_test_id("stMetric")).to_have_count(0)


def test_who_drops_a_video_on_the_photo_page_is_shown_the_way(visitor):
    page = visitor("/check_photos")
    send(page, "holiday.mp4", FILM)
    expect(page.get_by_text("holiday.mp4 is a video")).to_be_visible()
    page.get_by_test_id("stMain").get_by_role("link", name="Check a video").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Check a video")
    choose(page, "Sample")
    expect(page.get_by_role("button", name="Check the sample")).to_be_visible()
