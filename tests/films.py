"""Films made by code, of whatever kind a test needs."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterable, Sequence
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np

TIME_BASE = Fraction(1, 90_000)


def grey(value: int, size: tuple[int, int] = (160, 120)) -> np.ndarray:
    """(H, W, 3) uint8 of one grey, `size` being width and height."""
    return np.full((size[1], size[0], 3), value, np.uint8)


def noise(seed: int, size: tuple[int, int] = (320, 240)) -> np.ndarray:
    """(H, W, 3) uint8: neither dark nor blurred wherever a face is said to be."""
    return np.random.default_rng(seed).integers(0, 256, (size[1], size[0], 3), np.uint8)


def film_of(
    pictures: Iterable[np.ndarray],
    target: Path | io.BytesIO | str,
    *,
    rate: float = 25,
    times: Sequence[float] | None = None,
    codec: str = "libx264",
    pix_fmt: str = "yuv420p",
    form: str | None = None,
    sound: float = 0.0,
    turn: dict[str, Any] | None = None,
    options: dict[str, str] | None = None,
    coder: dict[str, str] | None = None,
    prepare: Callable[[av.VideoStream], object] = lambda stream: None,
) -> None:
    """Write `pictures`, (H, W, 3) uint8 RGB, at `rate` a second or at `times`, in seconds.

    `sound` is that of a tone for so many seconds; `turn` what `VideoStream.set_display_rotation` takes;
    `options` are of the container, `coder` of the codec.
    """
    file = str(target) if isinstance(target, Path) else target
    with av.open(file, "w", format=form, options=options or {}) as container:
        stream: Any = None
        audio: Any = container.add_stream("aac", rate=48_000, layout="mono") if sound else None
        for number, rgb in enumerate(pictures):
            if stream is None:
                stream = container.add_stream(codec, rate=Fraction(rate).limit_denominator(1001))
                stream.width, stream.height, stream.pix_fmt = rgb.shape[1], rgb.shape[0], pix_fmt
                stream.options = coder or {}
                if turn:
                    stream.set_display_rotation(**turn)
                prepare(stream)
                if times:
                    stream.codec_context.time_base = TIME_BASE
            frame = av.VideoFrame.from_ndarray(rgb, format="rgb24").reformat(format=pix_fmt)
            if times:
                frame.pts, frame.time_base = round(times[number] / TIME_BASE), TIME_BASE
            container.mux(stream.encode(frame))
        for block in range(int(sound * 48_000 / 1024)):
            container.mux(audio.encode(_tone(block)))
        if audio:
            container.mux(audio.encode())
        if stream is not None:
            container.mux(stream.encode())


def _tone(block: int) -> av.AudioFrame:
    at = np.arange(1024) + 1024 * block
    samples = (0.3 * np.sin(at * 2 * np.pi * 440 / 48_000)).astype(np.float32)
    frame = av.AudioFrame.from_ndarray(samples[None], format="fltp", layout="mono")
    frame.sample_rate, frame.pts, frame.time_base = 48_000, 1024 * block, Fraction(1, 48_000)
    return frame


def bytes_of(pictures: Iterable[np.ndarray], **more: Any) -> bytes:
    """As `film_of`, in memory, MP4 if nothing else is said."""
    memory = io.BytesIO()
    film_of(pictures, memory, **({"form": "mp4"} | more))
    return memory.getvalue()


def pictures_of(file: Path | io.BytesIO) -> list[np.ndarray]:
    """All pictures of a film, (H, W, 3) uint8 RGB, as they are stored."""
    with av.open(str(file) if isinstance(file, Path) else file, "r") as container:
        return [frame.to_ndarray(format="rgb24") for frame in container.decode(video=0)]


def times_of(file: Path | io.BytesIO) -> list[float]:
    """When each picture of a film is shown, seconds."""
    with av.open(str(file) if isinstance(file, Path) else file, "r") as container:
        return [float(frame.time) for frame in container.decode(video=0) if frame.time is not None]
