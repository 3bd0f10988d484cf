"""Pictures of a user's folder by names that a stranger wrote, and crops of them with boxes drawn."""

import pytest
from PIL import Image

from core.errors import ImageError
from core.runs.scene_folder import scene_picture


@pytest.fixture
def scenes(tmp_path):
    """scenes/crowds/a.png, which is red, and a secret beside the folder."""
    folder = tmp_path / "scenes"
    (folder / "crowds").mkdir(parents=True)
    Image.new("RGB", (40, 30), "#ff0000").save(folder / "crowds" / "a.png")
    (tmp_path / "private").mkdir()
    Image.new("RGB", (8, 8)).save(tmp_path / "private" / "secret.png")
    return folder


def test_a_picture_is_found_below_the_folder_or_in_the_one_that_it_names(scenes):
    for folder in (scenes, scenes / "crowds"):
        frame = scene_picture(folder, "crowds/a.png")
        assert (frame.width, frame.height) == (40, 30) and (frame.rgb == (255, 0, 0)).all()


@pytest.mark.parametrize(
    "key",
    [
        *("../private/secret.png", "../secret.png", "crowds/../../private/secret.png", "..\\private\\x.png"),
        *("/etc/passwd", "//etc", "", "a.png", "crowds/", "./a.png", "crowds/..", "crowds/\0", "a/b/c.png"),
    ],
)
def test_a_name_that_is_no_folder_and_picture_is_not_looked_for(scenes, key):
    with pytest.raises(ImageError, match="not looked for"):
        scene_picture(scenes, key)


def test_links_that_lead_out_are_not_followed(scenes):
    (scenes / "crowds" / "b.png").symlink_to(scenes.parent / "private" / "secret.png")
    (scenes / "private").symlink_to(scenes.parent / "private")
    (scenes / "crowds" / "c.png").symlink_to("c.png")
    for key in ("crowds/b.png", "private/secret.png"):
        with pytest.raises(ImageError, match="leads out"):
            scene_picture(scenes, key)
    with pytest.raises(ImageError):
        scene_picture(scenes, "crowds/c.png")


def test_what_is_not_there_or_no_picture_says_so_in_few_words(scenes):
    with pytest.raises(ImageError, match=r"crowds/b\.png: is not in this folder.*“crowds”"):
        scene_picture(scenes, "crowds/b.png")
    with pytest.raises(ImageError) as problem:
        scene_picture(scenes, f"{'x' * 5000}/{'y' * 400}\u202e.png")
    assert len(str(problem.value)) < 400 and "\u202e" not in str(problem.value)
    (scenes / "crowds" / "d.png").write_text("<html>")
    with pytest.raises(ImageError, match="web page"):
        scene_picture(scenes, "crowds/d.png")
    with pytest.raises(ImageError):
        scene_picture(scenes / "crowds", "scenes/crowds")  # a folder
