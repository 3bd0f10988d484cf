"""A film's sound as plain samples, with their time."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import av
import numpy as np
from av.error import FFmpegError

from core.video.films.clock import Clock
from core.video.films.messages import Payload

RATES = (44_100, 48_000)  # samples a second, that every player takes; others become the second


def form_of(stream: av.AudioStream) -> tuple[int, int]:
    """Samples a second and channels, one or two, as which its sound is given."""
    rate = stream.codec_context.sample_rate
    return rate if rate in RATES else RATES[-1], 1 if stream.codec_context.layout.nb_channels == 1 else 2


class SoundReader:
    """Sound of `start` to `end` seconds in a form. `zero` is the first picture's time stamp, in seconds."""

    def __init__(self, form: tuple[int, int], start: float, end: float | None, zero: float) -> None:
        self._start, self._end, self._zero = start, end, zero
        self._rate, self._channels = form
        self._resampler = av.AudioResampler("s16", "mono" if self._channels == 1 else "stereo", self._rate)
        self._clock = Clock(zero)

    def read(self, frame: av.AudioFrame) -> Iterator[tuple[dict[str, Any], Payload]]:
        """Messages of one frame's samples: int16, mono or left and right by turns."""
        try:
            resampled = self._resampler.resample(frame)
        except (FFmpegError, ValueError):  # it changed on the way into what cannot be converted
            return
        for each in resampled:
            yield from self._message(each)

    def _message(self, frame: av.AudioFrame) -> Iterator[tuple[dict[str, Any], Payload]]:
        samples = frame.to_ndarray().reshape(-1, self._channels)
        lasts = len(samples) / self._rate
        if frame.time is not None and frame.time + lasts <= self._zero and self._clock.last is None:
            return  # it began before the pictures
        t = self._clock.at(frame.time)
        if t + lasts <= self._start or (self._end is not None and t >= self._end):
            return
        first = max(0, round((self._start - t) * self._rate))
        last = None if self._end is None else max(0, round((self._end - t) * self._rate))
        kept = np.ascontiguousarray(samples[first:last], np.int16)
        said = {"is": "sound", "at": t + first / self._rate}
        yield said, (kept.tobytes(),)
