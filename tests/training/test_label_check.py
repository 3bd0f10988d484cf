"""The whole command on drawn faces: red ones wear a mask, blue ones none, and a few labels are wrong."""

from __future__ import annotations

import json

import keras
import numpy as np
import pytest
from PIL import Image

from core.runs import face_folder, read_label_check
from core.runs.training import write_config
from tests.records import run_config
from training import label_check

pytestmark = [  # of Keras's own, when a network is saved and read
    pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning"),
    pytest.mark.filterwarnings("ignore:In the future `np.object`:FutureWarning"),
]
WRONG = ("face007", "face023")
LABELS = ("with_mask", "without_mask")


@pytest.fixture(scope="module")
def data(tmp_path_factory):
    """A manifest of 60 faces, 30 of each label, two of which are wrong, and 10 to test on."""
    folder, rng = tmp_path_factory.mktemp("data"), np.random.default_rng(0)
    rows = ["path,label,group,split"]
    for number in range(70):
        masked, name = number % 2 == 0, f"face{number:03d}"
        rgb = rng.integers(0, 60, (24, 24, 3), np.uint8)
        rgb[..., 0 if masked else 2] += 150
        Image.fromarray(rgb).save(folder / f"{name}.png")
        label = "with_mask" if masked != (name in WRONG) else "without_mask"
        rows.append(f"{name}.png,{label},g{number},{'test' if number >= 60 else 'train'}")
    (folder / "faces.csv").write_text("\n".join(rows))
    return folder / "faces.csv"


@pytest.fixture
def run(tmp_path):
    """A trained run: its network's features are the mean colours."""
    folder = tmp_path / "mine"
    (folder / "checkpoints").mkdir(parents=True)
    write_config(folder, run_config("mine", settings={"crop_scale": 1.0}))
    faces = keras.Input((16, 16, 3), name="faces")
    mean = keras.layers.GlobalAveragePooling2D(name="features")(faces)
    answer = keras.layers.Dense(2, activation="softmax", name="probabilities")(mean)
    keras.Model(faces, answer).save(folder / "checkpoints" / "best.keras")
    return folder


def test_wrong_labels_are_listed_first_and_the_test_part_is_not_looked_at(run, data, tmp_path, capsys):
    assert label_check.main([str(run), "--data", str(data), "--faces", str(tmp_path / "faces")]) == 0
    found = read_label_check(run)
    assert found.n == 60 and found.labels == LABELS
    assert {suspect.path for suspect in found.suspects[:2]} == {f"{name}.png" for name in WRONG}
    assert {s.path: s.suggested for s in found.suspects}["face007.png"] == "without_mask"
    assert [size.faces for size in found.curve] == sorted(size.faces for size in found.curve)
    pictures = face_folder.read_face_folder(tmp_path / "faces")
    assert pictures.faces["0"].place == found.suspects[0].place
    assert pictures.picture("0").rgb.shape == (16, 16, 3)
    said = capsys.readouterr().out
    assert "60 faces" in said and "label_check.json" in said


def test_json_is_the_record(run, data, capsys):
    assert label_check.main([str(run), "--data", str(data), "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["n"] == 60


def test_too_few_faces_and_a_run_without_its_network_are_said(run, data, capsys):
    with pytest.raises(SystemExit):
        label_check.main([str(run), "--data", str(data), "--limit", "9"])
    assert "too few to check" in capsys.readouterr().err
    (run / "checkpoints" / "best.keras").unlink()
    with pytest.raises(SystemExit):
        label_check.main([str(run), "--data", str(data)])
    assert "best.keras is missing" in capsys.readouterr().err
