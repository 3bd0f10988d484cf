"""From pictures to a measured model, with a tiny network on drawn faces: train, export, evaluate."""

import argparse
import csv
import json
import os

import cv2
import numpy as np
import pytest

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import keras

from core.classification.classifier import face_probabilities, load_classifier
from core.errors import RecordError
from core.images.crops import to_batch
from core.labels import MASK_3
from core.models.card import read_card
from core.models.weights import sha256_of
from core.records import write_text
from core.results import Detection
from core.runs.evaluation import read_evaluation
from core.runs.predictions import read_predictions
from core.runs.training import group_hash, read_calibration, read_config, read_epochs, read_groups
from training import evaluate, export, train
from training.data import datasets
from training.data.crops import load_crops
from training.data.manifest import read_manifest
from training.evaluation.classifier import evaluate_classifier
from training.fitting.recorder import predict
from training.fitting.train import train_classifier
from training.recipes._options import add_recipe_options, changed
from training.recipes._registry import load_recipe

# TensorFlow's arrays and tf2onnx use what NumPy is about to drop: theirs to mend
pytestmark = [
    pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning"),
    pytest.mark.filterwarnings("ignore:In the future `np.object`:FutureWarning"),
]

SIDE = 48
MASK_TOP = {"with_mask": 0.5, "incorrect_mask": 0.68}  # share of the height: above or below the nose's tip
POINTS = np.array([(0.36, 0.4), (0.64, 0.4), (0.5, 0.56), (0.38, 0.7), (0.62, 0.7)])


def draw_face(label: str, rng: np.random.Generator) -> np.ndarray:
    """A skin-coloured ellipse with eyes, nose and mouth, and a mask where the label says so. BGR."""
    background = rng.integers(0, 256, (6, 6, 3), np.uint8)  # so that no two faces are near-duplicates
    picture = cv2.resize(background, (SIDE, SIDE), interpolation=cv2.INTER_NEAREST)
    skin = (np.array([120, 160, 220]) * rng.uniform(0.4, 1.1)).clip(0, 255)
    cv2.ellipse(picture, (SIDE // 2, SIDE // 2), (17, 22), 0, 0, 360, skin.tolist(), -1)
    for x, y in POINTS * SIDE:
        cv2.circle(picture, (int(x), int(y)), 2, (skin / 3).tolist(), -1)
    if label in MASK_TOP:
        top = int(MASK_TOP[label] * SIDE)
        cv2.rectangle(picture, (9, top), (SIDE - 9, top + 14), rng.uniform(150, 255, 3).tolist(), -1)
    return picture


def write_faces(folder, per_cell: int = 30):
    """Pictures and a manifest with two sources to train on and one, `elsewhere`, to test on."""
    rng = np.random.default_rng(0)
    rows = ["path,label,split,source,group,face_px"]
    for source, split in (("here", "train"), ("there", "train"), ("elsewhere", "test")):
        for label in MASK_3:
            for i in range(per_cell if split == "train" else 6):
                name = f"{source}-{label}-{i}.png"
                cv2.imwrite(str(folder / name), draw_face(label, rng))
                rows.append(f"{name},{label},{split},{source},{label}-{i // 2},{SIDE / 1.5}")
    (folder / "faces.csv").write_text("\n".join(rows) + "\n")
    return folder / "faces.csv"


def tiny_network(recipe, weights, name="body") -> keras.Model:
    """Learns drawn faces in seconds; the recipes' own networks are tested in test_networks.py."""
    side = recipe.size
    body = keras.Sequential(
        [
            keras.Input((side, side, 3)),
            keras.layers.Rescaling(1 / 127.5, offset=-1),
            keras.layers.Conv2D(12, 3, strides=2, activation="relu"),
            keras.layers.Conv2D(24, 3, strides=2, activation="relu"),
        ],
        name=name,
    )
    faces = keras.Input((side, side, 3), name="faces")
    x = keras.layers.Flatten(name="features")(body(faces))
    return keras.Model(faces, keras.layers.Dense(len(recipe.class_set), activation="softmax")(x))


class Detector:
    """Knows where the drawn faces' points are."""

    name = "fake"

    def detect(self, frame):
        side = frame.width / 1.5  # training pads a crop by a quarter at each side
        points = tuple((x * side + side / 4, y * side + side / 4) for x, y in POINTS)
        return (Detection((0, 0, frame.width, frame.height), 0.9, self.name, points),)


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    """(folder, manifest, examples that were read while training): trained, exported and evaluated once."""
    folder = tmp_path_factory.mktemp("toy")
    data = write_faces(folder)
    read = []

    def watched(examples, *rest):
        read.extend(examples)
        return load_crops(examples, *rest)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(datasets, "load_detector", lambda *_, **__: Detector())
        patch.setattr(datasets, "load_crops", watched)
        patch.setattr("training.fitting.train.build", tiny_network)
        arguments = f"mask3 --data {data} --output {folder}/runs/toy-1 --size 32 --epochs 3 --seed 4"
        arguments += " --pictures-per-epoch 960 --learning-rate 0.003 --hold-out there"
        assert train.main(arguments.split()) == 0
    assert export.main([f"{folder}/runs/toy-1", "toy", "--models", f"{folder}/models"]) == 0
    return folder, data, read


@pytest.fixture(autouse=True)
def _models(trained, monkeypatch):
    monkeypatch.setenv("MASKWISE_MODELS", f"{trained[0]}/models")


def test_training_never_reads_the_test_part(trained):
    _, _, read = trained
    assert len(read) == 180
    assert {e.split for e in read} == {"train"}


def test_the_record_says_how_it_was_trained(trained):
    folder, data, _ = trained
    config = read_config(folder / "runs/toy-1")
    assert (config.id, config.recipe, config.seed) == ("toy-1", "mask3", 4)
    assert config.settings["size"] == 32 and config.settings["held_out_sources"] == ["there"]
    assert config.manifest_sha256 == read_manifest(data, MASK_3).sha256
    assert config.split_sizes["train"] + config.split_sizes["validation"] == 180
    assert config.split_sizes["validation"] >= 90  # all of the source held out
    assert config.split_sizes["drawn"] > 0
    counts = config.settings["source_labels"]
    assert sum(counts["here"].values()) == config.split_sizes["train"] == config.settings["sources"]["here"]
    drawn = sum(sum(faces.values()) for source, faces in counts.items() if source != "here")
    assert drawn == config.split_sizes["drawn"] and "there" not in counts


def test_each_epoch_has_a_line_and_what_was_learned_shows(trained):
    epochs = read_epochs(trained[0] / "runs/toy-1")
    assert [e.epoch for e in epochs] == [0, 1, 2]
    assert epochs[-1].loss < epochs[0].loss
    assert {"there/with_mask", "there/incorrect_mask", "there/without_mask"} <= set(epochs[0].validation)
    assert epochs[0].validation["there/with_mask"][1] == 30
    assert max(e.val_accuracy for e in epochs) > 0.8  # .33 is chance; seen: .98


def test_the_best_epoch_is_the_one_kept_and_calibrated(trained):
    folder, data, _ = trained
    run = folder / "runs/toy-1"
    best = min(read_epochs(run), key=lambda e: e.val_loss)
    held_out = [e for e in read_manifest(data, MASK_3).examples if e.source == "there"]
    crops, held_out, _ = load_crops(held_out, 40, 1.5)  # 32 x 1.25, as training stores them
    model = keras.saving.load_model(run / "checkpoints/best.keras", compile=False)
    classes = load_recipe("mask3").class_set
    predicted = face_probabilities(predict(model, crops), classes).labels.argmax(axis=1)
    for unit, label in enumerate(MASK_3):
        hits = sum(p == unit for p, e in zip(predicted, held_out, strict=True) if e.label == label)
        assert best.validation[f"there/{label}"] == (hits, 30)
    found = read_calibration(run)
    assert 0.25 <= found.temperature <= 4 and found.n == read_config(run).split_sizes["validation"]


def test_the_card_names_weights_run_and_temperature(trained):
    folder, _, _ = trained
    card = read_card(folder / "models/toy")
    assert card.trained_by == "toy-1" and card.input_size == 32 and card.label_set == MASK_3
    assert card.class_set == load_recipe("mask3").class_set and len(card.classes) == 9
    assert card.temperature == read_calibration(folder / "runs/toy-1").temperature
    for weights in card.weights.values():
        assert sha256_of(folder / "models/toy" / weights.file) == weights.sha256
    assert card.licence_notes and card.limits and card.intended_use
    rows = {row.name: row for row in card.data}
    assert card.use == "research" and rows["here"].licence == "not known"  # the test's own pictures
    counts = read_config(folder / "runs/toy-1").settings["source_labels"]
    assert {name: row.faces for name, row in rows.items() if row.role == "pictures"} == counts
    assert rows["yunet"].role == "teacher"


def test_both_engines_answer_as_the_trained_network_does(trained):
    folder, _, _ = trained
    model = keras.saving.load_model(folder / "runs/toy-1/checkpoints/best.keras", compile=False)
    rng = np.random.default_rng(1)
    crops = [draw_face(label, rng) for label in MASK_3 for _ in range(4)]
    crops += [rng.integers(0, 256, (s, s, 3), np.uint8) for s in (5, 32, 90)]
    temperature = read_card(folder / "models/toy").temperature
    classes = load_recipe("mask3").class_set
    raw = np.asarray(model(to_batch(crops, 32), training=False))
    wanted = face_probabilities(raw, classes, temperature).labels
    for engine in ("onnx", "keras"):
        answered = load_classifier("toy", engine=engine).predict(crops).labels
        assert np.abs(answered - wanted).max() < 1e-2
        assert (answered.argmax(axis=1) == wanted.argmax(axis=1)).all()
    assert wanted.std(axis=0).max() > 0.05  # it does not say the same of every picture


def test_evaluation_counts_the_test_part_and_records_it(trained, capsys):
    folder, data, _ = trained
    arguments = ["toy", "--data", str(data), "--json", "--record", "--runs", f"{folder}/runs"]
    assert evaluate.main(arguments) == 0
    printed = json.loads(capsys.readouterr().out)
    run = folder / "runs/toy-1"
    evaluation = read_evaluation(run)
    assert printed["n"] == evaluation.n == 18
    assert list(evaluation.confusion) == ["elsewhere"]
    assert [sum(row) for row in evaluation.confusion["elsewhere"]] == [6, 6, 6]
    assert sum(b.n for b in evaluation.calibration) == 18
    assert sum(s.n for s in evaluation.face_px_slices) == 18
    card = read_card(folder / "models/toy")
    assert card.test == evaluation.scores and [s.n for s in card.test] == [6, 6, 6]
    assert evaluation.weights_sha256 == card.weights["onnx"].sha256

    with (run / "predictions.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    said = read_predictions(run, MASK_3.labels, two_steps=evaluation.two_steps)
    assert len(rows) == 18 and said.correct.mean() == pytest.approx(evaluation.accuracy)
    assert all(row["id"].isdigit() for row in rows)


def test_the_table_for_people_gives_n_and_interval(trained, capsys):
    assert evaluate.main(["toy", "--data", str(trained[1])]) == 0
    table = capsys.readouterr().out
    assert "of 18 right" in table
    assert table.partition("each label apart")[0].count("n=6 ") == 3 and table.count("%)") >= 4


def test_a_manifest_without_a_test_part_is_not_evaluated(trained, tmp_path, capsys):
    folder, data, _ = trained
    only_train = folder / "train.csv"
    only_train.write_text("\n".join(line for line in data.read_text().split("\n") if ",test," not in line))
    with pytest.raises(SystemExit) as stop:
        evaluate.main(["toy", "--data", str(only_train)])
    assert stop.value.code == 1 and "split=test" in capsys.readouterr().err


def test_a_folder_without_splits_is_evaluated_as_a_whole(trained, tmp_path):
    for label in MASK_3:
        (tmp_path / label).mkdir()
        cv2.imwrite(str(tmp_path / label / "a.png"), draw_face(label, np.random.default_rng(0)))
    (tmp_path / "with_mask" / "b.png").write_bytes(b"no picture")
    evaluation, rows = evaluate_classifier(load_classifier("toy", engine="onnx"), tmp_path)
    assert evaluation.n == len(rows) == 3 and len(evaluation.unreadable) == 1


def test_a_run_is_never_overwritten(trained):
    folder, data, _ = trained
    with pytest.raises(RecordError, match="toy-1 exists already"):
        train_classifier(load_recipe("mask3"), read_manifest(data), folder / "runs/toy-1")


def test_unknown_recipes_and_absent_data_end_in_one_clear_line(tmp_path, capsys):
    for arguments, said in (
        (["no_such", "--data", str(tmp_path)], "Choose one of: "),
        (["mask3", "--data", str(tmp_path / "absent.csv"), "--output", str(tmp_path / "r")], "absent.csv"),
    ):
        with pytest.raises(SystemExit) as stop:
            train.main(arguments)
        assert stop.value.code == 1
        error = capsys.readouterr().err
        assert said in error and "Traceback" not in error
    assert not (tmp_path / "r").exists()


def test_a_run_without_its_checkpoint_is_not_exported(trained, tmp_path, capsys):
    run = tmp_path / "toy-1"
    run.mkdir()
    (run / "config.json").write_bytes((trained[0] / "runs/toy-1/config.json").read_bytes())
    with pytest.raises(SystemExit) as stop:
        export.main([str(run), "other", "--models", str(tmp_path)])
    assert stop.value.code == 1 and "best.keras is missing" in capsys.readouterr().err


def options(text: str):
    """The recipe that the command line `text` trains."""
    parser = argparse.ArgumentParser()
    add_recipe_options(parser)
    return changed(parser.parse_args(text.split()))


def test_every_recipe_takes_another_backbone_size_and_schedule():
    recipe = options(
        "inception_two_phase --backbone mobilenet_v2 --alpha 0.35 --size 96 --batch 8 --epochs 7 "
        "--optimizer adamw --learning-rate 0.01 --schedule cosine --trains 20 --patience 3"
    )
    assert (recipe.backbone, recipe.alpha, recipe.size, recipe.batch) == ("mobilenet_v2", 0.35, 96, 8)
    assert [p.epochs for p in recipe.phases] == [5, 2] and recipe.patience == 3
    assert {(p.optimizer, p.learning_rate, p.schedule, p.trains) for p in recipe.phases} == {
        ("adamw", 0.01, "cosine", 20)
    }


def test_another_backbone_is_taken_whole():
    assert options("mask3 --backbone mobilenet_v2").body_ends_at == load_recipe("mask3").body_ends_at != ""
    assert options("mask3 --backbone small_cnn").body_ends_at == ""


@pytest.mark.parametrize(
    ("given", "said"), [("--trains some", "--trains some"), ("--epochs 0", "--epochs 0")]
)
def test_an_option_that_makes_no_sense_is_named(given, said, capsys):
    with pytest.raises(SystemExit) as stop:
        train.main(["mask3", "--data", "d", *given.split()])
    assert stop.value.code == 1 and said in capsys.readouterr().err


MASK3 = "mask3 --pictures-per-epoch 640"  # the recipe takes 12,000, which tests nothing more


def toy(folder, monkeypatch, text: str):
    monkeypatch.setattr("training.fitting.train.build", tiny_network)
    data = folder / "faces.csv"
    text = text.replace("DATA", str(data))
    assert train.main([*text.split(), "--size", "32", "--output", str(folder / "run")]) == 0
    return read_config(folder / "run")


def test_a_folder_with_classes_of_its_own_is_learned_by_its_own_names(tmp_path, monkeypatch):
    rng = np.random.default_rng(0)
    for name, label in (("visor", "with_mask"), ("bareheaded", "without_mask")):
        (tmp_path / "mine" / name).mkdir(parents=True)
        for i in range(20):
            cv2.imwrite(str(tmp_path / "mine" / name / f"{i}.png"), draw_face(label, rng))
    config = toy(tmp_path, monkeypatch, f"mobilenet_mask2 --epochs 1 --data {tmp_path}/mine")
    assert config.labels.set == "own" and config.labels.names == ("bareheaded", "visor")
    export.main([str(tmp_path / "run"), "mine", "--models", str(tmp_path / "models")])
    assert read_card(tmp_path / "models/mine").label_set.labels == ("bareheaded", "visor")


def test_labels_can_be_chosen_and_the_others_stay_out(tmp_path, monkeypatch, caplog):
    caplog.set_level("INFO")
    write_faces(tmp_path)
    config = toy(tmp_path, monkeypatch, f"{MASK3} --epochs 1 --labels mask2 --only here --data DATA")
    assert config.labels.names == ("with_mask", "without_mask")
    assert config.settings["only_sources"] == ["here"]
    assert config.split_sizes["train"] + config.split_sizes["validation"] == 60
    assert "incorrect_mask" in caplog.text


def test_networks_trained_apart_are_joined_and_recorded(tmp_path, monkeypatch):
    """Gender is drawn as the colour above the face: what matters is that each part learns its own."""
    rng = np.random.default_rng(0)
    rows = ["path,label,group"]
    for gender in ("female", "male"):
        for wearing, label in (("covers_nose_and_mouth", "with_mask"), ("no_mask", "without_mask")):
            for i in range(20):
                name = f"{gender}-{wearing}-{i}.png"
                picture = draw_face(label, rng)
                picture[:8] = 255 if gender == "male" else 0
                cv2.imwrite(str(tmp_path / name), picture)
                rows.append(f"{name},{gender}_{wearing},{i}")
    (tmp_path / "faces.csv").write_text("\n".join(rows))
    config = toy(tmp_path, monkeypatch, "resnet_parallel8 --epochs 2 --learning-rate 0.003 --data DATA")
    assert config.settings["parts"] == ["gender", "wearing"] and len(config.labels.names) == 8
    parts = tmp_path / "run/parts"
    assert read_config(parts / "gender").labels.names == ("female", "male")
    assert len(read_config(parts / "wearing").labels.names) == 4
    assert read_epochs(parts / "gender")[-1].val_accuracy > 0.8
    joined = keras.saving.load_model(tmp_path / "run/checkpoints/best.keras", compile=False)
    assert joined.output_shape == (None, 8)


def test_a_finished_part_is_not_trained_again(tmp_path, monkeypatch):
    write_faces(tmp_path)
    toy(tmp_path, monkeypatch, f"{MASK3} --epochs 2 --data DATA")
    before = (tmp_path / "run/metrics.jsonl").read_text()
    data = str(tmp_path / "faces.csv")
    again = f"{MASK3} --epochs 2 --data {data} --size 32 --resume --output {tmp_path}/run".split()
    assert train.main(again) == 0
    assert (tmp_path / "run/metrics.jsonl").read_text() == before


def test_a_run_is_not_resumed_with_other_options(tmp_path, monkeypatch, capsys):
    write_faces(tmp_path)
    toy(tmp_path, monkeypatch, f"{MASK3} --epochs 1 --data DATA")
    other = (
        f"{MASK3} --epochs 1 --data {tmp_path}/faces.csv --size 32 --seed 5 --resume --output {tmp_path}/run"
    )
    with pytest.raises(SystemExit) as stop:
        train.main(other.split())
    assert stop.value.code == 1 and "started with another seed: 0, now 5" in capsys.readouterr().err


def test_the_groups_that_were_seen_are_recorded_as_hashes(trained):
    folder, data, _ = trained
    groups = read_groups(folder / "runs/toy-1")
    seen = {e.group for e in read_manifest(data).examples if e.split == "train"}
    assert groups == {group_hash(g) for g in seen} and not any("here" in g for g in groups)


def test_a_training_can_go_on_from_the_network_of_an_earlier_run(tmp_path, monkeypatch, capsys):
    write_faces(tmp_path)
    toy(tmp_path, monkeypatch, f"{MASK3} --epochs 2 --data DATA --learning-rate 0.003")
    before, earlier = read_epochs(tmp_path / "run"), tmp_path / "earlier"
    (tmp_path / "run").rename(earlier)
    best = earlier / "checkpoints/best.keras"
    own, other = read_groups(earlier), group_hash("what weights before had seen")
    write_text(earlier / "groups.txt", "\n".join([*own, other]))
    config = toy(
        tmp_path, monkeypatch, f"{MASK3} --epochs 1 --data DATA --learning-rate 0 --start-from {best}"
    )
    assert config.settings["started_from"] == "earlier"
    assert read_groups(tmp_path / "run") == {*own, other}
    (again,) = read_epochs(tmp_path / "run")
    assert again.val_loss == pytest.approx(
        min(e.val_loss for e in before), rel=1e-4
    )  # nothing was learned since
    (tmp_path / "run").rename(tmp_path / "second")
    config = toy(tmp_path, monkeypatch, f"{MASK3} --epochs 1 --labels mask2 --data DATA --start-from {best}")
    assert config.labels.set == "mask2" and config.settings["started_from"] == "earlier"
    (tmp_path / "run").rename(tmp_path / "third")
    best.write_bytes(b"no network")
    with pytest.raises(SystemExit):
        toy(tmp_path, monkeypatch, f"{MASK3} --data DATA --start-from {best}")
    assert "cannot be started from" in capsys.readouterr().err
