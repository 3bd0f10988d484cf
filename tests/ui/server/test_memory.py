"""What visits may hold, each and all together."""

import pytest

from core import settings
from core.errors import NoRoomError
from ui.server import memory
from ui.server.memory import DOWNLOAD, Held


@pytest.fixture
def held() -> Held:
    return Held(a_visit=100, in_all=250)


def test_a_visit_holds_what_it_may_and_no_more(held):
    held.hold("a", "1", 60)
    with pytest.raises(NoRoomError, match=r"one visit may hold.*is kept.*Remove"):
        held.hold("a", "2", 41)
    held.hold("a", "2", 40)
    held.hold("b", "1", 100)
    assert held.total() == 200


def test_all_together_hold_what_the_server_has_for_them(held):
    for visit in "ab":
        held.hold(visit, "1", 100)
    with pytest.raises(NoRoomError, match=r"memory that this server has.*Try again"):
        held.hold("c", "1", 51)
    held.drop_visit("a")
    held.hold("c", "1", 51)
    assert held.visits() == {"b", "c"}


def test_what_is_refused_changes_nothing(held):
    held.hold("a", "1", 90)
    with pytest.raises(NoRoomError):
        held.hold("a", "1", 101)
    assert held.total() == 90


def test_one_thing_takes_the_place_of_another(held):
    held.hold("a", "arriving", 90)
    held.hold("a", "upload", 95, instead_of="arriving")
    held.hold("a", "upload", 10)
    assert held.total() == 10
    held.drop("a", "upload")
    assert held.visits() == set()


def test_what_is_there_already_is_counted_whatever_it_takes(held):
    held.count("a", "1", 120)
    with pytest.raises(NoRoomError):
        held.hold("a", "2", 1)
    held.hold("a", "1", 80)  # less is always welcome


def test_what_is_taken_home_is_beside_the_visits_own(held):
    held.hold("a", "1", 100)
    held.hold("a", DOWNLOAD, 120)
    held.hold("b", "1", 20)
    with pytest.raises(NoRoomError, match="this server"):
        held.hold("b", DOWNLOAD, 11)


@pytest.mark.parametrize(("given", "meant"), [("", 256), ("12", 12)])
def test_an_operator_sets_megabytes(given, meant, monkeypatch):
    for setting in (settings.VISIT_MB, settings.ALL_VISITS_MB):
        monkeypatch.setenv(setting.name, given)
    assert Held().a_visit == meant * memory.MB
    quarter = memory.machine_bytes() // memory.MB // 4
    assert Held().in_all == (12 if given else quarter) * memory.MB


def test_a_container_has_less_memory_than_its_machine(monkeypatch, tmp_path):
    machine = memory.machine_bytes()
    monkeypatch.setattr(memory, "_CONTAINER", tmp_path / "memory.max")
    (tmp_path / "memory.max").write_text("1048576\n")
    assert memory.machine_bytes() == 2**20
    (tmp_path / "memory.max").write_text("max\n")
    assert memory.machine_bytes() >= machine


def test_memory_is_given_back_soon_and_again_later_and_not_all_the_time(monkeypatch):
    now = 100.0
    monkeypatch.setattr(memory.time, "monotonic", lambda: now)
    monkeypatch.setattr(memory, "_last", 0.0)

    def is_due_at(seconds):
        nonlocal now
        now = seconds
        return memory.is_due()

    memory.give_back_soon()
    assert [is_due_at(t) for t in (100.5, 101.5, 102, 109.5, 110.5, 130)] == [0, 1, 0, 0, 1, 0]
    memory.give_back_soon()
    assert is_due_at(131.5)
    memory.give_back_soon()
    assert [is_due_at(t) for t in (132.6, 134.4, 134.6)] == [0, 0, 1]
