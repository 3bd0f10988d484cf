"""Pictures of a user's folder by names that a stranger wrote, and crops of them with boxes drawn."""

import numpy as np
import pytest
from PIL import Image

from core.drawing.outcomes import COLOURS, Marked, marked_crop
from core.errors import ImageError
from core.results import Frame
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


def has(crop, outcome, row, columns):
    colour = np.array([int(COLOURS[outcome][i : i + 2], 16) for i in (1, 3, 5)])
    return (crop[row, columns] == colour).all(axis=-1)


@pytest.fixture
def grey():
    return Frame(np.full((300, 300, 3), 90, np.uint8))


def test_each_outcome_has_a_line_of_its_own_where_the_box_is(grey):
    box = (100.0, 100.0, 200.0, 200.0)  # in a crop of 300 pixels from 0: a third of it
    crops = {kind: marked_crop(grey, box, [Marked(box, kind)], 300) for kind in COLOURS}
    top = {kind: has(crop, kind, 100, slice(104, 197)) for kind, crop in crops.items()}
    assert top["found"].all()
    assert 0.3 < top["missed"].mean() < 0.7 and top["missed"][:5].all() and top["missed"][-5:].all()
    changes = {kind: int(np.abs(np.diff(line.astype(int))).sum()) for kind, line in top.items()}
    assert changes["missed"] >= 8 and changes["false"] == 2 and not top["false"][30:60].any()
    assert all((crop[150, 150] == 90).all() for crop in crops.values())


def test_neighbours_are_drawn_and_what_is_elsewhere_is_not(grey):
    box = (100.0, 100.0, 200.0, 200.0)
    beside = Marked((220.0, 120.0, 260.0, 160.0), "found")
    assert has(marked_crop(grey, box, [beside], 300), "found", 120, slice(224, 256)).all()
    assert (marked_crop(grey, box, [Marked((900.0, 9.0, 950.0, 50.0), "found")], 300) == 90).all()


def test_a_tiny_face_has_surroundings_and_a_box_outside_is_refused(grey):
    crop = marked_crop(grey, (150.0, 150.0, 154.0, 154.0), [Marked((150.0, 150.0, 154.0, 154.0), "missed")])
    rows = np.flatnonzero((crop != 90).any(axis=(1, 2)))
    assert crop.shape == (240, 240, 3) and np.ptp(rows) == pytest.approx(240 * 4 / 64, abs=8)
    with pytest.raises(ImageError, match="300 x 300"):
        marked_crop(grey, (9000.0, 9000.0, 9050.0, 9050.0), [])


def test_a_strangers_huge_box_costs_little_memory():
    import tracemalloc

    frame = Frame(np.zeros((40, 20_000, 3), np.uint8))
    tracemalloc.start()
    crop = marked_crop(frame, (0.0, 0.0, 900_000.0, 30.0), [Marked((-1e6, -1e6, 1e6, 1e6), "false")])
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert crop.shape == (240, 240, 3) and peak < 40 * 2**20
