"""What tests do on the photo page."""

from __future__ import annotations

import re

from playwright.sync_api import FilePayload, Locator, Page, expect

from tests.e2e.conftest import settled


def drop(page: Page, *files: tuple[str, bytes]) -> None:
    dropped = [FilePayload(name=name, mimeType="image/jpeg", buffer=data) for name, data in files]
    page.locator('input[type="file"]').first.set_input_files(dropped)


def totals(page: Page) -> Locator:
    """The sentence on top, such as "2 photos, 1 face"."""
    return page.get_by_text(re.compile(r"^[\d,]+ photos?\b.* faces?$"))


def counter(page: Page, what: str) -> Locator:
    """One of the counters, which shows the photos that it counts: its accessible name ends in the number."""
    return page.get_by_role("radio", name=re.compile(rf"{re.escape(what)} \d+$"))


def heading(page: Page, name: str) -> Locator:
    """Of the photo that is shown large."""
    return page.get_by_role("heading", level=3, name=name)


def tile(page: Page, name: str) -> Locator:
    return page.locator(".mw-open").filter(has_text=name)


def choose(page: Page, source: str) -> None:
    page.get_by_role("radio", name=source).or_(page.get_by_role("button", name=source)).first.click()
    settled(page)


def download(page: Page, name: str) -> bytes:
    button = page.get_by_role("button", name=name, exact=True)
    if not button.is_visible():
        menu = page.get_by_test_id("stPopover").get_by_role("button", name="Download")
        expect(menu).to_have_count(1)  # while a page is drawn again, that of before is there, too
        menu.click()
    expect(button).to_be_visible()
    with page.expect_download() as started:
        button.click()
    return started.value.path().read_bytes()
