from pathlib import Path

import pytest
from PIL import Image

from training.data.formats.pictures import Pictures


def picture(path: Path, width=40, height=30, **options):
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.new("RGB", (width, height)).save(path, **options)


@pytest.mark.parametrize("name", ["../secret.png", "/etc/secret.png", "..\\secret.png", "a/../../secret.png"])
def test_no_name_leads_out_of_the_folder(tmp_path, name):
    picture(tmp_path / "secret.png")
    picture(tmp_path / "set" / "a.png")
    with pytest.raises(ValueError, match=r"no picture called secret\.png"):
        Pictures(tmp_path / "set").find(name)


def test_windows_paths_and_other_case_are_found(tmp_path):
    picture(tmp_path / "images" / "A.PNG")
    assert Pictures(tmp_path).find(r"C:\Users\me\images\a.png") == Path("images/A.PNG")


def test_of_two_with_one_name_the_folders_tell_which(tmp_path):
    for part in ("train", "test"):
        picture(tmp_path / "images" / part / "a.png")
    pictures = Pictures(tmp_path)
    assert pictures.find("a.png", Path("labels/test")) == Path("images/test/a.png")
    assert pictures.find("train/a.png") == Path("images/train/a.png")
    with pytest.raises(ValueError, match=r"2 pictures are called a\.png"):
        pictures.find("a.png")


def test_sizes_are_those_of_the_upright_picture(tmp_path):
    exif = Image.Exif()
    exif[0x0112] = 6  # lies on its side
    picture(tmp_path / "phone.jpg", 40, 30, exif=exif)
    assert Pictures(tmp_path).size(Path("phone.jpg")) == (30, 40)


@pytest.mark.parametrize("content", [b"", b"GIF89a and no more", b"<html>"])
def test_what_is_no_picture_is_said(tmp_path, content):
    (tmp_path / "a.jpg").write_bytes(content)
    with pytest.raises(ValueError, match=r"a\.jpg"):
        Pictures(tmp_path).size(Path("a.jpg"))


def test_a_box_is_cut_at_the_edge_and_refused_beyond_it(tmp_path):
    picture(tmp_path / "a.png")
    pictures = Pictures(tmp_path)
    row = pictures.boxed(Path("a.png"), (-1.5, 2, 41, 12.25), "mask")
    assert row == {"path": "a.png", "label": "mask", "x1": "0", "y1": "2", "x2": "40", "y2": "12.25"}
    for box in ((-3, 0, 9, 9), (0, -3, 9, 9), (0, 0, 43, 9), (0, 0, 9, 33), (0, 0, float("inf"), 9)):
        with pytest.raises(ValueError, match="leaves"):
            pictures.boxed(Path("a.png"), box, "mask")
    for box in ((9, 0, 3, 9), (0, 5, 9, 5), (0, 0, float("nan"), 9)):
        with pytest.raises(ValueError, match="empty or turned round"):
            pictures.boxed(Path("a.png"), box, "mask")


def test_a_box_made_on_another_size_is_refused(tmp_path):
    picture(tmp_path / "a.png")
    with pytest.raises(ValueError, match="made for 80 x 60 pixels"):
        Pictures(tmp_path).boxed(Path("a.png"), (0, 0, 9, 9), "mask", annotated_size=(80, 60))
    assert Pictures(tmp_path).boxed(Path("a.png"), (0, 0, 9, 9), "mask", annotated_size=(0, 0))


def test_augmented_copies_of_a_photo_are_one_group(tmp_path):
    names = "face_jpg.rf.0a1b.jpg", "face_jpg.rf.2c3d.jpg", "else_jpg.rf.2c3d.jpg"
    for name in names:
        picture(tmp_path / name)
    pictures = Pictures(tmp_path)
    groups = [pictures.boxed(Path(name), (0, 0, 9, 9), "mask")["group"] for name in names]
    assert groups[0] == groups[1] != groups[2]
