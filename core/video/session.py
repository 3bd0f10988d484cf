"""One visitor's live view: what is analysed, counted and said, whichever way the pictures come."""

from __future__ import annotations

import logging
import secrets
import statistics
import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any
from weakref import WeakValueDictionary

from core.drawing import annotate
from core.images import to_jpeg
from core.results import FaceResult, Frame
from core.video.alerts import Alert
from core.video.analysis import Analysis, LiveAnalysis
from core.video.capacity import SESSION_SLOTS
from core.video.counting import Event, PeopleCounter
from core.video.door import door_answer
from core.video.latest import LatestItemWorker
from core.video.rate import EventRate
from core.video.session_settings import SessionSettings
from core.video.state_json import as_json, as_row

log = logging.getLogger(__name__)

BESIDE_VIDEO = 1 / 15  # seconds from one analysis to the next: the video needs the processor more than that
MAX_PIXELS = 1920 * 1080  # of a live picture
CROWD = 2  # viewers; with more, WebRTC video at full rate is more than two cores can do
STALE_AFTER = 2.0  # seconds: older boxes and answers would only mislead


class LiveSession:
    """Safe from any thread: pictures come on one, questions on others. Ends with `close`.

    `on_pause` is called whenever the camera has gone off and the last picture is forgotten.
    """

    def __init__(self, on_pause: Callable[[], object] = lambda: None) -> None:
        self._on_pause = on_pause
        self.token = secrets.token_urlsafe(32)
        self._connection: object = None  # the newest one, None while the camera is off
        self._settings: SessionSettings | None = None
        self._working = threading.Lock()  # held while a picture is analysed
        self._lock = threading.Lock()  # held for an instant, around what is told
        self._worker: LatestItemWorker[tuple[Frame, float]] | None = None
        self._reset()
        VIEWERS[self.token] = self

    def _reset(self) -> None:
        self._analysis: LiveAnalysis | None = None
        self._latest: tuple[Frame, Analysis] | None = None
        self._counter, self._alert = PeopleCounter(), Alert()
        self._camera_rate, self._analysed_rate = EventRate(), EventRate()
        self._camera_frames = self._analysed = 0
        self._latencies: deque[float] = deque(maxlen=30)
        self._ms: deque[dict[str, float]] = deque(maxlen=30)
        self._error: str | None = None

    # --- pictures in ---------------------------------------------------------------------------

    @property
    def ice_servers(self) -> Sequence[dict[str, Any]]:
        with self._lock:
            return self._settings.ice_servers if self._settings else ()

    @property
    def webrtc(self) -> bool:
        with self._lock:
            return self._settings is not None and self._settings.webrtc

    def configure(self, settings: SessionSettings | None) -> None:
        """Another model or detector judges everybody anew; ids and what was counted stay. With None, no
        picture is wanted.
        """
        with self._working, self._lock:
            if settings is None:
                self._settings = None
                return
            if self._analysis is None:
                self._analysis = LiveAnalysis(settings.pipeline)
            self._analysis.use(settings.pipeline)
            self._settings = settings

    def open(self, connection: object) -> None:
        """The camera is on, by this connection."""
        with self._lock:
            self._connection = connection

    def is_open(self, connection: object) -> bool:
        """Whether this is the connection by which the camera is on."""
        with self._lock:
            return self._connection is connection

    def has_room(self) -> bool:
        """Whether this visitor is watched, or would be."""
        return SESSION_SLOTS.has_room(self)

    def take_slot(self) -> bool:
        """Whether this visitor is watched from now on: a picture could be read."""
        with self._lock:
            return self._connection is not None and SESSION_SLOTS.take(self)

    def camera_frames(self, count: int, t: float) -> None:
        """`count` more pictures came from the camera by `t` seconds, analysed or not."""
        with self._lock:
            self._camera_frames += count
            for _ in range(min(count, 60)):
                self._camera_rate.add(t)

    def answered_after(self, ms: float) -> None:
        """An answer came `ms` milliseconds after its picture."""
        if 0 <= ms < 60_000:
            self._latencies.append(ms)

    def analyse(self, frame: Frame, t: float, *, decode_ms: float = 0.0) -> None:
        """Answer one picture, which came at `t` on the monotonic clock. Never raises."""
        with self._working:
            settings, analysis = self._settings, self._analysis
            if settings is None or analysis is None:
                return
            try:
                found = analysis.analyse(frame, t, point=settings.operating_point)
            except Exception as fault:  # one picture's: the next may do
                log.exception("a live picture of %d x %d could not be analysed", frame.width, frame.height)
                self.fail(
                    f"A picture could not be analysed, by a fault of Maskwise ({type(fault).__name__}). "
                    "The video goes on; what was counted is kept."
                )
                return
        with self._lock:
            if self._connection is None:
                return  # the camera went off meanwhile
            self._error = None
            self._latest = frame, found
            self._analysed += 1
            self._analysed_rate.add(t)
            self._ms.append({"decode": decode_ms, **found.ms})
            now = datetime.now().astimezone()
            self._counter.add(found.people, now)
            if settings.alert and self._alert.update(settings.alert, found.people, t):
                self._counter.add_alert(now)

    def offer(self, frame: Frame, t: float) -> None:
        """Have a picture analysed beside the video, unless a newer one comes first. Never waits."""
        self.camera_frames(1, t)
        if not self.take_slot():
            return
        with self._lock:
            if self._connection is None:
                return
            if self._worker is None:
                self._worker = LatestItemWorker(self._work, "live_analysis", interval=BESIDE_VIDEO)
            self._worker.offer((frame, t))

    def _work(self, item: tuple[Frame, float]) -> None:
        self.analyse(*item)
        self.answered_after((time.monotonic() - item[1]) * 1000)

    def fail(self, problem: str) -> None:
        """Show `problem` until the next picture is answered."""
        with self._lock:
            self._error = problem

    # --- answers out ---------------------------------------------------------------------------

    def drawn(self, frame: Frame, t: float) -> Frame:
        """The picture with the last analysed people where they should be at `t`; mirrored on request."""
        with self._lock:
            latest, mirror = self._latest, self._settings is not None and self._settings.mirror
        faces: Sequence[FaceResult] = ()
        if latest is not None and t - latest[1].at < STALE_AFTER:
            scale = frame.width / latest[1].width
            faces = [person.face_at(t).scaled(scale) for person in latest[1].people]
        if mirror:
            frame = Frame(frame.rgb[:, ::-1])
            faces = [face.mirrored(frame.width) for face in faces]
        return Frame(annotate(frame, faces, live=True))

    def snapshot(self) -> bytes | None:
        """JPEG of the latest analysed picture with its answers, or None before the first."""
        with self._lock:
            latest = self._latest
        if latest is None:
            return None
        frame, analysis = latest
        return to_jpeg(annotate(frame, [person.face for person in analysis.people]))

    def events(self) -> list[Event]:
        with self._lock:
            return list(self._counter.events)

    def history(self) -> list[tuple[float, int, int]]:
        """For each second with pictures: when, people in view, of them with the mask worn properly."""
        with self._lock:
            return [as_row(second) for second in self._counter.history]

    def figures(self) -> dict[str, Any]:
        """What is shown beside the video. Rates a second; times are medians of the last 30 answers, ms."""
        with self._lock:
            return self._figures(time.monotonic())

    def _figures(self, now: float) -> dict[str, Any]:
        totals, latencies = self._counter.totals, list(self._latencies)
        last = self._counter.history[-1] if self._counter.history else None
        return {
            "now": totals.now if self._latest else 0,  # nobody is in view of a camera that is off
            "so_far": totals.so_far,
            "judged": totals.judged,
            "properly": totals.properly,
            "since": self._counter.since.timestamp(),
            "alerts": self._counter.alerts,
            "last_alert": self._counter.last_alert and self._counter.last_alert.timestamp(),
            "camera_fps": self._camera_rate.at(now),
            "analysed_fps": self._analysed_rate.at(now),
            "latency_ms": statistics.median(latencies) if latencies else None,
            "skipped": max(0, self._camera_frames - self._analysed),
            "second": last and as_row(last),
            "ms": {s: statistics.median(t[s] for t in self._ms) for s in (self._ms[0] if self._ms else ())},
        }

    def state(self) -> dict[str, Any]:
        """What the browser draws and says, as JSON. Boxes and speeds in pixels of the analysed picture."""
        now = time.monotonic()
        with self._lock:
            _frame, analysis = self._latest or (None, Analysis(now, 0, 0))
            return {
                "width": analysis.width,
                "height": analysis.height,
                "camera_frames": self._camera_frames,
                "crowded": len(SESSION_SLOTS) > CROWD,
                "analysed": self._analysed,
                "people": [as_json(person) for person in analysis.people],
                "ms": {stage: round(ms, 1) for stage, ms in analysis.ms.items()},
                "figures": self._figures(now),
                "door": door_answer(analysis.people if now - analysis.at < STALE_AFTER else ()),
                "alert": {"number": self._alert.number, "shown": self._alert.is_shown(now)},
                "error": self._error,
            }

    # --- end -----------------------------------------------------------------------------------

    def pause(self, connection: object = None) -> None:
        """The camera is off: end the thread, give the slot away, forget the last picture. Counts stay.

        With `connection`, only if no newer one has come: a page that was reloaded goes on by another.
        """
        with self._lock:
            if connection is not None and connection is not self._connection:
                return
            self._connection = None
            worker, self._worker, self._latest = self._worker, None, None
        SESSION_SLOTS.release(self)
        if worker is not None:
            worker.stop()
        self._on_pause()

    def start_again(self) -> None:
        """Forget everybody."""
        with self._working, self._lock:
            settings = self._settings
            self._reset()
            if settings is not None:
                self._analysis = LiveAnalysis(settings.pipeline)

    def go_on_from(self, token: str) -> bool:
        """Take over the log, figures and ids of an earlier session of this browser, whose page was reloaded.

        Whether there was one; never that of a page that is still watched.
        """
        earlier = VIEWERS.get(token)
        if earlier is None or earlier is self:
            return False
        with earlier._working, earlier._lock:
            if earlier._connection is not None or not earlier._counter.events:
                return False
            taken = earlier._analysis, earlier._counter, earlier._alert
            earlier._reset()
        with self._working, self._lock:
            if self._counter.events:
                return False
            self._analysis, self._counter, self._alert = taken
            if self._analysis is not None and self._settings is not None:
                self._analysis.use(self._settings.pipeline)
        return True

    def close(self) -> None:
        """The visit has ended. Nothing of it is kept."""
        self.pause()
        VIEWERS.pop(self.token, None)
        self._reset()


VIEWERS: WeakValueDictionary[str, LiveSession] = WeakValueDictionary()
"""Everybody who may send pictures now, by token."""
