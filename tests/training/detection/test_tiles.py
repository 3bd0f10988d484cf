"""In tiles made of drawn images every pixel of a face lies in its box, and every point on what it names."""

import dataclasses

import numpy as np
import pytest

from training.detection import tiles
from training.detection.rows import FACE, IGNORED, ROW, UNKNOWN, AnnotatedImage, row
from training.detection.tiles import training_tile
from training.recipes.face_fpn import RECIPE

SIZE = 256
ONE = dataclasses.replace(
    RECIPE,
    size=SIZE,
    mosaic_share=0.0,
    face_mosaic_share=0.0,
    empty_share=0.0,
    turned_share=0.0,
    most_px=160.0,
)
MOSAIC = dataclasses.replace(ONE, mosaic_share=1.0)
FACE_MOSAICS = dataclasses.replace(MOSAIC, face_mosaic_share=1.0)


@pytest.fixture
def plain(monkeypatch):
    monkeypatch.setattr(tiles, "augment_tile", lambda picture, rng: picture)


@pytest.fixture
def images(image):
    return (
        image([(20, 30, 60, 80), (100, 10, 124, 40), (180, 120, 190, 134)], 260, 180),
        image([(5, 0, 85, 110)], 90, 120),  # taller than wide, and almost all face
        image([(700, 50, 760, 130), (60, 300, 90, 340), (300, 200, 390, 330)], 800, 400),
    )


@pytest.fixture
def faces(image):
    return (image([(18, 15, 42, 45)], 60, 60, "single"), image([(24, 22, 60, 70)], 84, 96, "single"))


def skin(picture):
    """(H, W) bool: pixels of faces, whatever lies around them."""
    red, green, blue = np.moveaxis(picture.astype(int), 2, 0)
    return (red + green) / 2 - blue > 110


def covered(rows, margin):
    """(H, W) bool: pixels in boxes that are `margin` pixels larger on each side."""
    inside = np.zeros((SIZE, SIZE), bool)
    for x1, y1, x2, y2 in rows[:, :4]:
        low = [max(0, int(np.ceil(v - margin))) for v in (x1, y1)]
        high = [max(0, int(np.floor(v + margin))) for v in (x2, y2)]
        inside[low[1] : high[1], low[0] : high[0]] = True
    return inside


def check(picture, rows):
    """Boxes hold all of the faces and nothing else; points lie on what they name, right before left."""
    face = skin(picture)
    assert (face & ~covered(rows, 1.5)).sum() <= 2  # slivers of a face that is out of sight otherwise
    assert (covered(rows, -1.5) & ~face).sum() == 0
    for known in rows[(rows[:, 6] > UNKNOWN) & (rows[:, 3] - rows[:, 1] > 40)]:
        points = known[6:16].reshape(5, 2)
        assert points[0, 0] < points[1, 0] and points[3, 0] < points[4, 0]
        for (x, y), named in zip(points, "eenmm", strict=True):
            if 0 <= x < SIZE and 0 <= y < SIZE and known[0] <= x < known[2] and known[1] <= y < known[3]:
                red, green, blue = picture[int(y), int(x)].astype(int)
                seen = "e" if red - green > 50 else "m" if green - red > 50 else "n" if blue > 60 else "skin"
                assert seen == named


def drawn(images, faces, recipe, count=60, seed=0):
    odds = np.full(len(images), 1 / len(images))
    for number in range(count):
        yield training_tile(images, odds, faces, recipe, np.random.default_rng((seed, number)))


@pytest.mark.parametrize("recipe", [ONE, MOSAIC], ids=["one part", "mosaic"])
@pytest.mark.parametrize("pasted", [False, True], ids=["", "pasted"])
def test_boxes_and_points_follow_the_faces(plain, images, faces, recipe, pasted):
    heights, most = [], 0
    for picture, rows in drawn(images, faces if pasted else (), recipe):
        assert picture.shape == (SIZE, SIZE, 3) and picture.dtype == np.uint8
        assert rows.shape[1] == ROW and rows.dtype == np.float32
        check(picture, rows)
        heights += (rows[:, 3] - rows[:, 1])[rows[:, 4] == FACE].tolist()
        most = max(most, len(rows))
    assert min(heights) < 12 and max(heights) > (100 if recipe is ONE else 60)
    assert most > 3 or not pasted  # than an image has


def test_face_mosaics_are_full_of_single_faces(plain, images, faces):
    counts = []
    for picture, rows in drawn(images, faces, FACE_MOSAICS, 30):
        check(picture, rows)
        assert (rows[:, 4] == FACE).all()
        counts.append(len(rows))
    assert min(counts) >= 4 and max(counts) > 40


def test_faces_are_pasted_where_none_are(plain, images, faces):
    found = 0
    for _, rows in drawn(images[:1], faces, ONE):
        known = rows[rows[:, 4] == FACE, :4]
        for i, (x1, y1, x2, y2) in enumerate(known):
            others = np.delete(known, i, axis=0)
            assert not (
                (others[:, 0] < x2) & (others[:, 2] > x1) & (others[:, 1] < y2) & (others[:, 3] > y1)
            ).any()
        found += len(known) > 3
    assert found


def test_a_face_is_as_high_as_wanted(plain, image):
    """`least_px` to `most_px`, but for a stretch of 8% and the scale at which a picture fills a window."""
    alone = image([(200, 200, 240, 250)], 500, 500)
    recipe = dataclasses.replace(ONE, least_px=20.0, most_px=60.0)
    heights = [rows[0, 3] - rows[0, 1] for _, rows in drawn([alone], (), recipe)]
    assert 0.9 * 20 < min(heights) < 25 and 45 < max(heights) < 1.1 * 60
    assert np.median(heights) < 40


def test_boxes_and_points_follow_turned_faces(plain, image):
    """A face drawn as an ellipse, which a turned box is of: it fills the box in each direction."""
    alone = image([(180, 190, 220, 240)], 400, 400)
    y, x = np.mgrid[:400, :400] + 0.5
    alone.rgb[((x - 200) / 20) ** 2 + ((y - 215) / 25) ** 2 > 1] = 25
    recipe = dataclasses.replace(ONE, least_px=60.0, most_px=70.0, turned_share=1.0)
    turns = []
    for picture, rows in drawn([alone], (), recipe, 40):
        face = skin(picture)
        if face[[0, 0, -1, -1], [0, -1, 0, -1]].any():  # a ground of skin's colour
            continue
        for known in rows[rows[:, 4] == FACE]:
            across, down = (np.flatnonzero(face.any(axis=axis)) for axis in (0, 1))
            low, high = [across[0], down[0]], [across[-1] + 1, down[-1] + 1]
            np.testing.assert_allclose(known[:4].clip(0, SIZE), [*low, *high], atol=3)
            eyes, mouth = known[6:10].reshape(2, 2).mean(axis=0), known[12:16].reshape(2, 2).mean(axis=0)
            turns.append(np.degrees(np.arctan2(*(mouth - eyes))))
    assert np.ptp(turns) > 200


def test_pictures_that_come_in_stay_as_they_are(images, faces):
    before = [(s.rgb.copy(), s.rows.copy()) for s in (*images, *faces)]
    for _ in drawn(images, faces, dataclasses.replace(MOSAIC, face_mosaic_share=0.3), 20):
        pass
    for annotated, (rgb, rows) in zip((*images, *faces), before, strict=True):
        assert (annotated.rgb == rgb).all() and (annotated.rows == rows).all()


def test_half_of_the_tiles_are_mirrored(plain, image):
    """A face at the left of its picture, seen whole in a tile."""
    alone = image([(10, 50, 40, 90)], 200, 200)
    recipe = dataclasses.replace(ONE, least_px=40.0, most_px=41.0)
    right = [float(np.mean(rows[0, [0, 2]]) > SIZE / 2) for _, rows in drawn([alone], (), recipe, 100)]
    assert 0.3 < np.mean(right) < 0.7


def test_a_region_to_ignore_stays_one(plain):
    """In every tile, wherever it is moved: an ignored face must not become ground, nor a face."""
    picture = np.full((120, 160, 3), 25, np.uint8)
    picture[40:80, 60:90] = (250, 250, 30)
    ignored = AnnotatedImage(picture, row((60, 40, 90, 80), IGNORED)[None], "drawn")
    seen = 0
    for square_picture, rows in drawn([ignored], (), MOSAIC, 30):
        check(square_picture, rows)
        assert (rows[:, 4] == IGNORED).all()
        seen += len(rows)
    assert seen > 10


def test_an_image_smaller_than_its_window_lies_on_ground(plain, image):
    tall = image([(5, 10, 25, 40)], 30, 300)
    for picture, _ in drawn([tall], (), ONE, 5):
        assert (picture == 127).all(axis=2).mean() > 0.2
