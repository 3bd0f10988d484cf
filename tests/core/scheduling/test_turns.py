"""Turns: so many at once, the others in their order, and anybody may leave the queue."""

import threading

import pytest

from core.scheduling.turns import Turns, cores


def test_no_more_than_that_many_work_at_once_and_all_come_to_it():
    turns, working, most, lock = Turns(2), 0, 0, threading.Lock()

    def work():
        nonlocal working, most
        for _ in range(20):
            with turns.turn():
                with lock:
                    working += 1
                    most = max(most, working)
                with lock:
                    working -= 1

    threads = [threading.Thread(target=work) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert most <= 2 and working == 0 and not turns._queue


def test_who_waits_is_told_how_many_come_before_and_may_leave():
    turns, told = Turns(1), []

    def leave(before):
        told.append(before)
        if len(told) == 2:
            raise InterruptedError

    with turns.turn():
        with pytest.raises(InterruptedError), turns.turn(leave):
            pytest.fail("had a turn")
        assert told == [1, 1]
        assert len(turns._queue) == 1
    with turns.turn(lambda before: pytest.fail("waited")):
        pass


def test_a_fault_gives_the_turn_on():
    turns = Turns(1)
    with pytest.raises(ZeroDivisionError), turns.turn():
        1 / 0  # noqa: B018 - an error, on purpose
    with turns.turn(lambda before: pytest.fail("waited")):
        pass


def test_there_is_at_least_one_core():
    assert cores() >= 1
