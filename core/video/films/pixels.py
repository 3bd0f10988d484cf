"""A decoded picture, of whatever format, as what is analysed (RGB) or what is drawn on and encoded (I420)."""

from __future__ import annotations

import struct
from functools import cache
from typing import Any

import av
import cv2
import numpy as np
from av.sidedata.sidedata import Type
from av.video.reformatter import ColorRange, VideoReformatter

_THUMB = (48, 27)  # pixels, to compare pictures by
_UNTAGGED = (2, 2, 2)  # colour space, primaries and transfer that a file does not name
_BT601 = (6, 6, 6)  # what OpenCV converts by


def turn_of(frame: av.VideoFrame) -> tuple[bool, bool, bool]:
    """What brings a picture upright, by its display matrix: exchange of rows and columns, then mirroring from
    left to right, then from top to bottom.
    """
    sides: Any = frame.side_data
    matrix = next((bytes(side) for side in sides if side.type == Type.DISPLAYMATRIX), b"")
    if len(matrix) < 36:
        return False, False, False
    a, b, _, c, d = struct.unpack("=5i", matrix[:20])
    if abs(a) + abs(d) >= abs(b) + abs(c):
        return False, a < 0, d < 0
    return True, c < 0, b < 0


def upright_size(frame: av.VideoFrame) -> tuple[int, int]:
    """Width and height as it is shown."""
    return (frame.height, frame.width) if turn_of(frame)[0] else (frame.width, frame.height)


def to_rgb(frame: av.VideoFrame, size: tuple[int, int]) -> np.ndarray:
    """(H, W, 3) uint8 RGB, upright, on white where it is transparent, of `size`, width and height.

    Of an interlaced picture one field alone: both hold different moments.
    """
    rgb: np.ndarray
    if any(component.is_alpha for component in frame.format.components) or frame.format.name == "pal8":
        rgba = _reformatted(frame, "rgba").to_ndarray()
        alpha = rgba[..., 3:].astype(np.uint16)
        rgb = ((rgba[..., :3] * alpha + 255 * (255 - alpha)) // 255).astype(np.uint8)
    else:
        rgb = _reformatted(frame, "rgb24").to_ndarray()
    if frame.interlaced_frame and len(rgb) > 1:
        rgb = cv2.resize(rgb[::2], (rgb.shape[1], rgb.shape[0]))
    exchanged, mirrored, upside_down = turn_of(frame)
    if exchanged:
        rgb = rgb.transpose(1, 0, 2)
    if mirrored or upside_down:
        rgb = rgb[:: -1 if upside_down else 1, :: -1 if mirrored else 1]
    if rgb.shape[1::-1] != size:
        rgb = cv2.resize(rgb, size, interpolation=cv2.INTER_AREA)
    return np.ascontiguousarray(rgb)


def i420_shape(size: tuple[int, int]) -> tuple[int, int]:
    """(H * 3 / 2, W) of a picture of so many pixels, width and height, each made even."""
    width, height = (side + side % 2 for side in size)
    return height * 3 // 2, width


def to_i420(frame: av.VideoFrame, size: tuple[int, int]) -> tuple[list[memoryview], tuple[int, int, int]]:
    """The bytes of (H * 3 / 2, W) uint8, in pieces: the planes Y, U and V, upright; and their colour space,
    primaries and transfer. They may be the frame's own: not to be changed.

    As I420 has only even sides, an odd picture's last row or column is repeated.
    """
    plain = (
        frame.format.name == "yuv420p" and frame.color_range != ColorRange.JPEG
    )  # which is all of 0 to 255
    plain = plain and not frame.interlaced_frame and not any(turn_of(frame))
    if plain and (frame.width, frame.height) == size and not (size[0] % 2 or size[1] % 2):
        said = (int(frame.colorspace), int(frame.color_primaries), int(frame.color_trc))
        own = all(plane.line_size == plane.width for plane in frame.planes)  # else there is more in a row
        planes = [memoryview(plane) for plane in frame.planes] if own else [_bytes_of(frame.to_ndarray())]
        return planes, said if all(0 < value < 32 for value in said) else _UNTAGGED
    rgb = to_rgb(frame, size)
    rgb = cv2.copyMakeBorder(rgb, 0, size[1] % 2, 0, size[0] % 2, cv2.BORDER_REPLICATE)
    return [_bytes_of(cv2.cvtColor(rgb, cv2.COLOR_RGB2YUV_I420))], _BT601


def _bytes_of(pixels: np.ndarray) -> memoryview:
    return np.ascontiguousarray(pixels).data.cast("B")


def thumb(frame: av.VideoFrame) -> np.ndarray:
    """(27, 48) uint8 grey."""
    width, height = _THUMB
    small = _reformatted(frame, "gray", width=width, height=height, interpolation="FAST_BILINEAR")
    return small.to_ndarray()


@cache
def _reformatter(kind: str) -> VideoReformatter:
    """One for all frames that become `kind`. Each frame's own would start threads for it alone, until a
    reader's memory has room for no more of them.
    """
    return VideoReformatter()


def _reformatted(frame: av.VideoFrame, kind: str, **to: Any) -> av.VideoFrame:
    return _reformatter(kind).reformat(frame, format=kind, threads=1, **to)
