"""What is drawn on the planes of a picture is what is drawn on the picture, and nothing else changes."""

import cv2
import numpy as np
import pytest

from core.drawing.annotations import annotate
from core.drawing.anonymise import blur_faces
from core.drawing.planes import annotate_planes, blur_planes
from core.labels import MASK_3
from core.results import Detection, FaceResult, Frame, Prediction

SIZE = (322, 242)  # even, not by four: U and V begin in the middle of a row
BOXES = [(31, 40, 92, 111), (200, 101, 251, 160), (0, 180, 60, 242)]


def smooth():
    """(H, W, 3) uint8 that survives halved colour planes."""
    cells = np.random.default_rng(0).integers(60, 200, (4, 5, 3), np.uint8)
    return cv2.resize(cells, SIZE, interpolation=cv2.INTER_CUBIC)


def to_planes(rgb):
    return cv2.cvtColor(rgb, cv2.COLOR_RGB2YUV_I420)


def to_rgb(planes):
    return cv2.cvtColor(planes, cv2.COLOR_YUV2RGB_I420).astype(int)


def faces():
    return [
        FaceResult(Detection(box, 0.9, "test"), Prediction(MASK_3, p), track_id=i)
        for i, (box, p) in enumerate(zip(BOXES, np.eye(3) * 0.85 + 0.05, strict=True), 1)
    ]


def test_it_looks_as_it_does_on_the_picture():
    planes = to_planes(smooth())
    annotate_planes(planes, faces())
    apart = abs(to_rgb(planes) - annotate(Frame(smooth()), faces(), live=True)).mean(axis=2)
    assert (apart > 40).mean() < 0.02  # at edges, whose colours are halved; labels lie up to a pixel aside
    assert abs(to_rgb(planes) - smooth()).mean() > 3


def test_what_is_not_drawn_on_stays_as_it_was():
    before = to_planes(smooth())
    planes = before.copy()
    annotate_planes(planes, faces())
    drawn = (annotate(Frame(smooth()), faces(), live=True) != smooth()).any(axis=2).astype(np.uint8)
    near = cv2.dilate(drawn, np.ones((5, 5), np.uint8)) > 0
    assert (planes[: SIZE[1]] == before[: SIZE[1]])[~near].all()
    annotate_planes(planes := before.copy(), [])
    assert (planes == before).all()


@pytest.mark.parametrize("colour_space", [1, 2, 6, 9])
def test_colours_are_those_of_the_films_colour_space(colour_space):
    planes = np.full((360, 320), 128, np.uint8)
    face = FaceResult(Detection((100, 100, 200, 200), 0.9, "test"), Prediction(MASK_3, (0.9, 0.05, 0.05)))
    annotate_planes(planes, [face], colour_space)
    y, u, v = (float(plane) for plane in (planes[100, 150], planes[265, 75], planes[325, 75]))
    red, blue = {1: (0.2126, 0.0722), 9: (0.2627, 0.0593)}.get(colour_space, (0.299, 0.114))
    bright = (y - 16) * 255 / 219
    r, b = bright + (v - 128) * 255 / 224 * (2 - 2 * red), bright + (u - 128) * 255 / 224 * (2 - 2 * blue)
    g = (bright - red * r - blue * b) / (1 - red - blue)
    assert np.allclose((r, g, b), (0, 114, 178), atol=4)


def test_nobody_can_be_recognised():
    noise = np.random.default_rng(1).integers(0, 256, (SIZE[1], SIZE[0], 3), np.uint8)
    planes = to_planes(noise)
    before = planes.copy()
    blur_planes(planes, BOXES)
    for x1, y1, x2, y2 in BOXES:
        inside = np.s_[y1:y2, x1:x2]
        assert planes[inside].std() < before[inside].std() / 3
    assert abs(to_rgb(planes) - blur_faces(to_rgb(before).astype(np.uint8), BOXES)).mean() < 6
