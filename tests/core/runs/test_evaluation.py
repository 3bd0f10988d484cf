import json
import math
from pathlib import Path

import pytest

from core.errors import RecordError
from core.models.card import LabelScore
from core.records.fields import Labels
from core.runs.evaluation import EVALUATION_FILE, Evaluation, read_evaluation, write_evaluation
from core.runs.evaluation_parts import AtThreshold, Bootstrap, CalibrationBin, OneVsRest, Slice
from core.runs.training import Leakage

LABELS = Labels(set="mask2", names=("with_mask", "without_mask"))
RUNS = Path(__file__).parents[3] / "runs"
OLDEST = {
    "schema",
    "model",
    "weights_sha256",
    "manifest_sha256",
    "labels",
    "n",
    "unreadable",
    "confusion",
    "scores",
    "accuracy",
    "interval",
    "calibration",
    "ece",
    "face_px_slices",
}


def evaluation() -> Evaluation:
    return Evaluation(
        schema=1,
        model="toy",
        weights_sha256="0" * 64,
        manifest_sha256="0" * 64,
        labels=LABELS,
        n=3,
        unreadable=("broken.jpg: is truncated",),
        confusion={"toy": ((2, 1), (0, 0))},
        scores=(
            LabelScore(
                source="toy",
                label="with_mask",
                n=3,
                predicted={"with_mask": 2, "without_mask": 1},
                recall=2 / 3,
                interval=(0.2, 0.9),
            ),
        ),
        accuracy=2 / 3,
        interval=(0.2, 0.9),
        calibration=(CalibrationBin(low=0, high=1, n=0, confidence=math.nan, accuracy=math.nan),),
        ece=math.nan,
        face_px_slices=(Slice(low=96, high=math.inf, n=3, hits=2),),
    )


def test_undefined_and_unbounded_numbers_survive_the_file(tmp_path):
    write_evaluation(tmp_path, evaluation())
    back = read_evaluation(tmp_path)
    assert math.isnan(back.ece) and math.isnan(back.calibration[0].accuracy)
    assert back.face_px_slices[0].high == math.inf
    assert back.confusion == {"toy": ((2, 1), (0, 0))}


def test_a_record_from_before_a_field_was_known_is_read(tmp_path):
    plain = {k: v for k, v in evaluation().as_json().items() if k in OLDEST}
    (tmp_path / EVALUATION_FILE).write_text(json.dumps(plain))
    read = read_evaluation(tmp_path)
    assert read.report is None and read.leakage is None and read.one_vs_rest == ()


def test_every_record_that_ships_is_read():
    shipped = [file.parent for file in RUNS.glob(f"*/{EVALUATION_FILE}")]
    assert shipped
    for run in shipped:
        read = read_evaluation(run)
        assert read.n == sum(sum(row) for table in read.confusion.values() for row in table)


def test_what_is_not_known_stays_not_known(tmp_path):
    curve = OneVsRest(
        label="without_mask",
        n=0,
        others=3,
        auc=math.nan,
        average_precision=math.nan,
        curve=(),
        thresholds=(AtThreshold(threshold=0.5, true_positives=0, false_positives=1),),
    )
    interval = (math.nan, math.nan)
    drawn = Bootstrap(
        resamples=10,
        seed=0,
        groups=1,
        accuracy=interval,
        macro_recall=interval,
        recall={"with_mask": interval},
    )
    changed = evaluation().model_copy(
        update={"one_vs_rest": (curve,), "bootstrap": drawn, "leakage": Leakage(n=3)}
    )
    write_evaluation(tmp_path, changed)
    read = read_evaluation(tmp_path)
    assert math.isnan(read.one_vs_rest[0].auc) and math.isnan(read.bootstrap.accuracy[0])
    assert read.leakage.shared_groups is None


def test_a_second_data_set_lies_beside_the_first(tmp_path):
    write_evaluation(tmp_path, evaluation())
    write_evaluation(tmp_path, evaluation().model_copy(update={"model": "other"}), "elsewhere")
    read = (read_evaluation(tmp_path), read_evaluation(tmp_path, "elsewhere"))
    assert [evaluation.model for evaluation in read] == ["toy", "other"]
    assert (tmp_path / "evaluation-elsewhere.json").is_file()


def test_a_broken_evaluation_is_named(tmp_path):
    with pytest.raises(RecordError, match=str(tmp_path)):
        read_evaluation(tmp_path)
    plain = evaluation().as_json() | {"leakage": {"n": -1}}
    (tmp_path / EVALUATION_FILE).write_text(json.dumps(plain))
    with pytest.raises(RecordError, match=r"evaluation\.json: leakage\.n"):
        read_evaluation(tmp_path)
