"""A whole visit writes no file and speaks to no other machine: watched from outside, native code included."""

from __future__ import annotations

import re

import numpy as np
import pytest
from playwright.sync_api import Page, expect

from core.images.encode import to_jpeg
from core.mask_rendering.samples import group_photo, sample_frame
from tests.e2e.conftest import settled
from tests.e2e.photo_page import choose, download, drop, totals
from tests.films import bytes_of, noise
from tests.system_calls import Trace, skip_unless_traceable
from ui.dashboard.views import VIEWS


@pytest.fixture
def large() -> bytes:
    """A picture of some 1.5 MB, above the size from which Starlette would write to the disk."""
    content = to_jpeg(np.random.default_rng(0).integers(0, 256, (1300, 1300, 3), np.uint8))
    assert len(content) > 1_300_000
    return content


def test_a_whole_visit_writes_nothing_and_speaks_to_nobody_else(fresh_server, visitor, tmp_path, large):
    skip_unless_traceable()
    trace, home = Trace(tmp_path / "trace"), tmp_path / "home"
    home.mkdir()
    env = {"HOME": str(home), "TMPDIR": str(home), "XDG_CACHE_HOME": ""}
    server = fresh_server(env=env, under=trace.under)
    for path, look in PARTS.items():
        page = visitor(path, of=server)
        look(page, large)
        page.context.close()
    server.stop()
    assert any("mask3/model.onnx" in said for _, said in trace.calls("openat"))
    assert trace.written() == []
    assert trace.sent() == []
    assert [str(path) for path in home.rglob("*")] == []


def check_photos(page: Page, large: bytes) -> None:
    drop(page, ("noise.jpg", large), ("crowd.jpg", to_jpeg(group_photo(4).rgb)))
    expect(totals(page)).to_contain_text("2 photos")
    choose(page, "Camera")
    page.wait_for_function("() => document.querySelector('video')?.currentTime > 0.5")
    page.get_by_role("button", name="Take Photo").click()
    expect(totals(page)).to_contain_text("3 photos")
    settled(page)
    for name in ("JSON", "CSV", "COCO", "Pascal VOC", "Annotated photos (zip)"):
        assert download(page, name)
    page.keyboard.press("Escape")  # the menu of downloads
    page.get_by_role("button", name="Remove all…").click()
    page.get_by_role("button", name="Remove all", exact=True).click()
    expect(totals(page)).to_have_count(0)


def check_video(page: Page, large: bytes) -> None:
    pictures = [*[noise(i, (512, 300)) for i in range(8)], *[sample_frame("no_mask").rgb[:300]] * 8]
    film = bytes_of(pictures, rate=8, sound=2.0, coder={"crf": "10"})
    assert len(film) > 1_300_000
    drop(page, ("me.mp4", film))
    expect(page.get_by_role("button", name="Annotated film")).to_be_visible()
    for name in (
        "Annotated film",
        "People (CSV)",
        "Frames (CSV)",
        "JSON",
        "Chapters (WebVTT)",
        "Report (HTML)",
    ):
        assert download(page, name)
    page.get_by_role("button", name="A GIF to share").click()
    expect(page.get_by_role("button", name="GIF", exact=True)).to_be_visible()
    assert download(page, "GIF").startswith(b"GIF8")
    page.keyboard.press("Escape")
    page.get_by_role("button", name="Remove", exact=True).click()
    expect(page.get_by_test_id("stMetric")).to_have_count(0)


def watch(page: Page, large: bytes) -> None:
    page.get_by_role("button", name="Start", exact=True).click()
    page.locator(f".mw-live[data-transport={page.url.rpartition('=')[2]}][data-state=live]").wait_for()
    expect(page.locator("[data-figure=now]")).to_have_text("1")
    for name in ("Snapshot", "Session log (CSV)"):
        assert download(page, name)
    page.get_by_role("button", name="Stop", exact=True).click()
    page.locator(".mw-live[data-state=ready]").wait_for()


def read_dashboard(page: Page, large: bytes) -> None:
    for view, (shown, _) in VIEWS.items():
        page.get_by_test_id("stButtonGroup").first.locator("p", has_text=shown.rpartition(": ")[2]).click()
        page.wait_for_url(re.compile(f"view={view}"))
        if view == "explain":
            page.get_by_role("button", name="Explain this face").click()
            expect(page.get_by_text("Strength of the map")).to_be_visible()
        settled(page)
        if view not in NOTHING_TO_DOWNLOAD:
            with page.expect_download():
                page.get_by_test_id("stDownloadButton").get_by_role("button").last.click()
        expect(page.get_by_test_id("stException")).to_have_count(0)


NOTHING_TO_DOWNLOAD = ("summary", "labels")  # words; and what no run that ships has

PARTS = {
    "/check_photos": check_photos,
    "/check_video": check_video,
    "/live?transport=direct": watch,
    "/live?transport=webrtc": watch,
    f"/dashboard?view={next(iter(VIEWS))}": read_dashboard,
}
