"""A sheet of synthetic masks: a row for each way to wear one, a column for each of some styles.

python -m bench.mask_sheet FILE [--columns 10] [--seed 0]
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path

import cv2
import numpy as np

from core.mask_rendering import WAYS, masked_portrait, random_style

SIDE = 128  # pixels of a face


def sheet(columns: int, seed: int) -> np.ndarray:
    """(H, W, 3) uint8 RGB. Styles are the same in a column; how they sit is drawn by lot."""
    styles = [random_style(np.random.default_rng((seed, column))) for column in range(columns)]
    rows = [
        [
            masked_portrait(wearing, SIDE, style, np.random.default_rng((seed, column, row)))
            for column, style in enumerate(styles)
        ]
        for row, wearing in enumerate(WAYS)
    ]
    return np.vstack([np.hstack(row) for row in rows])


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m bench.mask_sheet", description="Draw a sheet of masks.")
    parser.add_argument("file", type=Path, help="ends in .jpg or .png")
    parser.add_argument("--columns", type=int, default=10)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args(arguments)
    if options.columns < 1 or options.file.suffix not in (".jpg", ".png"):
        parser.error("give at least one column, and a file that ends in .jpg or .png")
    picture = sheet(options.columns, options.seed)[..., ::-1]
    if not cv2.imwrite(str(options.file), picture, (cv2.IMWRITE_JPEG_QUALITY, 85)):
        parser.exit(1, f"error: {options.file} cannot be written.\n")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
