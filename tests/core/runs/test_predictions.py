import csv
import math
from pathlib import Path

import numpy as np
import pytest

from core.errors import RecordError
from core.labels import MASK_2, MASK_3
from core.runs.evaluation import read_evaluation
from core.runs.predictions import PREDICTIONS_FILE, FacePrediction, read_predictions, write_predictions

RUNS = Path(__file__).parents[3] / "runs"


def test_predictions_are_a_table_with_a_column_a_label(tmp_path):
    row = FacePrediction(
        source="toy, quoted",
        id="7",
        label="with_mask",
        probabilities=(0.75, 0.25),
        face_px=math.nan,
        sharpness=0.1234,
        brightness=99.6,
    )
    write_predictions(tmp_path, MASK_2.labels, [row])
    with (tmp_path / PREDICTIONS_FILE).open(newline="") as file:
        (read,) = csv.DictReader(file)
    assert read == {
        "source": "toy, quoted",
        "id": "7",
        "label": "with_mask",
        "with_mask": "0.7500",
        "without_mask": "0.2500",
        "face_px": "nan",
        "sharpness": "0.123",
        "brightness": "100",
    }


def test_what_was_written_is_read_as_arrays(tmp_path):
    rows = [
        FacePrediction(
            source=f"s{i}", id=str(i), label=label, probabilities=p, face_px=40, sharpness=0.5, brightness=90
        )
        for i, (label, p) in enumerate([("with_mask", (0.9, 0.1)), ("with_mask", (0.25, 0.75))])
    ]
    write_predictions(tmp_path, MASK_2.labels, rows, "more")
    read = read_predictions(tmp_path, MASK_2.labels, "more")
    assert len(read) == 2 and read.source.tolist() == ["s0", "s1"] and read.id.tolist() == ["0", "1"]
    assert read.true.tolist() == [0, 0] and read.predicted.tolist() == [0, 1]
    assert read.correct.tolist() == [True, False]
    np.testing.assert_allclose(read.confidence, [0.9, 0.75])
    assert read.face_px.tolist() == [40, 40] and read.brightness.tolist() == [90, 90]


def test_answers_are_decided_as_in_their_evaluation(tmp_path):
    row = FacePrediction(
        source="s",
        id="0",
        label="incorrect_mask",
        probabilities=(0.4, 0.35, 0.25),
        face_px=40,
        sharpness=0.5,
        brightness=90,
    )
    write_predictions(tmp_path, MASK_3.labels, [row])
    older = read_predictions(tmp_path, MASK_3.labels)
    newer = read_predictions(tmp_path, MASK_3.labels, two_steps=True)
    assert (older.predicted.tolist(), older.confidence.tolist()) == ([0], [0.4])
    assert (newer.predicted.tolist(), newer.confidence.tolist()) == ([1], [0.35])
    assert newer.correct.tolist() == [True] and older.correct.tolist() == [False]


HEADER = "source,id,label,with_mask,without_mask,face_px,sharpness,brightness\n"


@pytest.mark.parametrize(
    "text",
    [
        "",
        HEADER,
        "source,id,label,other,without_mask,face_px,sharpness,brightness\na,1,other,1,0,1,1,1\n",
        HEADER + "a,1,with_mask,1,0,1,1\n",
        HEADER + "a,1,elsewise,1,0,1,1,1\n",
        HEADER + "a,1,with_mask,one,0,1,1,1\n",
        HEADER + "a,1,with_mask,0.9,0.9,1,1,1\n",
        HEADER + "a,1,with_mask,nan,0.9,1,1,1\n",
        HEADER + "a,1,with_mask,-1,2,1,1,1\n",
        HEADER + "a,1," + "x" * 200_000 + ",1,0,1,1,1\n",
    ],
    ids=["empty", "no rows", "labels", "ragged", "unknown label", "text", "sum", "nan", "range", "long"],
)
def test_a_table_that_cannot_be_right_is_refused_by_name(text, tmp_path):
    (tmp_path / PREDICTIONS_FILE).write_text(text)
    with pytest.raises(RecordError, match=r"predictions\.csv: "):
        read_predictions(tmp_path, MASK_2.labels)


def test_shipped_predictions_agree_with_their_evaluation():
    folder = RUNS / "mask3-v1"
    found = read_evaluation(folder)
    read = read_predictions(folder, found.labels.names)
    assert len(read) == found.n
    assert int(read.correct.sum()) == round(found.accuracy * found.n)
