import json
import math

import pytest

from core.errors import RecordError
from core.records.fields import Labels
from core.runs.training import (
    CONFIG_FILE,
    GROUPS_FILE,
    METRICS_FILE,
    Calibration,
    Epoch,
    RunConfig,
    append_epoch,
    group_hash,
    read_calibration,
    read_config,
    read_epochs,
    read_groups,
    write_calibration,
    write_config,
    write_groups,
)

LABELS = Labels(set="mask2", names=("with_mask", "without_mask"))
CONFIG = RunConfig(
    schema=1,
    id="toy-1",
    recipe="toy",
    settings={"size": 32, "synthetic_share": {"with_mask": 0.5}},
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


def test_what_was_written_is_read_back(tmp_path):
    write_config(tmp_path, CONFIG)
    assert read_config(tmp_path) == CONFIG
    found = Calibration(schema=1, temperature=1.2, n=9, ece_before=0.1, ece_after=0.05)
    write_calibration(tmp_path, found)
    assert read_calibration(tmp_path) == found


@pytest.mark.parametrize("name", ["valid", "validation"])
def test_the_validation_part_is_read_by_both_its_names_and_written_by_one(tmp_path, name):
    sizes = {"train": 9, name: 3}
    (tmp_path / CONFIG_FILE).write_text(json.dumps(CONFIG.as_json() | {"split_sizes": sizes}))
    assert read_config(tmp_path).split_sizes == {"train": 9, "validation": 3}
    write_config(tmp_path, read_config(tmp_path))
    assert json.loads((tmp_path / CONFIG_FILE).read_text())["split_sizes"] == {"train": 9, "validation": 3}


def test_an_older_record_calls_its_settings_by_other_names(tmp_path):
    phases = [{"name": "head", "ema_span": 0.45}, "no phase"]
    shares = {"ema_momentum": 0.99, "face_mosaic_share": 0.1, "synthetic_share": {"with_mask": 0.5}}
    now = CONFIG.model_copy(update={"settings": {**shares, "phases": phases}})
    write_config(tmp_path, now)
    text = (tmp_path / "config.json").read_text()
    for name, before in (
        ("ema_span", "averaged"),
        ("ema_momentum", "average"),
        ("face_mosaic_share", "sheet_share"),
        ("synthetic_share", "drawn_share"),
    ):
        assert f'"{name}"' in text
        text = text.replace(f'"{name}"', f'"{before}"')
    (tmp_path / "config.json").write_text(text)
    assert read_config(tmp_path) == now


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
    for read in (read_config, read_calibration, read_groups, read_epochs):
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


def test_groups_are_kept_without_their_names(tmp_path):
    write_groups(tmp_path, ["toy/Ann Lee", "toy/7", "toy/7"])
    assert read_groups(tmp_path) == {group_hash("toy/7"), group_hash("toy/Ann Lee")}
    assert "Ann" not in (tmp_path / GROUPS_FILE).read_text()
