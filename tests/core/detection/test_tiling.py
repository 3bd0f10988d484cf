import itertools
import math

import numpy as np
import pytest

from core.detection import face_fpn
from core.detection.consensus import cross_scale_consensus
from core.detection.haar import HaarDetector
from core.detection.tiling import (
    MAX_PASSES,
    Plan,
    fit_inside,
    nms_faces,
    passes,
    single_pass,
    tiled_inference,
)
from core.mask_rendering.samples import sample_frame
from core.results import Detection, Frame

PLANS = [Plan(), face_fpn.PLAN]


def bright_squares(rgb):
    """A detector of bright squares: one box around each connected bright region."""
    import cv2

    _, _, stats, _ = cv2.connectedComponentsWithStats((rgb[..., 0] > 128).astype(np.uint8))
    return [
        Detection((x, y, x + w, y + h), min(0.99, area / 10_000 + 0.5), "squares")
        for x, y, w, h, area in (map(float, row) for row in stats[1:])
    ]


def picture(width, height, squares):
    rgb = np.zeros((height, width, 3), np.uint8)
    for x, y, side in squares:
        rgb[y : y + side, x : x + side] = 255
    return Frame(rgb)


@pytest.mark.parametrize("plan", PLANS)
@pytest.mark.parametrize("size", [(1, 1), (30, 20), (640, 480), (1280, 720), (4000, 3000), (9000, 40)])
def test_passes_cover_every_pixel(size, plan):
    frame = picture(*size, [])
    seen = np.zeros((frame.height, frame.width), bool)
    for part, scale, left, top in passes(frame, plan):
        height, width = part.shape[:2]
        assert max(height, width) <= plan.tile_side
        x, y = math.floor(left / scale), math.floor(top / scale)
        seen[y : math.ceil((top + height) / scale), x : math.ceil((left + width) / scale)] = True
    assert seen.all()


@pytest.mark.parametrize("size", [(330, 330), (640, 480), (4000, 3000)])
def test_a_face_that_fills_the_picture_is_also_shown_small(size):
    small = Plan().coarse_sides[0]
    assert any(max(part.shape[:2]) == small for part, *_ in passes(picture(*size, []), Plan()))


@pytest.mark.parametrize(
    ("size", "seen"),
    [((100, 80), 200), ((400, 300), 704), ((704, 528), 704), ((940, 700), 705), ((1280, 720), 960)],
)
def test_a_single_pass_enlarges_what_is_small_and_shrinks_what_is_large(size, seen):
    """As `face_fpn` asks; the numbers are its plan's, and grow with the picture without a step."""
    plan = Plan(detail_side=704, enlarge=2, shrink=0.75, tile_side=1280, single_pass_side=1280)
    ((part, scale, left, top),) = passes(picture(*size, []), plan)
    assert (max(part.shape[:2]), left, top) == (seen, 0, 0)
    assert scale == pytest.approx(seen / max(size), rel=2e-3)


def face_at(x, y, side, score=0.9):
    return Detection((x, y, x + side, y + side), score, "d")


def in_detail(*faces):
    """Left and top of each tile of the detail, which is three quarters of 4000 x 3000."""
    found = {0.375: list(faces)}
    seen = list(passes(picture(4000, 3000, []), face_fpn.PLAN, found))
    assert [scale for _, scale, *_ in seen[:6]] == pytest.approx([0.375] * 4 + [0.125, 0.028])
    assert all(scale == 0.75 for _, scale, *_ in seen[6:])
    return [(left, top, *part.shape[1::-1]) for part, _, left, top in seen[6:]]


def test_the_detail_comes_last_and_only_where_a_small_face_may_be():
    assert in_detail() == []
    assert in_detail(face_at(10, 10, 40)) == [(0, 0, 445, 442)]
    assert in_detail(face_at(10, 10, 40, 0.14)) == []  # less sure than a hint must be
    assert in_detail(face_at(10, 10, 68)) == []  # 51 pixels there: seen well enough before
    assert len(in_detail(face_at(500, 10, 40))) == 2  # where two tiles overlap


@pytest.mark.parametrize(
    ("around", "tiles"),
    [
        (face_at(100, 100, 300, 0.5), 0),
        (face_at(100, 100, 300, 0.49), 1),  # not sure to be a face
        (face_at(100, 100, 79), 1),  # hardly larger: who stands behind
        (face_at(180, 100, 300), 1),  # beside it
    ],
)
def test_a_part_of_a_face_is_not_looked_for_in_detail(around, tiles):
    eye = face_at(130, 130, 40, 0.4)
    assert len(in_detail(eye, around)) == tiles
    assert len(in_detail(eye)) == 1


def test_where_faces_are_everywhere_the_tiles_are_those_of_the_plan():
    everywhere = in_detail(*(face_at(x, y, 40) for x in range(0, 3950, 100) for y in range(0, 2950, 100)))
    assert len(everywhere) == 12 and max(max(tile[2:]) for tile in everywhere) == 870


def test_a_picture_without_coarse_passes_is_seen_in_detail_whatever_is_found():
    assert len(list(passes(picture(40, 30, []), face_fpn.PLAN, {}))) == 1


@pytest.mark.parametrize("side", [*range(97, 400, 7), 640, 1280, 4000])
def test_hints_come_from_a_pass_of_half_the_detail(side):
    coarse = face_fpn.PLAN.coarse_scales(side)
    assert max(coarse) >= face_fpn.PLAN.detail(side) / 2


def test_what_is_cut_in_tiles_has_a_coarse_pass_as_well():
    plan = Plan(detail_side=704, shrink=1, tile_side=1280, single_pass_side=1280, coarse_sides=(704,))
    *tiles, (whole, scale, *_) = passes(picture(4000, 3000, []), plan)
    assert whole.shape[:2] == (528, 704) and scale == 0.176
    assert len(tiles) == 12 and {tile.shape for tile, *_ in tiles} == {(1107, 1120, 3)}


def test_between_the_detail_and_the_coarse_passes_no_step_is_larger_than_planned():
    plan = Plan(detail_side=704, shrink=0.75, single_pass_side=96, coarse_sides=(384, 104), step=3.0)
    assert plan.coarse_scales(400) == [104 / 400, 384 / 400]
    assert plan.coarse_scales(4000) == pytest.approx([104 / 4000, 384 / 4000, 0.25])
    assert plan.coarse_scales(40_000) == pytest.approx(
        [104 / 40_000, 384 / 40_000, *(0.75 / 3**n for n in (3, 2, 1))]
    )
    assert plan.coarse_scales(60) == [1.0]  # enlarged to 120


def face(x, side, score):
    return Detection((x, 0.0, x + side, side), score, "d")


def test_what_one_pass_alone_takes_for_a_face_loses_half_of_its_score():
    """Passes at scales 1 and 1/2, for faces of 10 to 100 pixels."""
    both, alone, small = face(0, 40, 0.8), face(100, 40, 0.8), face(200, 15, 0.6)
    found = {1.0: [both, alone, small], 0.5: [face(2, 40, 0.6), face(300, 40, 0.9)]}
    scores = {one.box[0]: one.score for one in cross_scale_consensus(found, (10, 100))}
    # The small one has 7.5 pixels in the other pass, which has no say. What the coarse pass alone sees,
    # and the fine one could have seen, is no face.
    assert scores == pytest.approx({0: 0.7, 100: 0.4, 200: 0.6})


def test_a_face_too_large_for_a_pass_is_taken_from_the_next():
    whole, part = face(0, 300, 0.9), face(20, 90, 0.7)
    found = {1.0: [part], 0.25: [whole], 0.1: [face(5, 290, 0.5)]}
    (kept,) = nms_faces(cross_scale_consensus(found, (10, 100)))
    assert kept.box == whole.box and kept.score == pytest.approx((0.9 + 0.5) / 2)
    assert cross_scale_consensus({1.0: [], 0.5: []}, (10, 100)) == []


def test_a_scale_says_nothing_about_what_it_did_not_look_at():
    seen, unseen = Detection((10, 10, 50, 50), 0.8, "d"), Detection((210, 10, 250, 50), 0.8, "d")
    at_the_edge = Detection((70, 10, 99.5, 50), 0.8, "d")
    found = {1.0: [], 0.5: [seen, unseen, at_the_edge]}
    said = {
        one.box[0]: one.score for one in cross_scale_consensus(found, (10, 100), {1.0: [(0, 0, 100, 100)]})
    }
    assert said == {210: 0.8, 70: 0.8}  # the detail did not find what it saw, so that is no face
    over_the_edge = Detection((15, 15, 75, 88), 0.8, "d")  # whose box in detail may leave the tile
    kept = cross_scale_consensus({1.0: [], 0.5: [over_the_edge]}, (10, 100), {1.0: [(0, 0, 100, 100)]})
    assert kept == [over_the_edge]
    assert cross_scale_consensus(found, (10, 100)) == []


@pytest.mark.parametrize("length", [1281, 2000, 2400, 2401, 4000, 9000])
def test_tiles_overlap_by_at_least_a_face_and_are_no_more_than_needed(length):
    plan = Plan(single_pass_side=10_000, detail_side=1)
    starts = [(left, left + part.shape[1]) for part, _, left, _ in passes(picture(length, 8, []), plan)]
    assert starts[0][0] == 0 and starts[-1][1] == length
    overlaps = [end - start for (_, end), (start, _) in itertools.pairwise(starts)]
    assert min(overlaps) >= plan.tile_overlap - 1  # whole pixels
    fewer = len(starts) - 1
    assert fewer * plan.tile_side - (fewer - 1) * plan.tile_overlap < length


@pytest.mark.parametrize("plan", PLANS)
def test_small_and_large_faces_of_a_large_picture_are_each_found_once(plan):
    squares = [(10, 10, 20), (1270, 900, 25), (2000, 1500, 30), (3970, 2970, 30), (2600, 200, 1200)]
    found = tiled_inference(picture(4000, 3000, squares), bright_squares, plan)
    assert len(found) == len(squares)
    for x, y, side in squares:
        assert any(np.allclose(d.box, (x, y, x + side, y + side), atol=0.02 * side + 7) for d in found), (
            x,
            y,
            side,
        )


def test_boxes_never_leave_the_frame_and_know_how_much_is_visible():
    frame = picture(100, 80, [])
    kept = fit_inside(Detection((-10, -20, 20, 40), 0.9, "d", ((0.0, 0.0),) * 5), frame, 1.0)
    assert kept.box == (0, 0, 20, 40)
    assert kept.visible == pytest.approx(20 * 40 / (30 * 60))


@pytest.mark.parametrize("box", [(200, 10, 240, 50), (5, 5, 5, 9), (math.nan, 0, 5, 5), (0, 0, 0.4, 30)])
def test_a_box_with_nothing_inside_is_no_face(box):
    assert fit_inside(Detection(box, 0.9, "d"), picture(100, 80, []), 1.0) is None


def test_the_best_of_overlapping_boxes_stays():
    whole = Detection((0, 0, 100, 100), 0.9, "d")
    shifted = Detection((5, 5, 105, 105), 0.8, "d")
    part = Detection((10, 10, 40, 40), 0.7, "d")
    other = Detection((200, 0, 300, 100), 0.6, "d")
    assert nms_faces([part, other, shifted, whole]) == (whole, other)
    assert nms_faces([]) == ()


@pytest.mark.parametrize(
    "size", [(1, 1), (30, 20), (320, 240), (640, 480), (1280, 720), (4000, 3000), (9000, 40)]
)
def test_a_single_pass_sees_the_whole_picture_small(size):
    passed = []
    assert single_pass(picture(*size, []), lambda rgb: passed.append(rgb.shape) or [], 640) == ()
    ((height, width, _),) = passed
    assert max(height, width) == min(640, max(size))
    assert (width, height) == tuple(max(1, round(side * min(1, 640 / max(size)))) for side in size)


def test_a_single_pass_finds_faces_where_they_are_and_leaves_out_the_tiny():
    near, far, tiny = (100, 100, 500), (1500, 200, 60), (1000, 900, 1)
    frame = picture(1920, 1080, [near, far, tiny])
    found = single_pass(frame, bright_squares, 640)
    assert len(found) == 2 and len(tiled_inference(frame, bright_squares)) == 3
    for detection, (x, y, side) in zip(found, (near, far), strict=True):
        assert np.allclose(detection.box, (x, y, x + side, y + side), atol=6)  # of 1920: a pixel is 3 here


def test_haar_makes_one_pass_over_a_smaller_picture(monkeypatch):
    haar, passed = HaarDetector(), []

    class Cascade:
        def detectMultiScale2(self, grey, **how):  # noqa: N802 - the library's name
            passed.append((max(grey.shape), how["scaleFactor"]))
            return (), ()

    monkeypatch.setattr(haar, "_cascade", Cascade())
    frame = picture(1280, 720, [])
    assert haar.detect(frame, longest_side=640) == haar.detect(frame) == ()
    (small, coarse), (side, step) = passed
    assert small == 640 < side and coarse > step


@pytest.mark.parametrize("repeat", [1, 3])
def test_haar_finds_the_same_face_in_a_single_pass(repeat):
    frame = Frame(sample_frame("no_mask").rgb.repeat(repeat, axis=0).repeat(repeat, axis=1))
    best = HaarDetector().detect(frame, longest_side=640)[0]
    x1, y1, x2, y2 = best.box
    middle = (x1 + x2) / 2 / repeat, (y1 + y2) / 2 / repeat
    assert middle == pytest.approx((222, 120), abs=12) and 70 < best.side / repeat < 140


@pytest.mark.parametrize("size", [(1, 1), (19, 19), (4000, 12)])
def test_haar_finds_nothing_in_a_strip(size):
    assert HaarDetector().detect(picture(*size, []), longest_side=640) == ()


@pytest.mark.parametrize("plan", PLANS)
@pytest.mark.parametrize("size", [(2_000_000, 1), (1, 2_000_000), (65_500, 655), (9000, 5500)])
def test_no_shape_takes_more_than_so_many_passes(size, plan):
    count = sum(1 for _ in passes(Frame(np.broadcast_to(np.uint8(0), (*size[::-1], 3))), plan))
    assert 1 <= count <= MAX_PASSES


def test_a_panorama_is_seen_in_full_detail():
    """12,000 x 1,500 as phones make it, and a till receipt scanned at 600 dpi."""
    for size in ((12_000, 1500), (1900, 24_000)):
        frame = Frame(np.broadcast_to(np.uint8(0), (*size[::-1], 3)))
        assert max(scale for _, scale, *_ in passes(frame, Plan())) == 1
