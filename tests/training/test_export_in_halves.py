"""Exports in half the room, of runs and of models whose run is gone."""

import os

import numpy as np
import pytest

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import keras
import onnx
from keras import layers

from core import settings
from core.classification.classifier import load_classifier
from core.errors import ModelError
from core.labels import MASK_3
from core.models.card import LabelScore, ModelCard, read_card, write_card
from tests.training.test_export import SIDE, crops, make_run
from training import export
from training.exporting import parity

# TensorFlow's arrays and tf2onnx use what NumPy is about to drop: theirs to mend
pytestmark = [
    pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning"),
    pytest.mark.filterwarnings("ignore:In the future `np.object`:FutureWarning"),
]


@pytest.fixture
def models(tmp_path, monkeypatch):
    monkeypatch.setenv(settings.MODELS.name, str(tmp_path / "models"))
    return tmp_path / "models"


def wide() -> keras.Model:
    """With a kernel that is large enough to be rounded."""
    keras.utils.set_random_seed(2)
    faces = keras.Input((SIDE, SIDE, 3))
    x = layers.Conv2D(64, 3, activation="relu", name="wide")(layers.Rescaling(1 / 255)(faces))
    x = layers.BatchNormalization()(x)
    return keras.Model(faces, layers.Dense(3, "softmax")(layers.GlobalAveragePooling2D()(x)))


def kernel_of(folder) -> np.ndarray:
    model = keras.saving.load_model(folder / "model.keras", compile=False)
    return model.get_layer("wide").get_weights()[0]


def in_halves(values: np.ndarray) -> np.ndarray:
    return values.astype(np.float16).astype(np.float32)


def types_of(folder) -> set[int]:
    return {one.data_type for one in onnx.load(folder / "model.onnx").graph.initializer if len(one.dims) > 1}


def test_a_run_is_exported_in_half_the_room_or_as_it_was_trained(tmp_path, models):
    run = make_run(tmp_path / "toy-1", wide(), architecture="any")
    given = [str(run), "toy", "--models", str(models)]
    trained = wide().get_layer("wide").get_weights()[0]
    assert export.main([*given, "--full-precision"]) == 0
    whole = {file.name: file.stat().st_size for file in (models / "toy").iterdir()}
    np.testing.assert_array_equal(kernel_of(models / "toy"), trained)
    assert types_of(models / "toy") == {onnx.TensorProto.FLOAT}
    wanted = load_classifier("toy", engine="onnx").predict(crops()).labels
    assert export.main(given) == 0
    halved = {file.name: file.stat().st_size for file in (models / "toy").iterdir()}
    assert halved["model.keras"] < whole["model.keras"] and halved["model.onnx"] < 0.75 * whole["model.onnx"]
    np.testing.assert_array_equal(kernel_of(models / "toy"), in_halves(trained))
    assert onnx.TensorProto.FLOAT16 in types_of(models / "toy")
    for engine in ("onnx", "keras"):
        answered = load_classifier("toy", engine=engine).predict(crops()).labels
        np.testing.assert_allclose(answered, wanted, atol=2e-3)


def test_a_model_whose_run_is_gone_is_exported_again(tmp_path, models):
    run = make_run(tmp_path / "toy-1", wide(), architecture="any")
    folder = export.export(run, "toy", models, full_precision=True)
    whole = kernel_of(folder)
    (folder / "operating_point.json").write_text("the site's own")
    said = dict.fromkeys(MASK_3, 0) | {"with_mask": 1}
    score = LabelScore(source="town", label="with_mask", n=1, predicted=said, recall=1, interval=(0.2, 1))
    write_card(folder, read_card(folder).model_copy(update={"test": (score,)}))
    before = read_card(folder)
    assert export.main([str(folder), "toy", "--models", str(models)]) == 0
    after = read_card(folder)
    changed = {name for name in ModelCard.model_fields if getattr(before, name) != getattr(after, name)}
    assert changed == {"weights", "test"} and after.test == ()
    assert (folder / "operating_point.json").read_text() == "the site's own"
    np.testing.assert_array_equal(kernel_of(folder), in_halves(whole))
    assert export.main([str(folder), "other", "--models", str(models)]) == 0
    assert read_card(models / "other").name == "other"
    np.testing.assert_array_equal(kernel_of(models / "other"), kernel_of(folder))


def test_a_model_that_is_not_what_its_card_names_is_not_exported_again(tmp_path, models, capsys):
    folder = export.export(make_run(tmp_path / "toy-1", wide(), architecture="any"), "toy", models)
    (folder / "model.keras").write_bytes((folder / "model.keras").read_bytes() + b"!")
    with pytest.raises(SystemExit):
        export.main([str(folder), "other", "--models", str(models)])
    assert "sha256 differs" in capsys.readouterr().err and not (models / "other").exists()


def test_a_network_from_elsewhere_keeps_its_numbers(tmp_path, models):
    path = tmp_path / "theirs.keras"
    wide().save(path)
    named = ["--labels=with_mask,incorrect_mask,without_mask", "--input-range=0,255"]
    assert export.main([str(path), "theirs", *named, "--models", str(models)]) == 0
    assert types_of(models / "theirs") == {onnx.TensorProto.FLOAT}


def test_rounded_weights_may_turn_what_is_nearly_a_tie_and_no_more(tmp_path, monkeypatch, models):
    folder = export.export(make_run(tmp_path / "toy-1", wide(), architecture="any"), "toy", models)

    def answering(onnx_says, keras_says):
        for name, said in (("OnnxEngine", onnx_says), ("KerasEngine", keras_says)):
            answers = np.float32([[said, 0.98 - said, 0.02]])
            engine = type("Engine", (), {"run": lambda _, batch, a=answers: np.repeat(a, len(batch), 0)})
            monkeypatch.setattr(parity, name, lambda *_, e=engine: e())

    answering(0.4910, 0.4890)
    parity.check_parity(folder, read_card(folder), halved=True)
    with pytest.raises(ModelError, match="differ by"):
        parity.check_parity(folder, read_card(folder))
    answering(0.4930, 0.4860)
    with pytest.raises(ModelError, match="differ by"):
        parity.check_parity(folder, read_card(folder), halved=True)
