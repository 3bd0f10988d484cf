"""What tests do on the photo page."""

from __future__ import annotations

import re

from playwright.sync_api import FilePayload, Locator, Page

from tests.e2e.conftest import settled


def drop(page: Page, *files: tuple[str, bytes]) -> None:
    dropped = [FilePayload(name=name, mimeType="image/jpeg", buffer=data) for name, data in files]
    page.locator('input[type="file"]').first.set_input_files(dropped)


def counted(page: Page, what: str) -> Locator:
    """The number under `what` on top of the results."""
    metric = page.get_by_test_id("stMetric").filter(has_text=re.compile(re.escape(what)))
    return metric.get_by_test_id("stMetricValue")


def choose(page: Page, source: str) -> None:
    page.get_by_role("radio", name=source).or_(page.get_by_role("button", name=source)).first.click()
    settled(page)


def download(page: Page, name: str) -> bytes:
    with page.expect_download() as started:
        page.get_by_test_id("stDownloadButton").get_by_role("button", name=name, exact=True).click()
    return started.value.path().read_bytes()
