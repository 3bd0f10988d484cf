"""Finding one's way: every address on a server's first request, links, keyboard, phone, dark theme."""

from __future__ import annotations

from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Locator, expect

from tests.e2e.conftest import eventually, settled

ADDRESSES = {
    "/": "Maskwise",
    "/home": "Maskwise",
    "/check_photos": "Check photos",
    "/check_video": "Check a video",
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

    def nothing_too_wide() -> None:
        too_wide = page.evaluate(
            """() => [...document.querySelectorAll('[data-testid="stMain"] *')]
                .filter(e => e.getBoundingClientRect().right > innerWidth + 1)
                .filter(e => !e.closest('[data-testid="stDataFrame"]'))  // a table scrolls in itself
                .map(e => e.outerHTML.slice(0, 200))"""
        )
        assert too_wide == []

    eventually(page, nothing_too_wide)


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_drawings_are_seen_and_described(dark, visitor):
    page = visitor(dark=dark)
    drawings = page.get_by_role("img", name="Drawing of a face")
    expect(drawings).to_have_count(4)
    for drawing in drawings.all():
        expect(drawing).to_be_visible()
        eventually(page, lambda drawing=drawing: taller_than(drawing, 80))
    app = page.get_by_test_id("stApp")
    background = app.evaluate("element => getComputedStyle(element).backgroundColor")
    assert background == ("rgb(18, 24, 31)" if dark else "rgb(255, 255, 255)")


def taller_than(drawing: Locator, pixels: float) -> None:
    box = drawing.bounding_box()
    assert box and box["height"] > pixels


def test_a_whole_card_is_a_link_and_pages_have_titles_of_their_own(visitor):
    page = visitor("/")
    expect(page).to_have_title("Maskwise")
    card = settled(page).locator(".st-key-way_in_photo_library")
    expect(card.get_by_role("link")).to_be_visible()  # until then the card has another height
    size = card.bounding_box()
    card.click(position={"x": size["width"] - 8, "y": size["height"] - 8})
    expect(page.get_by_role("heading", level=1)).to_have_text("Check photos")
    expect(page).to_have_title("Check photos · Maskwise")
