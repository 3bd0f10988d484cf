import json
import os

import cv2
import numpy as np
import pytest

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import keras

from core.runs.cross_source import read_cross_source
from training import cross_source

# TensorFlow's arrays use what NumPy is about to drop: theirs to mend
pytestmark = pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")


def tiny_network(recipe, weights, name="body"):
    faces = keras.Input((recipe.size, recipe.size, 3), name="faces")
    x = keras.layers.Flatten()(keras.layers.Rescaling(1 / 127.5, offset=-1)(faces))
    return keras.Model(faces, keras.layers.Dense(2, activation="softmax")(x))


@pytest.fixture
def manifest(tmp_path):
    """In `day` masks are the bright pictures, in `night` the dark ones: each misleads about the other."""
    rng = np.random.default_rng(0)
    rows = ["path,label,source,group,split"]
    for source in ("day", "night"):
        for i in range(80):
            masked = i % 2 == 0
            bright = masked == (source == "day")
            picture = rng.integers(150, 256, (24, 24, 3)) if bright else rng.integers(0, 100, (24, 24, 3))
            cv2.imwrite(str(tmp_path / f"{source}{i}.png"), picture.astype(np.uint8))
            split = "test" if i >= 70 else "train"
            rows.append(f"{source}{i}.png,{'with_mask' if masked else 'without_mask'},{source},{i},{split}")
    (tmp_path / "faces.csv").write_text("\n".join(rows) + "\n")
    return tmp_path / "faces.csv"


def test_each_source_is_learned_alone_and_tested_on_all(manifest, tmp_path, monkeypatch, capsys):
    monkeypatch.setattr("training.fitting.train.build", tiny_network)
    options = f"mobilenet_mask2 --data {manifest} --size 16 --epochs 6 --learning-rate 0.01 --batch 8"
    options += f" --trains all --source day --source night --output {tmp_path}/cross"
    assert cross_source.main(options.split()) == 0
    table = read_cross_source(tmp_path / "cross")
    cells = {(c.trained_on, c.tested_on, c.label): c for c in table.cells}
    assert len(cells) == 8
    for source, other in (("day", "night"), ("night", "day")):
        for label in ("with_mask", "without_mask"):
            own, foreign = cells[source, source, label], cells[source, other, label]
            assert foreign.n == 35 and 0 < own.n < 35  # the test part is not read
            assert own.recall > 0.8 and foreign.recall < 0.2
            assert own.interval[0] <= own.recall <= own.interval[1]
        config = json.loads((tmp_path / "cross" / source / "config.json").read_text())
        assert config["settings"]["only_sources"] == [source]
    said = capsys.readouterr().out
    assert said.count("(70)") == 2 and "trained on" in said


def test_a_source_that_is_not_there_is_named(manifest, tmp_path, capsys):
    options = f"mobilenet_mask2 --data {manifest} --source day --source dusk --output {tmp_path}/cross"
    with pytest.raises(SystemExit) as stop:
        cross_source.main(options.split())
    assert stop.value.code == 1 and "nothing to learn of source dusk" in capsys.readouterr().err
