"""Evaluation with an engine whose answers are known, on pictures whose brightness says the label."""

import json
import math

import cv2
import numpy as np
import pytest

from core.classification.classifier import Classifier
from core.classification.quality import measure_pixels
from core.errors import RecordError
from core.label_maps import scoring
from core.labels import GENDER_WEAR_8, MASK_2, MASK_3, WEAR_4, LabelSet
from core.models import installed
from core.models.card import read_card, write_card
from core.records.fields import Labels
from core.reports.plain_text import evaluation_text
from core.runs.evaluation import read_evaluation, write_evaluation
from core.runs.predictions import read_predictions
from core.runs.training import Leakage, group_hash, write_groups
from training import evaluate
from training.data.crops import load_crops
from training.evaluation import measures
from training.evaluation.classifier import evaluate_classifier, face_of, record_classifier
from training.evaluation.mask_colour import COLOURS

SIDE = 48


class Engine:
    """Reads the unit off the brightness of the picture: 20, 60, 100 and so on. Sure of it by .9."""

    name = "onnx"

    def __init__(self, units: int) -> None:
        self._units = units

    def run(self, batch):
        unit = np.clip((batch.mean(axis=(1, 2, 3)) // 40).astype(int), 0, self._units - 1)
        answers = np.full((len(batch), self._units), 0.1 / (self._units - 1), np.float32)
        answers[np.arange(len(batch)), unit] = 0.9
        return answers


def classifier(labels=MASK_3, run="toy-1", **changes):
    card = read_card(installed.SHIPPED / installed.DEFAULT)
    nothing_finer = dict.fromkeys(("classes", "not_a_face_threshold", "depiction_threshold"))
    changes = nothing_finer | changes
    changes |= {
        "name": "toy",
        "labels": Labels(set=labels.name, names=labels.labels),
        "input_size": SIDE,
        "temperature": 1.0,
        "trained_by": run,
        "test": (),
    }
    return Classifier(card.model_copy(update=changes), Engine(len(labels)))


def write_faces(folder, rows):
    """A manifest of (label, unit that the engine sees, group, more columns)."""
    lines = ["path,label,group,source,split,gender,drawn,face_px,subtype"]
    for number, (label, unit, group, *more) in enumerate(rows):
        cv2.imwrite(str(folder / f"{number}.png"), np.full((SIDE, SIDE, 3), 20 + 40 * unit, np.uint8))
        options = {"source": "toy", "split": "test", "gender": "", "drawn": "", "face_px": "40"}
        options |= {"subtype": ""}
        options |= more[0] if more else {}
        lines.append(f"{number}.png,{label},{group}," + ",".join(options.values()))
    (folder / "faces.csv").write_text("\n".join(lines) + "\n")
    return folder / "faces.csv"


WITH, WRONG, WITHOUT = MASK_3
MIXED = [
    (WITH, 0, "a", {"gender": "female"}),
    (WITH, 0, "a", {"gender": "male"}),
    (WITH, 0, "b"),
    (WITH, 1, "c", {"drawn": "1"}),
    (WRONG, 1, "d", {"drawn": "1", "face_px": "nan"}),
    (WRONG, 2, "e", {"source": "other"}),
]


@pytest.fixture
def runs(tmp_path):
    (tmp_path / "runs/toy-1").mkdir(parents=True)
    return tmp_path / "runs"


@pytest.fixture
def evaluated(tmp_path, runs):
    return evaluate_classifier(classifier(), write_faces(tmp_path, MIXED), runs)[0]


def test_counts_are_those_of_the_pictures(evaluated):
    assert evaluated.n == 6 and evaluated.accuracy == pytest.approx(4 / 6)
    assert evaluated.confusion == {
        "toy": ((3, 1, 0), (0, 1, 0), (0, 0, 0)),
        "other": ((0, 0, 0), (0, 0, 1), (0, 0, 0)),
    }
    worn = evaluated.report.labels[1]
    assert (worn.n, worn.predicted, worn.hits) == (2, 2, 1)
    assert (worn.precision, worn.recall, worn.f1) == (0.5, 0.5, 0.5)
    assert evaluated.majority.label == WITH and evaluated.majority.accuracy == pytest.approx(4 / 6)


class UndecidedEngine(Engine):
    """Worn properly has most, but less than both other labels together."""

    def run(self, batch):
        return np.tile(np.array([0.4, 0.35, 0.25], np.float32), (len(batch), 1))


def test_answers_are_decided_in_two_steps_as_in_the_app(tmp_path, runs):
    undecided = Classifier(classifier().card, UndecidedEngine(3))
    data = write_faces(tmp_path, [(WITH, 0, "a"), (WRONG, 1, "b"), (WITHOUT, 2, "c")])
    found, rows = evaluate_classifier(undecided, data, runs)
    assert found.two_steps and found.confusion == {"toy": ((0, 1, 0), (0, 1, 0), (0, 1, 0))}
    points = {p.margin: (p.answered, p.hits) for p in found.margins}
    assert points[0.15] == (3, 1) and points[0.25] == (0, 0)  # 60% against 40%: a lead of 20 points
    record_classifier(tmp_path, undecided.card, found, rows, runs)
    kept = read_predictions(tmp_path, MASK_3.labels, two_steps=read_evaluation(tmp_path).two_steps)
    assert kept.predicted.tolist() == [1, 1, 1]


def test_the_same_test_faces_are_known_whatever_else_the_data_holds(tmp_path, runs, evaluated):
    def of(name, rows):
        (tmp_path / name).mkdir()
        return evaluate_classifier(classifier(), write_faces(tmp_path / name, rows), runs)[0]

    more = of("more", [*MIXED, (WITH, 0, "z", {"split": "train"})])
    assert more.tested_sha256 == evaluated.tested_sha256
    assert more.manifest_sha256 != evaluated.manifest_sha256
    other_label = [*MIXED[:-1], (WITH, *MIXED[-1][1:])]
    for name, rows in (("label", other_label), ("order", MIXED[::-1]), ("fewer", MIXED[1:])):
        assert of(name, rows).tested_sha256 != evaluated.tested_sha256


def test_each_label_is_counted_apart_by_what_the_data_says(tmp_path, runs, evaluated):
    assert {s.dimension for s in evaluated.label_slices} == {"skin tone", "view", "roll", "size"}
    for dimension in ("skin tone", "view", "roll"):  # pictures of one grey show no face
        assert [
            (s.value, s.label, s.n, s.hits) for s in evaluated.label_slices if s.dimension == dimension
        ] == [("unknown", WITH, 4, 3), ("unknown", WRONG, 2, 1)]
    assert [(s.value, s.label, s.n, s.hits) for s in evaluated.label_slices if s.dimension == "size"] == [
        ("24 to 48 px", WITH, 4, 3),
        ("24 to 48 px", WRONG, 1, 0),
        ("unknown", WRONG, 1, 1),
    ]
    # The engine is sure, but pictures of one grey are as blurred as can be
    assert all(s.cannot_tell == s.n for s in evaluated.label_slices)
    rows = [(WRONG, 1, str(i), {"subtype": "under_chin"}) for i in range(21)]
    found, _ = evaluate_classifier(classifier(), write_faces(tmp_path, [*rows, *MIXED]), runs)
    (chin,) = (s for s in found.label_slices if s.value == "under the chin")
    assert (chin.dimension, chin.label, chin.n, chin.hits) == ("how it is worn wrong", WRONG, 21, 21)
    text = evaluation_text(found)
    assert "Worst: Worn incorrectly, size 24 to 48 px, 95.5% of 22 right (78.2% to 99.2%)" in text
    assert "a measurement of the picture, not of a person" in text
    assert "Worst: too few examples" in evaluation_text(evaluated)
    write_evaluation(tmp_path, found)
    kept = read_evaluation(tmp_path)
    assert (kept.label_slices, kept.points_from) == (found.label_slices, "face_fpn")


def test_means_leave_out_labels_without_examples(evaluated):
    report = evaluated.report
    assert math.isnan(report.labels[2].recall)
    assert report.macro.recall == pytest.approx((3 / 4 + 1 / 2) / 2)
    assert report.weighted.recall == pytest.approx((4 * 3 / 4 + 2 * 1 / 2) / 6)


def test_the_text_begins_with_how_many_are_right_and_their_intervals(evaluated):
    first, second, *_ = evaluation_text(evaluated).splitlines()
    low, high = evaluated.interval
    assert first == f"toy: 66.7% of 6 right ({low:.1%} to {high:.1%})"
    low, high = evaluated.bootstrap.accuracy
    assert second.startswith(f"  ({low:.1%} to {high:.1%}) when whole groups are drawn")


def test_slices_add_up(evaluated):
    for slices in (evaluated.sharpness_slices, evaluated.brightness_slices):
        assert (sum(s.n for s in slices), sum(s.hits for s in slices)) == (6, 4)
    assert sum(s.n for s in evaluated.face_px_slices) == 5  # the sixth's size is not known
    assert set(evaluated.subgroups) == {"source", "gender", "drawn", "mask colour"}
    for values in evaluated.subgroups.values():
        assert (sum(hits for hits, _ in values.values()), sum(n for _, n in values.values())) == (4, 6)
    assert evaluated.subgroups["drawn"] == {"drawn": (1, 2), "real": (3, 4)}
    assert evaluated.subgroups["gender"]["female"] == (1, 1)


def test_masks_are_told_apart_by_colour_and_bare_faces_are_not(tmp_path, runs):
    faces = write_faces(tmp_path, [*MIXED, (WITHOUT, 2, "f")])
    by_colour = evaluate_classifier(classifier(), faces, runs)[0].subgroups["mask colour"]
    assert by_colour.pop("no mask") == (1, 1)
    assert set(by_colour) <= set(COLOURS) and sum(n for _, n in by_colour.values()) == 6


def test_curves_end_with_every_face_named(evaluated):
    for curve in evaluated.one_vs_rest[:2]:
        last = curve.curve[-1]
        assert (last.true_positives, last.false_positives) == (curve.n, curve.others)
    assert math.isnan(evaluated.one_vs_rest[2].auc)
    at_half = next(p for p in evaluated.one_vs_rest[0].thresholds if p.threshold == 0.5)
    assert (at_half.true_positives, at_half.false_positives) == (3, 0)
    points = {p.margin: (p.answered, p.hits) for p in evaluated.margins}
    assert points[0.0] == points[0.5] == (6, 4) and points[0.95] == (0, 0)
    assert next((g.face_px, g.n, g.hits) for g in evaluated.gated) == (0, 6, 4)


def test_a_curve_keeps_its_shape_in_few_points():
    rng = np.random.default_rng(0)
    positive = rng.random(20_000) < 0.05
    score = rng.normal(0.3 + 0.4 * positive, 0.15)
    found = measures.one_vs_rest("x", score, positive)
    assert len(found.curve) <= 100
    rates = np.array([(p.false_positives / found.others, p.true_positives / found.n) for p in found.curve])
    assert np.diff(rates, axis=0, prepend=0).max() <= 1 / 40
    area = np.trapezoid([0, *rates[:, 1]], [0, *rates[:, 0]])
    assert area == pytest.approx(found.auc, abs=2e-3)


def test_intervals_by_group_are_wider_than_by_face_where_faces_have_near_duplicates():
    rng = np.random.default_rng(0)
    right = np.repeat(rng.random(60) < 0.7, 10)  # ten pictures of each of sixty people
    true = np.zeros(600, int)
    people = np.repeat(np.arange(60), 10).astype(str)
    by_group = measures.bootstrap(true, 1 - right.astype(int), people, ("a", "b"))
    by_face = measures.bootstrap(true, 1 - right.astype(int), np.arange(600).astype(str), ("a", "b"))
    width = {b.groups: b.accuracy[1] - b.accuracy[0] for b in (by_group, by_face)}
    assert width[60] > 2.5 * width[600]  # the square root of ten, about
    assert by_group.recall["a"] == by_group.accuracy
    assert math.isnan(by_group.recall["b"][0])


def test_one_group_alone_has_no_interval():
    one = measures.bootstrap(np.array([0, 1]), np.array([0, 0]), ["g", "g"], ("a", "b"))
    assert math.isnan(one.accuracy[0]) and math.isnan(one.macro_recall[1])


def test_a_test_that_training_saw_is_refused_unless_told(tmp_path, runs, capsys):
    data = write_faces(tmp_path, MIXED)
    write_groups(runs / "toy-1", ["toy/a", "toy/zzz"])
    with pytest.raises(RecordError, match=r"2 of 6 test faces .*'toy/a'.*--allow-shared-groups"):
        evaluate_classifier(classifier(), data, runs)
    found, _ = evaluate_classifier(classifier(), data, runs, allow_shared_groups=True)
    assert found.leakage == Leakage(n=6, shared_groups=1, shared_faces=2, allowed=True)
    assert "That was allowed" in evaluation_text(found)


def test_other_groups_are_evaluated_and_an_old_run_is_not_taken_for_clean(tmp_path, runs, evaluated):
    assert evaluated.leakage == Leakage(n=6)
    assert "not known" in evaluation_text(evaluated)
    write_groups(runs / "toy-1", ["toy/zzz"])
    found, _ = evaluate_classifier(classifier(), tmp_path / "faces.csv", runs)
    assert found.leakage == Leakage(n=6, shared_groups=0, shared_faces=0)
    assert group_hash("toy/zzz") in (runs / "toy-1/groups.txt").read_text()


def test_a_finer_model_is_scored_by_what_its_answers_add_up_to(tmp_path, runs):
    # Units of gender_wear8: female nose-and-mouth, mouth only, below, none, then male
    data = write_faces(tmp_path, [(WITH, 0, "a"), (WITH, 4, "b"), (WRONG, 1, "c"), (WITHOUT, 2, "d")])
    found, rows = evaluate_classifier(classifier(GENDER_WEAR_8), data, runs)
    assert (found.labels.set, found.mapped_from) == ("mask3", "gender_wear8")
    assert found.confusion["toy"] == ((2, 0, 0), (0, 1, 0), (0, 1, 0))
    assert rows[0].probabilities == pytest.approx((0.9 + 0.1 / 7, 4 * 0.1 / 7, 2 * 0.1 / 7), abs=1e-5)
    assert "summed up to mask3" in evaluation_text(found)
    with pytest.raises(RecordError, match="--record-as"):
        record_classifier(tmp_path, classifier(GENDER_WEAR_8).card, found, rows, runs)


def test_rows_that_a_model_cannot_name_are_left_out_and_counted(tmp_path, runs):
    data = write_faces(tmp_path, [(WITH, 0, "a"), (WRONG, 0, "b"), (WITHOUT, 1, "c")])
    found, _ = evaluate_classifier(classifier(MASK_2), data, runs)
    assert (found.n, found.accuracy, found.left_out) == (2, 1.0, {WRONG: 1})
    assert "1 incorrect_mask" in evaluation_text(found)


@pytest.mark.parametrize(
    ("model", "data", "by"),
    [
        (MASK_3, MASK_3, MASK_3),
        (MASK_3, MASK_2, MASK_3),
        (MASK_3, WEAR_4, MASK_3),
        (MASK_2, GENDER_WEAR_8, MASK_2),
        (GENDER_WEAR_8, WEAR_4, WEAR_4),
        (GENDER_WEAR_8, GENDER_WEAR_8, GENDER_WEAR_8),
        (WEAR_4, MASK_2, MASK_3),
    ],
)
def test_the_finest_common_labels_are_taken(model, data, by):
    way = scoring(model, set(data))
    assert way.labels == by
    assert (way.of_model.sum(axis=1) == 1).all()  # each answer counts once


def test_labels_with_nothing_in_common_are_named():
    with pytest.raises(RecordError, match=r"cat, dog.*apple.*Rename"):
        scoring(LabelSet("own", ("cat", "dog")), {"apple"})


def test_quality_is_measured_on_the_face_not_on_its_surroundings(tmp_path, runs):
    crop = np.zeros((SIDE, SIDE, 3), np.uint8)
    crop[8:40, 8:40] = 200  # crops are 1.5 times the face
    assert face_of(crop, 1.5).min() == 200
    assert face_of(crop, 1.0).shape == crop.shape
    data = write_faces(tmp_path, [(WITH, 0, "a")])
    cv2.imwrite(str(tmp_path / "0.png"), crop)
    _, (row,) = evaluate_classifier(classifier(), data, runs)
    assert row.brightness == measure_pixels(crop[8:40, 8:40])["brightness"] == 200


def test_undefined_figures_are_called_so(tmp_path, runs):
    found, _ = evaluate_classifier(classifier(), write_faces(tmp_path, [(WITH, 0, "a")]), runs)
    text = evaluation_text(found)
    assert "no examples" in text and "(no interval)" in text and "nan" not in text


def test_unusable_data_is_named(tmp_path, runs):
    data = write_faces(tmp_path, [(WITH, 0, "a", {"split": "train"})])
    with pytest.raises(RecordError, match="split=test"):
        evaluate_classifier(classifier(), data, runs)
    data = write_faces(tmp_path, [(WITH, 0, "a")])
    (tmp_path / "0.png").write_bytes(b"no picture")
    with pytest.raises(RecordError, match="No picture could be read"):
        evaluate_classifier(classifier(), data, runs)


@pytest.fixture
def model_folder(tmp_path, runs, monkeypatch):
    """A model's folder that the command line opens, with the engine of this file."""
    (tmp_path / "models/toy").mkdir(parents=True)
    write_card(tmp_path / "models/toy", classifier().card)
    monkeypatch.setattr("training.evaluation.classifier.load_engine", lambda *_: Engine(3))
    return tmp_path / "models/toy"


def test_a_record_of_a_run_and_of_a_second_data_set(tmp_path, runs, model_folder, capsys):
    data = write_faces(tmp_path, MIXED)
    (runs / "toy-1/config.json").write_text("{}")
    command = [str(model_folder), "--data", str(data), "--runs", str(runs)]
    assert evaluate.main([*command, "--record", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["n"] == 6
    assert evaluate.main([*command, "--record"]) == 0
    assert len(read_evaluation(runs / "toy-1").recorded_at) == 2
    assert [score.n for score in read_card(model_folder).test] == [1, 4, 1]
    write_faces(tmp_path, MIXED[:3])
    assert evaluate.main([*command, "--record-as", "outside"]) == 0
    assert read_evaluation(runs / "toy-1", "outside").n == 3
    assert len(read_card(model_folder).test) == 3
    with pytest.raises(SystemExit):
        evaluate.main([*command, "--record-as", "../outside"])
    assert (runs / "toy-1/predictions-outside.csv").read_text().count("\n") == 4


def test_a_model_without_a_run_keeps_its_evaluation_beside_its_card(tmp_path, runs, model_folder):
    data = write_faces(tmp_path, MIXED)
    assert evaluate.main([str(model_folder), "--data", str(data), "--runs", str(runs), "--record"]) == 0
    assert read_evaluation(model_folder).n == 6
    assert list((runs / "toy-1").iterdir()) == []


def test_a_model_that_is_not_there_is_one_clear_line(tmp_path, capsys):
    with pytest.raises(SystemExit) as stop:
        evaluate.main([str(tmp_path / "nothing"), "--data", str(tmp_path)])
    assert stop.value.code == 1 and "No model named" in capsys.readouterr().err


@pytest.mark.parametrize("sources", [[f"s{i}" for i in range(201)], ["s" * 201]], ids=["many", "long"])
def test_sources_that_a_record_cannot_hold_are_refused_before_the_work(tmp_path, runs, sources):
    rows = [(WITH, 0, str(i), {"source": source}) for i, source in enumerate(sources)]
    toy = classifier()
    with pytest.raises(RecordError, match=f"{len(sources)} sources"):
        evaluate_classifier(toy, write_faces(tmp_path, rows), runs)


def test_what_cannot_be_read_is_told_in_bounded_lines(tmp_path, runs, monkeypatch):
    read = load_crops

    def with_problems(*arguments):
        crops, examples, _ = read(*arguments)
        return crops, examples, ["x" * 5000] * 20_000

    monkeypatch.setattr("training.evaluation.classifier.load_crops", with_problems)
    found, _ = evaluate_classifier(classifier(), write_faces(tmp_path, MIXED), runs)
    assert (len(found.unreadable), len(found.unreadable[0])) == (10_000, 1_000)


FINER = (WITH, "incorrect_mask/nose_out", WITHOUT, "not_a_face", "depiction")  # as `Engine` reads brightness


def test_what_is_refused_is_counted_apart_from_labels(tmp_path, runs):
    card = classifier(classes=FINER).card
    rows = [
        *((WITH, 0, "a"), (WITH, 3, "b"), (WRONG, 1, "c"), (WITHOUT, 4, "d")),
        *(("not_a_face", 3, "e"), ("not_a_face", 0, "f"), ("depiction", 4, "g")),
    ]
    found, predictions = evaluate_classifier(Classifier(card, Engine(5)), write_faces(tmp_path, rows), runs)
    assert found.n == len(predictions) == 4 and found.left_out == {} and found.classes == FINER
    refused = {r.kind: (r.n, r.dropped, r.depictions, r.rate) for r in found.refusals}
    assert refused == {"faces": (4, 1, 1, 0.5), "not_a_face": (2, 1, 0, 0.5), "depiction": (1, 0, 1, 1.0)}
    assert found.refusals[0].interval == pytest.approx((0.15, 0.85), abs=0.01)  # Wilson's, of 2 in 4
    said = evaluation_text(found)
    assert "not a face" in said and "Refused: left out as no face" in said
    record_classifier(tmp_path, card, found, predictions, runs)
    assert read_evaluation(tmp_path).refusals == found.refusals


def test_a_model_without_such_classes_leaves_them_out(tmp_path, runs):
    data = write_faces(tmp_path, [(WITH, 0, "a"), ("not_a_face", 0, "b")])
    found, _ = evaluate_classifier(classifier(), data, runs)
    assert found.n == 1 and found.left_out == {"not_a_face": 1} and found.refusals == ()
    assert "Refused" not in evaluation_text(found)
