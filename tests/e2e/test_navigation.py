"""Finding one's way: every address on a server's first request, links, keyboard, phone, dark theme."""

from __future__ import annotations

from urllib.parse import urlsplit

import pytest
from playwright.sync_api import expect

ADDRESSES = {
    "/": "Maskwise",
    "/home": "Maskwise",
    "/check_photos": "Check photos",
    "/live": "Live video",
    "/dashboard": "Model dashboard",
}


def path_of(page) -> str:
    return urlsplit(page.url).path


@pytest.mark.parametrize("address", list(ADDRESSES))
def test_every_address_works_as_a_fresh_servers_first_request(address, fresh_server, visitor):
    server = fresh_server()
    for _ in ("first visitor", "second visitor"):
        page = visitor(address, of=server)
        expect(page.get_by_role("heading", level=1)).to_have_text(ADDRESSES[address])
        expect(page.get_by_role("dialog")).to_have_count(0)
        # The navigation is ours, not the one Streamlit makes of a folder named pages.
        expect(page.get_by_role("link", name="Check photos").first).to_be_visible()
        assert path_of(page) == ("/" if address == "/home" else address)


def test_an_address_that_does_not_exist_says_so_and_shows_home(visitor):
    page = visitor("/nowhere", expected="does not seem to exist")
    expect(page.get_by_role("dialog")).to_contain_text("Page not found")
    expect(page.get_by_role("heading", level=1, name="Maskwise")).to_be_attached()


def test_links_lead_to_photos_and_back(visitor):
    page = visitor()
    page.get_by_test_id("stMain").get_by_role("link", name="Check photos").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Check photos")
    assert path_of(page) == "/check_photos"
    page.go_back()
    expect(page.get_by_role("heading", level=1)).to_have_text("Maskwise")


def test_photos_are_reached_by_keyboard_alone(visitor):
    page = visitor()
    for _ in range(20):
        page.keyboard.press("Tab")
        # A link alone: with nothing in focus the body is, and its text holds every link's.
        if "Check photos" in page.evaluate("document.activeElement.closest('a')?.innerText ?? ''"):
            break
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("Check photos")


@pytest.mark.parametrize("address", list(ADDRESSES))
def test_nothing_is_wider_than_a_phone(address, visitor):
    page = visitor(address, phone=True)
    expect(page.get_by_role("heading", level=1)).to_have_text(ADDRESSES[address])
    too_wide = page.evaluate(
        """() => [...document.querySelectorAll('[data-testid="stMain"] *')]
            .filter(e => e.getBoundingClientRect().right > innerWidth + 1)
            .filter(e => !e.closest('[data-testid="stDataFrame"]'))  // a table scrolls in itself
            .map(e => e.outerHTML.slice(0, 200))"""
    )
    assert too_wide == []


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_drawings_are_seen_and_described(dark, visitor):
    page = visitor(dark=dark)
    drawings = page.get_by_role("img", name="Drawing of a face")
    expect(drawings).to_have_count(4)
    for drawing in drawings.all():
        expect(drawing).to_be_visible()
        assert drawing.bounding_box()["height"] > 80
    app = page.get_by_test_id("stApp")
    background = app.evaluate("element => getComputedStyle(element).backgroundColor")
    assert background == ("rgb(18, 24, 31)" if dark else "rgb(255, 255, 255)")
