import csv
import json
import math

import pytest

from core.cards import Labels, LabelScore
from core.errors import RecordError
from core.runs import (
    CONFIG_FILE,
    METRICS_FILE,
    PREDICTIONS_FILE,
    Calibration,
    CalibrationBin,
    Epoch,
    Evaluation,
    FacePrediction,
    RunConfig,
    Slice,
    append_epoch,
    read_calibration,
    read_config,
    read_epochs,
    read_evaluation,
    write_calibration,
    write_config,
    write_evaluation,
    write_predictions,
)

LABELS = Labels(set="mask2", names=("with_mask", "without_mask"))
CONFIG = RunConfig(
    schema=1,
    id="toy-1",
    recipe="toy",
    settings={"size": 32, "drawn_share": {"with_mask": 0.5}},
    labels=LABELS,
    seed=3,
    git_commit="unknown",
    versions={"python": "3.11"},
    manifest_sha256="0" * 64,
    split_sizes={"train": 9, "validation": 3},
    device="cpu",
    started="2026-01-01T00:00:00+00:00",
)


def epoch(number: int) -> Epoch:
    return Epoch(
        epoch=number,
        phase="all layers",
        learning_rate=1e-3,
        loss=0.7,
        accuracy=0.5,
        val_loss=0.6,
        val_accuracy=0.7,
        score=math.nan,
        validation={"toy/with_mask": (2, 3)},
        seconds=1.5,
    )


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


def test_what_was_written_is_read_back(tmp_path):
    write_config(tmp_path, CONFIG)
    assert read_config(tmp_path) == CONFIG
    found = Calibration(schema=1, temperature=1.2, n=9, ece_before=0.1, ece_after=0.05)
    write_calibration(tmp_path, found)
    assert read_calibration(tmp_path) == found


def test_undefined_and_unbounded_numbers_survive_the_file(tmp_path):
    write_evaluation(tmp_path, evaluation())
    back = read_evaluation(tmp_path)
    assert math.isnan(back.ece) and math.isnan(back.calibration[0].accuracy)
    assert back.face_px_slices[0].high == math.inf
    assert back.confusion == {"toy": ((2, 1), (0, 0))}


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ({"schema": 2}, "schema"),
        ({"id": "../elsewhere"}, "id"),
        ({"split_sizes": {"train": -1}}, "split_sizes.train"),
        ({"surprise": 1}, "surprise"),
        ({"labels": {"set": "mask2"}}, "labels.names"),
    ],
)
def test_a_broken_field_is_named(tmp_path, change, named):
    write_config(tmp_path, CONFIG)
    plain = json.loads((tmp_path / CONFIG_FILE).read_text())
    (tmp_path / CONFIG_FILE).write_text(json.dumps(plain | change))
    with pytest.raises(RecordError, match=rf"config\.json: {named}"):
        read_config(tmp_path)


def test_an_absent_record_is_an_error_that_names_it(tmp_path):
    for read in (read_config, read_calibration, read_evaluation, read_epochs):
        with pytest.raises(RecordError, match=str(tmp_path)):
            read(tmp_path)


def test_epochs_are_read_while_the_last_line_is_being_written(tmp_path):
    for number in range(2):
        append_epoch(tmp_path, epoch(number))
    with (tmp_path / METRICS_FILE).open("a") as file:
        file.write('{"epoch": 2, "pha')
    read = read_epochs(tmp_path)
    assert [e.epoch for e in read] == [0, 1]
    assert read[0].validation == {"toy/with_mask": (2, 3)}
    assert math.isnan(read[0].score)


@pytest.mark.parametrize("line", ["not JSON", '{"epoch": 1}', "[]", '{"epoch": "x"}'])
def test_a_broken_epoch_is_named_by_its_line(tmp_path, line):
    append_epoch(tmp_path, epoch(0))
    with (tmp_path / METRICS_FILE).open("a") as file:
        file.write(line + "\n")
    with pytest.raises(RecordError, match=r"metrics\.jsonl.*line 2"):
        read_epochs(tmp_path)


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
    write_predictions(tmp_path, LABELS.names, [row])
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
