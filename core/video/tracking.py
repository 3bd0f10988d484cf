"""Which face is whose from frame to frame: an id for each person, kept through a moment unseen.

Plain IoU fails for faces: a walking person's face moves by its own width between two analysed frames. So a
face is looked for where its track's velocity puts it, at a distance measured in face sizes. As in ByteTrack
(Zhang et al. 2022, arXiv:2110.06864) the faces of each frame are assigned all at once, and faces of low score
may continue a track but never start one. People in a row at a door stand in the same place one after the
other: where the caller tells how faces look, who comes back has to look the same, and be as large.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from core.results import Box, Detection
from core.video.looks import Look, is_other

AWAY = 0.5  # seconds unseen after which somebody else may stand there; detectors miss a frame or two
MISSED = 1.5  # steps between frames; when frames come slowly, a face seen in each was never away
DRIFT = 0.3  # seconds a box is moved on unseen: about a detector's slowest step; further, a guess flies away
SMOOTHING = 0.3  # seconds; below a change of gait, above the jitter of a detector's box at 30 frames a second
UNCONFIRMED = 0.2  # seconds a face seen once waits for its second frame; errors come back more rarely

# How far from the expected place a face is found, as standard deviations in face sizes: at once, and more by
# each second of the last step between frames. A walk is 7 face sizes a second: a track of one frame may be
# walking, an older one may stop or turn. A person unseen for longer is mostly occluded, not running: more
# room would only let an error of the detector take their id.
JITTER, TURN, UNKNOWN, LOST, MOST = 0.2, 2.0, 3.0, 0.3, 1.0
RESIZE_JITTER, RESIZE = 0.15, 0.2  # of the logarithm of size; walking up to a camera doubles it in 2 s
GATE = 9.0  # squared standard deviations: three
WEAK_GATE = GATE / 2  # a low score has to be nearer: it is more often no face
BACK_AS_LARGE = 1.2  # standard deviations of size, for who was away: 1.4 times after 0.7 s, a walk is 1.3
NOBODY = 10.0  # cost of a face or track left alone: above any pair in the gate, so that a pair is preferred


@dataclass(frozen=True, slots=True)
class Track:
    """One person's face over time. Never changed once given out, so any thread may keep it.

    `id` is 1, 2, ... in order of confirmation. `detection` is the last one, as the detector gave it.
    `velocity` is of the box's centre, smoothed, pixels a second. Times are seconds of the caller's clock.
    `unseen` is for how long the face was not seen before the last time, 0 where no frame missed it. `look` is
    None where not told.
    """

    id: int
    detection: Detection
    velocity: tuple[float, float]
    first_seen: float
    last_seen: float
    unseen: float = 0.0
    look: Look | None = field(default=None, compare=False, repr=False)

    def box_at(self, t: float) -> Box:
        """The last box moved on by the velocity to time `t`, for at most DRIFT. May leave the frame."""
        gap = min(max(t - self.last_seen, 0.0), DRIFT)
        dx, dy = self.velocity[0] * gap, self.velocity[1] * gap
        x1, y1, x2, y2 = self.detection.box
        return (x1 + dx, y1 + dy, x2 + dx, y2 + dy)


class Tracker:
    """State of one viewer; not safe in two threads at once.

    A person unseen for more than `forget_after` seconds comes back as a new one. A face seen once waits
    `confirm_within` seconds for its second frame.
    """

    def __init__(self, *, forget_after: float = 2.0, confirm_within: float = UNCONFIRMED) -> None:
        import scipy.optimize  # noqa: F401 - now, as the first frame should not wait for it

        self._forget_after = forget_after
        self._confirm_within = confirm_within
        self._tracks: list[Track] = []  # confirmed, in the order of their ids
        self._candidates: list[Track] = []  # seen once, id 0
        self._seen: set[int] = set()  # ids in the last frame
        self._confirmed = 0
        self._now = -math.inf

    def update(
        self,
        detections: Sequence[Detection],
        t: float,
        *,
        start_score: float,
        look: Callable[[Box], Look] | None = None,
    ) -> list[Track]:
        """The confirmed tracks seen in this frame, in the order of their ids.

        `detections` are all faces of one frame. One below `start_score` may continue a confirmed track but
        neither starts nor confirms one. A track is confirmed when seen in two frames, so that an error of
        one frame is never a person. `t` is the frame's time; one before the last frame's counts as that.
        With `look`, which tells how this frame looks in a box, who looks otherwise is somebody else.
        """
        before, self._now = self._now, max(t, self._now)
        t, step = self._now, self._now - before
        self._tracks = [track for track in self._tracks if t - track.last_seen <= self._forget_after]
        faces = [(face, None if look is None else look(face.box)) for face in detections]
        strong = [face for face in faces if face[0].score >= start_score]
        weak = [face for face in faces if face[0].score < start_score]

        known = self._tracks + self._candidates
        pairs, replaced = _assign(known, strong, t, step, GATE, look)
        found = {i: strong[j] for i, j in pairs}
        unseen = [i for i in range(len(self._tracks)) if i not in found]
        again, _ = _assign([known[i] for i in unseen], weak, t, step, WEAK_GATE, look)
        found |= {unseen[i]: weak[j] for i, j in again}

        seen = [self._continue(known[i], *found[i], t, step) for i in sorted(found)]
        self._seen = {track.id for track in seen}
        gone = {known[i].id for i in replaced if i not in found}
        lost = [track for track in self._tracks if track.id not in self._seen | gone]
        self._tracks = sorted(seen + lost, key=lambda track: track.id)

        waiting = [known[i] for i in range(len(known)) if not known[i].id and i not in found]
        self._candidates = [c for c in waiting if t - c.last_seen <= self._confirm_within]
        taken = {id(detection) for detection, _ in found.values()}
        started = _distinct([d for d, _ in strong if id(d) not in taken], [track.detection for track in seen])
        looks = {id(detection): seen_as for detection, seen_as in strong}
        self._candidates += [Track(0, d, (0.0, 0.0), t, t, look=looks[id(d)]) for d in started]
        return [track for track in self._tracks if track.id in self._seen]

    def renew(self, track: Track) -> Track:
        """The same track under a new id: whoever is seen there now is not who was there before."""
        self._confirmed += 1
        newcomer = replace(track, id=self._confirmed, first_seen=track.last_seen)
        self._tracks = [*(other for other in self._tracks if other.id != track.id), newcomer]
        self._seen = self._seen - {track.id} | {newcomer.id}
        return newcomer

    def rescale(self, scale: float) -> None:
        """The frames are `scale` times as large from now on: video over a network changes its size."""
        self._tracks = [_rescaled(track, scale) for track in self._tracks]
        self._candidates = [_rescaled(track, scale) for track in self._candidates]

    def end_all(self) -> None:
        """Forget everybody: whoever is seen next is new, as after a cut to another scene."""
        self._tracks, self._candidates = [], []

    @property
    def lost(self) -> list[Track]:
        """Confirmed, not seen in the last frame, not yet forgotten, in the order of their ids."""
        return [track for track in self._tracks if track.id not in self._seen]

    def _continue(
        self, track: Track, detection: Detection, look: Look | None, t: float, step: float
    ) -> Track:
        """The track with what was seen of it at `t`, and an id if this confirms it."""
        velocity = track.velocity
        gap = t - track.last_seen
        if gap > 0:  # a clock that stands still says nothing of speed
            newest = max(1 - math.exp(-gap / SMOOTHING), gap / (t - track.first_seen))  # at first the mean
            (x, y), (was_x, was_y) = _centre(detection.box), _centre(track.detection.box)
            vx, vy = velocity
            velocity = (vx + newest * ((x - was_x) / gap - vx), vy + newest * ((y - was_y) / gap - vy))
        if not track.id:
            self._confirmed += 1
        unseen = gap if gap > MISSED * step else 0.0
        return Track(track.id or self._confirmed, detection, velocity, track.first_seen, t, unseen, look)


def _centre(box: Box) -> tuple[float, float]:
    x1, y1, x2, y2 = box
    return ((x1 + x2) / 2, (y1 + y2) / 2)


def _rescaled(track: Track, scale: float) -> Track:
    vx, vy = track.velocity
    return replace(track, detection=track.detection.moved(scale), velocity=(vx * scale, vy * scale))


def _places(detections: Sequence[Detection]) -> np.ndarray:
    """(N, 3) centre x, centre y and size of each box, pixels; size is the root of the area, 1 at least."""
    boxes = np.array([d.box for d in detections], dtype=float).reshape(-1, 4)
    sides = np.maximum(boxes[:, 2:] - boxes[:, :2], 1.0)
    centres = (boxes[:, :2] + boxes[:, 2:]) / 2
    return np.column_stack([centres, np.sqrt(sides.prod(axis=1))])


def _assign(
    tracks: Sequence[Track],
    faces: Sequence[tuple[Detection, Look | None]],
    t: float,
    step: float,
    gate: float,
    look: Callable[[Box], Look] | None,
) -> tuple[list[tuple[int, int]], set[int]]:
    """Pairs (track, face) of the least total cost, and the tracks in whose place somebody else is now.

    `step` is the time since the last frame, seconds. The cost is -2 log of a normal density, so of two tracks
    that may explain a face equally well the one that is surer of its place has it. A person unseen for long
    stopped or walked on: they are as near as the nearest point between those two places.
    """
    from scipy.optimize import linear_sum_assignment  # a third of a second, which commands need not

    if not tracks or not faces:
        return [], set()
    old, new = _places([track.detection for track in tracks]), _places([face for face, _ in faces])
    gap = np.array([[t - track.last_seen] for track in tracks])
    velocity = np.array([track.velocity for track in tracks])
    drift = np.array([[TURN if track.id else UNKNOWN] for track in tracks])

    stopped = old[:, :2] + velocity * np.minimum(gap, DRIFT)
    onward = (velocity * np.maximum(gap - DRIFT, 0.0))[:, None]  # (tracks, 1, 2), as are the lines below
    offset = new[None, :, :2] - stopped[:, None]
    length = np.maximum((onward**2).sum(axis=2), 1e-9)
    share = np.clip((offset * onward).sum(axis=2) / length, 0.0, 1.0)
    distance = np.hypot(*np.moveaxis(offset - share[..., None] * onward, 2, 0)) / old[:, 2:]
    resized = np.log(new[None, :, 2] / old[:, 2:])

    last = np.minimum(gap, step)
    spread = np.minimum(JITTER + drift * last + LOST * (gap - last), MOST)
    respread = RESIZE_JITTER + RESIZE * gap
    deviation = (distance / spread) ** 2 + (resized / respread) ** 2
    cost = deviation + 4 * np.log(spread) + 2 * np.log(respread)
    fits = deviation <= gate
    away = ((gap > AWAY) & (gap > MISSED * step))[:, 0]
    others = _others(tracks, faces, fits, away, abs(resized) > BACK_AS_LARGE * respread)
    if look is not None:
        _keep_who_stayed(others, tracks, t, away, look)
    fits &= ~others
    cost[~fits] = NOBODY
    pairs = [(int(i), int(j)) for i, j in zip(*linear_sum_assignment(cost), strict=True) if fits[i, j]]
    taken = [j for _, j in pairs]
    others[:, taken] = False
    return pairs, set(map(int, np.flatnonzero((others & ~away[:, None]).any(axis=1))))


def _others(
    tracks: Sequence[Track],
    faces: Sequence[tuple[Detection, Look | None]],
    near: np.ndarray,
    away: np.ndarray,
    resized: np.ndarray,
) -> np.ndarray:
    """(tracks, faces) bool: which of the `near` pairs are two people by their looks, or by a size that
    changed while nobody was seen.
    """
    found = np.zeros(near.shape, bool)
    asked = [(i, j) for i, j in np.argwhere(near) if tracks[i].look is not None and faces[j][1] is not None]
    if asked:
        at = tuple(np.transpose(asked))
        gone = away[at[0]]
        looks = [(tracks[i].look, faces[j][1]) for i, j in asked]
        before, now = ([look for look in side if look is not None] for side in zip(*looks, strict=True))
        found[at] = is_other(before, now, gone) | (gone & resized[at])
    return found


def _keep_who_stayed(
    others: np.ndarray, tracks: Sequence[Track], t: float, away: np.ndarray, look: Callable[[Box], Look]
) -> None:
    """Nobody took the place of who is still seen where they were going to be. A box of a face jumps by a
    sixth of its side when the detector looks at a picture in another size, and then holds something else.
    """
    for i in map(int, np.flatnonzero(others.any(axis=1) & ~away)):
        before = tracks[i].look
        if before is not None and not is_other([before], [look(tracks[i].box_at(t))], np.array([False]))[0]:
            others[i] = False


def _distinct(detections: Sequence[Detection], taken: Sequence[Detection]) -> list[Detection]:
    """Those that are not a second box of a face in `taken` or of a higher score.

    Two boxes whose centres are nearer than half the larger one's size are one face, or hide one.
    """
    ranked = sorted(detections, key=lambda d: -d.score)
    places = _places([*taken, *ranked])
    kept = list(range(len(taken)))
    for i in range(len(taken), len(places)):
        others = places[kept]
        apart = np.hypot(*(others[:, :2] - places[i, :2]).T)
        if (apart >= np.maximum(others[:, 2], places[i, 2]) / 2).all():
            kept.append(i)
    return [ranked[i - len(taken)] for i in kept[len(taken) :]]
