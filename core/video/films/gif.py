"""Some seconds of a film as a GIF to share: small, without sound, with the answers drawn on it."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import av
import numpy as np
from PIL import Image

from core.drawing import annotate, blur_faces
from core.errors import VideoError
from core.images import scaled
from core.results import Frame
from core.video.films.answer import FilmAnswer
from core.video.films.film import Film
from core.video.films.mp4 import MemoryFile
from core.video.films.reader import FilmPicture, FilmReader
from core.video.films.reading import Wanted
from core.video.films.timeline import FaceTimeline

MAX_BYTES = 8_000_000  # what chats and mail take
MAX_GIF_SECONDS = 15.0
USUAL_SECONDS = 6.0
_EVERY = 1 / 8  # seconds
_SIDES = (480, 360, 270, 200, 140, 90)  # pixels of the longer side: the largest that fits is taken


def seconds_to_share(answer: FilmAnswer) -> tuple[float, float]:
    """The part that a GIF shows where none is chosen: all if it is short, else around the first change."""
    if answer.end - answer.start <= MAX_GIF_SECONDS:
        return answer.start, answer.end
    changes = [moment.at for moment in answer.moments if moment.before is not None]
    changes += [moment.at for moment in answer.moments] + [person.start for person in answer.people]
    middle = changes[0] if changes else answer.start
    start = min(max(answer.start, middle - USUAL_SECONDS / 3), answer.end - USUAL_SECONDS)
    return start, start + USUAL_SECONDS


def to_gif(film: Film, answer: FilmAnswer, start: float, end: float, *, blur: bool = False) -> bytes:
    """At most `MAX_BYTES` and `MAX_GIF_SECONDS`. Raises `VideoError` where there is no picture."""
    if end - start > MAX_GIF_SECONDS:
        raise VideoError(
            f"A GIF of {end - start:g} s would be too large. Choose {MAX_GIF_SECONDS:g} s or less."
        )
    for side in _SIDES:
        memory = MemoryFile()
        if _write(memory, film, answer, (start, end), side, blur):
            return bytes(memory.data)
    raise VideoError(f"The GIF is larger than {MAX_BYTES // 10**6} MB. Choose fewer seconds.")


def _write(
    memory: MemoryFile, film: Film, answer: FilmAnswer, part: tuple[float, float], side: int, blur: bool
) -> bool:
    """Whether it is small enough. Given up where it is not."""
    timeline = FaceTimeline(answer.sightings)
    palette: Image.Image | None = None
    with (
        FilmReader(film, Wanted(_EVERY, *part)) as reader,
        av.open(memory, "w", format="gif", options={"loop": "0"}) as container,
    ):
        stream = None
        for item in reader:
            if not isinstance(item, FilmPicture):
                continue
            hidden = timeline.hidden_at(item.at) if blur else []
            shown = Frame(blur_faces(item.pixels, hidden))
            picture = annotate(shown, timeline.faces_at(item.at), live=True)
            small = Image.fromarray(scaled(picture, min(1.0, side / max(picture.shape[:2]))))
            palette = palette or small.quantize(255)
            indexed = np.array(small.quantize(palette=palette), np.uint8)
            if stream is None:
                stream = container.add_stream("gif", rate=Fraction(100))
                stream.width, stream.height, stream.pix_fmt = small.width, small.height, "pal8"
                stream.codec_context.time_base = Fraction(1, 100)
            pixels: Any = (indexed, _colours(palette))
            frame = av.VideoFrame.from_ndarray(pixels, format="pal8")
            frame.pts, frame.time_base = round((item.at - part[0]) * 100), Fraction(1, 100)
            container.mux(stream.encode(frame))
            if len(memory.data) > MAX_BYTES:
                return False
        if stream is not None:
            container.mux(stream.encode())
    return len(memory.data) <= MAX_BYTES


def _colours(palette: Image.Image) -> np.ndarray:
    """(256, 4) uint8 alpha, red, green, blue."""
    rgb = np.array(palette.getpalette("RGB"), np.uint8).reshape(-1, 3)
    colours = np.full((256, 4), 255, np.uint8)
    colours[: len(rgb), 1:] = rgb
    return colours
