"""Folders of runs and models as a stranger's archive unpacks: broken ones are named, and hide no other."""

import os
import shutil
import sys
import time

import pytest

from core import settings
from core.classification import classifier
from core.errors import ModelError, RecordError
from core.files.folders import displayable_name, folders_with
from core.models import installed
from core.runs import catalog
from core.runs.catalog import SHIPPED_RUNS, fingerprint, read_run
from core.runs.evaluation import EVALUATION_FILE
from core.runs.predictions import PREDICTIONS_FILE, read_predictions
from core.runs.training import CONFIG_FILE, METRICS_FILE

SOURCE = SHIPPED_RUNS / "mask3-v1"
BAD_NAMES = [b"caf\xe9", b"two\nlines", b"\x1b[31mred", "mask3-v1\u202e".encode(), b"mask3-v1\n", b" space"]


@pytest.fixture
def root(tmp_path, monkeypatch):
    monkeypatch.setenv(settings.RUNS.name, str(tmp_path))
    monkeypatch.setenv(settings.MODELS.name, str(tmp_path))
    return tmp_path


def copied(source, to):
    return shutil.copytree(source, to, ignore=shutil.ignore_patterns("checkpoints", "*.keras"))


def read_all() -> dict[str, str]:
    """What is wrong with each run, empty for one that can be read."""
    found = {}
    for name, folder in catalog.folders().items():
        try:
            fingerprint(folder)
            found[name] = " ".join(read_run(name, folder).problems)
        except RecordError as problem:
            found[name] = str(problem)
    return found


@pytest.mark.skipif(sys.platform != "linux", reason="other systems refuse such names themselves")
@pytest.mark.parametrize("name", BAD_NAMES, ids=ascii)
def test_a_name_that_cannot_be_shown_is_shown_by_escapes_and_refused(root, name):
    copied(SOURCE, root / "good")
    copied(SOURCE, root / os.fsdecode(name))
    copied(installed.SHIPPED / "mask3", root / os.fsdecode(name) / "model")
    found = read_all()
    broken = {name for name in found if found[name]}
    assert broken == {displayable_name(os.fsdecode(name))} and found["good"] == "" and found["mask3-v1"] == ""
    (said,) = broken
    assert said.isprintable() and said.encode() and "Rename it" in found[said]


@pytest.mark.skipif(sys.platform != "linux", reason="other systems refuse such names themselves")
def test_models_of_such_names_are_named_and_the_others_are_offered(root):
    for name in BAD_NAMES:
        copied(installed.SHIPPED / "mask3", root / os.fsdecode(name))
    found = installed.installed_models()
    broken = {name for name, card in found.items() if isinstance(card, RecordError)}
    assert len(broken) == len(BAD_NAMES) and {"mask3", "mask3_open", "gender_wear8"} == set(found) - broken


def test_what_is_no_folder_of_records_is_passed_over_at_once(root):
    copied(SOURCE, root / "good")
    os.mkfifo(root / "pipe")
    (root / "file").write_text("text")
    (root / "nowhere").symlink_to("absent")
    (root / "device").symlink_to("/dev/zero")
    (root / "up").symlink_to("..")
    began = time.monotonic()
    assert set(folders_with(root, CONFIG_FILE)) == {"good"}
    assert folders_with(root / "file", CONFIG_FILE) == folders_with(root / "absent", CONFIG_FILE) == {}
    assert time.monotonic() - began < 1


def test_records_that_are_no_plain_files_are_named(root):
    for name in ("pipe", "device", "loop", "folder", "link"):
        copied(SOURCE, root / name)
        (root / name / METRICS_FILE).unlink()
    os.mkfifo(root / "pipe" / METRICS_FILE)
    (root / "device" / METRICS_FILE).symlink_to("/dev/zero")
    (root / "loop" / METRICS_FILE).symlink_to(METRICS_FILE)
    (root / "folder" / METRICS_FILE).mkdir()
    (root / "secret").write_text('{"password": 1}\n')
    (root / "link" / METRICS_FILE).symlink_to("../secret")
    found = read_all()
    for name, said in {
        "pipe": "not a plain file",
        "device": "not a plain file",
        "loop": "symbolic links",
        "folder": "not a plain file",
        "link": "a link that leads out of its folder",
    }.items():
        assert said in found[name] and METRICS_FILE in found[name], name
    assert found["mask3-v1"] == "" and "password" not in str(found)


@pytest.mark.skipif(os.geteuid() == 0, reason="nothing is closed to the user root")
def test_a_folder_that_may_not_be_looked_into_is_named(root):
    copied(SOURCE, root / "closed").chmod(0)
    try:
        found = read_all()
    finally:
        (root / "closed").chmod(0o755)
    assert "Permission denied" in found["closed"] and found["mask3-v1"] == ""


def test_parts_that_lead_out_of_the_run_are_not_read(root):
    folder = copied(SOURCE, root / "mine")
    elsewhere = root / "elsewhere"
    copied(SOURCE, elsewhere / "part")
    (folder / "parts").symlink_to(elsewhere)
    assert read_run("mine", folder).parts == {}
    (folder / "parts").unlink()
    (folder / "parts").mkdir()
    (folder / "parts" / "linked").symlink_to(elsewhere / "part")
    copied(SOURCE, folder / "parts" / "own")
    assert list(read_run("mine", folder).parts) == ["own"]


def test_weights_that_a_link_brings_from_elsewhere_are_not_read(root):
    folder = copied(installed.SHIPPED / "mask3", root / "mine")
    (folder / "model.onnx").rename(root / "model.onnx")
    (folder / "model.onnx").symlink_to("../model.onnx")
    with pytest.raises(ModelError, match=r"model\.onnx: .*a link that leads out"):
        classifier.load_classifier("mine", engine="onnx")
    (folder / "model.onnx").unlink()
    os.mkfifo(folder / "model.onnx")
    with pytest.raises(ModelError, match="not a plain file"):
        classifier.load_classifier("mine", engine="onnx")
    (folder / "model.onnx").unlink()
    (root / "model.onnx").rename(folder / "kept.onnx")
    (folder / "model.onnx").symlink_to("kept.onnx")
    assert classifier.load_classifier("mine", engine="onnx").card.name == "mask3"


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        ("\n" * 200_001, "more than 200,000 lines"),
        (f"{'x' * 100_000},1,with_mask,1,0,0,1,1,1\n", "line 2 has a text of more than 200"),
        (f"{'x' * 200_000},1,with_mask,1,0,0,1,1,1\n", "field larger than"),
    ],
)
def test_predictions_without_end_are_refused(root, rows, said):
    labels = read_run("mask3-v1", SOURCE).evaluation.labels.names
    header = (SOURCE / PREDICTIONS_FILE).read_text().partition("\n")[0]
    (root / PREDICTIONS_FILE).write_text(f"{header}\n{rows}")
    with pytest.raises(RecordError, match=said):
        read_predictions(root, labels)


def test_evaluations_with_names_that_cannot_be_shown_are_passed_over(root):
    folder = copied(SOURCE, root / "mine")
    for name in ("a\u202eb", "a\x1bb"):
        shutil.copy(folder / EVALUATION_FILE, folder / f"evaluation-{name}.json")
    assert list(read_run("mine", folder).evaluations) == [""]


def test_a_run_that_goes_while_it_is_read_is_a_record_error(root):
    folder = copied(SOURCE, root / "mine")
    run = read_run("mine", folder)
    shutil.rmtree(folder)
    assert catalog.state(run) in ("finished", "interrupted")
    with pytest.raises(RecordError, match="cannot be read"):
        read_run("mine", folder)
