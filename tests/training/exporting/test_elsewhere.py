"""Networks of this field as their files are: from a file to a model that answers as the network did."""

import os
import zipfile

import numpy as np
import pytest

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import keras
from keras import layers

from core.classification import load_classifier
from core.errors import ModelError
from core.models import read_card
from training import export
from training.exporting.imported_weights import load_imported

# TensorFlow's arrays and tf2onnx use what NumPy is about to drop: theirs to mend
pytestmark = [
    pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning"),
    pytest.mark.filterwarnings("ignore:In the future `np.object`:FutureWarning"),
]
SIDE = 16
TOLD = "--labels=with_mask,without_mask"


def network(before=(), units=2, activation="softmax"):
    keras.utils.set_random_seed(2)
    steep = keras.initializers.RandomNormal(0, 4)
    return keras.Sequential(
        [
            keras.Input((SIDE, SIDE, 3)),
            *before,
            layers.Rescaling(1 / 255),
            layers.Conv2D(6, 3, strides=2, activation="gelu"),
            layers.Conv2D(12, 3, groups=6),
            layers.Conv2D(6, 3, groups=3, strides=2, padding="same"),
            layers.Activation("hard_swish"),
            layers.GlobalAveragePooling2D(),
            layers.Dense(units, activation, kernel_initializer=steep),
        ]
    )


def pictures(n=3):
    """Of different light and colour, so that answers differ."""
    noise = np.random.default_rng(4).integers(0, 256, (n, SIDE, SIDE, 3), np.uint8)
    tints = np.array([(1.0, 1.0, 1.0), (1.0, 0.2, 0.1), (0.1, 0.3, 1.0)])
    return (noise * tints[np.arange(n) % 3, None, None]).astype(np.uint8)


@pytest.fixture
def models(tmp_path, monkeypatch):
    monkeypatch.setenv("MASKWISE_MODELS", str(tmp_path / "models"))
    return tmp_path / "models"


def exported(path, models, *options):
    assert export.main([str(path), "mine", "--models", str(models), "--input-range=0,255", *options]) == 0
    return {
        engine: load_classifier("mine", engine=engine).predict(list(pictures())).labels
        for engine in ("onnx", "keras")
    }


def test_hdf5_called_model_with_augmentation_inside_answers_without_it(tmp_path, models):
    """As most projects of this field save: `model.save("mask_detector.model", save_format="h5")`."""
    model = network([layers.RandomFlip(), layers.RandomRotation(0.2), layers.RandomCrop(SIDE, SIDE)])
    model.save(tmp_path / "n.h5")
    (tmp_path / "n.h5").rename(tmp_path / "mask_detector.model")
    wanted = np.asarray(model(pictures().astype(np.float32), training=False))
    assert wanted.std(axis=0).max() > 0.001
    for answered in exported(tmp_path / "mask_detector.model", models, TOLD).values():
        np.testing.assert_allclose(answered, wanted, atol=1e-4)


def test_a_keras_file_with_normalization_and_preprocessing_inside(tmp_path, models):
    """EfficientNet's Normalization, VGG's `preprocess_input`, and augmentation, in a .keras file."""
    faces = keras.Input((SIDE, SIDE, 3))
    normal = layers.Normalization()
    normal.adapt(keras.applications.vgg16.preprocess_input(pictures(20).astype(np.float32)))
    x = normal(keras.applications.vgg16.preprocess_input(layers.RandomFlip()(faces)))
    x = keras.activations.gelu(keras.ops.relu6(x + 2.0)) * 40.0
    model = keras.Model(faces, network()(x))
    model.save(tmp_path / "n.keras")
    wanted = np.asarray(model(pictures().astype(np.float32), training=False))
    assert wanted.std(axis=0).max() > 0.001
    for answered in exported(tmp_path / "n.keras", models, TOLD).values():
        np.testing.assert_allclose(answered, wanted, atol=1e-4)


def test_a_zip_of_teachable_machine_brings_its_labels(tmp_path, models):
    model = network()
    model.save(tmp_path / "keras_model.h5")
    with zipfile.ZipFile(tmp_path / "converted_keras.zip", "w") as archive:
        archive.write(tmp_path / "keras_model.h5", "keras_model.h5")
        archive.writestr("labels.txt", "0 Mask\n1 No Mask\n")
    answered = exported(tmp_path / "converted_keras.zip", models)["onnx"]
    np.testing.assert_allclose(answered, np.asarray(model(pictures().astype(np.float32))), atol=1e-3)
    card = read_card(models / "mine")
    assert card.labels.set == "mask2" and card.label_set.labels == ("with_mask", "without_mask")
    assert card.architecture == "Keras network of converted_keras.zip"


def test_two_sigmoids_are_told_of_and_taken_when_asked_for(tmp_path, models, capsys):
    model = network(activation="sigmoid")
    model.save(tmp_path / "n.h5")
    with pytest.raises(SystemExit):
        export.main([str(tmp_path / "n.h5"), "mine", TOLD, "--models", str(models)])
    assert "--activation sigmoid" in capsys.readouterr().err
    each = np.asarray(model(pictures().astype(np.float32)))
    answered = exported(tmp_path / "n.h5", models, TOLD, "--activation", "sigmoid")["keras"]
    np.testing.assert_allclose(answered, each / each.sum(axis=1, keepdims=True), atol=1e-3)


def test_the_same_of_both_sample_faces_is_a_warning(tmp_path, models, capsys):
    model = network()
    model.layers[-1].set_weights([np.zeros((6, 2)), np.array([3.0, 0.0])])
    model.save(tmp_path / "n.h5")
    exported(tmp_path / "n.h5", models, TOLD)
    said = capsys.readouterr().err
    assert "warning: of two sample faces" in said and "with_mask (0.95) and with_mask (0.95)" in said
    assert "--channel-order" in said


@pytest.mark.parametrize("name", ["two.h5", "two.keras"])
def test_a_damaged_file_says_so(tmp_path, name):
    network().save(tmp_path / name)
    content = (tmp_path / name).read_bytes()
    (tmp_path / name).write_bytes(content[: len(content) // 2])
    with pytest.raises(ModelError, match=rf"two\.{name[4:]}: .*(damaged|once more)"):
        load_imported(tmp_path / name)


def test_hdf5_of_keras_3_with_branches_and_operations(tmp_path):
    faces = keras.Input((SIDE, SIDE, 3))
    x = keras.applications.vgg16.preprocess_input(layers.RandomFlip()(faces))
    one, two = layers.Conv2D(4, 3)(x), layers.Conv2D(4, 3)(x)
    joined = layers.Concatenate()([one - two, keras.ops.maximum(one, two)])
    model = keras.Model(faces, network_of(joined.shape[-1])(joined))
    model.save(tmp_path / "n.h5")
    x = pictures().astype(np.float32)
    wanted = np.asarray(model(x, training=False))
    assert wanted.std(axis=0).max() > 0.001
    np.testing.assert_allclose(np.asarray(load_imported(tmp_path / "n.h5")(x)), wanted, atol=1e-5)


def network_of(channels):
    steep = keras.initializers.RandomNormal(0, 0.002)
    return keras.Sequential(
        [
            keras.Input((SIDE - 2, SIDE - 2, channels)),
            layers.GlobalMaxPooling2D(),
            layers.Dense(2, "softmax", kernel_initializer=steep),
        ]
    )
