import numpy as np

from core.explain.corruptions import CORRUPTIONS, CorruptionResults, RobustnessCurve
from core.labels import MASK_3
from ui.dashboard.explain.corruptions import overall, reading, summary, table

BY_NAME = {kind.name: kind for kind in CORRUPTIONS}


def curve(kind, units, refused=None, steps=None):
    corruption, n = BY_NAME[kind], len(units)
    probabilities = np.eye(3)[units] * 0.7 + 0.1
    answers = CorruptionResults(
        MASK_3.labels,
        probabilities,
        np.array(units),
        np.full(n, 0.7),
        ((),) * n,
        tuple(refused or [None] * n),
    )
    return RobustnessCurve(
        corruption, steps or corruption.steps, (np.zeros((4, 4, 3), np.uint8),) * n, answers
    )


def test_an_answer_that_holds():
    assert reading(curve("Blur", [0] * 8)) == (
        "“Mask on” is named all the way to 20%. The app would never say “cannot tell”."
    )


def test_a_turn_without_a_warning_is_said():
    assert reading(curve("Blur", [0, 0, 0, 2, 2, 2, 2, 2], [None] * 6 + ["blurred"] * 2)) == (
        "“Mask on” turns into “No mask” at 3%, after it held to 2%, without a “cannot tell”. "
        "At 12% the app would first say “cannot tell”: blurred."
    )


def test_a_turn_that_the_gate_catches():
    pixels = curve("Fewer pixels", [1, 1, 0], [None, "too_small", "too_small"], (np.inf, 12, 8))
    assert reading(pixels) == (
        "“Worn incorrectly” turns into “Mask on” at 8 px, after it held to 12 px. "
        "At 12 px the app would first say “cannot tell”: too small."
    )


def test_a_turn_at_the_first_step_and_a_face_that_is_refused_as_it_is():
    assert reading(curve("Darkness", [0] + [2] * 7, ["low_margin"] * 8)) == (
        "“Mask on” turns into “No mask” at 1/2, at the first step. "
        "Of the face as it is the app says “cannot tell”: not sure."
    )


def test_rotation_is_read_both_ways():
    words = reading(curve("Rotation", [2, 0, 0, 0, 0, 0, 0, 0, 0]))
    assert "“No mask” at −90°, after it held to −60°" in words and "all the way to 90°" in words


def test_a_face_too_small_to_be_shrunk():
    assert "too few pixels already" in reading(curve("Fewer pixels", [0], steps=(np.inf,)))


def test_the_data_holds_every_label_at_every_severity():
    data = table(curve("JPEG", [0] * 7 + [2], [None] * 8))
    assert len(data) == 8 * 3 and data["Severity"][0] == "as it is"
    last = data[(data["Severity"] == "3") & (data["Label"] == "without_mask")].iloc[0]
    assert abs(last["Probability"] - 0.8) < 1e-9 and last["Answer"] == "without_mask"


def test_all_kinds_in_a_table():
    curves = [
        curve("Blur", [0, 0, 0, 2, 2, 2, 2, 2], [None] * 6 + ["blurred"] * 2),
        curve("Rotation", [2, 0, 0, 0, 0, 0, 0, 0, 0], ["low_margin"] + [None] * 8),
    ]
    data = summary(curves)
    assert data["Holds to"].tolist() == ["2%", "−60°", "90°"]
    assert data["Turns into"].tolist() == ["No mask", "No mask", ""]
    assert data["First cannot tell at"].tolist() == ["12%", "−90°", ""]
    assert overall(curves) == (
        "The answer is “Mask on”. It turns under 2 of 3 stresses, "
        "1 of these without a “cannot tell” at that step."
    )
