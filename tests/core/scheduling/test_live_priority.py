"""Photos leave the machine to live video while there is some, step by step, and not otherwise."""

import threading
import time

import numpy as np
import pytest

from core.detection.tiling import Plan, passes
from core.results import Frame
from core.scheduling import live_priority
from core.scheduling.cancellation import cancellable
from core.scheduling.live_priority import LiveFirst

pytestmark = pytest.mark.alone


@pytest.fixture
def first():
    return LiveFirst()


def spent(first: LiveFirst, steps: int, seconds: float = 0.05) -> float:
    start = time.monotonic()
    for _ in range(steps):
        with first.step():
            time.sleep(seconds)
    return time.monotonic() - start


def test_nobody_waits_where_there_is_no_live_video(first):
    assert spent(first, 4) < 0.4


def test_a_step_beside_live_video_is_followed_by_a_longer_pause(first):
    with first.live():
        pass
    assert spent(first, 3) >= 3 * 0.05 + 2 * 0.05 * live_priority.PAUSE


def test_live_video_itself_never_waits(first):
    def keep_on():
        for _ in range(20):
            with first.live():
                time.sleep(0.05)

    thread = threading.Thread(target=keep_on)
    thread.start()
    with first.step(), first.live():
        assert spent(first, 4) < 0.4
    thread.join()


def test_photos_beside_it_go_one_at_a_time(first, monkeypatch):
    monkeypatch.setattr(live_priority, "PAUSE", 0.0)
    with first.live():
        pass
    at_once, most = 0, 0

    def work():
        nonlocal at_once, most
        for _ in range(3):
            with first.step():
                at_once += 1
                most = max(most, at_once)
                time.sleep(0.02)
                at_once -= 1

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert most == 1


def test_once_live_video_has_ended_photos_go_on_at_full_speed(first, monkeypatch):
    monkeypatch.setattr(live_priority, "LIVE_FOR", 0.2)
    monkeypatch.setattr(live_priority, "PAUSE", 1000.0)
    with first.live():
        pass
    assert spent(first, 3) < 2


def test_who_waits_beside_live_video_may_leave_and_a_fault_blocks_nobody(first):
    class Gone(BaseException):
        pass

    def leave():
        raise Gone

    with first.live():
        pass
    with pytest.raises(ZeroDivisionError), first.step():
        1 / 0  # noqa: B018 - an error, on purpose
    spent(first, 1, 0.2)
    with pytest.raises(Gone), cancellable(leave), first.step():
        pytest.fail("had a step")
    with first.live():
        assert spent(first, 1) < 0.2


def test_tiled_inference_that_is_given_up_in_the_middle_blocks_nobody(monkeypatch):
    with live_priority.LIVE_FIRST.live():
        pass
    made = passes(Frame(np.zeros((2000, 2000, 3), np.uint8)), Plan())
    next(made)
    made.close()
    assert live_priority.LIVE_FIRST._aside.acquire(timeout=1)
    live_priority.LIVE_FIRST._aside.release()
