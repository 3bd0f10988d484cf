from __future__ import annotations

import subprocess
import sys
from types import SimpleNamespace

import pytest

from ui.live import session_slots
from ui.live.session_slots import DEFAULT_MAX, KEPT_FOR, MAX_VARIABLE, Seats


class Sitter:
    """Whoever asks."""


@pytest.fixture
def clock() -> SimpleNamespace:
    return SimpleNamespace(now=1000.0)


@pytest.fixture
def seats(clock) -> Seats:
    return Seats(2, lambda: clock.now)


def test_a_full_house_turns_the_next_away_until_somebody_leaves(seats):
    first, second, third = Sitter(), Sitter(), Sitter()
    assert seats.take(first) and seats.take(second) and not seats.take(third)
    assert seats.take(first) and len(seats) == 2  # who sits, sits
    seats.release(second)
    assert seats.take(third) and not seats.take(second)


def test_release_may_be_called_twice_and_by_a_stranger(seats):
    sitter = Sitter()
    seats.take(sitter)
    for leaving in (Sitter(), sitter, sitter):
        seats.release(leaving)
    assert len(seats) == 0


def test_a_seat_of_the_silent_goes_to_somebody_else(seats, clock):
    silent, filming, late = Sitter(), Sitter(), Sitter()
    seats.take(silent)
    seats.take(filming)
    clock.now += KEPT_FOR - 0.1
    assert not seats.take(late) and seats.take(filming)
    clock.now += 0.2
    assert seats.take(late)
    assert not seats.take(silent)  # and who filmed still sits
    assert len(seats) == 2


def test_asking_keeps_a_seat(seats, clock):
    watching, filming = Sitter(), Sitter()
    for _ in range(4):
        assert seats.take(watching) and seats.take(filming)
        clock.now += KEPT_FOR - 1
    assert not seats.take(Sitter())


def test_who_asks_for_room_takes_no_seat(seats):
    first, second, third = Sitter(), Sitter(), Sitter()
    assert seats.has_room(first) and first not in seats and len(seats) == 0
    seats.take(first)
    seats.take(second)
    assert seats.has_room(first) and not seats.has_room(third)


def test_asking_for_room_keeps_no_seat(seats, clock):
    sitter = Sitter()
    seats.take(sitter)
    clock.now += KEPT_FOR - 1
    assert seats.has_room(sitter)
    clock.now += 2
    seats.has_room(Sitter())
    assert sitter not in seats


@pytest.mark.parametrize(
    ("given", "count"),
    [
        ("7", 7),
        ("0", DEFAULT_MAX),
        ("", DEFAULT_MAX),
        ("-3", DEFAULT_MAX),
        ("1.5", DEFAULT_MAX),
        ("many", DEFAULT_MAX),
    ],
)
def test_the_number_of_seats_is_set_by_the_operator(monkeypatch, given, count):
    monkeypatch.setenv(MAX_VARIABLE, given)
    assert session_slots._wanted() == count


def test_the_number_is_read_when_the_server_starts(monkeypatch):
    monkeypatch.setenv(MAX_VARIABLE, "3")
    told = subprocess.run(
        [sys.executable, "-c", "from ui.live.session_slots import SEATS; print(SEATS.count)"],
        capture_output=True,
        text=True,
        check=True,
    )
    assert told.stdout.strip() == "3"
