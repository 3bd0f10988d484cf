"""axe-core finds no serious fault on any page, in either theme."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from core.images.encode import to_jpeg
from core.mask_rendering.samples import sample_frame
from tests.e2e.conftest import ROOT, eventually, settled
from tests.e2e.photo_page import drop
from tests.films import bytes_of

AXE = ROOT / "tests/js/node_modules/axe-core/axe.min.js"
SERIOUS = ("serious", "critical")
pytestmark = pytest.mark.skipif(not AXE.is_file(), reason="axe-core is not installed: make check installs it")


def faults(page: Page) -> list[str]:
    """What axe-core calls serious or worse, in our own components too: rule, and where.

    Names of what cannot be used now may be pale (WCAG 1.4.3); Streamlit's sliders do not tell axe-core so.
    """
    page.evaluate(AXE.read_text(encoding="utf-8"))  # not by a script tag, which the page's policy forbids
    found: dict[str, Any] = page.evaluate(
        "axe.run({exclude: [['label[disabled]']]}, {resultTypes: ['violations']})"
    )
    return [
        f"{rule['id']} ({rule['impact']}): {node['html'][:200]} {node['failureSummary'][:300]}"
        for rule in found["violations"]
        if rule["impact"] in SERIOUS
        for node in rule["nodes"]
    ]


def photos(page: Page) -> None:
    drop(page, ("me.jpg", to_jpeg(sample_frame("nose_out").rgb)), ("bad.jpg", b"no picture"))
    expect(page.locator(".mw-open")).to_have_count(2)


def one_photo(page: Page) -> None:
    drop(page, ("me.jpg", to_jpeg(sample_frame("nose_out").rgb)))
    expect(page.locator(".mw-card")).to_be_visible()


def film(page: Page) -> None:
    drop(page, ("me.mp4", bytes_of([sample_frame("nose_out").rgb[:300]] * 5, rate=5)))
    expect(page.get_by_test_id("stMetric").first).to_contain_text("People")
    expect(page.locator(".js-plotly-plot")).to_be_visible()


def running(page: Page) -> None:
    page.locator(".mw-live[data-state=ready]").wait_for()
    page.get_by_role("button", name="Start", exact=True).click()
    page.locator(".mw-live[data-state=live]").wait_for()
    expect(page.locator("[data-figure=now]")).to_have_text("1")


def sample(page: Page) -> None:
    page.get_by_role("button", name="Try it with the sample").click()
    expect(page.get_by_role("img", name="The sample")).to_be_visible()


PAGES: dict[str, tuple[str, Callable[[Page], object]]] = {
    "home": ("/", sample),
    "photos": ("/check_photos", photos),
    "one photo": ("/check_photos", one_photo),
    "video": ("/check_video", film),
    "live": ("/live", lambda page: page.locator(".mw-live[data-state=ready]").wait_for()),
    "live, running": ("/live", running),
    "door": ("/live?door=1", lambda page: page.locator(".mw-live[data-state=ready]").wait_for()),
    "dashboard": ("/dashboard", settled),
    "mistakes": ("/dashboard?view=mistakes", settled),
    "thresholds": ("/dashboard?view=thresholds", settled),
}


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("name", list(PAGES))
def test_a_page_has_no_serious_fault(visitor, name, dark):
    address, arrange = PAGES[name]
    page = visitor(address, dark=dark)
    arrange(page)
    settled(page)

    def has_none() -> None:
        assert faults(page) == []

    eventually(page, has_none)  # what is new on a page is paler at first


def test_a_fault_would_be_found(visitor):
    page = visitor("/")
    page.evaluate("document.querySelector('[data-testid=stMain]').append(document.createElement('button'))")
    assert any(fault.startswith("button-name") for fault in faults(page))
