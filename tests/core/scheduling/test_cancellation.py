"""Work ends at the next step after nobody wants it, however deep it was called."""

import threading

import numpy as np
import pytest

from core.detection.tiling import Plan, tiled_inference
from core.results import Frame
from core.scheduling import live_priority
from core.scheduling.cancellation import cancellable, checkpoint


class Gone(BaseException):
    """As Streamlit's own: no `except Exception` on the way may keep it."""


def after(steps):
    def ask():
        nonlocal steps
        steps -= 1
        if steps < 0:
            raise Gone

    return ask


def test_nobody_is_asked_outside():
    checkpoint()
    with cancellable(after(0)):
        pass
    checkpoint()


def test_another_thread_is_not_concerned():
    done = []
    with cancellable(after(0)):
        thread = threading.Thread(target=lambda: (checkpoint(), done.append(True)))
        thread.start()
        thread.join(10)
        with pytest.raises(Gone):
            checkpoint()
    assert done


def test_tiled_inference_ends_between_two_passes(monkeypatch):
    monkeypatch.setattr(live_priority, "LIVE_FOR", 0.0)  # of a test before
    passed = []
    frame = Frame(np.zeros((3000, 4000, 3), np.uint8))
    with pytest.raises(Gone), cancellable(after(4)):
        tiled_inference(frame, lambda rgb: passed.append(1) or [], Plan())
    assert 1 <= len(passed) <= 4
