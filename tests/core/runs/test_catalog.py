"""Run folders as strangers and half-done trainings leave them."""

import os
import re
import shutil
import time

import pytest

from core import settings
from core.errors import RecordError
from core.records import write_text
from core.runs import catalog
from core.runs.catalog import SHIPPED_RUNS, fingerprint, folders, read_run, state
from core.runs.training import CALIBRATION_FILE, CONFIG_FILE, METRICS_FILE
from tests.ui.dashboard.conftest import detector_run


@pytest.fixture
def root(tmp_path, monkeypatch):
    monkeypatch.setenv(settings.RUNS.name, str(tmp_path))
    return tmp_path


@pytest.fixture
def mine(root):
    """A shipped run's records under a name of its own."""
    source = SHIPPED_RUNS / "mask3-v1"
    shutil.copytree(source, root / "mine", ignore=shutil.ignore_patterns("checkpoints"))
    return root / "mine"


def test_shipped_runs_are_found_and_read_whole():
    runs = {name: read_run(name, folder) for name, folder in folders().items()}
    assert {"mask3-v1", "gender_wear8-v3", "cross_source-v1/andrewmvd"} <= runs.keys()
    assert all(run.problems == () for run in runs.values())
    # Two were stopped, for others to go on from them with another loss
    stopped = {"face_fpn-v2", "face_fpn-v3"}
    assert {name for name, run in runs.items() if state(run) != "finished"} == stopped
    assert list(runs["gender_wear8-v3"].evaluations) == ["", "mask3", "real"]
    assert runs["mask3-v1"].evaluation.n == 1976
    assert list(runs["resnet_parallel8-v1"].parts) == ["gender", "wearing"]
    joined = runs["resnet_parallel8-v1"]
    assert joined.seconds > sum(epoch.seconds for epoch in joined.epochs)
    assert "cross_source-v1" not in runs and "cross_source-v1" in catalog.cross_source_folders()


def test_the_best_epoch_is_the_one_that_is_kept():
    run = read_run("mask3-v1", SHIPPED_RUNS / "mask3-v1")
    assert run.best_epoch.val_loss == min(epoch.val_loss for epoch in run.epochs)


def test_a_folder_of_ones_own_wins_over_a_shipped_name(root, mine):
    mine.rename(root / "mask3-v1")
    assert folders()["mask3-v1"] == root / "mask3-v1"
    assert folders()["gender_wear8-v3"].parent == SHIPPED_RUNS


def test_one_broken_record_does_not_cost_the_others(mine):
    (mine / "evaluation-late.json").write_text("{}")
    (mine / CALIBRATION_FILE).write_text("[]")
    run = read_run("mine", mine)
    assert run.evaluation.n == 1976 and run.epochs and run.calibration is None
    assert list(run.evaluations) == [""]
    assert [any(file in text for text in run.problems) for file in ("late", CALIBRATION_FILE)] == [True, True]


def test_without_its_config_a_run_is_refused_by_name(mine):
    (mine / CONFIG_FILE).unlink()
    assert "mine" in folders()  # listed all the same, with what is wrong
    with pytest.raises(RecordError, match=r"mine/config\.json"):
        read_run("mine", mine)


def test_a_pipe_a_device_and_a_flood_are_refused_at_once(mine):
    (mine / METRICS_FILE).unlink()
    os.mkfifo(mine / METRICS_FILE)
    with pytest.raises(RecordError, match="not a plain file"):
        fingerprint(mine)
    (mine / METRICS_FILE).unlink()
    (mine / METRICS_FILE).symlink_to("/dev/zero")
    with pytest.raises(RecordError, match="not a plain file"):
        fingerprint(mine)
    (mine / METRICS_FILE).unlink()
    with (mine / METRICS_FILE).open("wb") as file:
        file.truncate(2**30)
    with pytest.raises(RecordError, match=r"more than the .* allowed"):
        fingerprint(mine)


def test_a_fingerprint_changes_whenever_a_record_is_written(mine):
    before = fingerprint(mine)
    read_run("mine", mine)
    assert fingerprint(mine) == before
    same = (mine / METRICS_FILE).stat()
    write_text(mine / METRICS_FILE, (mine / METRICS_FILE).read_text())
    os.utime(mine / METRICS_FILE, ns=(same.st_atime_ns, same.st_mtime_ns))
    assert fingerprint(mine) != before  # another file, though as long and as old
    before = fingerprint(mine)
    for file in (CONFIG_FILE, METRICS_FILE, CALIBRATION_FILE, "evaluation.json"):
        content = (mine / file).read_bytes()
        (mine / file).write_bytes(content + b" ")
        assert fingerprint(mine) != before
        (mine / file).write_bytes(content)
    (mine / "evaluation-more.json").write_text("{}")
    assert fingerprint(mine) != before


def test_a_training_is_in_progress_while_its_record_grows(mine):
    (mine / CALIBRATION_FILE).unlink()
    os.utime(mine / METRICS_FILE)
    assert state(read_run("mine", mine)) == "in progress"
    long_ago = time.time() - 3600
    for file in (METRICS_FILE, CONFIG_FILE):
        os.utime(mine / file, (long_ago, long_ago))
    assert state(read_run("mine", mine)) == "interrupted"
    (mine / METRICS_FILE).unlink()  # begun a moment ago
    os.utime(mine / CONFIG_FILE)
    run = read_run("mine", mine)
    assert state(run) == "in progress" and run.epochs == () and run.best_epoch is None


def test_a_slow_training_is_not_called_interrupted_between_two_epochs(mine):
    (mine / CALIBRATION_FILE).unlink()
    slow = (mine / METRICS_FILE).read_text().replace('"seconds": ', '"seconds": 10')
    (mine / METRICS_FILE).write_text(slow)
    half_an_hour_ago = time.time() - 1800
    for file in (METRICS_FILE, CONFIG_FILE):
        os.utime(mine / file, (half_an_hour_ago, half_an_hour_ago))
    assert state(read_run("mine", mine)) == "in progress"


def test_an_epoch_whose_loss_is_not_a_number_is_never_the_best(mine):
    lines = (mine / METRICS_FILE).read_text().splitlines()
    first = re.sub(r'"val_loss": [\d.]+', '"val_loss": "NaN"', lines[0])
    (mine / METRICS_FILE).write_text("\n".join([first, *lines[1:]]) + "\n")
    assert read_run("mine", mine).best_epoch.epoch == 6


def test_a_detectors_run_is_told_apart_and_has_epochs_and_a_test_of_its_own(root):
    run = read_run("found", detector_run(root / "found"))
    assert run.of_detector and run.measured and run.problems == () and run.epochs == ()
    assert [epoch.score for epoch in run.detection_epochs] == [0.5, 0.8, 0.7] and run.seconds == 180
    assert run.best_detection_epoch is run.detection_epochs[1] and run.best_epoch is None
    assert run.detection.ms["photo"] == 18.25 and run.evaluation is None
    assert not read_run("mask3-v1", SHIPPED_RUNS / "mask3-v1").of_detector


def test_a_detectors_training_is_finished_with_its_last_epoch_or_a_test(root):
    going = read_run("going", detector_run(root / "going", epochs=2, rows=None))
    assert state(going) == "in progress" and not going.measured
    assert state(read_run("all", detector_run(root / "all", epochs=3, rows=None))) == "finished"
    assert state(read_run("tested", detector_run(root / "tested", epochs=2))) == "finished"
    long_ago = time.time() - 3600
    for file in (METRICS_FILE, CONFIG_FILE):
        os.utime(root / "going" / file, (long_ago, long_ago))
    assert state(read_run("going", root / "going")) == "interrupted"


def test_a_detectors_broken_records_cost_none_of_the_others(root):
    folder = detector_run(root / "found")
    before = fingerprint(folder)
    (folder / "detection.json").write_text("{}")
    assert fingerprint(folder) != before
    run = read_run("found", folder)
    assert run.detection is None and len(run.detection_epochs) == 3 and "detection.json" in run.problems[0]
