"""Pictures in: untrusted bytes or an untrusted file -> `Frame`, or an `ImageError` that says what to do.

Nothing of a picture is written to disk, and only the decoders of the formats named here are ever reached.
"""

from __future__ import annotations

import io
import math
import os
import re
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import cast

import numpy as np
from PIL import ExifTags, Image, ImageCms, UnidentifiedImageError

from core.errors import ImageError
from core.images.kinds import HEIF_BRANDS
from core.images.parts import END, is_plain, lacks_end, too_many_parts
from core.results import Frame
from core.text import printable

MAX_BYTES = 64 * 2**20  # a 50-megapixel JPEG at best quality is some 30 MB
MAX_PIXELS = 50_000_000  # the largest phone cameras' usual picture; 150 MB once decoded
MAX_SIDE = 65_500  # the longest that a JPEG can have, as which pictures are given back
MAX_ASPECT = 100  # longer side by shorter: a panorama has 8, a till receipt 25, a scanned line of a belt 60

_FORMATS = ("JPEG", "PNG", "WEBP", "BMP", "GIF", "TIFF", "AVIF")
_FORMAT_NAMES = "JPEG, PNG, WebP, HEIC, AVIF, TIFF, GIF or BMP"
_NOT_PICTURES = (  # what is most often saved in place of a picture, by a mark near its start
    (b"%pdf-", "a PDF document"),
    (b"pk\x03\x04", "a zip archive"),
    (b"<svg", "an SVG drawing"),
    (b"<html", "a web page"),
    (b"<!doctype html", "a web page"),
)
_TURNS = {  # by EXIF orientation; Pillow's exif_transpose also rewrites the EXIF and fails when it is broken
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
_BAND = 256  # rows looked at at once
# Converted at once; what is larger is mapped anew each time, which takes three times as long
_BAND_BYTES = 2**16
MAX_MISSING = 0.25  # of a JPEG's rows: what lacks more may lack the faces
_BROKEN_OFF = (
    "The end of the file is missing, as after a download that broke off. Its last rows may be grey, and "
    "faces in them are not found."
)
_WHITES = (1.0, 255.0, 65535.0, 4294967295.0)  # what numbers without a nominal range usually end at

# Pillow warns of every odd tag, in words that a hostile file chooses: that would fill the log and, since
# Python remembers each text, the memory. Set on import because warnings.catch_warnings is not thread safe.
warnings.filterwarnings("ignore", module=r"PIL\.")


def read_image(
    source: bytes | Path,
    name: str | None = None,
    *,
    max_pixels: int = MAX_PIXELS,
    max_side: int | None = None,
) -> Frame:
    """The first picture of a file, upright, in sRGB, on white where it is transparent.

    `name` is what messages start with, by default the file's own. `max_pixels` bounds width x height as
    stored. `max_side` asks for a preview whose longer side has at most that many pixels, which a JPEG gives
    several times faster. 16-bit and float pictures are scaled, not clipped. `rgb` of the frame is read-only.
    A JPEG that breaks off near its end is read as browsers do, with a `note` in the frame.

    Raises `ImageError` when the file cannot be read, is too large, damaged, or not a picture.
    """
    if isinstance(source, Path):
        shown = printable(name or source.name or str(source))
        data = _read_file(source, shown)
    else:
        shown = printable(name or "The picture")
        data = source
    if not data:
        raise ImageError(f"{shown}: is empty. Choose another file.")
    if len(data) > MAX_BYTES:
        raise _too_many_bytes(shown, f"{len(data) / 2**20:.1f} MB")
    if too_many_parts(data):
        raise ImageError(f"{shown}: is built to take minutes to open. Save it again with another program.")
    note = _BROKEN_OFF if lacks_end(data) else ""
    if is_plain(data) or os.name != "posix":
        return Frame(decode_here(data, shown, max_pixels, max_side), note)
    from core.images.decoder_process import DECODERS  # which does not exist on Windows

    return Frame(DECODERS.decode(data, shown, max_pixels, max_side), note)


def decode_here(data: bytes, shown: str, max_pixels: int, max_side: int | None) -> np.ndarray:
    """As `read_image`, in this process and without its bounds: (H, W, 3) uint8, read-only."""
    try:
        return _pixels(_decode(data, shown, max_pixels, max_side))
    except ImageError:
        raise
    except MemoryError:
        raise ImageError(
            f"{shown}: does not fit in the memory that is free now. Save it smaller and try again."
        ) from None
    except Exception as problem:  # a decoder raises whatever a damaged file trips it over, even KeyError
        raise ImageError(
            f"{shown}: is damaged or incomplete. Copy or download it again, or save it again as JPEG or PNG."
        ) from problem


def _read_file(path: Path, shown: str) -> bytes:
    try:
        if path.exists() and not path.is_file():  # reading a pipe or a device may never end
            raise ImageError(f"{shown}: is not a file. Give the path of a picture.")
        with path.open("rb") as file:
            data = file.read(MAX_BYTES + 1)
            if len(data) > MAX_BYTES:
                raise _too_many_bytes(shown, f"{path.stat().st_size / 2**20:.1f} MB")
            return data
    except (OSError, ValueError) as problem:  # ValueError: a zero byte in the path
        reason = getattr(problem, "strerror", None) or "not a path"
        raise ImageError(f"{shown}: cannot be read ({reason}). Check the path.") from None


def _too_many_bytes(shown: str, size: str) -> ImageError:
    return ImageError(
        f"{shown}: has {size}, more than the {MAX_BYTES // 2**20} MB allowed. Save it smaller and try again."
    )


def _too_many_pixels(shown: str, size: str, max_pixels: int) -> ImageError:
    return ImageError(
        f"{shown}: has {size} pixels, more than the {max_pixels:,} allowed. Save it smaller and try again."
    )


def _check_shape(shown: str, width: int, height: int) -> None:
    longer, shorter = max(width, height), min(width, height)
    if longer > MAX_SIDE:
        raise ImageError(
            f"{shown}: is {longer:,} pixels long, more than the {MAX_SIDE:,} allowed. "
            "Cut it into shorter pictures, or save it smaller, and try again."
        )
    if longer > MAX_ASPECT * shorter:
        raise ImageError(
            f"{shown}: has {width:,} x {height:,} pixels, so narrow that no face fits in it. "
            f"Cut out the part with the faces: at most {MAX_ASPECT} times as long as wide."
        )


def _decode(data: bytes, shown: str, max_pixels: int, max_side: int | None) -> Image.Image:
    broken_off = lacks_end(data)
    if broken_off:  # with an end its decoder fills up what is missing, in grey
        data = data.rstrip(b"\0") + END
    try:
        picture = Image.open(io.BytesIO(data), formats=_formats(data))
    except UnidentifiedImageError:
        raise ImageError(
            f"{shown}: {_what_it_is(data)}. Choose a {_FORMAT_NAMES} file; "
            "if a picture viewer opens this one, save it again as JPEG or PNG."
        ) from None
    except Image.DecompressionBombError as bomb:  # Pillow's own bound, before it tells the size otherwise
        found = re.search(r"\d+", str(bomb))
        size = f"{int(found[0]):,}" if found else "far too many"
        raise _too_many_pixels(shown, size, max_pixels) from None
    with picture:
        width, height = picture.size
        if width * height > max_pixels:
            raise _too_many_pixels(shown, f"{width:,} x {height:,}", max_pixels)
        _check_shape(shown, width, height)
        if max_side:
            least = max_side / max(width, height)  # a JPEG can be decoded at 1/2, 1/4 or 1/8
            picture.draft(None, (math.ceil(width * least), math.ceil(height * least)))
        picture.load()
        if broken_off and _grey_rows(picture) > MAX_MISSING * picture.height:
            raise ImageError(
                f"{shown}: is damaged or incomplete: more than a quarter of it is missing. "
                "Copy or download it again."
            )
        turn = _turn(picture)
        rgb = _to_srgb(picture, max_side)
    return rgb if turn is None else rgb.transpose(turn)


def _grey_rows(picture: Image.Image) -> int:
    """How many of the last rows are mid-grey all over, as a decoder leaves what it has no data for."""
    for bottom in range(picture.height, 0, -_BAND):
        top = max(bottom - _BAND, 0)
        band = np.asarray(picture.crop((0, top, picture.width, bottom)), int)
        coloured = (abs(band - 128) > 1).reshape(bottom - top, -1).any(axis=1)
        if coloured.any():
            return picture.height - top - 1 - int(np.flatnonzero(coloured)[-1])
    return picture.height


def _formats(data: bytes) -> tuple[str, ...]:
    if data[4:8] == b"ftyp" and data[8:12] in HEIF_BRANDS and b"avif" not in data[16:64]:
        import pillow_heif  # here because it takes 0.1 s, and most pictures are JPEG

        pillow_heif.register_heif_opener()
        return ("HEIF",)
    return _FORMATS


def _what_it_is(data: bytes) -> str:
    start = data[:1024].lower()
    for mark, kind in _NOT_PICTURES:
        if mark in start:
            return f"is {kind}, not a picture"
    return "is not a picture, or is too damaged to tell"


def _turn(picture: Image.Image) -> Image.Transpose | None:
    """What brings the picture upright. None when it is, or when its EXIF is broken, which spoils no pixel."""
    try:
        return _TURNS.get(picture.getexif()[ExifTags.Base.Orientation])
    except Exception:  # as in `read_image`: the parser raises whatever it trips over
        return None


def _to_srgb(picture: Image.Image, max_side: int | None) -> Image.Image:
    """RGB of any mode: 1-bit, grey, palette, CMYK, 16-bit, float, with or without transparency."""
    profile = picture.info.get("icc_profile")
    if picture.mode[0] in "IF":
        picture = Image.fromarray(_to_8_bits(picture))
    elif picture.has_transparency_data:
        over = picture if picture.mode == "RGBA" else picture.convert("RGBA")
        picture = Image.new("RGB", over.size, "white")
        picture.paste(over, mask=over)
    elif picture.mode not in ("L", "RGB", "CMYK"):
        picture = picture.convert("RGB")
    if max_side:
        picture.thumbnail((max_side, max_side))
    if profile:
        try:
            return _apply_profile(picture, profile)
        except (ImageCms.PyCMSError, OSError, ValueError, TypeError):
            pass  # broken, or made for another mode: the numbers are then read as sRGB, as viewers do
    return picture if picture.mode == "RGB" else picture.convert("RGB")  # which would copy what is RGB


def _to_8_bits(picture: Image.Image) -> np.ndarray:
    """(H, W) uint8 of a picture with 16- or 32-bit numbers. What is not a number is black."""
    white = 65535.0
    if not picture.mode.startswith("I;16"):
        # The smallest usual white that holds the picture. Twice of it, since highlights may overshoot.
        brightest = max(float(band.max()) for _, band in _number_bands(picture))
        white = next((w for w in _WHITES if brightest <= 2 * w), brightest)
    eight_bits = np.empty((picture.height, picture.width), np.uint8)
    for top, band in _number_bands(picture):
        band *= 255 / white
        np.clip(band, 0, 255, out=band)
        eight_bits[top : top + len(band)] = np.rint(band, out=band)
    return eight_bits


def _number_bands(picture: Image.Image) -> Iterator[tuple[int, np.ndarray]]:
    for top, band in _bands(picture):
        numbers = np.array(band, np.float32)
        numbers[~np.isfinite(numbers)] = 0
        yield top, numbers


def _pixels(picture: Image.Image) -> np.ndarray:
    """(H, W, 3) uint8, read-only, of an RGB picture."""
    pixels = np.empty((picture.height, picture.width, 3), np.uint8)
    for top, band in _bands(picture):
        pixels[top : top + band.height] = np.asarray(band)
    pixels.setflags(write=False)
    return pixels


def _bands(picture: Image.Image) -> Iterator[tuple[int, Image.Image]]:
    """(top, part) of a few rows each: NumPy's view of a picture costs twice its memory.

    So few that they fit in `_BAND_BYTES`.
    """
    rows = max(1, _BAND_BYTES // (4 * picture.width))
    for top in range(0, picture.height, rows):
        yield top, picture.crop((0, top, picture.width, min(top + rows, picture.height)))


def _apply_profile(picture: Image.Image, profile: bytes) -> Image.Image:
    """From the embedded colour profile to sRGB: 0.26 s for 12 megapixels, so not when it is sRGB already."""
    embedded = ImageCms.ImageCmsProfile(io.BytesIO(profile))
    if picture.mode == "RGB" and ImageCms.getProfileDescription(embedded).startswith("sRGB"):
        return picture
    converted = ImageCms.profileToProfile(picture, embedded, ImageCms.createProfile("sRGB"), outputMode="RGB")
    return cast(Image.Image, converted)  # None only when converting in place
