"""Films made by code of which it is known who is in each picture, where, and how each wears the mask."""

from __future__ import annotations

import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction

import av
import cv2
import numpy as np

from core.images import resized
from core.results import Box

SIZE = (960, 540)  # width and height of a film where none is said, pixels
Size = tuple[int, int]
TIME_BASE = Fraction(1, 120_000)
_SEEN = 0.6  # of a box inside the picture: from there on somebody counts as there
_LEAST = 24.0  # pixels of a face that counts
_BAR = 0.2  # of the width: the pillar that people pass behind
_GRAIN = 3.0  # grey levels, as of a phone's camera


@dataclass(frozen=True, slots=True, eq=False)
class FaceTile:
    """A face with what is around it, square; `face` is its box in parts of the side."""

    rgb: np.ndarray
    label: str
    face: Box


@dataclass(frozen=True, slots=True, eq=False)
class Still:
    """(H, W, 3) uint8 RGB and its faces: boxes in pixels, a label each."""

    rgb: np.ndarray
    boxes: tuple[Box, ...]
    labels: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class TrueFace:
    """Somebody in one picture of a film. `counts`: large enough, inside, and not hidden."""

    who: tuple[int, int]
    box: Box
    label: str
    counts: bool


@dataclass(frozen=True, slots=True, eq=False)
class Shot:
    """One take of `seconds`: the camera goes from one window of a still to another, each as the x and y of
    its middle and its width, in parts of the still's width and height. From `changes_at` on the still is
    `after`, with the same people. `pillar`: whether one passes in front of everybody.
    """

    still: Still
    seconds: float
    begin: tuple[float, float, float]
    end: tuple[float, float, float]
    after: Still | None = None
    changes_at: float = float("inf")
    pillar: bool = False

    def picture(self, t: float, size: Size) -> np.ndarray:
        """(H, W, 3) uint8 RGB of `t` seconds into the take; `size` is width and height."""
        scale, left, top = self._window(t, size)
        matrix = np.array([[scale, 0, -left * scale], [0, scale, -top * scale]], np.float32)
        still = self._at(t).rgb
        rgb = cv2.warpAffine(still, matrix, size, flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REFLECT)
        if self.pillar:
            begin, end = self._pillar(t, size[0])
            rgb[:, max(0, round(begin)) : max(0, round(end))] = (96, 92, 88)
        return rgb

    def faces(self, t: float, number: int, size: Size) -> list[TrueFace]:
        """Everybody of whom anything is in the picture; `number` is that of the take in its film."""
        scale, left, top = self._window(t, size)
        still, found = self._at(t), []
        for index, (box, label) in enumerate(zip(still.boxes, still.labels, strict=True)):
            x1, y1, x2, y2 = ((v - o) * scale for v, o in zip(box, (left, top, left, top), strict=True))
            inside = _overlap(x1, x2, 0, size[0]) * _overlap(y1, y2, 0, size[1])
            if inside <= 0:
                continue
            hidden = _overlap(x1, x2, *self._pillar(t, size[0])) if self.pillar else 0.0
            large = min(x2 - x1, y2 - y1) >= _LEAST
            counts = inside >= _SEEN and hidden < 1 - _SEEN and large
            found.append(TrueFace((number, index), (x1, y1, x2, y2), label, counts))
        return found

    def _at(self, t: float) -> Still:
        return self.after if self.after and t >= self.changes_at else self.still

    def _window(self, t: float, size: Size) -> tuple[float, float, float]:
        """Pixels of the film for one of the still, and the still's pixel at its corner."""
        share = t / self.seconds
        x, y, width = (a + (b - a) * share for a, b in zip(self.begin, self.end, strict=True))
        height, across = self.still.rgb.shape[:2]
        scale = size[0] / (width * across)
        return scale, x * across - size[0] / scale / 2, y * height - size[1] / scale / 2

    def _pillar(self, t: float, across: int) -> tuple[float, float]:
        width = _BAR * across
        begin = (across + width) * t / self.seconds - width
        return begin, begin + width


@dataclass(frozen=True, slots=True, eq=False)
class MadeFilm:
    """Takes one after another. `rate` pictures a second, None for as irregular ones as phones make."""

    name: str
    shots: tuple[Shot, ...]
    rate: float | None = 25.0
    size: Size = SIZE

    @property
    def seconds(self) -> float:
        return sum(shot.seconds for shot in self.shots)

    def times(self) -> list[float]:
        """When each picture is shown, seconds."""
        if self.rate is not None:
            return [i / self.rate for i in range(int(self.seconds * self.rate))]
        gaps = np.random.default_rng(1).choice((1 / 60, 1 / 30, 1 / 24, 1 / 12, 0.2), 10_000)
        at = np.concatenate([[0.0], np.cumsum(gaps)])
        return [float(t) for t in at[at < self.seconds]]

    def truth(self, t: float) -> list[TrueFace]:
        shot, into, number = self._shot(t)
        return shot.faces(into, number, self.size)

    def written(self) -> bytes:
        """MP4."""
        memory, rng = io.BytesIO(), np.random.default_rng(2)
        grain = [rng.normal(0, _GRAIN, (*self.size[::-1], 1)).astype(np.int16) for _ in range(5)]
        with av.open(memory, "w", format="mp4") as container:
            stream = container.add_stream("libx264", rate=Fraction(self.rate or 30).limit_denominator(1001))
            stream.width, stream.height, stream.pix_fmt = *self.size, "yuv420p"
            stream.codec_context.time_base = TIME_BASE
            stream.options = {"preset": "ultrafast", "crf": "20"}
            for number, t in enumerate(self.times()):
                shot, into, _ = self._shot(t)
                rgb = np.clip(shot.picture(into, self.size) + grain[number % len(grain)], 0, 255).astype(
                    np.uint8
                )
                frame = av.VideoFrame.from_ndarray(rgb, format="rgb24")
                frame.pts, frame.time_base = round(t / TIME_BASE), TIME_BASE
                container.mux(stream.encode(frame))
            container.mux(stream.encode())
        return memory.getvalue()

    def _shot(self, t: float) -> tuple[Shot, float, int]:
        """The take that is on, how far into it, and its number."""
        for number, shot in enumerate(self.shots[:-1]):
            if t < shot.seconds - 1e-6:
                return shot, t, number
            t -= shot.seconds
        return self.shots[-1], t, len(self.shots) - 1


def wall(portraits: Sequence[FaceTile], seed: int, side: int = 200) -> Still:
    """Portraits beside each other before a wall, three a row, none quite in line."""
    rng = np.random.default_rng(seed)
    columns = min(3, len(portraits))
    rows = -(-len(portraits) // columns)
    pitch = side * 7 // 5
    rgb = np.full((rows * pitch + side // 2, max(columns * pitch, 3 * pitch) + side, 3), 150, np.float32)
    rgb += (
        rng.normal(0, 18, (rgb.shape[0] // 40 + 1, rgb.shape[1] // 40 + 1, 3))
        .astype(np.float32)
        .repeat(40, axis=0)
        .repeat(40, axis=1)[: rgb.shape[0], : rgb.shape[1]]
    )
    rgb = np.clip(rgb, 0, 255).astype(np.uint8)
    boxes: list[Box] = []
    for i, portrait in enumerate(portraits):
        left = i % columns * pitch + side // 2 + int(rng.integers(side // 4))
        top = i // columns * pitch + side // 4 + int(rng.integers(side // 4))
        rgb[top : top + side, left : left + side] = resized(portrait.rgb, (side, side))
        x1, y1, x2, y2 = (v * side for v in portrait.face)
        boxes.append((left + x1, top + y1, left + x2, top + y2))
    return Still(rgb, tuple(boxes), tuple(portrait.label for portrait in portraits))


def films_of(portraits: Sequence[FaceTile], pairs: Sequence[tuple[FaceTile, FaceTile]]) -> Iterator[MadeFilm]:
    """One of each kind. `pairs` are the same person before and after: with a mask and bare."""
    groups = [wall(portraits[i : i + 5], i) for i in range(0, len(portraits), 5)]
    before, after = (wall([pair[i] for pair in pairs[:3]], 99) for i in (0, 1))
    a, b = groups[0], groups[-1]
    left, right, whole, near = (0.32, 0.5, 0.6), (0.68, 0.5, 0.6), (0.5, 0.5, 0.95), (0.5, 0.45, 0.5)
    middle = (0.5, 0.5, 0.9)
    yield MadeFilm("pan, 24 a second", (Shot(a, 6, left, right),), 24)
    yield MadeFilm("zoom, 25 a second", (Shot(b, 6, whole, near),), 25)
    yield MadeFilm("hidden for a moment, 29.97", (Shot(a, 6, middle, middle, pillar=True),), 30_000 / 1001)
    yield MadeFilm("mask taken off, 60", (Shot(before, 6, middle, middle, after, 3.0),), 60)
    yield MadeFilm("mask put on, variable", (Shot(after, 6, left, middle, before, 2.5),), None)
    cuts = (Shot(a, 2.5, middle, middle), Shot(b, 2.5, near, whole), Shot(a, 2.5, whole, middle))
    yield MadeFilm("two cuts, 30", cuts, 30)


def _overlap(begin: float, end: float, low: float, high: float) -> float:
    """The share of `begin` to `end` that is between `low` and `high`."""
    return max(0.0, min(end, high) - max(begin, low)) / max(end - begin, 1e-9)
