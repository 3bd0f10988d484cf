"""One visitor's view: what comes in, what is told, and that nothing stays."""

from __future__ import annotations

import io
import json
import math
import threading
import time

import numpy as np
import pytest
from PIL import Image

from core.decision import OperatingPoint
from core.results import Frame
from core.video import session
from core.video.alerts import AlertRule
from core.video.capacity import SessionSlots
from core.video.rate import RATE_WINDOW
from core.video.session import VIEWERS, LiveSession
from core.video.session_settings import SessionSettings
from tests.waiting import wait_for

STEP = 1 / 30  # seconds between a camera's pictures


def watch(viewer: LiveSession, frame: Frame, seconds: float = 1.0, until: float | None = None) -> float:
    """Analyse a camera's pictures that end now, or at `until`. Answers the time of the last."""
    end = time.monotonic() if until is None else until
    for n in range(round(seconds / STEP), -1, -1):
        viewer.analyse(frame, end - n * STEP)
    return end


def worker_threads() -> list[threading.Thread]:
    return [thread for thread in threading.enumerate() if thread.name == "live_analysis"]


# --- what is told --------------------------------------------------------------------------------


def test_before_the_first_picture_nothing_is_claimed(viewer):
    figures, state = viewer.figures(), viewer.state()
    assert figures["now"] == figures["so_far"] == 0
    assert figures["judged"] == 0 and figures["latency_ms"] is None and figures["second"] is None
    assert figures["camera_fps"] == figures["analysed_fps"] == 0 and figures["ms"] == {}
    assert state["people"] == [] and state["door"] == "waiting" and state["error"] is None
    assert viewer.snapshot() is None and viewer.events() == [] and viewer.history() == []


def test_a_picture_before_the_settings_is_passed_over(frame):
    early = LiveSession()
    early.open("camera")
    early.analyse(frame, time.monotonic())
    assert early.state()["analysed"] == 0 and early.state()["error"] is None
    early.close()


def test_a_person_is_followed_counted_and_told(viewer, frame):
    watch(viewer, frame)
    state = json.loads(json.dumps(viewer.state(), allow_nan=False))
    (person,) = state["people"]
    assert person["id"] == 1 and person["label"] == "with_mask" and person["icon"] == "✓"
    assert person["words"] == "Mask on" and person["confidence"] == pytest.approx(0.98, abs=0.01)
    assert person["box"] == [100, 60, 220, 180] and person["velocity"] == [0, 0]
    assert (state["width"], state["height"]) == (320, 240)
    assert state["door"] == "properly"
    figures = viewer.figures()
    assert (figures["now"], figures["so_far"], figures["properly"]) == (1, 1, 1)
    assert list(figures["ms"]) == ["decode", "detect", "track", "classify"]
    assert figures["analysed_fps"] == pytest.approx(31 / RATE_WINDOW)
    (event,) = viewer.events()
    assert (event.id, event.label) == (1, "with_mask") and event.time.tzinfo


def test_who_cannot_be_judged_is_told_what_to_do(viewer, scene, frame):
    scene.boxes = [(100, 60, 106, 66)]
    watch(viewer, frame)
    (person,) = viewer.state()["people"]
    assert person["label"] == "cannot_tell" and person["confidence"] is None
    assert person["words"] == "Come closer" and viewer.state()["door"] == "too_small"
    assert viewer.figures()["judged"] == 0


def test_how_sure_it_must_be_is_the_visitors(viewer, scene, frame):
    viewer.configure(SessionSettings(scene.pipeline, OperatingPoint(0.99)))
    watch(viewer, frame)
    assert viewer.state()["people"][0]["words"] == "Look at the camera"


def test_the_door_waits_again_when_pictures_stop(viewer, frame):
    watch(viewer, frame, until=time.monotonic() - RATE_WINDOW)
    assert viewer.state()["door"] == "waiting"
    assert viewer.figures()["analysed_fps"] == 0


def test_pictures_that_nobody_waited_for_are_skipped(viewer, frame):
    viewer.camera_frames(40, time.monotonic())
    watch(viewer, frame, 0.5)
    assert viewer.state()["camera_frames"] == 40
    assert viewer.figures()["skipped"] == 40 - 16
    assert viewer.figures()["camera_fps"] == 40 / RATE_WINDOW


def test_more_answers_than_camera_pictures_skip_none(viewer, frame):
    watch(viewer, frame, 0.1)
    assert viewer.figures()["skipped"] == 0


@pytest.mark.parametrize("nonsense", [-1.0, 1e9, math.nan, math.inf])
def test_a_latency_that_cannot_be_is_not_counted(viewer, nonsense):
    viewer.answered_after(20)
    viewer.answered_after(nonsense)
    assert viewer.figures()["latency_ms"] == 20


# --- faults --------------------------------------------------------------------------------------


def test_a_fault_of_one_picture_is_shown_until_the_next_is_answered(viewer, scene, frame, caplog):
    def fault():
        raise ZeroDivisionError("secret detail")

    watch(viewer, frame)
    scene.on_detect = fault
    viewer.analyse(frame, time.monotonic())
    assert "ZeroDivisionError" in viewer.state()["error"] and "secret" not in viewer.state()["error"]
    assert "320 x 240" in caplog.text
    assert viewer.figures()["so_far"] == 1  # what was counted is kept
    scene.on_detect = lambda: None
    viewer.analyse(frame, time.monotonic())
    assert viewer.state()["error"] is None


# --- settings ------------------------------------------------------------------------------------


def test_the_same_settings_again_go_on_with_the_same_people(viewer, scene, frame):
    watch(viewer, frame, 0.3)
    viewer.configure(SessionSettings(scene.pipeline, OperatingPoint(0.2), mirror=False))
    viewer.analyse(frame, time.monotonic())
    assert [person["id"] for person in viewer.state()["people"]] == [1]


def test_another_model_reads_everybody_anew_under_their_ids(viewer, scene, frame):
    watch(viewer, frame)
    other = type(scene)()
    other.label = "without_mask"
    viewer.configure(SessionSettings(other.pipeline, OperatingPoint(0.1)))
    viewer.analyse(frame, time.monotonic())
    (person,) = viewer.state()["people"]
    assert (person["id"], person["label"]) == (1, "without_mask")  # at once, not by a vote with the old
    assert viewer.figures()["so_far"] == 1


def test_an_alert_is_counted_only_when_it_is_wanted(viewer, scene, frame):
    scene.label = "without_mask"
    watch(viewer, frame, 1.0)
    assert viewer.state()["alert"] == {"number": 0, "shown": False}
    rule = AlertRule(people=1, seconds=0.5, cooldown=30)
    viewer.configure(SessionSettings(scene.pipeline, OperatingPoint(0.1), alert=rule))
    watch(viewer, frame, 1.0, until=time.monotonic() + 1.1)
    assert viewer.state()["alert"] == {"number": 1, "shown": True}
    assert viewer.figures()["alerts"] == 1 and viewer.figures()["last_alert"] == pytest.approx(
        time.time(), abs=60
    )
    assert [event.answer for event in viewer.events()] == ["No mask", "Alert"]


def test_a_page_that_is_loaded_anew_goes_on_with_what_was_counted(viewer, scene, frame):
    watch(viewer, frame)
    viewer.pause()
    later = LiveSession()
    later.configure(SessionSettings(scene.pipeline, OperatingPoint(0.1)))
    assert later.go_on_from(viewer.token) and not later.go_on_from(viewer.token)
    assert later.figures()["so_far"] == 1 and viewer.figures()["so_far"] == 0
    later.open("camera")
    watch(later, frame, until=time.monotonic() + 10)  # much later: somebody else
    assert [event.id for event in later.events()] == [1, 2]


def test_nothing_is_taken_of_a_page_that_is_watched_or_of_nobody(viewer, frame):
    watch(viewer, frame)
    later = LiveSession()
    assert not later.go_on_from(viewer.token)  # its camera is on
    assert not later.go_on_from("made up") and viewer.figures()["so_far"] == 1


# --- the picture that is drawn on ----------------------------------------------------------------


def changed_columns(drawn: Frame, plain: np.ndarray) -> tuple[int, int]:
    """First and last column that differ, pixels."""
    columns = np.flatnonzero((drawn.rgb != plain).any(axis=(0, 2)))
    return int(columns[0]), int(columns[-1])


def test_boxes_are_drawn_where_the_people_are(viewer, scene, frame):
    scene.boxes = [(20, 60, 120, 160)]
    now = watch(viewer, frame)
    before = frame.rgb.copy()
    first, last = changed_columns(viewer.drawn(frame, now), frame.rgb)
    assert first == pytest.approx(20, abs=6) and last == pytest.approx(120, abs=6)
    assert (frame.rgb == before).all()  # the caller's picture stays as it was


def test_the_mirror_turns_picture_and_boxes_but_not_the_words(viewer, scene, frame):
    scene.boxes = [(20, 60, 120, 160)]
    viewer.configure(SessionSettings(scene.pipeline, OperatingPoint(0.1), mirror=True))
    now = watch(viewer, frame)
    drawn = viewer.drawn(frame, now)
    first, last = changed_columns(drawn, frame.rgb[:, ::-1])
    assert first == pytest.approx(200, abs=6) and last == pytest.approx(300, abs=6)
    viewer.configure(SessionSettings(scene.pipeline, OperatingPoint(0.1), mirror=False))
    label = drawn.rgb[:, 180:] == viewer.drawn(frame, now).rgb[:, ::-1][:, 180:]
    assert not label.all()  # a mirrored label could not be read


def test_boxes_fit_a_video_of_another_size_than_the_analysed_one(viewer, scene, frame):
    scene.boxes = [(20, 60, 120, 160)]
    now = watch(viewer, frame)
    large = Frame(np.zeros((480, 640, 3), np.uint8))
    first, last = changed_columns(viewer.drawn(large, now), large.rgb)
    assert first == pytest.approx(40, abs=8) and last == pytest.approx(240, abs=8)


def test_old_boxes_are_not_drawn(viewer, frame):
    now = watch(viewer, frame)
    assert (viewer.drawn(frame, now + 2.1).rgb == frame.rgb).all()


def test_a_picture_before_the_first_answer_comes_back_as_it_is(viewer, frame):
    assert (viewer.drawn(frame, 0).rgb == frame.rgb).all()


def test_a_snapshot_is_the_latest_picture_with_its_answers(viewer, frame):
    wall = Frame(np.full_like(frame.rgb, 200))  # as JPEG keeps it
    watch(viewer, frame)
    viewer.analyse(wall, time.monotonic())
    with Image.open(io.BytesIO(viewer.snapshot())) as picture:
        assert picture.format == "JPEG" and picture.size == (320, 240)
        assert not picture.getexif()
        changed = np.abs(np.asarray(picture, int) - wall.rgb).max(axis=2) > 50
    assert changed[60:180, 100:220].any() and not changed[200:].any()


# --- beside the video ----------------------------------------------------------------------------


def test_the_latest_picture_is_analysed_and_the_video_never_waits(viewer, scene, frame):
    begun, go_on = threading.Event(), threading.Event()
    scene.on_detect = lambda: (begun.set(), go_on.wait(5))
    start = time.monotonic()
    viewer.offer(frame, start)
    assert begun.wait(5)
    for n in range(1, 51):
        viewer.offer(frame, start + n * STEP)
    assert time.monotonic() - start < 1  # though nothing has been answered yet
    go_on.set()
    wait_for(lambda: viewer.state()["analysed"] == 2)
    assert viewer.state()["camera_frames"] == 51 and viewer.figures()["skipped"] == 49
    assert len(worker_threads()) == 1


def test_ten_starts_and_stops_leave_no_thread(viewer, frame):
    before = threading.active_count()
    for start in range(10):
        viewer.open(start)
        viewer.offer(frame, time.monotonic())
        viewer.pause()
    wait_for(lambda: not worker_threads())
    assert threading.active_count() <= before  # those of other tests may end meanwhile


# --- end -----------------------------------------------------------------------------------------


def test_pause_gives_the_slot_away_and_forgets_the_picture_but_not_the_counts(viewer, frame, monkeypatch):
    slots = SessionSlots(1)
    monkeypatch.setattr(session, "SESSION_SLOTS", slots)
    slots.take(viewer)
    now = watch(viewer, frame)
    viewer.pause()
    viewer.pause()
    assert len(slots) == 0
    assert viewer.snapshot() is None and viewer.state()["people"] == []
    assert viewer.figures()["now"] == 0 and viewer.figures()["so_far"] == 1
    assert (viewer.drawn(frame, now).rgb == frame.rgb).all()


def test_an_analysis_that_ends_after_the_camera_leaves_no_picture(viewer, scene, frame):
    scene.on_detect = viewer.pause
    viewer.analyse(frame, time.monotonic())
    assert viewer.snapshot() is None and viewer.state()["analysed"] == 0


def test_pictures_after_the_camera_went_off_start_nothing(viewer, frame):
    viewer.pause()
    viewer.offer(frame, time.monotonic())
    assert not worker_threads() and viewer.snapshot() is None


def test_only_the_newest_connection_can_end_the_camera(viewer, frame, monkeypatch):
    slots = SessionSlots(1)
    monkeypatch.setattr(session, "SESSION_SLOTS", slots)
    slots.take(viewer)
    viewer.open("reloaded")
    watch(viewer, frame, 0.1)
    viewer.pause("camera")
    assert viewer.snapshot() is not None and len(slots) == 1
    viewer.pause("reloaded")
    assert viewer.snapshot() is None and len(slots) == 0


def test_counting_anew_forgets_everybody_and_goes_on(viewer, frame):
    watch(viewer, frame)
    viewer.start_again()
    assert viewer.figures()["so_far"] == 0 and viewer.events() == [] and viewer.history() == []
    watch(viewer, frame)
    assert viewer.figures()["so_far"] == 1


def test_counting_anew_before_anything_was_set_up(frame):
    early = LiveSession()
    early.start_again()
    assert early.figures()["so_far"] == 0
    early.close()


def test_the_end_of_a_session_keeps_nothing(viewer, frame, monkeypatch):
    monkeypatch.setattr(session, "SESSION_SLOTS", SessionSlots(1))
    viewer.offer(frame, time.monotonic())
    watch(viewer, frame)
    token = viewer.token
    assert VIEWERS[token] is viewer
    viewer.close()
    viewer.close()  # once more does no harm
    assert token not in VIEWERS
    assert viewer.snapshot() is None and viewer.events() == [] and viewer.figures()["so_far"] == 0
    wait_for(lambda: not worker_threads())


def test_a_viewer_that_nobody_holds_is_not_in_the_list():
    token = LiveSession().token
    assert token not in VIEWERS


def test_two_viewers_share_the_model_and_nothing_else(scene, viewer, frame):
    other = LiveSession()
    other.open("camera")
    other.configure(SessionSettings(scene.pipeline, OperatingPoint(0.1)))
    watch(viewer, frame)
    assert other.token != viewer.token and len(other.token) >= 32
    assert other.figures()["so_far"] == 0 and other.snapshot() is None
    scene.boxes = []
    other.analyse(frame, time.monotonic())
    assert viewer.figures()["now"] == 1 and other.state()["analysed"] == 1
    other.close()


def test_who_holds_the_session_is_told_when_the_camera_is_off():
    asked = []
    viewer, connection = LiveSession(on_pause=lambda: asked.append(True)), object()
    viewer.open(connection)
    viewer.pause("an older one")
    assert not asked
    viewer.pause(connection)
    assert asked
