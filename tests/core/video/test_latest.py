"""The worker is driven by events, not by sleeping: a test waits for what happens and fails if it does not."""

import gc
import itertools
import logging
import queue
import threading
import time
import weakref

import pytest

from core.video.latest import LatestItemWorker

pytestmark = pytest.mark.alone

SOON = 5.0  # seconds until a test gives up: far above what a busy machine takes


class Gate:
    """Work that says when it begins and goes on when it is let through."""

    def __init__(self):
        self.begun, self.done = queue.Queue(), queue.Queue()
        self._open = threading.Semaphore(0)

    def __call__(self, item):
        self.begun.put(item)
        assert self._open.acquire(timeout=SOON)
        self.done.put(item)

    def let_through(self, count=1):
        self._open.release(count)


@pytest.fixture
def gate():
    return Gate()


@pytest.fixture
def worker(gate):
    worker = LatestItemWorker(gate, "test_latest")
    yield worker
    worker.stop()
    gate.let_through(100)
    worker.join(SOON)


def alive(worker_name="test_latest"):
    return [thread for thread in threading.enumerate() if thread.name == worker_name]


def test_only_the_latest_waits(worker, gate):
    assert worker.offer(0)
    assert gate.begun.get(timeout=SOON) == 0
    assert [worker.offer(item) for item in range(1, 6)] == [True] + [False] * 4
    gate.let_through(2)
    assert gate.begun.get(timeout=SOON) == 5
    assert [gate.done.get(timeout=SOON) for _ in range(2)] == [0, 5]
    assert gate.begun.empty()


def test_an_offer_never_waits_for_the_work(worker, gate):
    worker.offer(0)
    gate.begun.get(timeout=SOON)
    start = time.perf_counter()
    for item in range(1000):
        worker.offer(item)
    assert time.perf_counter() - start < 1
    assert gate.done.empty()


def test_each_item_is_worked_on_once_when_there_is_time(worker, gate):
    for item in range(20):
        assert worker.offer(item)
        gate.let_through()
        assert gate.done.get(timeout=SOON) == item


def test_none_is_an_item_like_any_other(worker, gate):
    gate.let_through()
    worker.offer(None)
    assert gate.done.get(timeout=SOON) is None


def test_work_is_done_by_one_thread_which_has_a_name_and_keeps_no_process_alive(worker):
    (thread,) = alive()
    assert thread.daemon


def test_a_fault_is_logged_and_the_next_item_is_worked_on(caplog):
    done = queue.Queue()

    def work(item):
        if item == "bad":
            done.put("raised")
            raise RuntimeError("by a test")
        done.put(item)

    worker = LatestItemWorker(work, "test_latest")
    with caplog.at_level(logging.ERROR, "core.video.latest"):
        worker.offer("bad")
        assert done.get(timeout=SOON) == "raised"
        worker.offer("good")
        assert done.get(timeout=SOON) == "good"
    assert "by a test" in caplog.text
    worker.stop()
    worker.join(SOON)


def test_stop_ends_an_idle_thread_and_may_be_called_again(worker):
    worker.stop()
    worker.stop()
    worker.join(SOON)
    assert alive() == []


def test_stop_lets_the_item_in_work_finish_and_drops_the_one_that_waits(worker, gate):
    worker.offer("in work")
    gate.begun.get(timeout=SOON)
    worker.offer("waiting")
    worker.stop()
    gate.let_through(2)
    worker.join(SOON)
    assert alive() == []
    assert (gate.done.get_nowait(), gate.done.empty()) == ("in work", True)


def test_the_work_itself_may_stop_its_worker():
    def work(item):
        worker.stop()
        done.put(item)

    done = queue.Queue()
    worker = LatestItemWorker(work, "test_latest")
    worker.offer(1)
    assert done.get(timeout=SOON) == 1
    worker.join(SOON)
    assert alive() == []


def test_an_offer_after_stop_is_not_worked_on(worker, gate):
    worker.offer("in work")
    gate.begun.get(timeout=SOON)
    worker.stop()
    worker.offer("late")
    gate.let_through(2)
    worker.join(SOON)
    worker.offer("later")
    assert alive() == []
    assert (gate.begun.empty(), gate.done.qsize()) == (True, 1)


def test_ten_starts_and_stops_leave_no_thread():
    before = threading.active_count()
    for _ in range(10):
        worker = LatestItemWorker(lambda item: None, "test_latest")
        worker.offer(1)
        worker.stop()
        worker.join(SOON)
    assert threading.active_count() == before


def test_a_worker_that_ended_keeps_nothing_alive():
    class Picture:
        pass

    picture = Picture()
    kept = weakref.ref(picture)
    worker = LatestItemWorker(lambda item: None, "test_latest")
    worker.offer(picture)
    worker.stop()
    worker.join(SOON)
    del picture
    gc.collect()
    assert kept() is None


def test_many_threads_may_offer():
    """Every offer is worked on, or its place was taken: nothing is lost and nothing done twice."""
    done = []
    worker = LatestItemWorker(done.append, "test_latest")
    taken = []

    def offer(first):
        taken.extend(worker.offer(first + i) for i in range(200))

    threads = [threading.Thread(target=offer, args=(1000 * i,)) for i in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(SOON)
    deadline = time.monotonic() + SOON
    while len(done) < taken.count(True) and time.monotonic() < deadline:
        time.sleep(0.01)
    worker.stop()
    worker.join(SOON)
    assert len(done) == taken.count(True)
    assert len(set(done)) == len(done) and len(taken) == 1600


def test_items_are_an_interval_apart_and_the_latest_of_them_is_taken():
    times, items = [], []
    worker = LatestItemWorker(
        lambda item: (times.append(time.monotonic()), items.append(item)), "w", interval=0.1
    )
    ends = time.monotonic() + 0.45
    number = 0
    while time.monotonic() < ends:
        worker.offer(number := number + 1)
        time.sleep(0.005)
    worker.stop()
    worker.join(1)
    assert 3 <= len(times) <= 5
    assert min(later - before for before, later in itertools.pairwise(times)) > 0.09
    assert items[-1] > items[-2] + 5


def test_a_rest_ends_with_the_stop():
    worker = LatestItemWorker(lambda item: None, "w", interval=60)
    worker.offer(1)
    time.sleep(0.05)
    worker.offer(2)
    worker.stop()
    worker.join(1)
    assert not worker._thread.is_alive()
