"""Pictures to measure with: few files under many names, and the command that checks them."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.parquet as pq

from core.images import resized, to_jpeg
from core.mask_rendering import group_photo, sample_frame

ROOT = Path(__file__).parents[2]
TWO_MEGAPIXELS = (1632, 1224)
_DIFFERENT = 20


def two_megapixels(n: int) -> bytes:
    """A JPEG of 2 megapixels with six faces, each `n` another crop of the same group."""
    rgb = group_photo(6).rgb[n : 400 - n, n : 600 - n]
    return to_jpeg(resized(rgb, TWO_MEGAPIXELS))


def tiny(n: int) -> bytes:
    """A JPEG of 64 x 64 pixels without a face: what it costs is what each picture costs."""
    return to_jpeg(np.full((64, 64, 3), n, np.uint8))


def small(n: int) -> bytes:
    """A JPEG of one face that any detector finds, so small that the time goes into what is measured."""
    return to_jpeg(resized(sample_frame("no_mask").rgb[: 230 + n, 100:340], (100, 96 + n)))


def make(folder: Path, count: int, picture: Any) -> None:
    """`count` names in folders of a thousand, links to a few different files."""
    files = folder.with_name(f"{folder.name}-files")
    files.mkdir(parents=True)
    for n in range(_DIFFERENT):
        (files / f"{n}.jpg").write_bytes(picture(n))
    for n in range(count):
        inner = folder / f"{n // 1000:04d}"
        inner.mkdir(parents=True, exist_ok=True)
        (inner / f"{n:08d}.jpg").hardlink_to(files / f"{n % _DIFFERENT}.jpg")


def command(folder: Path, output: Path, *options: str) -> list[str]:
    start = [sys.executable, "-m", "core", "check", str(folder), "--recursive"]
    return [*start, "--output", str(output), *options]


def check(folder: Path, output: Path, *options: str) -> dict[str, Any]:
    """Run it to its end; the summary. Raises `RuntimeError` with what it said."""
    done = subprocess.run(
        command(folder, output, *options), cwd=ROOT, capture_output=True, text=True, env=os.environ
    )
    if done.returncode not in (0, 2):
        raise RuntimeError(done.stderr[-2000:])
    summary: dict[str, Any] = json.loads(output.with_suffix(".summary.json").read_text())
    return summary


def rows(output: Path) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = pq.read_table(output).to_pylist()
    return found
