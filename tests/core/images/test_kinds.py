"""Which files are taken for pictures, and those whose end is missing."""

import io
import json

import numpy as np
import pytest
from PIL import Image

from core.__main__ import main
from core.errors import ImageError
from core.images.decode import read_image
from core.images.encode import to_jpeg
from core.images.kinds import is_picture
from core.mask_rendering import sample_frame


def saved(picture: Image.Image, kind: str, **options) -> bytes:
    file = io.BytesIO()
    picture.save(file, kind, **options)
    return file.getvalue()


def colours(seed: int = 1, side: int = 320) -> Image.Image:
    blocks = np.random.default_rng(seed).integers(0, 90, (8, 8, 3), np.uint8)
    return Image.fromarray(blocks).resize((side, side), Image.Resampling.BICUBIC)


@pytest.mark.parametrize("name", ["a.jpe", "a.JPG", "a.Mpo", "a.webp", "a b.TIFF"])
def test_a_suffix_of_a_picture_is_enough(name, tmp_path):
    assert is_picture(tmp_path / name)


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "GIF", "WEBP", "BMP", "TIFF", "AVIF", "HEIF"])
def test_without_a_suffix_the_first_bytes_tell(kind, tmp_path):
    if kind == "HEIF":
        pytest.importorskip("pillow_heif").register_heif_opener()
    (tmp_path / "photo").write_bytes(saved(colours(), kind))
    assert is_picture(tmp_path / "photo")
    (tmp_path / "photo.txt").write_bytes(saved(colours(), kind))
    assert not is_picture(tmp_path / "photo.txt")


@pytest.mark.parametrize(
    "content", [b"", b"\xff", b"BM is what this letter begins with", b"RIFF....WAVE", b"path,label"]
)
def test_other_files_without_a_suffix_are_none(content, tmp_path):
    (tmp_path / "photo").write_bytes(content)
    assert not is_picture(tmp_path / "photo") and not is_picture(tmp_path / "absent")


def test_of_several_pictures_in_one_file_the_first_is_read(tmp_path):
    path = tmp_path / "stereo.mpo"
    colours(1).save(path, "MPO", save_all=True, append_images=[colours(2)], quality=95)
    found = read_image(path)
    assert np.abs(found.rgb.astype(int) - np.asarray(colours(1), int)).mean() < 3 and not found.note


@pytest.mark.parametrize("lost", [1, 2, 20, 400])
@pytest.mark.parametrize("options", [{}, {"progressive": True}, {"optimize": True, "quality": 60}], ids=str)
@pytest.mark.parametrize("mode", ["RGB", "L"])
def test_a_jpeg_without_its_last_bytes_is_read_as_browsers_do_with_a_note(lost, options, mode):
    whole = saved(colours().convert(mode), "JPEG", **options)
    assert not read_image(whole).note
    found = read_image(whole[:-lost])
    assert "The end of the file is missing" in found.note
    upper = slice(0, 200)
    assert np.abs(found.rgb[upper].astype(int) - read_image(whole).rgb[upper]).mean() < 6


def test_a_download_that_broke_off_into_zeros_is_read(tmp_path):
    whole = saved(colours(), "JPEG")
    assert read_image(whole[:-30] + bytes(5_000)).note


def test_what_comes_after_the_end_does_no_harm():
    assert not read_image(saved(colours(), "JPEG") + b"a video of the phone").note


@pytest.mark.parametrize("share", [0.2, 0.5, 0.7])
def test_a_jpeg_that_lacks_more_than_a_quarter_is_refused(share):
    whole = saved(colours(side=640), "JPEG", quality=95)
    with pytest.raises(ImageError, match="is damaged or incomplete"):
        read_image(whole[: int(len(whole) * share)], "cut.jpg")


def test_the_note_is_there_where_a_picture_is_decoded_in_a_process_of_its_own():
    whole = saved(colours(side=2_400), "JPEG", quality=95)
    found = read_image(whole[:-2])
    assert found.note and found.width == 2_400


def test_check_tells_the_note(tmp_path, capsys):
    path = tmp_path / "cut.jpg"
    path.write_bytes(to_jpeg(sample_frame("no_mask").rgb)[:-2])
    assert main(["check", str(path), "--detector", "haar", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert "end of the file is missing" in found["note"] and len(found["faces"]) == 1
