"""Programs are compared on the same bytes, and what they answer is counted against what is there."""

import numpy as np
import pytest

from bench.pipeline.aizoo import anchors, decode
from bench.pipeline.comparison import compare
from bench.pipeline.limits import operations
from bench.pipeline.ours import ours
from bench.pipeline.programs import Program, SeenFace, inside
from bench.pipeline.scenes import LabelledScene, wall
from core.models import CARD_FILE, folders

TRUTH = (SeenFace((0, 0, 10, 10), True), SeenFace((20, 0, 30, 10), False), SeenFace((40, 0, 50, 10), False))


@pytest.mark.parametrize(
    ("seen", "counts"),
    [
        ([], (0, 0, 0)),
        ([SeenFace((0, 0, 10, 10), True), SeenFace((20, 0, 30, 10), True)], (2, 1, 0)),
        ([SeenFace((0, 0, 10, 10), None)], (1, 0, 0)),  # it cannot tell
        ([SeenFace((0, 0, 10, 10), True), SeenFace((1, 1, 10, 10), True)], (1, 1, 1)),  # a face once
        ([SeenFace((60, 0, 70, 10), False)], (0, 0, 1)),
    ],
)
def test_faces_are_found_once_and_right_by_whether_the_mask_is_worn_properly(seen, counts):
    assert LabelledScene("made", b"", TRUTH).score(seen) == counts


def test_ours_finds_and_names_the_faces_of_a_wall():
    scene = wall(8, (1280, 720))
    assert [one.properly for one in scene.truth] == [False, True, False, False] * 2
    photo, *live = ours()
    assert scene.score(photo.answer(scene.content)) == (8, 8, 0)
    assert [one.name for one in live] == ["Maskwise, live 640", "Maskwise, live 320"]


def test_each_program_is_asked_in_turn():
    asked = []

    def program(name, seen):
        return Program(name, lambda content: asked.append((name, content)) or seen)

    scene = LabelledScene("made", b"bytes", TRUTH)
    rows = compare(
        [program("a", list(TRUTH)), program("b", [SeenFace((0, 0, 10, 10), None)])], "made", [scene], 2
    )
    assert asked == [("a", b"bytes"), ("b", b"bytes")] * 3
    assert [(row.found, row.right, row.extra, len(row.ms)) for row in rows] == [(3, 3, 0, 2), (1, None, 0, 2)]
    assert rows[1].cells(rows[0])[4:7] == ["1 of 3", "names none", "0"]


def test_anchors_of_aizoo_are_as_many_as_its_network_answers():
    centres = anchors()
    assert centres.shape == (5972, 4) and centres[0].tolist() == pytest.approx(
        [0.5 / 33, 0.5 / 33, 0.04, 0.04]
    )
    assert decode(np.zeros((1, 4)), centres[-1:])[0] == pytest.approx(
        [
            5 / 6 - 0.64 * 0.42**0.5 / 2,
            5 / 6 - 0.64 / 0.42**0.5 / 2,
            5 / 6 + 0.64 * 0.42**0.5 / 2,
            5 / 6 + 0.64 / 0.42**0.5 / 2,
        ]
    )


def test_boxes_end_with_the_picture():
    assert inside(np.array([-3.0, 2.6, 700.0, 9.0]), 640, 8) == (0, 2, 639, 7)


def test_operations_grow_with_the_batch_and_are_those_of_the_body():
    model = (folders(CARD_FILE)["mask3"] / "model.onnx").read_bytes()
    one, eight = (operations(model, (n, 128, 128, 3)) for n in (1, 8))
    assert eight == pytest.approx(8 * one) and 0.05e9 < one < 0.2e9
