"""How fast a film is checked and written with its answers, and how much memory that takes."""

from __future__ import annotations

import io
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import av
import cv2

from bench.detectors import print_table
from bench.film_people import drawn_people
from bench.film_scenes import MadeFilm, Shot, wall
from bench.scale.memory import held
from core.drawing import annotate
from core.pipeline import Pipeline
from core.results import Frame
from core.video import DEFAULT_EVERY, CheckAndDraw, Film, FilmAnswer, FilmCheck, FilmSettings, MemoryFile

SIZE, RATE = (1280, 720), 30.0
MOST_GROWTH = 300  # MB
_LOOK_EVERY = 0.25  # seconds
_ROOT = Path(__file__).parent.parent
STAGES = ("decode", "detect", "track", "classify", "draw", "encode")


def speed(pipeline: Pipeline, seconds: float, repeat: int, frames: int) -> None:
    """Print the tables of `python -m bench.films speed`."""
    data = five_faces(seconds, SIZE)
    kinds = [(DEFAULT_EVERY, True), (0.5, True), (0.5, False)]
    answers: dict[tuple[float, bool], list[FilmAnswer]] = {kind: [] for kind in kinds}
    took: dict[tuple[float, bool], list[float]] = {kind: [] for kind in kinds}
    alone: list[float] = []  # seconds a picture
    for _ in range(repeat):
        for kind, mine in answers.items():
            start = time.perf_counter()
            mine.append(checked(data, pipeline, *kind))
            took[kind].append(time.perf_counter() - start)
        alone.append(_each_as_photo(data, pipeline, frames))
    rows = []
    for (every, drawn), mine in answers.items():
        wall_s = statistics.median(took[every, drawn])
        a_second = mine[0].frames / wall_s
        ms = {stage: statistics.median(answer.ms.get(stage, 0.0) for answer in mine) for stage in STAGES}
        counts = {s: mine[0].analysed if s in ("detect", "track", "classify") else mine[0].frames for s in ms}
        stages = [f"{1000 * counts[s] / ms[s]:.0f}" if ms[s] else "" for s in STAGES]
        rows.append(
            [
                *(
                    f"{every:g} s{'' if drawn else ', not drawn'}",
                    f"{seconds / wall_s:.2f} x",
                    f"{a_second:.1f}",
                ),
                *stages,
                f"{a_second * statistics.median(alone):.1f} x",
            ]
        )
    heads = ["decode", "find", "follow", "judge", "draw", "encode"]
    print(f"1280 x 720, 5 faces, 30 a second, {seconds:g} s; load {os.getloadavg()[0]:.1f}")
    print_table(["every", "film time", "pictures a second", *heads, "to each as a photo"], rows)
    print(f"each picture as a photo, read and written by OpenCV: {1 / statistics.median(alone):.1f} a second")


def five_faces(seconds: float, size: tuple[int, int], rate: float = RATE) -> bytes:
    """MP4 of five people before whom a camera goes slowly from side to side."""
    still = wall(drawn_people(5), 5)
    across, down = still.rgb.shape[1::-1]
    width = min(0.92, 0.92 * down / across * size[0] / size[1])
    shots = [((0.48, 0.5, width), (0.52, 0.5, width)), ((0.52, 0.5, width), (0.48, 0.5, width))]
    takes = [Shot(still, 5.0, *shots[i % 2]) for i in range(max(1, round(seconds / 5)))]
    takes[-1] = replace(takes[-1], seconds=seconds - 5.0 * (len(takes) - 1))
    return MadeFilm("five faces", tuple(takes), rate, size).written()


def checked(data: bytes, pipeline: Pipeline, every: float, drawn: bool) -> FilmAnswer:
    """A film checked and, with `drawn`, written into memory."""
    film = Film(data)
    try:
        check = FilmCheck(film, pipeline, FilmSettings(every))
        if not drawn:
            return check.run()
        both = CheckAndDraw(check, MemoryFile())
        answer = both.run()
        if both.problem:
            raise both.problem
        return answer
    finally:
        film.close()


def _each_as_photo(data: bytes, pipeline: Pipeline, frames: int) -> float:
    """Seconds a picture, of the first `frames`."""
    with tempfile.TemporaryDirectory() as folder:
        source, target = Path(folder) / "in.mp4", Path(folder) / "out.mp4"
        source.write_bytes(data)
        reader = cv2.VideoCapture(str(source))
        writer = cv2.VideoWriter(str(target), cv2.VideoWriter.fourcc(*"mp4v"), RATE, SIZE)
        start, done = time.perf_counter(), 0
        while done < frames:
            there, bgr = reader.read()
            if not there:
                break
            frame = Frame(cv2.cvtColor(bgr, cv2.COLOR_BGR2RGB))
            drawn = annotate(frame, pipeline.check(frame).faces)
            writer.write(cv2.cvtColor(drawn, cv2.COLOR_RGB2BGR))
            done += 1
        writer.release()
        took = time.perf_counter() - start
        reader.release()
    return took / max(done, 1)


def memory(minutes: Sequence[float], size: tuple[int, int], every: float) -> int:
    """Print the table of `python -m bench.films memory`. Its exit code."""
    with tempfile.TemporaryDirectory() as folder:
        ten = five_faces(10, size, 10.0)
        films = {"one second": 1 / 60} | {f"{length:g} min": length for length in minutes}
        peaks = {}
        for words, length in films.items():
            path = Path(folder) / "film.mp4"
            looped(ten, path, 60 * length)
            peaks[words] = peak(path, Path(folder), every)
            growth = peaks[words] - peaks["one second"]
            print(f"{words}: at most {peaks[words] / 2**20:.0f} MB, {growth / 2**20:+.0f} MB", flush=True)
    return 1 if max(peaks.values()) - peaks["one second"] > MOST_GROWTH * 2**20 else 0


def looped(data: bytes, target: Path, seconds: float) -> None:
    """Write a film again and again, without coding it anew, until it lasts `seconds`."""
    with av.open(io.BytesIO(data), "r") as source, av.open(str(target), "w") as container:
        video = source.streams.video[0]
        stream = container.add_stream_from_template(video)
        base = video.time_base or Fraction(1, 1000)
        packets = [(p.pts, p.dts, p.duration, p.is_keyframe, bytes(p)) for p in source.demux(video) if p.size]
        last = sum(duration or 0 for _, _, duration, _, _ in packets)
        begin = 0
        while True:
            for pts, dts, duration, is_key, content in packets:
                if (begin + (dts or 0)) * base >= seconds:
                    return
                packet = av.Packet(content)
                packet.pts, packet.dts, packet.duration = begin + (pts or 0), begin + (dts or 0), duration
                packet.time_base, packet.is_keyframe, packet.stream = base, is_key, stream
                container.mux(packet)
            begin += last


def peak(film: Path, folder: Path, every: float) -> int:
    """The most bytes that the command and what it starts hold. Raises `RuntimeError` where it fails."""
    command = [sys.executable, "-m", "core", "video", str(film), "--every", str(every), "--json"]
    files = ["--output", str(folder / "out.mp4"), "--frames", str(folder / "frames.csv")]
    most = 0
    with subprocess.Popen([*command, *files], cwd=_ROOT, stdout=subprocess.DEVNULL) as run:
        while run.poll() is None:
            most = max(most, held(run.pid))
            time.sleep(_LOOK_EVERY)
    if run.returncode:
        raise RuntimeError(f"the command failed: {run.returncode}")
    return most
