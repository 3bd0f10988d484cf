"""The shipped model answers as its card says, on both engines, without a framework on a CPU."""

import json
import shutil
import subprocess
import sys

import numpy as np
import pytest

from core import settings
from core.classification import classifier
from core.decision import OperatingPoint
from core.errors import ModelError, RecordError
from core.mask_rendering.samples import SAMPLES, sample_frame
from core.models import installed
from core.models.card import CARD_FILE, read_card, write_card
from core.models.engines import load_engine
from core.models.operating_points import OPERATING_POINT_FILE, operating_point_from_card, save_operating_point
from core.models.weights import sha256_of

SHIPPED = installed.SHIPPED / installed.DEFAULT


@pytest.fixture
def copy(tmp_path, monkeypatch):
    """A copy of the shipped model's folder that a test may spoil."""
    shutil.copytree(SHIPPED, tmp_path / "mine")
    monkeypatch.setenv(settings.MODELS.name, str(tmp_path))
    return tmp_path / "mine"


def test_what_ships_is_what_its_card_names():
    card = read_card(SHIPPED)
    for weights in card.weights.values():
        assert sha256_of(SHIPPED / weights.file) == weights.sha256
    assert sum(f.stat().st_size for f in SHIPPED.iterdir()) < 5.5 * 2**20
    assert (installed.SHIPPED.parent / "runs" / card.trained_by / "config.json").is_file()
    assert card.test and card.licence_notes and card.limits


def test_both_sets_of_weights_together_are_small():
    names = [*installed.DEFAULT_MODELS.values(), *installed.DEFAULT_DETECTORS.values()]
    assert sum(f.stat().st_size for name in names for f in (installed.SHIPPED / name).iterdir()) < 16 * 10**6


def test_answering_on_a_cpu_imports_no_framework():
    code = (
        "import sys, core.pipeline, core.mask_rendering.samples as s;"
        "from core.detection.registry import load_detector;"
        "from core.classification.classifier import load_classifier;"
        "haar, mask3 = load_detector('haar'), load_classifier(engine='onnx');"
        "p = core.pipeline.Pipeline(haar, mask3);"
        "r = p.check(s.sample_frame(next(iter(s.SAMPLES))));"
        "assert len(r.faces) == 1, r;"
        "print([m for m in ('tensorflow', 'keras', 'torch', 'jax', 'streamlit') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=120)
    assert done.stdout.strip() == "[]", done.stderr


def test_engines_agree():
    card = read_card(SHIPPED)
    rng = np.random.default_rng(0)
    pictures = [sample_frame(name).rgb[30:230, 130:330] for name in list(SAMPLES)[:3]]
    pictures += [rng.integers(0, 255, (40, 60, 3), dtype=np.uint8), np.zeros((9, 9, 3), np.uint8)]
    from core.classification.classifier import Classifier

    onnx, keras = (
        Classifier(card, load_engine(SHIPPED, card, name)).predict(pictures).labels
        for name in ("onnx", "keras")
    )
    np.testing.assert_allclose(onnx, keras, atol=1e-2)
    assert (onnx.argmax(axis=1) == keras.argmax(axis=1)).all()


def test_a_folder_of_ones_own_adds_models(copy):
    assert {"mine", installed.DEFAULT} <= set(installed.installed_models())
    assert classifier.load_classifier("mine").predict([np.zeros((8, 8, 3), np.uint8)]).labels.shape == (1, 3)


def test_altered_weights_are_not_loaded(copy):
    file = copy / read_card(copy).weights["onnx"].file
    file.write_bytes(file.read_bytes()[:-1] + b"!")
    with pytest.raises(ModelError, match="sha256 differs"):
        classifier.load_classifier("mine", engine="onnx")


def test_missing_weights_are_named(copy):
    (copy / read_card(copy).weights["onnx"].file).unlink()
    with pytest.raises(ModelError, match="is missing"):
        classifier.load_classifier("mine", engine="onnx")


@pytest.mark.parametrize("engine", ["onnx", "keras"])
def test_a_file_that_is_no_model_is_a_model_error(copy, engine):
    card = read_card(copy)
    (copy / card.weights[engine].file).write_bytes(b"not a model")
    fields = json.loads((copy / CARD_FILE).read_text())
    fields["weights"][engine]["sha256"] = sha256_of(copy / card.weights[engine].file)
    (copy / CARD_FILE).write_text(json.dumps(fields))
    with pytest.raises(ModelError, match="cannot be loaded"):
        classifier.load_classifier("mine", engine=engine)


def test_a_card_cannot_point_out_of_its_folder(copy):
    fields = json.loads((copy / CARD_FILE).read_text())
    fields["weights"]["onnx"]["file"] = "../../etc/passwd"
    (copy / CARD_FILE).write_text(json.dumps(fields))
    problem = installed.installed_models()["mine"]
    assert isinstance(problem, RecordError) and "weights.onnx.file" in str(problem)


def test_a_card_survives_a_round_trip(tmp_path):
    card = read_card(SHIPPED)
    write_card(tmp_path, card)
    assert read_card(tmp_path) == card


def test_a_score_that_does_not_add_up_is_refused(copy):
    fields = json.loads((copy / CARD_FILE).read_text())
    fields["test"][0]["n"] += 1
    (copy / CARD_FILE).write_text(json.dumps(fields))
    assert "does not add up" in str(installed.installed_models()["mine"])


def test_unknown_names_are_answered_with_the_known_ones():
    with pytest.raises(ModelError, match="mask3"):
        classifier.load_classifier("nothing")
    with pytest.raises(ModelError, match="onnx, keras"):
        classifier.load_classifier(engine="abacus")


def test_a_users_operating_point_is_obeyed_and_a_broken_one_is_not(tmp_path, monkeypatch, caplog):
    folder = shutil.copytree(SHIPPED, tmp_path / "mine")
    monkeypatch.setenv(settings.MODELS.name, str(tmp_path))
    own = classifier.load_classifier("mine").operating_point
    assert own == operating_point_from_card(read_card(folder))
    chosen = OperatingPoint(0.6, 0.2)
    save_operating_point(folder, read_card(folder), chosen, "2026-01-01T00:00:00+00:00")
    assert classifier.load_classifier("mine").operating_point == chosen
    (folder / OPERATING_POINT_FILE).write_text("{}")
    assert classifier.load_classifier("mine").operating_point == own
    assert "operating_point.json" in caplog.text and "card's own is used" in caplog.text
