"""The dashboard's address in real Chromium: Back and Forward, links to nothing, titles, the fold."""

from __future__ import annotations

import re

from playwright.sync_api import Page, expect

from tests.e2e.conftest import eventually, settled
from tests.shipped import DEFAULT_RUN


def show(page: Page, view: str) -> None:
    """Press a view's button."""
    buttons = page.get_by_test_id("stMain").get_by_test_id("stButtonGroup").first
    buttons.locator("p", has_text=view).first.click()
    settled(page)


def test_back_and_forward_go_from_view_to_view(visitor):
    page = visitor(f"/dashboard?run={DEFAULT_RUN}&view=summary")
    for view, address in (("Report", "report"), ("Slices", "slices")):
        show(page, view)
        page.wait_for_url(f"**view={address}*")
    page.go_back()
    expect(page.get_by_role("heading", name="Where it fails")).to_be_visible()
    page.go_back()
    expect(page.get_by_role("heading", name="The weakest case")).to_be_visible()
    page.go_forward()
    expect(page.get_by_role("heading", name="Where it fails")).to_be_visible()
    page.wait_for_url("**view=report*")


def test_a_link_to_what_is_not_there_says_so_and_is_left_alone(visitor):
    page = visitor("/dashboard?run=nosuch&view=report")
    expect(page.get_by_text("No run “nosuch” here")).to_be_visible()
    assert "run=nosuch" in page.url
    page = visitor(f"/dashboard?run={DEFAULT_RUN}&view=zzz")
    expect(page.get_by_text("No view “zzz” here")).to_be_visible()
    assert "view=zzz" in page.url


def test_the_summary_begins_above_the_fold_and_its_tab_is_named(visitor):
    page = visitor("/dashboard")
    page.set_viewport_size({"width": 1366, "height": 650})
    heading = page.get_by_role("heading", name="Of 100 faces it gets about")

    def above_the_fold() -> None:
        box = heading.bounding_box()
        assert box and box["y"] + box["height"] < 650

    eventually(page, above_the_fold)
    expect(page).to_have_title(re.compile(f"^Summary, {DEFAULT_RUN}"))
