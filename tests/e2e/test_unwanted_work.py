"""Nobody waits for it any more: Stop, and a tab that closed, end what a picture costs, wherever it is."""

from __future__ import annotations

import time
from collections.abc import Iterator

import pytest

from bench.app_server import AppServer, served_app
from bench.pipeline.scenes import wall
from tests.raw_visit import RawVisit, Screen

SOON_S = 1.5  # a second, and what a busy machine adds


@pytest.fixture(scope="module")
def picture() -> bytes:
    """50 megapixels full of small faces: all of it is looked at in detail, which takes some 5 s."""
    return wall(3000, (8000, 6000)).content


@pytest.fixture(scope="module")
def running() -> Iterator[AppServer]:
    with served_app() as server:
        yield server


@pytest.fixture
def checking(running, picture) -> Iterator[tuple[AppServer, RawVisit, str]]:
    """A visit whose pictures are being looked through, and its Stop button."""
    server = running
    with RawVisit(server.url, "check_photos") as visit:
        visit.add(visit.run().of("file_uploader")[0].id, *[(f"{n}.jpg", picture) for n in range(4)])
        before = server.usage().cpu_s
        visit.start()
        button = stop_button(visit.read(until=stop_button))
        deadline = time.monotonic() + 60
        while server.usage().cpu_s < before + 2.5:  # loaded, decoded, and some looks later
            assert time.monotonic() < deadline
            time.sleep(0.1)
        yield server, visit, button


def stop_button(screen: Screen) -> str:
    return next((button.id for button in screen.of("button") if button.id.endswith("stop")), "")


def assert_idle(server: AppServer) -> None:
    time.sleep(SOON_S)
    now = server.usage()
    time.sleep(2)
    assert server.usage().cpu_percent(now) < 30


def test_a_visitor_who_left_costs_nothing_and_one_who_comes_back_is_answered(checking):
    server, visit, _ = checking
    visit.close()
    assert_idle(server)
    visit.come_back()
    visit.start()
    runs = (visit.read(until=stop_button) for _ in range(2))  # the first one's end waited to be told
    assert any(map(stop_button, runs))


def test_stop_ends_the_picture_that_is_being_looked_through(checking):
    server, visit, button = checking
    start = time.monotonic()
    shown = visit.click(button)
    assert time.monotonic() - start < 4  # the pictures would take 20 and more
    assert "Stopped after 0 of 4" in shown.text()
    assert_idle(server)
