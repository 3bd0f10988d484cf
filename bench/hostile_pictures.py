"""What hostile pictures cost: thousands with random damage, and hundreds made to cost more than they weigh.

    python -m bench.hostile_pictures [--mutations 5000] [--every 1] [--seed 0]

Each is read in a process whose memory and time are looked at, `core.images.decoder_process` included. A row a
kind of file: how many were read and how many refused in words; crashes (of the reader, or errors without
words); how many took more than 5 s or 1 GB; the slowest, by the clock and in a core's time; the largest.
Exits with 1 when a promise was not kept: seconds of a core's time count, as a machine may have much to do.
Needs Linux.
"""

from __future__ import annotations

import argparse
import functools
import io
import multiprocessing
import random
import struct
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from multiprocessing.connection import Connection
from typing import Any

import numpy as np
from PIL import Image

from bench.bombs import bombs
from bench.bombs.made import saved
from bench.cost_of_processes import Taken
from core.errors import ImageError
from core.images import DECODERS, read_image

MAX_SECONDS, MAX_BYTES = 5.0, 2**30
GIVEN_UP_S = 60.0
EDGES = (0, 1, 0x7F, 0x80, 0xFF, 0x7FFF, 0xFFFF, 0x10000, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFF)


@dataclass(frozen=True, slots=True)
class Outcome:
    """`said` is None when the picture was read, "" when it was refused without words."""

    said: str | None
    seconds: float
    cpu: float  # seconds of a core
    peak: int  # bytes that reader and decoder held at most

    @property
    def in_words(self) -> bool:
        return self.said is not None and self.said.startswith("It: ") and self.said.endswith(".")


# --- the reader ---------------------------------------------------------------------------------


def read(files: Connection) -> None:
    """Read one picture after another and tell what each cost."""
    taken = Taken()
    while data := files.recv_bytes():
        taken.forget(1 + len(DECODERS._idle))
        start = time.perf_counter()
        try:
            read_image(data, "It")
            said = None
        except ImageError as problem:
            said = str(problem)
        except Exception as problem:
            print(f"{type(problem).__name__}: {problem}", file=sys.stderr)
            said = ""
        files.send(Outcome(said, time.perf_counter() - start, *taken.since()))
    DECODERS.close()


class Reader:
    """A process that reads, and another when that has died."""

    def __init__(self) -> None:
        self._start()

    def _start(self) -> None:
        context = multiprocessing.get_context("spawn")
        self._files, theirs = context.Pipe()
        self._process = context.Process(target=read, args=(theirs,))
        self._process.start()
        theirs.close()
        self.read(saved("WEBP"))  # libraries are loaded, a decoder is started

    def read(self, data: bytes) -> Outcome | None:
        """None: the reader died, or did not come back."""
        try:
            self._files.send_bytes(data)
            if self._files.poll(GIVEN_UP_S):
                outcome: Outcome = self._files.recv()
                return outcome
        except (EOFError, OSError):
            pass
        self.close()
        self._start()
        return None

    def close(self) -> None:
        try:
            self._files.send_bytes(b"")
            self._process.join(5)
        except OSError:
            pass
        self._process.kill()
        self._process.join()
        self._files.close()


# --- damage -------------------------------------------------------------------------------------


@functools.cache
def whole() -> dict[str, bytes]:
    """A picture of each kind, in colours that pack badly."""
    noise = np.random.default_rng(0).integers(0, 255, (90, 120, 3), dtype=np.uint8)
    picture = Image.fromarray(noise)
    exif = Image.Exif()
    exif[0x0112] = 6
    kinds: dict[str, tuple[str, dict[str, Any]]] = {
        "JPEG": ("JPEG", {"exif": exif}),
        "JPEG, progressive": ("JPEG", {"progressive": True}),
        "JPEG, several": ("MPO", {"save_all": True, "append_images": [picture]}),
        "PNG": ("PNG", {"exif": exif}),
        "PNG, moving": ("PNG", {"save_all": True, "append_images": [picture]}),
        "WebP": ("WEBP", {"exif": exif}),
        "WebP, lossless": ("WEBP", {"lossless": True}),
        "WebP, moving": ("WEBP", {"save_all": True, "append_images": [picture]}),
        "TIFF": ("TIFF", {}),
        "TIFF, packed": ("TIFF", {"compression": "tiff_lzw"}),
        "TIFF, JPEG": ("TIFF", {"compression": "jpeg"}),
        "GIF": ("GIF", {"save_all": True, "append_images": [picture]}),
        "BMP": ("BMP", {}),
        "AVIF": ("AVIF", {"exif": exif}),
        "HEIC": ("HEIF", {}),
    }
    return {
        name: saved("HEIF") if kind == "HEIF" else saved_picture(picture, kind, options)
        for name, (kind, options) in kinds.items()
    }


def saved_picture(picture: Image.Image, kind: str, options: dict) -> bytes:
    file = io.BytesIO()
    picture.save(file, kind, **options)
    return file.getvalue()


def damaged(data: bytes, dice: random.Random) -> bytes:
    """One to four kinds of damage at once, more often near the start, where headers are."""
    for _ in range(dice.randint(1, 4)):
        at = int(len(data) * dice.random() ** dice.choice((1, 4)))
        length = dice.choice((1, 2, 4, 16, 256, 4096))
        part = data[at : at + length]
        match dice.randrange(8):
            case 0:
                data = (
                    data[:at] + bytes([data[at] ^ 1 << dice.randrange(8)]) + data[at + 1 :] if part else data
                )
            case 1:
                data = data[:at] + dice.randbytes(len(part)) + data[at + length :]
            case 2:
                data = data[:at]
            case 3:
                data = data[:at] + part * dice.choice((2, 3, 1000)) + data[at + length :]
            case 4:
                data = data[:at] + data[at + length :]
            case 5:  # a length, a size or a place
                number = struct.pack(dice.choice(("<I", ">I")), dice.choice(EDGES))
                data = data[:at] + number[: dice.choice((2, 4))] + data[at + 4 :]
            case 6:
                data = data[:at] + dice.choice(list(whole().values()))[at // 2 :]
            case 7:
                side = dice.choice((120, 90))
                code = dice.choice(("<H", ">H", "<I", ">I"))
                data = data.replace(
                    struct.pack(code, side), struct.pack(code, dice.choice((7000, 65_500))), 2
                )
    return data


def mutations(count: int, seed: int) -> Iterator[tuple[str, bytes]]:
    """(kind, file), always the same for a seed."""
    dice = random.Random(seed)
    kinds = list(whole().items())
    for number in range(count):
        name, data = kinds[number % len(kinds)]
        yield name, damaged(data, dice) or b"\0"


# --- the table ----------------------------------------------------------------------------------


def measure(
    files: Iterator[tuple[str, bytes]], seconds: float = float("inf")
) -> dict[str, list[Outcome | None]]:
    """What each file cost, by kind, until they or the `seconds` end."""
    found: dict[str, list[Outcome | None]] = {}
    end = time.monotonic() + seconds
    reader = Reader()
    try:
        for kind, data in files:
            found.setdefault(kind, []).append(reader.read(data))
            if time.monotonic() > end:
                break
    finally:
        reader.close()
    return found


def row(kind: str, outcomes: list[Outcome | None]) -> tuple[str, bool]:
    """Cells of a line, and whether all is as promised."""
    done = [outcome for outcome in outcomes if outcome is not None]
    read_ones = sum(outcome.said is None for outcome in done)
    refused = sum(outcome.in_words for outcome in done)
    slow = sum(outcome.cpu > MAX_SECONDS for outcome in done)
    large = sum(outcome.peak > MAX_BYTES for outcome in done)
    crashes = len(outcomes) - read_ones - refused
    slowest = max((outcome.seconds for outcome in done), default=0)
    most = max((outcome.cpu for outcome in done), default=0)
    largest = max((outcome.peak for outcome in done), default=0) / 1e6
    cells = f"{kind} | {len(outcomes)} | {read_ones} | {refused} | {crashes} | {slow} | {large}"
    return f"| {cells} | {slowest:.2f} | {most:.2f} | {largest:.0f} |", not (crashes or slow or large)


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--mutations", type=int, default=5000)
    parser.add_argument("--every", type=int, default=1, help="of the bombs, by family")
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    print("| file | n | read | refused in words | crashes | over 5 s | over 1 GB ", end="")
    print("| slowest s | of a core | largest MB |")
    print("|---" * 10 + "|", flush=True)
    kept, everything = True, []
    for files in (mutations(options.mutations, options.seed), bombs(options.every)):
        found = measure(files)
        for kind, outcomes in found.items():
            line, as_promised = row(kind, outcomes)
            print(line, flush=True)
            kept &= as_promised
            everything += outcomes
    print(row("all", everything)[0])
    return 0 if kept else 1


if __name__ == "__main__":
    sys.exit(main())
