"""JPEG bytes: the picture's size and colours come back, and nothing else is in them."""

import io

import numpy as np
import pytest
from PIL import Image

from core.images.encode import to_jpeg


def read_back(content: bytes) -> Image.Image:
    return Image.open(io.BytesIO(content))


def test_a_picture_comes_back_in_its_size_and_colours_without_metadata():
    rgb = np.zeros((40, 60, 3), np.uint8)
    rgb[:, :30], rgb[:, 30:] = (200, 30, 30), (20, 40, 180)
    picture = read_back(to_jpeg(rgb))
    assert (picture.format, picture.size, picture.mode) == ("JPEG", (60, 40), "RGB")
    assert not picture.getexif() and "comment" not in picture.info
    pixels = np.asarray(picture).astype(int)
    assert pixels[20, 5] == pytest.approx([200, 30, 30], abs=6)  # red first
    assert pixels[20, 55] == pytest.approx([20, 40, 180], abs=6)


def test_full_colour_keeps_every_pixels_own():
    columns = np.array([(220, 40, 40), (40, 40, 220)], np.uint8)
    rgb = np.tile(columns, (32, 16, 1))  # red and blue in turn
    lost = {}
    for full in (False, True):
        back = np.asarray(read_back(to_jpeg(rgb, quality=95, full_colour=full))).astype(int)
        lost[full] = np.abs(back - rgb).mean()
    assert lost[True] < 10 < 40 < lost[False]


def test_quality_costs_bytes():
    noise = np.random.default_rng(0).integers(0, 256, (64, 64, 3), np.uint8)
    sizes = [len(to_jpeg(noise, quality=quality)) for quality in (30, 60, 90)]
    assert sizes == sorted(sizes) and sizes[2] > 2 * sizes[0]
