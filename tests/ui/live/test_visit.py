"""The live session of a visit: what its end leaves, and the memory that it gives back."""

from __future__ import annotations

import pytest

from core.video.session import VIEWERS
from ui.live import visit
from ui.server import memory


@pytest.fixture
def given_back(monkeypatch) -> list[bool]:
    """An entry for each time that memory is to be given back soon."""
    times: list[bool] = []
    monkeypatch.setattr(memory, "give_back_soon", lambda: times.append(True))
    return times


def test_once_the_camera_is_off_memory_is_given_back_though_the_visit_goes_on(given_back):
    viewer, connection = visit._new_session(), object()
    viewer.open(connection)
    viewer.pause("an older one")
    assert not given_back
    viewer.pause(connection)
    assert given_back
    assert VIEWERS[viewer.token] is viewer


def test_the_end_of_a_visit_ends_its_session_and_gives_memory_back(given_back):
    viewer = visit._new_session()
    viewer.open("camera")
    visit._end_of_visit(viewer)
    assert viewer.token not in VIEWERS and not viewer.is_open("camera")
    assert given_back
