"""A face drawn with a mark at each point: wherever a sample is turned to, points stay on their marks."""

import numpy as np
import pytest
from PIL import Image

from core.classification import roll
from training.data import Example, Manifest
from training.detection.pseudo_labels import PseudoLabel
from training.landmarks import samples
from training.landmarks.samples import any_turn, read_taught_faces, sample, taught_face

COLOURS = np.array([[255, 0, 0], [0, 255, 0], [0, 0, 255], [255, 255, 0], [0, 255, 255]], np.uint8)
POINTS = ((170.0, 130.0), (230.0, 130.0), (200.0, 160.0), (180.0, 190.0), (220.0, 190.0))
BOX = (150.0, 90.0, 250.0, 220.0)
SIZE = 64


def drawn():
    rgb = np.full((300, 400, 3), 90, np.uint8)
    for (x, y), colour in zip(POINTS, COLOURS, strict=True):
        rgb[int(y) - 6 : int(y) + 6, int(x) - 6 : int(x) + 6] = colour
    return rgb


def face():
    return taught_face(drawn(), BOX, POINTS, "drawn", "one")


def colour_at(crop, point):
    x, y = (np.asarray(point) + 0.5) * len(crop)
    return crop[int(y), int(x)].astype(int)


@pytest.mark.parametrize("degrees", [0, 20, 90, 180, -135])
def test_points_stay_on_what_they_are_of_however_a_face_is_turned(degrees):
    crop, points = sample(face(), degrees, SIZE, 1.3)
    assert crop.shape == (SIZE, SIZE, 3) and points.shape == (5, 2)
    for point, colour in zip(points, COLOURS, strict=True):
        assert np.abs(colour_at(crop, point) - colour).max() < 60
    assert (roll(points) - degrees + 180) % 360 - 180 == pytest.approx(0, abs=1e-6)


def test_an_upright_crop_is_so_many_longer_sides_of_the_face():
    _, points = sample(face(), 0, SIZE, 1.3)
    middle = np.array([200, 155])
    np.testing.assert_allclose(points, (np.array(POINTS) - middle) / (130 * 1.3), atol=1e-6)


def test_a_mirrored_one_has_right_and_left_exchanged(monkeypatch):
    monkeypatch.setattr(samples, "_taken_otherwise", lambda crop, rng: crop)
    sides = set()
    for seed in range(12):
        crop, points = sample(face(), 0, SIZE, 1.3, np.random.default_rng(seed))
        assert points[0, 0] < points[1, 0]  # the person's right eye is left in the picture
        sides.add(int(np.abs(colour_at(crop, points[0]) - COLOURS[0]).max() < 60))
        assert np.abs(colour_at(crop, points[2]) - COLOURS[2]).max() < 60
    assert sides == {0, 1}  # red is the right eye, or, mirrored, the left one


def test_the_same_seed_draws_the_same():
    (one, at), (other, there) = (sample(face(), 30, SIZE, 1.3, np.random.default_rng(5)) for _ in range(2))
    assert (one == other).all() and (at == there).all()


def test_turns_are_of_all_angles_and_most_are_nearly_upright():
    rng = np.random.default_rng(0)
    turns = np.array([any_turn(rng) for _ in range(2000)])
    assert 0.3 < (np.abs(turns) < 30).mean() < 0.6 and (np.abs(turns) > 120).mean() > 0.1


def test_only_faces_on_which_facemesh_and_a_detector_agree_are_taken(tmp_path):
    Image.fromarray(drawn()).save(tmp_path / "one.png")
    boxes = [BOX, (10.0, 10.0, 40.0, 50.0), (300.0, 10.0, 310.0, 20.0), (300.0, 200.0, 360.0, 280.0)]
    examples = tuple(
        Example(path=tmp_path / "one.png", label="with_mask", split="train", source="s", group="g", box=box)
        for box in boxes
    )
    known = {
        f"{tmp_path.name}/one.png": [
            PseudoLabel("points", boxes[0], POINTS, 1.0, ("yunet", "facemesh")),
            PseudoLabel("points", boxes[1], POINTS, 1.0, ("yunet",)),
            PseudoLabel("points", boxes[2], POINTS, 1.0, ("yunet", "facemesh")),  # too small
            PseudoLabel("ignored", boxes[3]),
        ]
    }
    (taken,) = read_taught_faces(Manifest(examples, (), {}, ""), known)
    assert (taken.source, taken.group) == ("s", "g") and taken.sides == face().sides
    np.testing.assert_allclose(taken.points, face().points)
