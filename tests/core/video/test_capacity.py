from __future__ import annotations

import subprocess
import sys
from types import SimpleNamespace

import pytest

from core import settings
from core.video.capacity import KEPT_FOR, SessionSlots


class Session:
    """Whoever asks."""


@pytest.fixture
def clock() -> SimpleNamespace:
    return SimpleNamespace(now=1000.0)


@pytest.fixture
def slots(clock) -> SessionSlots:
    return SessionSlots(2, lambda: clock.now)


def test_a_full_house_turns_the_next_away_until_somebody_leaves(slots):
    first, second, third = Session(), Session(), Session()
    assert slots.take(first) and slots.take(second) and not slots.take(third)
    assert slots.take(first) and len(slots) == 2  # who sits, sits
    slots.release(second)
    assert slots.take(third) and not slots.take(second)


def test_release_may_be_called_twice_and_by_another(slots):
    session = Session()
    slots.take(session)
    for leaving in (Session(), session, session):
        slots.release(leaving)
    assert len(slots) == 0


def test_a_slot_of_the_silent_goes_to_somebody_else(slots, clock):
    silent, filming, late = Session(), Session(), Session()
    slots.take(silent)
    slots.take(filming)
    clock.now += KEPT_FOR - 0.1
    assert not slots.take(late) and slots.take(filming)
    clock.now += 0.2
    assert slots.take(late)
    assert not slots.take(silent)  # and who filmed still sits
    assert len(slots) == 2


def test_asking_keeps_a_slot(slots, clock):
    watching, filming = Session(), Session()
    for _ in range(4):
        assert slots.take(watching) and slots.take(filming)
        clock.now += KEPT_FOR - 1
    assert not slots.take(Session())


def test_who_asks_for_room_takes_no_slot(slots):
    first, second, third = Session(), Session(), Session()
    assert slots.has_room(first) and first not in slots and len(slots) == 0
    slots.take(first)
    slots.take(second)
    assert slots.has_room(first) and not slots.has_room(third)


def test_asking_for_room_keeps_no_slot(slots, clock):
    session = Session()
    slots.take(session)
    clock.now += KEPT_FOR - 1
    assert slots.has_room(session)
    clock.now += 2
    slots.has_room(Session())
    assert session not in slots


@pytest.mark.parametrize(("given", "count"), [("7", 7), ("", settings.MAX_VIEWERS.default)])
def test_the_number_of_slots_is_set_by_the_operator(monkeypatch, given, count):
    monkeypatch.setenv(settings.MAX_VIEWERS.name, given)
    assert SessionSlots().count == count


def test_the_number_is_read_when_the_server_starts(monkeypatch):
    monkeypatch.setenv(settings.MAX_VIEWERS.name, "3")
    told = subprocess.run(
        [sys.executable, "-c", "from core.video.capacity import SESSION_SLOTS; print(SESSION_SLOTS.count)"],
        capture_output=True,
        text=True,
        check=True,
    )
    assert told.stdout.strip() == "3"
