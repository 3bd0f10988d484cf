"""Keras files of strangers: nothing that holds code, reads files or outgrows its file reaches Keras."""

import io
import json
import os
import warnings
import zipfile

import numpy as np
import pytest

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import h5py
import keras
from keras import layers

from core.errors import ModelError
from core.models.card import read_card
from core.models.engines import KerasEngine
from core.models.installed import SHIPPED
from core.models.keras_file import load_keras, read_keras
from core.models.weights import Weights, sha256_of

# TensorFlow's arrays use what NumPy is about to drop: theirs to mend
pytestmark = pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")
SIDE = 16


@pytest.fixture(scope="module", autouse=True)
def without_warnings():
    """For what this module's own fixtures save, too."""
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "__array__ implementation", DeprecationWarning)
        yield


@pytest.fixture(scope="module")
def model():
    return keras.Sequential(
        [
            keras.Input((SIDE, SIDE, 3)),
            layers.DepthwiseConv2D(3, name="depthwise"),
            layers.Conv2D(6, 3, strides=2, activation="relu", name="conv"),
            layers.UpSampling2D(2, name="larger"),
            layers.BatchNormalization(name="norm"),
            layers.GlobalAveragePooling2D(name="pool"),
            layers.Dense(2, "softmax", kernel_initializer="he_normal", name="answer"),
        ]
    )


@pytest.fixture(scope="module")
def members(model, tmp_path_factory):
    """What its file holds, by name."""
    path = tmp_path_factory.mktemp("keras") / "model.keras"
    model.save(path)
    with zipfile.ZipFile(path) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def zipped(members: dict[str, bytes], compression=zipfile.ZIP_STORED) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", compression) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return buffer.getvalue()


def configured(members, layer: str, **changes) -> bytes:
    """The file with the settings of one layer changed, or what the layer is."""
    config = json.loads(members["config.json"])
    found = next(part for part in config["config"]["layers"] if part["config"]["name"] == layer)
    for field, value in changes.items():
        (found if field in found else found["config"])[field] = value
    return zipped(members | {"config.json": json.dumps(config).encode()})


def weighed(members, change) -> bytes:
    """The file with its weights changed."""
    buffer = io.BytesIO(members["model.weights.h5"])
    with h5py.File(buffer, "r+") as file:
        change(file)
    return zipped(members | {"model.weights.h5": buffer.getvalue()})


def test_an_honest_file_is_the_same_network_with_the_same_settings(model, members):
    loaded = load_keras(zipped(members))
    batch = np.random.default_rng(0).uniform(0, 1, (2, SIDE, SIDE, 3)).astype(np.float32)
    np.testing.assert_allclose(np.asarray(loaded(batch)), np.asarray(model(batch)), atol=1e-6)
    assert loaded.to_json() == model.to_json()  # its initializers too: it can be saved again
    assert load_keras(zipped(members, zipfile.ZIP_DEFLATED)).count_params() == model.count_params()


@pytest.mark.parametrize(
    ("layer", "changes", "said"),
    [
        ("depthwise", {"depth_multiplier": 10**9}, "1e+09 depth_multiplier is more than"),
        ("conv", {"filters": 10**12}, "filters is more than"),
        ("conv", {"filters": 1e30}, "filters is more than"),
        ("conv", {"filters": float("nan")}, "filters is more than"),
        ("conv", {"kernel_size": [10**6, 3]}, "kernel_size is more than"),
        ("conv", {"filters": 16_000}, "more weights than come with it"),
        ("depthwise", {"depth_multiplier": 5_000}, "more weights than come with it"),
        ("conv", {"build_config": {"input_shape": [None, 5, 5, 10**6]}}, "more weights than come with it"),
        ("norm", {"build_config": {"input_shape": [None, 1, 1, 10**12]}}, "input_shape is of more than"),
        ("larger", {"size": [16_000, 16_000]}, "'larger' answers more numbers"),
        ("pool", {"class_name": "TextVectorization"}, "'TextVectorization'"),
        ("pool", {"class_name": "StringLookup"}, "'StringLookup'"),
        ("pool", {"class_name": "Lambda"}, "'Lambda'"),
        ("pool", {"module": "os"}, "of 'os'"),
        ("pool", {"registered_name": "mine>Wicked"}, "may hold code"),
    ],
)
def test_an_architecture_that_is_no_bounded_arithmetic_is_refused(members, layer, changes, said):
    with pytest.raises(ModelError) as problem:
        load_keras(configured(members, layer, **changes))
    assert said in str(problem.value)


def outside(file):
    del file["layers/conv2d/vars/0"]
    file["layers/conv2d/vars/0"] = h5py.ExternalLink("/etc/secrets.h5", "/")


def elsewhere(file):
    del file["layers/conv2d/vars/0"]
    file["layers/conv2d/vars/0"] = h5py.SoftLink("/layers/batch_normalization/vars/0")


def external(file):
    del file["layers/conv2d/vars/0"]
    file["layers/conv2d"].create_dataset("vars/0", (4,), "f4", external=[("/etc/hostname", 0, 16)])


def virtual(file):
    del file["layers/conv2d/vars/0"]
    layout = h5py.VirtualLayout((4,), "f4")
    layout[:] = h5py.VirtualSource("/etc/secrets.h5", "w", (4,))
    file["layers/conv2d"].create_virtual_dataset("vars/0", layout)


def bomb(file):
    del file["layers/conv2d/vars/0"]
    file.create_dataset("layers/conv2d/vars/0", (2**40,), "f4", chunks=(2**20,), compression="gzip")


def words(file):
    del file["layers/conv2d/vars/0"]
    file["layers/conv2d/vars/0"] = "words"


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (outside, "ExternalLink"),
        (elsewhere, "SoftLink"),
        (external, "in another file"),
        (virtual, "in another file"),
        (bomb, "many times the size"),
        (words, "no numbers"),
    ],
)
def test_weights_that_lie_elsewhere_or_grow_are_refused(members, change, said):
    with pytest.raises(ModelError, match=said):
        load_keras(weighed(members, change))


def test_a_group_that_holds_itself_is_walked_once(members):
    def loop(file):
        file["layers/again"] = file["layers"]

    load_keras(weighed(members, loop))


def test_a_zip_that_is_not_keras_own_is_refused(members):
    config = members["config.json"]
    for changed, said in (
        ({"assets/vocabulary.txt": b"x"}, "alone"),
        ({"../config.json": config}, "alone"),
        ({str(i): b"" for i in range(100)}, "too many files"),
        ({"config.json": config + b" " * 2**25}, "many times its size"),
        ({"config.json": b"[]"}, "no network"),
    ):
        with pytest.raises(ModelError, match=said):
            load_keras(zipped(members | changed, zipfile.ZIP_DEFLATED))
    with pytest.raises(ModelError, match="alone"):
        load_keras(zipped({name: members[name] for name in ("config.json", "metadata.json")}))


def test_a_pipe_a_device_and_a_broken_file_are_named(tmp_path, members):
    os.mkfifo(tmp_path / "pipe.keras")
    (tmp_path / "device.keras").symlink_to("/dev/zero")
    (tmp_path / "broken.keras").write_bytes(zipped(members)[:-40])
    (tmp_path / "deep.keras").write_bytes(zipped(members | {"config.json": b"[" * 100_000}))
    for name in ("pipe", "device", "broken", "deep", "absent"):
        with pytest.raises(ModelError, match=rf"{name}\.keras: "):
            read_keras(tmp_path / f"{name}.keras")
    with pytest.raises(ModelError, match="more than the"):
        read_keras(tmp_path / "broken.keras", max_bytes=10)


@pytest.mark.parametrize("name", ["model.keras", "model.h5"])
def test_the_serving_engine_looks_as_the_import_does(tmp_path, model, name):
    """A Lambda in the older format runs in Keras without a question."""
    marker = tmp_path / "it-ran"
    wicked = keras.Sequential(
        [
            keras.Input((SIDE, SIDE, 3)),
            layers.Lambda(eval(f"lambda x: [open({str(marker)!r}, 'w').close(), x][1]")),  # noqa: S307 - the attack
        ]
    )
    wicked.save(tmp_path / name)
    marker.unlink(missing_ok=True)
    weights = {"keras": Weights(file=name, sha256=sha256_of(tmp_path / name))}
    card = read_card(SHIPPED / "mask3").model_copy(update={"weights": weights})
    with pytest.raises(ModelError, match=rf"cannot be loaded from {name}"):
        KerasEngine(tmp_path, card)
    assert not marker.exists()
