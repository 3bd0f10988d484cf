import math

import numpy as np
import pytest
from PIL import Image

from bench import quality
from bench.quality import TailBin, recipe_line, refused_bins, report, tail_bins, turned
from core.classification import Classifier
from core.models import QualityThresholds, Threshold
from core.pipeline import Pipeline
from core.results import Detection, Frame
from tests.counting_engine import CountingEngine
from tests.toy_card import toy_card


def faces(n=960, wrong_under=0.0, name="min_face_px"):
    """Of each quantity .5, but one from 0 to 1, under a part of which three of four answers are wrong."""
    for i in range(n):
        value = i / n
        yield dict.fromkeys(quality.QUANTITIES, 0.5) | {name: value}, not (value < wrong_under and i % 4)


def test_bins_double_from_the_worst_end():
    values = np.arange(210.0)
    found = tail_bins(values, values >= 60, high_is_bad=False)
    assert [(b.n, b.wrong) for b in found] == [(30, 30), (60, 30), (120, 0)]
    assert (found[0].worst, found[0].best, found[1].worst) == (0, 29, 30)
    found = tail_bins(values, values >= 60, high_is_bad=True)
    assert [(b.worst, b.best, b.wrong) for b in found] == [(209, 180, 0), (179, 120, 0), (119, 0, 60)]


def test_equal_values_share_a_bin_and_what_is_unknown_has_none():
    values = np.array([math.nan] * 5 + [0.9] * 10 + [1.0] * 500)
    (only,) = tail_bins(values, np.ones(515, bool), high_is_bad=False)
    assert only == TailBin(0.9, 1.0, 510, 0)
    assert tail_bins(np.full(3, math.nan), np.ones(3, bool), high_is_bad=False) == []


@pytest.mark.parametrize(
    ("wrong", "refused"),
    [
        ((25, 50, 10, 0), 2),
        ((16, 20, 10, 0), 0),  # more than half, but that may be chance
        ((16, 50, 10, 0), 2),  # with the next it is sure
        ((10, 60, 120, 0), 0),  # the worst of all are right more often than not
        ((30, 60, 120, 240), 3),  # never all
        ((15, 60, 120, 0), 0),  # just half
    ],
)
def test_what_is_wrong_more_often_than_not_is_refused(wrong, refused):
    sizes = (30, 60, 120, 240)
    bins = [TailBin(i, i + 0.5, n, w) for i, (n, w) in enumerate(zip(sizes, wrong, strict=True))]
    assert refused_bins(bins) == refused


def test_a_threshold_refuses_just_the_bins_that_are_wrong_and_says_why():
    bins = [TailBin(4, 9, 30, 25), TailBin(10, 15, 60, 45), TailBin(16, 30, 120, 6)]
    line = recipe_line("min_face_px", bins)
    assert line.startswith("min_face_px=Threshold(value=16, reason=") and "of the 90 faces" in line
    assert "77.8% were wrong" in line
    assert recipe_line("max_yaw", bins[1:][::-1]) is None
    line = recipe_line("min_sharpness", bins[2:])
    assert "value=0," in line and "5.0% were wrong" in line
    assert "nothing is known" in recipe_line("min_visible", [])


@pytest.mark.parametrize(("name", "limited"), [("min_face_px", True), ("max_roll", False)])
def test_report_finds_the_quantity_that_makes_answers_wrong(name, limited):
    lines = report(list(faces(wrong_under=0.1, name=name)))
    assert lines[0].startswith("960 faces")
    assert ("face_px: a threshold" in lines) == limited  # of roll, what is small is good
    assert "yaw: no threshold" in lines and "margin: no threshold" in lines
    together = [line for line in lines if line.startswith("all together")]
    assert len(together) == 2 and together[0].startswith(f"all together: {90 if limited else 0} refused")


def test_a_report_of_no_faces_says_so():
    lines = report([])
    assert lines[0] == "0 faces found and labelled, no examples right"


def test_a_picture_and_its_boxes_turn_together():
    rgb = np.random.default_rng(0).integers(0, 256, (40, 60, 3), np.uint8)
    for degrees in (0, 90, 180, 270):
        frame, ((x1, y1, x2, y2),) = turned(Frame(rgb), [(10, 5, 30, 20)], degrees)
        face = np.rot90(frame.rgb[y1:y2, x1:x2], degrees // 90)
        np.testing.assert_array_equal(face, rgb[5:20, 10:30])


class Finder:
    """Finds the two squares that `test_faces_are_found_read_and_matched` draws, and one that is none."""

    name = "finder"
    operating_point = 0.5

    def detect(self, frame, min_score=None):
        return tuple(
            Detection(box, 0.9, "finder") for box in ((0, 0, 40, 40), (50, 0, 90, 40), (0, 60, 20, 80))
        )


def test_faces_are_found_read_and_matched(tmp_path, monkeypatch, capsys):
    rgb = np.zeros((100, 100, 3), np.uint8)
    rgb[:40, :40, 0] = 250  # the counting engine names a face by its strongest channel
    rgb[:40, 50:90, 2] = 250
    for source in ("left_out", "learned"):
        Image.fromarray(rgb).save(tmp_path / f"{source}.png")
    boxes = [("with_mask", 0, 0, 40, 40), ("incorrect_mask", 50, 0, 90, 40)]
    rows = [
        f"{source}.png,{label},{x1},{y1},{x2},{y2},train,{source},{source}"
        for source in ("left_out", "learned")
        for label, x1, y1, x2, y2 in boxes
    ]
    (tmp_path / "scenes.csv").write_text("\n".join(["path,label,x1,y1,x2,y2,split,source,group", *rows]))
    thresholds = {name: Threshold(value=0, reason="a test") for name in quality.QUANTITIES if "min" in name}
    card = toy_card(quality=QualityThresholds(**thresholds))
    pipeline = Pipeline(Finder(), Classifier(card, CountingEngine()))
    monkeypatch.setattr(quality, "load_pipeline", lambda name: pipeline)
    assert quality.main(["--data", str(tmp_path), "--source", "left_out"]) == 0
    said = capsys.readouterr().out
    assert said.startswith("2 faces found and labelled, 50.0% right")
    assert "max_yaw=" not in said and "min_face_px=Threshold(value=0," in said
