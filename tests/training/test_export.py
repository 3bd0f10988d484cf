"""From a network to a model: runs of any recipe, and Keras files of others, friendly and hostile."""

import json
import os
import zipfile

import numpy as np
import pytest

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import cv2
import h5py
import keras
from keras import layers

from core import settings
from core.classification.classifier import load_classifier
from core.errors import ModelError, RecordError
from core.labels import GENDER_WEAR_8, MASK_2, MASK_3
from core.models.card import read_card
from core.models.weights import sha256_of
from core.records.fields import Labels
from core.runs.training import Calibration, write_calibration, write_config
from tests.records import run_config
from training import export
from training.exporting import imported_weights, network_file, parity, weights

# TensorFlow's arrays and tf2onnx use what NumPy is about to drop: theirs to mend
pytestmark = [
    pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning"),
    pytest.mark.filterwarnings("ignore:In the future `np.object`:FutureWarning"),
]

SIDE = 16
TOLD = "--labels=with_mask,without_mask"


def network(units: int = 2, activation: str | None = "softmax", side: int = SIDE) -> keras.Model:
    keras.utils.set_random_seed(1)
    return keras.Sequential(
        [
            keras.Input((side, side, 3)),
            layers.DepthwiseConv2D(3, name="depthwise"),
            layers.Conv2D(6, 3, strides=2, activation="relu", name="conv"),
            layers.BatchNormalization(name="norm"),
            layers.GlobalAveragePooling2D(name="pool"),
            # Steep, so that answers differ from picture to picture
            layers.Dense(
                units, activation, kernel_initializer=keras.initializers.RandomNormal(0, 6), name="answer"
            ),
        ]
    )


def saved(model: keras.Model, path):
    model.save(path)
    return path


@pytest.fixture(scope="module")
def h5(tmp_path_factory):
    """A network that wants -1 to 1, and its file."""
    model = network()
    return model, saved(model, tmp_path_factory.mktemp("foreign") / "mask_detector.h5")


@pytest.fixture
def models(tmp_path, monkeypatch):
    monkeypatch.setenv(settings.MODELS.name, str(tmp_path / "models"))
    return tmp_path / "models"


def crops() -> list[np.ndarray]:
    rng = np.random.default_rng(3)
    return [rng.integers(0, 256, (SIDE, SIDE, 3), np.uint8) // d for d in (1, 2, 3, 4)]


def make_run(folder, model, labels=MASK_3, recipe="mask3", **settings):
    """The record that a training leaves."""
    (folder / "checkpoints").mkdir(parents=True)
    model.save(folder / "checkpoints/best.keras")
    write_calibration(folder, Calibration(temperature=0.8, n=9, ece_before=0.1, ece_after=0.1))
    config = run_config(
        folder.name,
        recipe=recipe,
        settings={"size": SIDE, "crop_scale": 1.5} | settings,
        labels=Labels(set=labels.name, names=labels.labels),
    )
    write_config(folder, config)
    return folder


def test_a_file_trained_on_minus_one_to_one_answers_as_before(h5, models):
    model, path = h5
    assert export.main([str(path), "theirs", TOLD, "--models", str(models)]) == 0
    prepared = keras.applications.mobilenet_v2.preprocess_input(np.stack(crops()).astype(np.float32))
    wanted = np.asarray(model(prepared, training=False))
    assert wanted.std(axis=0).max() > 0.05  # else it would say the same of every picture
    for engine in ("onnx", "keras"):
        answered = load_classifier("theirs", engine=engine).predict(crops()).labels
        np.testing.assert_allclose(answered, wanted, atol=1e-3)
    card = read_card(models / "theirs")
    assert (card.trained_by, card.labels.set, card.temperature, card.input_size) == (
        "elsewhere",
        "mask2",
        1,
        SIDE,
    )
    assert card.crop_scale == 1.0 and card.warning == ""
    assert any("trained elsewhere" in limit for limit in card.limits)
    assert any("not measured" in limit for limit in card.limits)


@pytest.mark.parametrize(
    ("input_range", "prepared"),
    [
        ("0,1", lambda x: x / 255),
        ("0,255", lambda x: x),
        ("caffe", lambda x: keras.applications.resnet50.preprocess_input(x.copy())),
        ("torch", lambda x: keras.applications.densenet.preprocess_input(x.copy())),
    ],
)
def test_every_input_range_is_what_keras_makes_of_it(input_range, prepared):
    model = network()
    batch = np.stack(crops()).astype(np.float32)
    ours = imported_weights.as_ours(model, 2, input_range)
    wanted = np.asarray(model(prepared(batch)))
    np.testing.assert_allclose(np.asarray(ours(batch)), wanted, atol=1e-4)


def test_a_network_that_learned_bgr_is_fed_bgr():
    model = network()
    batch = np.stack(crops()).astype(np.float32)
    ours = imported_weights.as_ours(model, 2, "0,1", channel_order="bgr")
    wanted = np.asarray(model(batch[..., ::-1] / 255))
    np.testing.assert_allclose(np.asarray(ours(batch)), wanted, atol=1e-5)
    assert np.abs(wanted - np.asarray(model(batch / 255))).max() > 1e-3


def test_a_network_that_learned_grey_pictures_is_fed_such():
    model = keras.Sequential(
        [keras.Input((SIDE, SIDE, 1)), layers.Conv2D(4, 3), layers.Flatten(), layers.Dense(2, "softmax")]
    )
    batch = np.stack(crops()).astype(np.float32)
    grey = np.stack([cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY) for picture in batch / 255])[..., None]
    answered = np.asarray(imported_weights.as_ours(model, 2, "0,1")(batch))
    np.testing.assert_allclose(answered, np.asarray(model(grey)), atol=1e-4)
    with pytest.raises(ModelError, match="grey pictures"):
        imported_weights.as_ours(model, 2, "0,1", channel_order="bgr")


def wrapped(ending):
    """A network whose answers pass further layers that leave them as they are."""
    inner = network(activation=None)
    faces = keras.Input((SIDE, SIDE, 3))
    last = {"softmax": layers.Softmax(), "sigmoid": layers.Activation("sigmoid"), None: layers.Identity()}
    return keras.Model(faces, layers.Dropout(0.5)(layers.Reshape((2,))(last[ending](inner(faces)))))


@pytest.mark.parametrize(
    ("model", "activation", "wanted"),
    [
        (lambda: network(activation=None), "softmax", keras.ops.softmax),
        (lambda: wrapped("softmax"), None, keras.ops.softmax),
        (lambda: wrapped(None), "softmax", keras.ops.softmax),
        (lambda: wrapped("sigmoid"), "sigmoid", keras.ops.sigmoid),
        (lambda: wrapped(None), "sigmoid", keras.ops.sigmoid),
    ],
)
def test_answers_become_probabilities_by_the_activation_that_was_trained(model, activation, wanted):
    batch = np.stack(crops()).astype(np.float32)
    ours = imported_weights.as_ours(model(), 2, "0,1", activation=activation)
    each = np.asarray(wanted(network(activation=None)(batch / 255)))
    answered = np.asarray(ours(batch))
    np.testing.assert_allclose(answered, each / each.sum(axis=1, keepdims=True), atol=1e-5)


@pytest.mark.parametrize(
    ("model", "activation", "said"),
    [
        (lambda: network(activation="sigmoid"), None, "2 sigmoids.*Give --activation sigmoid"),
        (lambda: wrapped("sigmoid"), None, "2 sigmoids.*Give --activation sigmoid"),
        (lambda: network(activation=None), None, "--activation softmax.*or --activation sigmoid"),
        (lambda: network(1, None), None, "one number and no sigmoid.*--activation sigmoid"),
        (lambda: network(1, "softmax"), None, "always 1"),
        (lambda: network(), "sigmoid", "ends with a softmax itself"),
        (lambda: network(activation="tanh"), None, "ends with tanh"),
    ],
)
def test_other_answers_are_refused_and_a_way_is_offered(model, activation, said):
    with pytest.raises(ModelError, match=said):
        imported_weights.as_ours(model(), 2, "0,1", activation=activation)


def test_one_sigmoid_unit_is_the_second_of_two_labels():
    model = network(units=1, activation="sigmoid")
    batch = np.stack(crops()).astype(np.float32)
    second = np.asarray(model(batch / 255))[:, 0]
    answered = np.asarray(imported_weights.as_ours(model, 2, "0,1")(batch))
    np.testing.assert_allclose(answered, np.stack([1 - second, second], axis=1), atol=1e-6)


KERAS_2_BODY = {
    "class_name": "Functional",
    "config": {
        "name": "body",
        "trainable": True,
        "layers": [
            {
                "class_name": "InputLayer",
                "config": {"batch_input_shape": [None, 8, 8, 3], "dtype": "float32", "name": "in"},
                "name": "in",
                "inbound_nodes": [],
            },
            {
                "class_name": "DepthwiseConv2D",
                "config": {"name": "dw", "kernel_size": [3, 3], "groups": 1, "dtype": "float32"},
                "name": "dw",
                "inbound_nodes": [[["in", 0, 0, {}]]],
            },
            {
                "class_name": "BatchNormalization",
                "config": {"name": "bn", "axis": [3], "dtype": "float32"},
                "name": "bn",
                "inbound_nodes": [[["dw", 0, 0, {}]]],
            },
        ],
        "input_layers": [["in", 0, 0]],
        "output_layers": [["bn", 0, 0]],
    },
}
KERAS_2_TOP = [
    {"class_name": "Flatten", "config": {"name": "flat", "dtype": "float32"}},
    {
        "class_name": "Dense",
        "config": {"name": "top", "units": 2, "activation": "softmax", "dtype": "float32"},
    },
]
KERAS_2_INPUT = {
    "class_name": "InputLayer",
    "config": {"batch_input_shape": [None, 8, 8, 3], "dtype": "float32", "name": "outer"},
}
KERAS_2_FILES = {
    "Sequential": {"name": "model", "layers": [KERAS_2_INPUT, KERAS_2_BODY, *KERAS_2_TOP]},
    "Functional": {
        "name": "model",
        "trainable": True,
        "layers": [
            KERAS_2_INPUT | {"name": "outer", "inbound_nodes": []},
            KERAS_2_BODY | {"name": "body", "inbound_nodes": [[["outer", 0, 0, {}]]]},
            KERAS_2_TOP[0] | {"name": "flat", "inbound_nodes": [[["body", 1, 0, {}]]]},
            KERAS_2_TOP[1] | {"name": "top", "inbound_nodes": [[["flat", 0, 0, {}]]]},
        ],
        "input_layers": [["outer", 0, 0]],
        "output_layers": [["top", 0, 0]],
    },
}


def test_initializers_with_a_dtype_are_read_in_the_words_of_keras_3_too(tmp_path):
    """As TF 2.0 to 2.2 wrote them, in an architecture that is otherwise Keras 3's."""
    model = keras.Sequential(
        [keras.Input((8, 8, 3)), layers.SeparableConv2D(4, 3), layers.Flatten(), layers.Dense(2, "softmax")]
    )
    path = saved(model, tmp_path / "old.h5")
    with h5py.File(path, "r+") as file:
        config = json.loads(file.attrs["model_config"])
        for layer in config["config"]["layers"]:
            for key, value in layer["config"].items():
                if key.endswith("_initializer") and value:
                    value["config"]["dtype"] = "float32"
        file.attrs["model_config"] = json.dumps(config)
    batch = np.random.default_rng(0).uniform(-1, 1, (3, 8, 8, 3)).astype(np.float32)
    np.testing.assert_allclose(imported_weights.load_imported(path)(batch), model(batch), atol=1e-5)


@pytest.mark.parametrize("kind", list(KERAS_2_FILES))
def test_what_keras_2_wrote_is_read(tmp_path, kind):
    """The replaced projects' networks: a body within a network, in the words of Keras 2."""
    faces = keras.Input((8, 8, 3), name="in")
    body = keras.Model(
        faces, layers.BatchNormalization(name="bn")(layers.DepthwiseConv2D(3, name="dw")(faces)), name="body"
    )
    top = [layers.Flatten(name="flat"), layers.Dense(2, "softmax", name="top")]
    model = keras.Sequential([keras.Input((8, 8, 3), name="outer"), body, *top])
    path = saved(model, tmp_path / "old.h5")
    with h5py.File(path, "r+") as file:
        file.attrs["model_config"] = json.dumps({"class_name": kind, "config": KERAS_2_FILES[kind]})
    batch = np.random.default_rng(0).uniform(-1, 1, (3, 8, 8, 3)).astype(np.float32)
    (answered,) = keras.tree.flatten(imported_weights.load_imported(path)(batch))
    np.testing.assert_allclose(np.asarray(answered), np.asarray(model(batch)), atol=1e-5)


def hostile_lambda(marker):
    """A network whose Lambda writes a file when Keras puts it together."""
    model = keras.Sequential(
        [
            keras.Input((SIDE, SIDE, 3)),
            layers.GlobalAveragePooling2D(),
            layers.Lambda(eval(f"lambda x: [open({str(marker)!r}, 'w').close(), x][1]")),  # noqa: S307 - the attack
            layers.Dense(2, "softmax"),
        ]
    )
    return model


@pytest.mark.parametrize("ending", ["h5", "keras"])
def test_code_in_a_file_is_refused_and_does_not_run(tmp_path, models, ending, capsys):
    marker = tmp_path / "it-ran"
    path = saved(hostile_lambda(marker), tmp_path / f"hostile.{ending}")
    marker.unlink(missing_ok=True)
    keras.saving.load_model(path, compile=False, safe_mode=False)
    assert marker.exists()  # so the file would do it
    marker.unlink()
    with pytest.raises(SystemExit) as stop:
        export.main([str(path), "theirs", TOLD, "--models", str(models)])
    assert stop.value.code == 1 and "'Lambda'" in capsys.readouterr().err
    assert not marker.exists() and not (models / "theirs").exists()


def tampered(path, change):
    """The .h5 file with its architecture changed."""
    with h5py.File(path, "r+") as file:
        config = json.loads(file.attrs["model_config"])
        change(config["config"]["layers"])
        file.attrs["model_config"] = json.dumps(config)
    return path


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda found: found[1].update(module="wicked_module"), "wicked_module"),
        (lambda found: found[1].update(registered_name="Custom>Wicked"), "may hold code"),
        (lambda found: found[1].update(class_name="TFSMLayer"), "TFSMLayer"),
        (lambda found: found[1].update(class_name="TorchModuleWrapper"), "TorchModuleWrapper"),
        (
            lambda found: found[2]["config"].update(
                activation={"class_name": "function", "module": "os", "config": "system"}
            ),
            "'function'",
        ),
        (
            lambda found: found[2]["config"].update(
                kernel_initializer={"class_name": "__lambda__", "config": {"value": "x"}}
            ),
            "__lambda__",
        ),
        (lambda found: found[2]["config"].update(filters=10**9), "is more than the"),
        (lambda found: found[2].update(class_name=["Conv2D"]), "cannot load it"),
        (lambda found: found.insert(1, "nonsense"), "cannot load it"),
    ],
)
def test_parts_that_could_hold_code_are_refused_before_keras_sees_them(tmp_path, monkeypatch, change, said):
    (tmp_path / "wicked_module.py").write_text(f"open({str(tmp_path / 'it-ran')!r}, 'w')")
    monkeypatch.syspath_prepend(tmp_path)
    path = tampered(saved(network(), tmp_path / "n.h5"), change)
    with pytest.raises(ModelError, match=said):
        imported_weights.load_imported(path)
    assert not (tmp_path / "it-ran").exists()


def test_weights_that_lie_in_another_file_are_not_read(tmp_path):
    path = saved(network(), tmp_path / "n.h5")
    (tmp_path / "secret.h5").write_bytes(path.read_bytes())
    with h5py.File(path, "r+") as file:
        del file["model_weights"]
        file["model_weights"] = h5py.ExternalLink(str(tmp_path / "secret.h5"), "/model_weights")
    with pytest.raises(ModelError, match="ExternalLink"):
        imported_weights.load_imported(path)


def test_files_that_are_no_networks_are_named(tmp_path, monkeypatch):
    weights = tmp_path / "n.weights.h5"
    network().save_weights(weights)
    empty_zip = tmp_path / "empty.keras"
    with zipfile.ZipFile(empty_zip, "w") as archive:
        archive.writestr("config.json", "[" * 100_000)
    for name, content in {"a.h5": b"no file of HDF5", "b.keras": b"no zip", "c.pkl": b"pickle"}.items():
        (tmp_path / name).write_bytes(content)
    for name in ("a.h5", "b.keras", "c.pkl", "absent.h5", weights.name, empty_zip.name):
        with pytest.raises(ModelError, match=name.replace(".", r"\.")):
            imported_weights.load_imported(tmp_path / name)
    monkeypatch.setattr(network_file, "MAX_FILE_BYTES", 3)
    with pytest.raises(ModelError, match="is more than the"):
        imported_weights.load_imported(tmp_path / "a.h5")


def test_a_network_for_other_pictures_or_labels_is_refused():
    with pytest.raises(ModelError, match="2 outputs for 3 labels"):
        imported_weights.as_ours(network(), 3, "0,1")
    with pytest.raises(ModelError, match="any size"):
        imported_weights.as_ours(network(side=None), 2, "0,1")
    assert imported_weights.as_ours(network(side=None), 2, "0,1", size=32).input_shape == (None, 32, 32, 3)
    with pytest.raises(ModelError, match="not the 32"):
        imported_weights.as_ours(network(), 2, "0,1", size=32)
    oblong = keras.Sequential([keras.Input((SIDE, 8, 3)), layers.Flatten(), layers.Dense(2, "softmax")])
    with pytest.raises(ModelError, match=r"takes \(N, 16, 8, 3\), but square RGB"):
        imported_weights.as_ours(oblong, 2, "0,1")


def test_answers_that_are_no_probabilities_are_refused_and_nothing_is_kept(tmp_path, models, capsys):
    path = saved(network(activation=None), tmp_path / "n.h5")
    with pytest.raises(SystemExit):
        export.main([str(path), "theirs", TOLD, "--models", str(models)])
    assert "--activation softmax" in capsys.readouterr().err
    assert not models.exists()


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["{file}", "theirs"], "--labels FIRST,SECOND"),
        (["{file}", "../theirs", TOLD], "no name for a model"),
        (["{file}", "theirs", "--labels=a,a"], "two or more different labels"),
        (["{file}", "theirs", "--labels=a,"], "a label is empty"),
        (["{file}", "theirs", TOLD, "--crop-scale=9"], "crop_scale"),
    ],
)
def test_slips_on_the_command_line_end_in_one_clear_line(h5, models, capsys, arguments, said):
    with pytest.raises(SystemExit) as stop:
        export.main([a.format(file=h5[1]) for a in arguments] + ["--models", str(models)])
    error = capsys.readouterr().err
    assert stop.value.code == 1 and said in error and "Traceback" not in error
    assert not models.exists() or list(models.iterdir()) == []


def test_a_model_that_is_there_is_not_replaced_by_a_foreign_one(h5, models):
    (models / "mine").mkdir(parents=True)
    with pytest.raises(RecordError, match="exists already"):
        export.export_imported(h5[1], "mine", MASK_2.labels, models)


def test_the_card_of_a_run_says_what_was_trained(tmp_path):
    run = make_run(tmp_path / "toy-1", network(units=3), architecture="Two towers, joined")
    card = read_card(export.export(run, "toy", tmp_path / "models"))
    assert (card.architecture, card.trained_by, card.temperature) == ("Two towers, joined", "toy-1", 0.8)
    assert card.licence_notes and card.warning == ""


def test_a_run_from_before_the_architecture_was_recorded_is_of_mobilenet(tmp_path):
    run = make_run(tmp_path / "toy-1", network(units=3), alpha=0.35)
    assert read_card(export.export(run, "toy", tmp_path / "models")).architecture == "MobileNetV2, width 0.35"


def test_labels_of_ones_own_are_not_described_as_the_recipes(tmp_path):
    own = type(MASK_3)("own", ("hat", "no_hat"))
    run = make_run(tmp_path / "toy-1", network(), labels=own, architecture="any")
    card = read_card(export.export(run, "toy", tmp_path / "models"))
    assert card.summary == "tells hat, no_hat"
    assert "celeb" not in " ".join(card.licence_notes).lower()


def test_a_model_that_guesses_gender_carries_its_warning(tmp_path):
    run = make_run(tmp_path / "toy-1", network(units=8), GENDER_WEAR_8, "resnet_once8", architecture="any")
    assert "gender" in read_card(export.export(run, "toy", tmp_path / "models")).warning


def test_what_was_trained_in_mixed_precision_is_served_in_float32(tmp_path, models):
    keras.config.set_dtype_policy("mixed_float16")
    try:
        inner = network(units=3, activation=None)
        faces = keras.Input((SIDE, SIDE, 3))
        x = layers.Softmax(dtype="float32")(inner(layers.Rescaling(1 / 255)(keras.ops.flip(faces, axis=-1))))
        half = keras.Model(faces, x)
    finally:
        keras.config.set_dtype_policy("float32")
    run = make_run(tmp_path / "toy-1", half, architecture="any")
    export.export(run, "toy", models)
    kept = keras.saving.load_model(models / "toy/model.keras", compile=False)
    assert "float16" not in kept.to_json() and "float16" in half.to_json()
    batch = np.stack(crops()).astype(np.float32)
    np.testing.assert_allclose(np.asarray(kept(batch)), np.asarray(half(batch)), atol=2e-2)


def test_engines_that_disagree_keep_nothing(tmp_path, monkeypatch):
    class Wrong(parity.OnnxEngine):
        def run(self, batch):
            return np.roll(super().run(batch), 1, axis=1)

    monkeypatch.setattr(parity, "OnnxEngine", Wrong)
    run = make_run(tmp_path / "toy-1", network(units=3), architecture="any")
    with pytest.raises(ModelError, match="differ by"):
        export.export(run, "toy", tmp_path / "models")
    assert list((tmp_path / "models").iterdir()) == []


def test_a_layer_that_onnx_does_not_know_is_named(tmp_path, monkeypatch):
    def refuse(*_, **__):
        raise ValueError("Unsupported op: Wavelet")

    model = network()
    monkeypatch.setattr(type(model), "export", refuse)
    with pytest.raises(ModelError, match=r"Wavelet.*Replace the layer"):
        weights.write_onnx(model, tmp_path / "m.onnx")


def test_a_model_is_replaced_as_a_whole_or_not_at_all(tmp_path):
    folder = tmp_path / "mine"

    def export_one(write, units=2):
        weights.install(network(units), folder, lambda made: made, lambda *_: None, write)

    def write_card(draft, made):
        (draft / "card.json").write_text(made["onnx"].sha256)

    def held():
        return {file.name: file.read_bytes() for file in folder.iterdir()}

    export_one(write_card)
    (folder / "operating_point.json").write_text("the site's own")
    before = held()

    def fails(draft, made):  # as of a process that is killed
        raise OSError(28, "No space left on device")

    with pytest.raises(OSError, match="No space"):
        export_one(fails, units=3)
    assert held() == before and [path.name for path in tmp_path.iterdir()] == ["mine"]
    export_one(write_card, units=3)
    after = held()
    assert after["operating_point.json"] == b"the site's own" and after["card.json"] != before["card.json"]
    assert sha256_of(folder / "model.onnx") == after["card.json"].decode()
