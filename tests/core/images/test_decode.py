"""Every kind of picture that people have, and every kind of file that is none."""

from __future__ import annotations

import io
import random
import struct
import subprocess
import sys
import time
import zlib
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import cv2
import numpy as np
import pillow_heif
import pytest
from PIL import Image, ImageCms

from core.errors import ImageError
from core.images import decode
from core.images.decode import read_image
from core.images.decoder_process import DECODERS
from core.images.kinds import SUFFIXES
from core.text import printable

ROOT = Path(__file__).parents[3]
RED, GREEN, BLUE, GREY = (220, 30, 30), (30, 200, 40), (20, 40, 210), (128, 128, 128)
WIDTH, HEIGHT = 64, 48


def quadrants() -> Image.Image:
    """Red and green above blue and grey: which way is up shows."""
    picture = Image.new("RGB", (WIDTH, HEIGHT), RED)
    picture.paste(GREEN, (WIDTH // 2, 0, WIDTH, HEIGHT))
    picture.paste(BLUE, (0, HEIGHT // 2, WIDTH // 2, HEIGHT))
    picture.paste(GREY, (WIDTH // 2, HEIGHT // 2, WIDTH, HEIGHT))
    return picture


def ramp(top: float, dtype: type) -> np.ndarray:
    """(16, 256) from 0 on the left to `top` on the right."""
    return np.tile(np.linspace(0, top, 256), (16, 1)).astype(dtype)


def saved(picture: Image.Image, kind: str, **options: object) -> bytes:
    buffer = io.BytesIO()
    if kind == "HEIF":
        pillow_heif.from_pillow(picture).save(buffer, quality=90, **options)
    else:
        picture.save(buffer, kind, **options)
    return buffer.getvalue()


def opencv(suffix: str, values: np.ndarray) -> bytes:
    return bytes(cv2.imencode(suffix, values)[1])


def corners(rgb: np.ndarray) -> list[tuple[int, ...]]:
    """The colour in the middle of each quadrant: top left, top right, bottom left, bottom right."""
    height, width = rgb.shape[:2]
    return [
        tuple(map(int, rgb[y, x]))
        for y in (height // 4, 3 * height // 4)
        for x in (width // 4, 3 * width // 4)
    ]


def assert_close(found: list[tuple[int, ...]], expected: list[tuple[int, ...]], tolerance: int) -> None:
    assert np.abs(np.subtract(found, expected)).max() <= tolerance, (found, expected)


FORMATS = {  # how far a colour may be off: lossy formats share colour between neighbours
    "JPEG": ({"quality": 95}, 6),
    "PNG": ({}, 0),
    "WEBP": ({"quality": 95}, 8),
    "BMP": ({}, 0),
    "GIF": ({}, 4),
    "TIFF": ({}, 0),
    "AVIF": ({"quality": 95}, 8),
    "HEIF": ({}, 8),
}


@pytest.mark.parametrize("kind", FORMATS)
def test_every_format_keeps_its_colours_and_size(kind):
    options, tolerance = FORMATS[kind]
    frame = read_image(saved(quadrants(), kind, **options), f"four.{kind}")
    assert (frame.width, frame.height) == (WIDTH, HEIGHT)
    assert_close(corners(frame.rgb), [RED, GREEN, BLUE, GREY], tolerance)


def test_a_file_is_read_whatever_its_suffix_says(tmp_path):
    path = tmp_path / "really-a-png.jpg"
    path.write_bytes(saved(quadrants(), "PNG"))
    assert_close(corners(read_image(path).rgb), [RED, GREEN, BLUE, GREY], 0)


def palette() -> Image.Image:
    return quadrants().quantize(8)


def luma(colour: tuple[int, int, int]) -> tuple[int, int, int]:
    return (Image.new("RGB", (1, 1), colour).convert("L").getpixel((0, 0)),) * 3


MODES = {
    "1-bit png": (lambda: saved(quadrants().convert("L").point(lambda v: 255 * (v > 100), "1"), "PNG"), None),
    "1-bit tiff": (
        lambda: saved(
            quadrants().convert("L").point(lambda v: 255 * (v > 100), "1"), "TIFF", compression="group4"
        ),
        None,
    ),
    "grey jpeg": (lambda: saved(quadrants().convert("L"), "JPEG", quality=95), "luma"),
    "grey png": (lambda: saved(quadrants().convert("L"), "PNG"), "luma"),
    "palette png": (lambda: saved(palette(), "PNG"), "rgb"),
    "palette gif": (lambda: saved(palette(), "GIF"), "rgb"),
    "palette bmp": (lambda: saved(palette(), "BMP"), "rgb"),
    "cmyk jpeg": (lambda: saved(quadrants().convert("CMYK"), "JPEG", quality=95), "rgb"),
    "cmyk tiff": (lambda: saved(quadrants().convert("CMYK"), "TIFF"), "rgb"),
    "ycbcr tiff": (lambda: saved(quadrants().convert("YCbCr"), "TIFF"), "rgb"),
    "progressive jpeg": (lambda: saved(quadrants(), "JPEG", progressive=True, quality=95), "rgb"),
    "lzw tiff": (lambda: saved(quadrants(), "TIFF", compression="tiff_lzw"), "rgb"),
}


@pytest.mark.parametrize("case", MODES)
def test_every_colour_mode_becomes_rgb(case):
    make, colours = MODES[case]
    expected = {
        None: [(255,) * 3 if luma(c)[0] > 100 else (0,) * 3 for c in (RED, GREEN, BLUE, GREY)],
        "luma": [luma(c) for c in (RED, GREEN, BLUE, GREY)],
        "rgb": [RED, GREEN, BLUE, GREY],
    }[colours]
    assert_close(corners(read_image(make(), case).rgb), expected, 8)


def test_cmyk_of_adobe_is_inverted_back():
    """Photoshop stores CMYK inverted and says so in an APP14 segment; Pillow writes that segment too."""
    data = saved(Image.new("CMYK", (32, 32), (0, 255, 255, 0)), "JPEG", quality=95)
    assert b"Adobe" in data
    assert_close(corners(read_image(data).rgb), [(255, 0, 0)] * 4, 6)


SEE_THROUGH = {
    "rgba png": lambda: saved(Image.new("RGBA", (32, 32), (0, 0, 0, 0)), "PNG"),
    "rgba webp": lambda: saved(Image.new("RGBA", (32, 32), (0, 0, 0, 0)), "WEBP", lossless=True),
    "rgba tiff": lambda: saved(Image.new("RGBA", (32, 32), (0, 0, 0, 0)), "TIFF"),
    "rgba heif": lambda: saved(Image.new("RGBA", (32, 32), (0, 0, 0, 0)), "HEIF"),
    "rgba avif": lambda: saved(Image.new("RGBA", (32, 32), (0, 0, 0, 0)), "AVIF"),
    "grey with alpha": lambda: saved(Image.new("LA", (32, 32), (0, 0)), "PNG"),
    "palette with transparency": lambda: saved(Image.new("P", (32, 32), 0), "PNG", transparency=0),
    "gif with transparency": lambda: saved(Image.new("P", (32, 32), 0), "GIF", transparency=0),
    "grey colour key": lambda: saved(Image.new("L", (32, 32), 7), "PNG", transparency=7),
    "rgb colour key": lambda: saved(Image.new("RGB", (32, 32), (7, 8, 9)), "PNG", transparency=(7, 8, 9)),
}


@pytest.mark.parametrize("case", SEE_THROUGH)
def test_what_is_transparent_is_white(case):
    assert_close(corners(read_image(SEE_THROUGH[case](), case).rgb), [(255, 255, 255)] * 4, 2)


def test_half_transparent_black_is_mid_grey():
    data = saved(Image.new("RGBA", (32, 32), (0, 0, 0, 128)), "PNG")
    assert_close(corners(read_image(data).rgb), [(127, 127, 127)] * 4, 1)


WIDE = {
    "16-bit grey png": lambda: opencv(".png", ramp(65535, np.uint16)),
    "16-bit grey tiff": lambda: opencv(".tiff", ramp(65535, np.uint16)),
    "16-bit big-endian tiff": lambda: saved(Image.fromarray(ramp(65535, np.dtype(">u2"))), "TIFF"),
    "16-bit rgb png": lambda: opencv(".png", np.dstack([ramp(65535, np.uint16)] * 3)),
    "16-bit rgb tiff": lambda: opencv(".tiff", np.dstack([ramp(65535, np.uint16)] * 3)),
    "float tiff to 1": lambda: saved(Image.fromarray(ramp(1, np.float32)), "TIFF"),
    "float tiff to 255": lambda: saved(Image.fromarray(ramp(255, np.float32)), "TIFF"),
    "float tiff to 65535": lambda: saved(Image.fromarray(ramp(65535, np.float32)), "TIFF"),
    "32-bit tiff to 65535": lambda: saved(Image.fromarray(ramp(65535, np.int32)), "TIFF"),
}


@pytest.mark.parametrize("case", WIDE)
def test_wide_numbers_are_scaled_not_clipped(case):
    row = read_image(WIDE[case](), case).rgb[8].astype(int)
    assert (row == row[:, :1]).all()
    assert np.abs(row[:, 0] - np.arange(256)).max() <= 1


def test_float_that_is_not_a_number_is_black():
    values = np.full((16, 16), np.nan, np.float32)
    values[8:] = (np.inf, 0.5) * 8
    rgb = read_image(saved(Image.fromarray(values), "TIFF")).rgb
    assert (rgb[0] == 0).all() and (rgb[8, 0] == 0).all() and (rgb[8, 1] == 128).all()


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "TIFF", "AVIF", "HEIF"])
def test_exif_orientation_is_undone(kind, orientation):
    picture = quadrants()
    for tilt in {  # what a camera held so would store
        1: [],
        2: [Image.Transpose.FLIP_LEFT_RIGHT],
        3: [Image.Transpose.ROTATE_180],
        4: [Image.Transpose.FLIP_TOP_BOTTOM],
        5: [Image.Transpose.TRANSPOSE],
        6: [Image.Transpose.ROTATE_90],
        7: [Image.Transpose.TRANSVERSE],
        8: [Image.Transpose.ROTATE_270],
    }[orientation]:
        picture = picture.transpose(tilt)
    exif = Image.Exif()
    exif[0x0112] = orientation
    data = saved(picture, kind, exif=exif.tobytes() if kind == "HEIF" else exif)
    frame = read_image(data, kind)
    assert (frame.width, frame.height) == (WIDTH, HEIGHT)
    assert_close(corners(frame.rgb), [RED, GREEN, BLUE, GREY], 30)


@pytest.mark.parametrize("exif", [b"", b"junk", b"II*\0\xff\xff\xff\xff", b"MM\0*\0\0\0\x08\xff\xff"])
def test_a_broken_exif_spoils_nothing(exif):
    data = saved(quadrants(), "PNG", exif=b"Exif\0\0" + exif)
    assert_close(corners(read_image(data).rgb), [RED, GREEN, BLUE, GREY], 0)


def swapped_profile() -> bytes:
    """A colour profile under which red numbers mean blue light: sRGB with two of its tags exchanged."""
    data = bytearray(ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes())
    at = {bytes(data[i : i + 4]): i for i in range(132, 132 + 12 * struct.unpack(">I", data[128:132])[0], 12)}
    red, blue = at[b"rXYZ"], at[b"bXYZ"]
    data[red : red + 4], data[blue : blue + 4] = data[blue : blue + 4], data[red : red + 4]
    return bytes(data).replace("sRGB".encode("utf-16-be"), "odd!".encode("utf-16-be"))


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "TIFF", "AVIF", "HEIF"])
def test_the_embedded_profile_is_applied(kind):
    data = saved(Image.new("RGB", (32, 32), (250, 5, 5)), kind, icc_profile=swapped_profile())
    assert_close(corners(read_image(data, kind).rgb), [(5, 5, 250)] * 4, 12)


def test_srgb_is_left_as_it_is():
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    data = saved(quadrants(), "PNG", icc_profile=profile)
    assert_close(corners(read_image(data).rgb), [RED, GREEN, BLUE, GREY], 0)


@pytest.mark.parametrize("mode", ["RGB", "L", "CMYK"])
@pytest.mark.parametrize("profile", [b"junk", swapped_profile()[:300], swapped_profile()[:-40]])
def test_a_broken_profile_is_ignored(mode, profile):
    data = saved(quadrants().convert(mode), "TIFF", icc_profile=profile)
    assert_close(
        corners(read_image(data).rgb), corners(np.array(quadrants().convert(mode).convert("RGB"))), 0
    )


def test_a_profile_for_another_mode_is_ignored():
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    data = saved(quadrants().convert("L"), "PNG", icc_profile=profile)
    assert_close(corners(read_image(data).rgb), [luma(c) for c in (RED, GREEN, BLUE, GREY)], 0)


@pytest.mark.parametrize("kind", ["GIF", "WEBP", "TIFF", "PNG", "MPO", "AVIF", "HEIF"])
def test_of_many_frames_the_first_is_read(kind):
    rest = [Image.new("RGB", (WIDTH, HEIGHT), c) for c in (GREEN, BLUE)]
    if kind == "HEIF":
        several = pillow_heif.from_pillow(Image.new("RGB", (WIDTH, HEIGHT), RED))
        for picture in rest:
            several.add_from_pillow(picture)
        buffer = io.BytesIO()
        several.save(buffer, save_all=True, primary_index=0)
        data = buffer.getvalue()
    else:
        data = saved(Image.new("RGB", (WIDTH, HEIGHT), RED), kind, save_all=True, append_images=rest)
    assert_close(corners(read_image(data, kind).rgb), [RED] * 4, 8)


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "GIF"])
def test_a_preview_is_small_and_in_proportion(kind):
    picture = quadrants().resize((1600, 1200), Image.Resampling.NEAREST)
    frame = read_image(saved(picture, kind), kind, max_side=100)
    assert (frame.width, frame.height) == (100, 75)
    assert_close(corners(frame.rgb), [RED, GREEN, BLUE, GREY], 8)


def test_a_preview_never_enlarges():
    frame = read_image(saved(quadrants(), "JPEG"), max_side=1000)
    assert (frame.width, frame.height) == (WIDTH, HEIGHT)


def test_the_pixels_belong_to_the_caller_alone():
    data = saved(quadrants(), "PNG")
    assert not np.shares_memory(read_image(data).rgb, read_image(data).rgb)


def huge_png(width: int, height: int) -> bytes:
    """A PNG of some bytes that says it is large: the header is honest, the pixels are absent."""

    def chunk(name: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", b"") + chunk(b"IEND", b"")


PNG, JPEG = saved(quadrants(), "PNG"), saved(quadrants(), "JPEG")
NOT_READ = {  # name: bytes, words of what happened, words of the remedy
    "empty.jpg": (b"", "is empty", "Choose another file"),
    "text.jpg": (b"Hello, this is no picture.\n" * 50, "is not a picture", "Choose a JPEG"),
    "noise.png": (random.Random(0).randbytes(5000), "is not a picture", "Choose a JPEG"),
    "page.jpg": (b"<!DOCTYPE html><html><body>404</body></html>", "is a web page", "Choose a JPEG"),
    "paper.jpg": (b"%PDF-1.7\n1 0 obj\n<<>>\nendobj\n", "is a PDF document", "Choose a JPEG"),
    "drawing.png": (b"<?xml version='1.0'?>\n<svg width='9' height='9'/>", "is an SVG", "Choose a JPEG"),
    "archive.jpg": (b"PK\x03\x04" + bytes(100), "is a zip archive", "Choose a JPEG"),
    "printer.jpg": (
        b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n",
        "is not a picture",
        "Choose a JPEG",
    ),
    "video.jpg": (b"\0\0\0\x18ftypisom" + bytes(200), "is not a picture", "Choose a JPEG"),
    "head only.jpg": (b"\xff\xd8\xff", "too damaged", "save it again"),
    "cut.jpg": (JPEG[: len(JPEG) // 2], "is damaged", "Copy or download it again"),
    "cut.png": (PNG[: len(PNG) // 2], "is damaged", "Copy or download it again"),
    "cut.webp": (saved(quadrants(), "WEBP")[:60], "damaged", "again"),
    "cut.bmp": (saved(quadrants(), "BMP")[:900], "is damaged", "Copy or download it again"),
    "cut.tiff": (saved(quadrants(), "TIFF")[:900], "damaged", "again"),
    "cut.avif": (saved(quadrants(), "AVIF")[:-60], "damaged", "again"),
    "cut.heic": (saved(quadrants(), "HEIF")[:-60], "damaged", "again"),
    "head only.heic": (saved(quadrants(), "HEIF")[:40], "damaged", "again"),
    "wide.png": (
        huge_png(10_000, 5_001),
        "10,000 x 5,001 pixels, more than the 50,000,000",
        "Save it smaller",
    ),
    "bomb.png": (
        huge_png(60_000, 60_000),
        "3,600,000,000 pixels, more than the 50,000,000",
        "Save it smaller",
    ),
    "heavy.jpg": (JPEG + bytes(64 * 2**20), "64.0 MB, more than the 64 MB", "Save it smaller"),
    "icon.ico": (saved(quadrants(), "ICO"), "is not a picture", "save it again as JPEG or PNG"),
    "targa.tga": (saved(quadrants(), "TGA"), "is not a picture", "save it again as JPEG or PNG"),
    "postscript.eps": (saved(quadrants(), "EPS"), "is not a picture", "save it again as JPEG or PNG"),
}


@pytest.mark.parametrize("name", NOT_READ)
def test_what_cannot_be_read_says_what_and_what_next(name, tmp_path):
    data, happened, remedy = NOT_READ[name]
    path = tmp_path / name
    path.write_bytes(data)
    for source, given in ((data, name), (path, None)):
        with pytest.raises(ImageError) as raised:
            read_image(source, given)
        message = str(raised.value)
        assert message.startswith(f"{name}: ") and message.endswith(".")
        assert happened in message and remedy in message.split(". ", 1)[1]


def test_paths_that_are_no_files(tmp_path):
    for path, reason in (
        (tmp_path / "absent.jpg", "No such file"),
        (tmp_path, "is not a file"),
        (Path("/dev/null"), "is not a file"),
        (Path("a\0b.jpg"), "not a path"),
    ):
        with pytest.raises(ImageError, match=reason):
            read_image(path)


def test_the_pixel_bound_is_the_callers():
    assert read_image(PNG, max_pixels=WIDTH * HEIGHT).width == WIDTH
    with pytest.raises(ImageError, match=r"64 x 48 pixels, more than the 3,071 allowed"):
        read_image(PNG, max_pixels=WIDTH * HEIGHT - 1)


def test_out_of_memory_is_not_called_damage(monkeypatch):
    def no_memory(*_: object) -> None:
        raise MemoryError

    monkeypatch.setattr(decode, "_to_srgb", no_memory)
    with pytest.raises(ImageError, match="memory that is free now"):
        read_image(PNG, "four.png")


@pytest.mark.parametrize("kind", FORMATS)
def test_no_damage_escapes_as_another_error(kind):
    """Flip, cut and repeat bytes: the answer is a frame or an `ImageError`, never anything else."""
    whole = saved(quadrants(), kind, exif=Image.Exif().tobytes()) if kind != "GIF" else saved(palette(), kind)
    dice = random.Random(kind)  # always the same damage
    refused = 0
    for _ in range(120):
        data = bytearray(whole)
        for _ in range(dice.randint(1, 12)):
            data[dice.randrange(len(data))] = dice.randrange(256)
        if dice.random() < 0.3:
            del data[dice.randrange(len(data)) :]
        try:
            read_image(bytes(data), "damaged", max_pixels=100_000)
        except ImageError as problem:
            refused += 1
            assert str(problem).startswith("damaged: ")
    assert refused


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("holiday.jpg", "holiday.jpg"),
        ("two\nlines\x1b[31m.jpg", "twolines[31m.jpg"),
        ("evil\u202egpj.exe", "evilgpj.exe"),
        ("surrogate\udcff.jpg", "surrogate.jpg"),
        ("\u2028\x00", "(no name)"),
        ("Grüße 🌍.jpg", "Grüße 🌍.jpg"),
    ],
)
def test_an_untrusted_name_is_made_printable(name, shown):
    assert printable(name) == shown
    with pytest.raises(ImageError) as raised:
        read_image(b"", name)
    assert str(raised.value).startswith(f"{shown}: is empty")


def test_a_long_name_keeps_both_ends():
    shown = printable("a" * 500 + ".jpeg")
    assert len(shown) == 80 and shown.startswith("aaa") and shown.endswith("a.jpeg") and "…" in shown


def test_many_threads_read_at_once():
    files = [saved(quadrants(), kind) for kind in FORMATS] * 6
    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(lambda data: read_image(data).rgb.shape, files))
    assert found == [(HEIGHT, WIDTH, 3)] * len(files)


def test_suffixes_fit_a_file_picker():
    assert all(s.startswith(".") and s == s.lower() for s in SUFFIXES)
    assert {".jpg", ".jpeg", ".png", ".webp", ".bmp", ".gif", ".tif", ".tiff", ".heic", ".avif"} <= set(
        SUFFIXES
    )


def test_heif_is_loaded_only_when_it_is_needed():
    code = (
        "import io, sys; from PIL import Image; from core.images.decode import read_image;"
        "file = io.BytesIO();"
        "Image.new('RGB', (9, 9)).save(file, 'PNG'); read_image(file.getvalue());"
        "print('pillow_heif' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"


def test_a_jpeg_of_endless_scans_is_refused_at_once():
    file = io.BytesIO()
    Image.new("RGB", (1920, 1080), "grey").save(file, "JPEG", progressive=True)
    data = file.getvalue()
    scan = data[data.rindex(b"\xff\xda") : -2]
    started = time.perf_counter()
    with pytest.raises(ImageError, match="minutes to open"):
        read_image(data[:-2] + scan * 2000 + data[-2:])
    assert time.perf_counter() - started < 0.5
    assert read_image(data).width == 1920


@pytest.mark.parametrize(
    ("size", "words"),
    [
        ((50_000_000, 1), "50,000,000 pixels long, more than the 65,500 allowed"),
        ((1, 50_000_000), "50,000,000 pixels long"),
        ((65_501, 700), "65,501 pixels long"),
        ((20_000, 199), "20,000 x 199 pixels, so narrow that no face fits"),
    ],
)
def test_a_shape_in_which_the_search_would_not_end_is_refused_before_it_is_decoded(size, words):
    data = saved(Image.new("1", size), "PNG")
    start = time.process_time()
    with pytest.raises(ImageError, match=f"strip.png: .*{words}"):
        read_image(data, "strip.png")
    assert time.process_time() - start < 0.5


@pytest.mark.parametrize("size", [(12_000, 1500), (1900, 24_000), (65_500, 655), (100, 1), (1, 1)])
def test_panoramas_receipts_and_line_scans_are_read(size):
    frame = read_image(saved(Image.linear_gradient("L").resize(size), "PNG"))
    assert (frame.width, frame.height) == size
    assert size[1] < 256 or ((frame.rgb[0] == 0).all() and frame.rgb[-1].min() >= 254)


@pytest.mark.parametrize("kind", FORMATS)
def test_a_picture_is_the_same_from_either_process(kind):
    rng = np.random.default_rng(0)
    picture = Image.fromarray(rng.integers(0, 255, (240, 320, 3), dtype=np.uint8))
    options, _ = FORMATS[kind]
    data = saved(picture, kind, **options)
    here = decode.decode_here(data, "x", decode.MAX_PIXELS, None)
    there = DECODERS.decode(data, "x", decode.MAX_PIXELS, None)
    assert (here == there).all() and not there.flags.writeable and not here.flags.writeable


def test_many_rows_are_joined_without_a_seam():
    rows = np.arange(1000)
    values = np.dstack([np.tile((rows // k % 256)[:, None], (1, 16)) for k in (1, 4, 16)]).astype(np.uint8)
    assert (read_image(saved(Image.fromarray(values), "PNG")).rgb == values).all()
    wide = np.tile(np.linspace(0, 40_000, 1000).astype(np.int32)[:, None], (1, 16))
    read = read_image(saved(Image.fromarray(wide), "TIFF")).rgb[:, 0, 0]
    assert np.abs(read.astype(int) - np.rint(wide[:, 0] * 255 / 65535)).max() <= 1
