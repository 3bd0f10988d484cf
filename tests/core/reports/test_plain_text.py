import math
import re

import pytest

from core.reports.plain_text import columns, detection_text, evaluation_text
from core.runs import SHIPPED_RUNS
from core.runs.detections import DetectionRow
from core.runs.detector_evaluation import DetectionEvaluation
from core.runs.evaluation import read_evaluation

STRANGERS = (
    "a | b",
    "| x |",
    "a\nb",
    r"\x7c",
    "\\",
    "\ttab",
    "{{ 7 * 7 }}",
    "{% if %}",
    "é\u2028😀\x00",
    "- x",
)


@pytest.fixture(scope="module")
def evaluation():
    return read_evaluation(SHIPPED_RUNS / "mask3-v4")


def detection(source="toy", **changes):
    score = {"way": "photo", "source": source, "pictures": 1, "n": 2, "found": 1, "false": 0, "ap50": 0.5}
    return DetectionEvaluation(
        model="toy",
        manifest_sha256="",
        evaluated="",
        device="onnx on a machine",
        pictures={source: 1},
        min_score={"photo": 0.5},
        ms={"photo": 12.34},
        scores=(score,),
        **changes,
    )


def test_the_headline_gives_both_intervals(evaluation):
    first, second, third, *_ = evaluation_text(evaluation).split("\n")
    assert first == "mask3: 96.6% of 1976 right (95.7% to 97.3%)"
    assert second == "  (95.8% to 97.4%) when whole groups are drawn (1000 draws of 1378 groups)"
    assert third == "  always answering without_mask: 46.8%"


def test_columns_are_as_wide_as_what_is_in_them(evaluation):
    assert list(columns([("", "n"), ("long name", "1"), ("x", "")])) == [
        "             n",
        "  long name  1",
        "  x",
    ]
    _, *table = evaluation_text(evaluation).split("\n\n")[2].split("\n")
    assert table == [
        "                  with_mask  incorrect_mask  without_mask",
        "  with_mask       859        29              5",
        "  incorrect_mask  6          138             15",
        "  without_mask    4          8               912",
    ]


@pytest.mark.parametrize("stranger", STRANGERS)
def test_a_strangers_text_is_shown_letter_for_letter_and_stays_in_its_cell(evaluation, stranger):
    plain, odd = (
        evaluation_text(evaluation.model_copy(update={"subgroups": {"kind": {value: (1, 2)}}}))
        for value in ("value", stranger)
    )
    assert f"  kind        {stranger.ljust(12)}  50.0% right  n=2\n" in odd
    assert odd.count("\n") - stranger.count("\n") == plain.count("\n")


@pytest.mark.parametrize("stranger", STRANGERS)
def test_a_strangers_pictures_are_named_each_on_its_line(stranger):
    said = detection_text(detection(unreadable=(stranger, "second")), [])
    assert said.endswith(f"2 pictures could not be read and were left out:\n  {stranger}\n  second")


def test_a_detectors_faces_are_told_by_source_and_by_height():
    rows = [DetectionRow("photo", "toy", "1.png", "x", (0, 0, 20, 20), score) for score in (0.9, math.nan)]
    said = detection_text(detection(incomplete=("toy",)), rows)
    assert said.startswith(
        "toy: 1 pictures, onnx on a machine\n  photo: from score 0.5 on, 12.3 ms per photo"
    )
    assert re.search(
        r"\n  toy  photo  2      at least 50.0%  \(.*\)  50.0%   \(9.5% to 90.5%\)  at least", said
    )
    assert "Not all faces of toy are labelled" in said
    assert re.search(r"\n  toy  photo  \d+ to \d+  2      50.0%   \(9.5% to 90.5%\)\n", said)
    assert said.endswith("is not known: its run lists none.")


def test_what_a_detector_shares_with_its_training_is_told_beside_what_could_not_be_read():
    leak = {"n": 2, "shared_groups": 1, "shared_faces": 2, "twins": 1, "allowed": True}
    last = detection_text(detection(leakage=leak, unreadable=("1.png: broken",)), []).split("\n\n")[-1]
    assert [line[:20] for line in last.split("\n")] == [
        "Groups shared with t",
        "That was allowed. Th",
        "Near-duplicates of t",
        "1 pictures could not",
        "  1.png: broken",
    ]


def test_columns_stand_under_each_other():
    assert list(columns([("label", "n"), ("with_mask", "1,000"), ("no", "")])) == [
        "  label      n",
        "  with_mask  1,000",
        "  no",
    ]


def test_rows_of_another_length_are_a_fault():
    with pytest.raises(ValueError, match="argument 2"):
        list(columns([("a", "b"), ("c",)]))
