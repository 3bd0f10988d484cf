"""Records of a stranger: what was read is bounded and its counts fit, or it is refused in a second or two."""

import json
import math
import time
from pathlib import Path

import pytest

from core.errors import RecordError
from core.records.fields import Labels
from core.runs.cross_source import CROSS_SOURCE_FILE, CrossCell, CrossSource, read_cross_source
from core.runs.detector_epochs import read_detection_epochs
from core.runs.evaluation import EVALUATION_FILE, read_evaluation
from core.runs.training import (
    CALIBRATION_FILE,
    CONFIG_FILE,
    MAX_EPOCHS,
    METRICS_FILE,
    read_calibration,
    read_config,
    read_epochs,
)

RUNS = Path(__file__).parents[2] / "runs"
SHIPPED = RUNS / "gender_wear8-v2"
SLICE = {"dimension": "view", "value": "a", "label": "male_no_mask", "n": 8, "hits": 8, "cannot_tell": 1}
DEEP = "[" * 150 + "]" * 150


def changed(source: Path, *path, to):
    """The plain content of a record with one value changed."""
    plain = json.loads(source.read_text())
    inner = plain
    for step in path[:-1]:
        inner = inner[step]
    inner[path[-1]] = to
    return plain


def read_changed(folder: Path, *path, to):
    plain = changed(SHIPPED / EVALUATION_FILE, *path, to=to)
    (folder / EVALUATION_FILE).write_text(json.dumps(plain))
    return read_evaluation(folder)


@pytest.mark.parametrize(
    ("path", "to", "says"),
    [
        (("confusion", "acollin"), [[1, 2], [3, 4]], r"confusion .* 8 x 8"),
        (("confusion", "acollin", 0, 0), 47, "confusion does not add up to n=2064"),
        (("confusion", "acollin", 0, 0), -1, r"confusion\.acollin\.0\.0"),
        (("n",), 2065, "confusion does not add up"),
        (("labels", "names", 0), "stranger", "names something twice, or that"),
        (("labels", "names"), ["one"], "two or more different labels"),
        (("labels", "names", 0), "male_no_mask", "two or more different labels"),
        (("labels", "names", 0), "x" * 101, r"labels\.names\.0"),
        (("scores", 0, "source"), "stranger", "scores names"),
        (("scores", 0, "label"), "stranger", "scores names"),
        (("scores", 1, "label"), "female_covers_nose_and_mouth", "scores names something twice"),
        (("scores", 0, "n"), 57, "does not add up to n=57"),
        (("scores", 0, "recall"), 1.5, "no share"),
        (("scores", 0, "interval"), [-1, 1], "no share"),
        (("scores", 0, "predicted"), {"stranger": 56}, r"scores\.predicted names"),
        (("report", "labels", 0, "label"), "stranger", r"report\.labels names"),
        (("report", "labels", 0, "hits"), 259, "hits says 259, but there are only 258"),
        (("report", "labels", 0, "n"), 9999, r"report\.labels says"),
        (("report", "labels", 0, "recall"), -0.1, "proportion from 0 to 1"),
        (("report", "macro", "f1"), "Infinity", "proportion from 0 to 1"),
        (("one_vs_rest", 0, "label"), "stranger", "one_vs_rest names"),
        (("one_vs_rest", 0, "others"), 1807, "one_vs_rest.* does not add up"),
        (("one_vs_rest", 0, "curve", 0, "true_positives"), 259, "true_positives says 259"),
        (("one_vs_rest", 0, "thresholds", 0, "false_positives"), 1807, "false_positives says 1807"),
        (("one_vs_rest", 0, "curve", 0, "threshold"), "NaN", "threshold"),
        (("one_vs_rest", 0, "auc"), 2, "proportion from 0 to 1"),
        (("bootstrap", "recall"), {"stranger": [0, 1]}, r"bootstrap\.recall names"),
        (("bootstrap", "accuracy"), [0.9, 0.1], "lower end"),
        (("bootstrap", "groups"), 2065, r"bootstrap\.groups"),
        (("majority", "label"), "stranger", r"majority\.label names"),
        (("majority", "hits"), 2065, r"majority\.hits"),
        (("margins", 0, "hits"), 2065, "hits says 2065"),
        (("margins", 0, "answered"), 2065, "margins says 2065"),
        (("face_px_slices", 6, "hits"), 10**6, "hits says 1000000"),
        (("face_px_slices", 0, "n"), 2065, "face_px_slices says"),
        (("sharpness_slices", 0, "low"), "NaN", "no number"),
        (("brightness_slices", 0, "high"), -1, "low is above high"),
        (("calibration", 0, "low"), 0.5, "low is above high"),
        (("calibration", 0, "n"), 2065, "calibration says"),
        (("calibration", 0, "accuracy"), 7, "proportion from 0 to 1"),
        (("label_slices",), [SLICE | {"label": "stranger"}], "label_slices names"),
        (("label_slices",), [SLICE, SLICE | {"n": 9}], "label_slices names something twice"),
        (("label_slices",), [SLICE | {"hits": 9}], "hits says 9, but there are only 8"),
        (("label_slices",), [SLICE | {"cannot_tell": 9}], "cannot_tell says 9"),
        (("label_slices",), [SLICE | {"n": 2065}], r"label_slices\.view says 2065"),
        (("label_slices",), [SLICE | {"value": "x" * 201}], r"label_slices\.0\.value"),
        (("label_slices",), [SLICE | {"value": str(i)} for i in range(1001)], "label_slices"),
        (("points_from",), "x" * 201, "points_from"),
        (("kinds", "gender", "female"), [9, 8], r"kinds\.gender says 9"),
        (("kinds", "gender", "female"), [0, 1033], r"kinds\.gender says 2065"),
        (("kinds",), {str(i): {} for i in range(21)}, "kinds"),
        (("kinds", "gender"), {str(i): [0, 0] for i in range(201)}, r"kinds\.gender"),
        (("confusion",), {str(i): [] for i in range(201)}, "confusion"),
        (("left_out",), {str(i): 1 for i in range(1001)}, "left_out"),
        (("left_out",), {"x" * 201: 1}, "left_out"),
        (("unreadable",), ["x" * 1001], r"unreadable\.0"),
        (("unreadable",), ["x"] * 10_001, "unreadable"),
        (("recorded_at",), ["x" * 201], r"recorded_at\.0"),
        (("mapped_from",), "x" * 201, "mapped_from"),
        (("manifest_sha256",), "x" * 201, "manifest_sha256"),
        (("accuracy",), 1.1, "accuracy"),
        (("ece",), -1, "ece"),
        (("temperature",), 0, "temperature"),
        (("temperature",), "NaN", "temperature"),
        (("leakage", "n"), 5, r"leakage\.n"),
        (("leakage", "shared_faces"), 2065, "shared_faces says 2065"),
        (("leakage", "hits_with_twin"), 1, "hits_with_twin says 1"),
        (("leakage", "hits_without"), 2065, "hits_without says 2065"),
    ],
    ids=lambda value: ".".join(map(str, value)) if isinstance(value, tuple) else "",
)
def test_an_evaluation_that_does_not_fit_is_refused(tmp_path, path, to, says):
    with pytest.raises(RecordError, match=rf"evaluation\.json: .*{says}"):
        read_changed(tmp_path, *path, to=to)


def test_a_curve_has_a_bounded_number_of_points(tmp_path):
    point = {"threshold": 0.5, "true_positives": 1, "false_positives": 1}
    assert (
        len(read_changed(tmp_path, "one_vs_rest", 0, "curve", to=[point] * 2000).one_vs_rest[0].curve) == 2000
    )
    with pytest.raises(RecordError, match=r"one_vs_rest\.0\.curve"):
        read_changed(tmp_path, "one_vs_rest", 0, "curve", to=[point] * 2001)


def test_what_is_not_known_is_still_no_fault(tmp_path):
    read = read_changed(tmp_path, "report", "labels", 0, "recall", to="NaN")
    assert math.isnan(read.report.labels[0].recall)
    assert read_changed(tmp_path, "scores", 0, "interval", to=["NaN", "NaN"]).scores[0].n == 56


def test_every_shipped_record_is_read():
    read = 0
    for file in RUNS.glob("**/*.json*"):
        if file.name.startswith("evaluation"):
            read_evaluation(file.parent, file.stem.partition("-")[2])
        elif file.name == CONFIG_FILE:
            read_config(file.parent)
        elif file.name == METRICS_FILE:
            detects = read_config(file.parent).task == "detect"
            assert (read_detection_epochs if detects else read_epochs)(file.parent)
        elif file.name == CALIBRATION_FILE:
            read_calibration(file.parent)
        elif file.name == CROSS_SOURCE_FILE:
            assert read_cross_source(file.parent).sources
        else:
            continue
        read += 1
    assert read > 50


@pytest.mark.parametrize(
    ("path", "to"),
    [
        (("recipe",), "x" * 201),
        (("device",), "x" * 1001),
        (("seed",), 10**30),
        (("versions",), {"x" * 201: "1"}),
        (("versions", "keras"), "x" * 201),
        (("split_sizes",), {str(i): 1 for i in range(201)}),
        (("settings",), {str(i): 1 for i in range(201)}),
        (("settings",), {"x" * 201: 1}),
        (("labels", "names"), []),
    ],
    ids=lambda value: ".".join(map(str, value)) if isinstance(value, tuple) else "",
)
def test_a_configuration_out_of_bounds_is_refused(tmp_path, path, to):
    (tmp_path / CONFIG_FILE).write_text(json.dumps(changed(SHIPPED / CONFIG_FILE, *path, to=to)))
    with pytest.raises(RecordError, match=rf"config\.json: {path[0]}"):
        read_config(tmp_path)


@pytest.mark.parametrize(
    ("settings", "architecture"),
    [
        ({}, "not known"),
        ({"alpha": [1]}, "not known"),
        ({"alpha": 0.35}, "MobileNetV2, width 0.35"),
        ({"architecture": ["x"], "alpha": 1}, "MobileNetV2, width 1"),
        ({"architecture": "x" * 10_000}, "x" * 200),
        ({"deep": json.loads(DEEP)}, "not known"),
    ],
)
def test_settings_of_any_kind_name_an_architecture(tmp_path, settings, architecture):
    (tmp_path / CONFIG_FILE).write_text(json.dumps(changed(SHIPPED / CONFIG_FILE, "settings", to=settings)))
    assert read_config(tmp_path).architecture == architecture


def epochs(folder: Path, **change):
    line = json.loads((SHIPPED / METRICS_FILE).read_text().splitlines()[0]) | change
    (folder / METRICS_FILE).write_text(json.dumps(line) + "\n")
    return read_epochs(folder)


@pytest.mark.parametrize(
    "change",
    [
        {"validation": {"a/b": [2, 1]}},
        {"validation": {str(i): [1, 1] for i in range(1001)}},
        {"validation": {"x" * 1001: [1, 1]}},
        {"seconds": -1},
        {"seconds": "NaN"},
        {"seconds": "Infinity"},
        {"val_accuracy": 2},
        {"phase": "x" * 201},
    ],
)
def test_an_epoch_out_of_bounds_is_refused_in_few_words(tmp_path, change):
    with pytest.raises(RecordError, match=r"metrics\.jsonl: line 1: ") as problem:
        epochs(tmp_path, **change)
    assert len(str(problem.value)) < 1000


def test_a_loss_that_left_all_bounds_is_a_fact_of_the_training(tmp_path):
    diverged = epochs(tmp_path, loss="NaN", val_loss="Infinity", score="NaN")[0]
    assert math.isnan(diverged.loss) and math.isinf(diverged.val_loss)


def test_a_record_without_end_is_not_read_to_its_end(tmp_path):
    (tmp_path / METRICS_FILE).write_text("\n" * (MAX_EPOCHS + 1))
    with pytest.raises(RecordError, match="more than 10,000 lines"):
        read_epochs(tmp_path)


def test_millions_of_faults_are_told_as_one(tmp_path):
    """Each fault that pydantic keeps costs microseconds to keep and ten times that to tell."""
    plain = changed(SHIPPED / EVALUATION_FILE, "unreadable", to="HERE")
    many = "[" + "1," * 2_000_000 + "1]"
    (tmp_path / EVALUATION_FILE).write_text(json.dumps(plain).replace('"HERE"', many))
    start = time.perf_counter()
    with pytest.raises(RecordError, match=r"unreadable\.0"):
        read_evaluation(tmp_path)
    assert time.perf_counter() - start < 2  # 20 s and more without `STOP_EARLY`


def test_calibration_is_of_shares(tmp_path):
    for path, to in ((("temperature",), -1), (("ece_after",), 2)):
        plain = changed(SHIPPED / CALIBRATION_FILE, *path, to=to)
        (tmp_path / CALIBRATION_FILE).write_text(json.dumps(plain))
        with pytest.raises(RecordError, match=path[0]):
            read_calibration(tmp_path)


def cell(trained_on="a", tested_on="a", label="x", n=2, hits=1):
    return CrossCell(
        trained_on=trained_on,
        tested_on=tested_on,
        label=label,
        n=n,
        hits=hits,
        recall=min(1, hits / n),
        interval=(0, 1),
    )


def test_a_cross_source_table_is_bounded_and_says_each_thing_once():
    def table(*cells):
        return CrossSource(schema=1, id="t", recipe="r", cells=cells)

    assert table(cell(), cell(label="y", hits=2)).mean_recall("a", "a") == (0.75, 4)
    assert table(cell()).mean_recall("a", "b")[1] == 0
    with pytest.raises(ValueError, match="twice"):
        table(cell(), cell())
    with pytest.raises(ValueError, match="more than 50 sources"):
        table(*(cell(str(i), str(i)) for i in range(51)))
    with pytest.raises(ValueError, match="hits says 3"):
        cell(hits=3)


def test_names_of_fields_do_not_steer_a_terminal(tmp_path):
    (tmp_path / CONFIG_FILE).write_text(json.dumps({"\x1b[2J\n\u202eevil": 1}))
    with pytest.raises(RecordError) as problem:
        read_config(tmp_path)
    assert str(problem.value).isprintable() and "evil" not in str(problem.value).partition(": ")[0]


@pytest.mark.parametrize("label", ["a\nb", "\x1b[2J", "a\x00", "\u202egnorw", "\u2028"])
def test_labels_hold_nothing_that_steers_a_screen_or_breaks_xml(tmp_path, label):
    (tmp_path / CONFIG_FILE).write_text(
        json.dumps(changed(SHIPPED / CONFIG_FILE, "labels", "names", 0, to=label))
    )
    with pytest.raises(RecordError, match=r"labels\.names\.0"):
        read_config(tmp_path)
    Labels(set="own", names=("Maske auf", "口罩", "no_mask 2: (a) <b>"))
