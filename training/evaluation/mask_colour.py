"""What colour the cloth on a face has, roughly, to tell apart what a model is good and bad at."""

from __future__ import annotations

import colorsys

import numpy as np

COLOURS = ("black", "grey", "white", "blue or green", "another colour")
# Where a mask's cloth is in a face's box, worn correctly or under the nose: shares of its width and height
_LEFT, _RIGHT, _TOP, _BOTTOM = 0.3, 0.7, 0.65, 0.85
_DARK, _BRIGHT = 0.3, 0.68  # of full value
_PALE = 0.2  # saturation of what counts as having no colour
_BLUE_GREEN = (0.22, 0.72)  # hue as a share of the circle: from yellow green to blue


def colour_of_mask(face: np.ndarray) -> str:
    """One of `COLOURS`, of the lower half of a face, (H, W, 3) uint8 RGB, by the medians of its channels.

    Where the mask hangs below the mouth, this is the skin's.
    """
    height, width = face.shape[:2]
    rows = slice(int(_TOP * height), max(int(_BOTTOM * height), int(_TOP * height) + 1))
    columns = slice(int(_LEFT * width), max(int(_RIGHT * width), int(_LEFT * width) + 1))
    red, green, blue = np.median(face[rows, columns].reshape(-1, 3), axis=0) / 255
    hue, saturation, value = colorsys.rgb_to_hsv(red, green, blue)
    if value < _DARK:
        return "black"
    if saturation < _PALE:
        return "white" if value >= _BRIGHT else "grey"
    return "blue or green" if _BLUE_GREEN[0] <= hue <= _BLUE_GREEN[1] else "another colour"
