import dataclasses
import os

import numpy as np
import pytest

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import keras
from keras.src.applications import resnet

from core.errors import RecordError
from core.labels import GENDER_WEAR_8, MASK_3
from core.models.onnx_runtime import session
from training.exporting.weights import write_onnx
from training.fitting.networks import build, joined, set_trainable, start_from
from training.recipes._registry import load_recipe

# TensorFlow's arrays and tf2onnx use what NumPy is about to drop: theirs to mend
pytestmark = [
    pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning"),
    pytest.mark.filterwarnings("ignore:In the future `np.object`:FutureWarning"),
]


@pytest.fixture(scope="module")
def network(tmp_path_factory):
    """MobileNetV2 from a weights file: random ones, and batch norm set to what they make of noise."""
    keras.utils.set_random_seed(0)
    body = keras.applications.MobileNetV2((32, 32, 3), alpha=0.35, include_top=False, weights=None)
    for layer in body.layers:
        if isinstance(layer, keras.layers.BatchNormalization):
            layer.momentum = 0.0
    body(keras.random.uniform((64, 32, 32, 3), -1, 1), training=True)
    path = tmp_path_factory.mktemp("backbone") / "backbone.weights.h5"
    body.save_weights(path)
    recipe = small("mask3")
    made = build(recipe, str(path))
    set_trainable(made, "all", pretrained=True)
    return made


FACES = np.random.default_rng(0).integers(0, 256, (4, 32, 32, 3)).astype(np.float32)


def test_the_network_takes_0_to_255_and_rescales_by_itself(network):
    rescaled = network.get_layer(index=1)(np.array([[[[0.0, 127.5, 255.0]]]], np.float32))
    assert np.asarray(rescaled).ravel() == pytest.approx([-1, 0, 1])


def test_batch_norm_stays_as_it_came_in_training_too(network):
    before = [np.asarray(w) for w in network.non_trainable_weights if "moving" in w.path]
    network(FACES, training=True)
    after = [np.asarray(w) for w in network.non_trainable_weights if "moving" in w.path]
    assert before and all((a == b).all() for a, b in zip(before, after, strict=True))
    assert not any("BN" in w.path for w in network.trainable_weights)


def test_the_compiled_graph_answers_as_the_network_for_any_number_of_faces(network, tmp_path):
    write_onnx(network, tmp_path / "model.onnx")
    graph = session((tmp_path / "model.onnx").read_bytes())
    assert graph.get_inputs()[0].name == "faces"
    for faces in (FACES[:1], FACES):
        (answer,) = graph.run(None, {"faces": faces})
        assert answer.sum(axis=1) == pytest.approx(np.ones(len(faces)), abs=1e-5)
        assert np.abs(answer - np.asarray(network(faces, training=False))).max() < 1e-4
    assert answer.std(axis=0).max() > 0.01  # it does not say the same of every picture
    assert [p.name for p in tmp_path.iterdir()] == ["model.onnx"]  # no temporary file stays


def small(name: str, **changes):
    return dataclasses.replace(load_recipe(name), **{"size": 32, "middle": 1.0, "alpha": 0.35} | changes)


@pytest.mark.parametrize(
    ("name", "changes"),
    [
        ("cnn_scratch", {}),
        ("mobilenet_mask2", {}),
        ("mobilenet_mask3", {"size": 224}),  # 7 x 7 places to pool, as the projects that it replaces
        ("inception_two_phase", {"size": 75}),
        ("resnet_once8", {}),
        ("resnet_once8", {"backbone": "mobilenet_v2"}),
    ],
)
def test_every_network_gives_a_probability_for_each_label(name, changes):
    recipe = small(name, **changes)
    made = build(recipe, "none")
    answer = np.asarray(made(np.zeros((2, recipe.size, recipe.size, 3), np.float32), training=False))
    assert answer.shape == (2, len(recipe.labels)) and answer.sum(axis=1) == pytest.approx([1, 1], abs=1e-5)


def test_a_body_ends_where_the_recipe_says():
    whole, cut = (build(small("mask3", body_ends_at=end), "none") for end in ("", "block_5_add"))
    assert cut.get_layer("body").layers[-1].name == "block_5_add"
    assert cut.count_params() < whole.count_params() / 2
    with pytest.raises(RecordError, match="no layer 'fc1000'"):
        build(small("mask3", body_ends_at="fc1000"), "none")


def test_the_body_sees_the_middle_of_the_picture_that_the_recipe_says(tmp_path):
    recipe = small("cnn_scratch", size=40, middle=0.8)
    made = build(recipe, "none")
    assert recipe.seen == 32 and made.input_shape == (None, 40, 40, 3)
    assert made.get_layer("body").input_shape == (None, 32, 32, 3)
    faces = np.random.default_rng(0).integers(0, 256, (2, 40, 40, 3)).astype(np.float32)
    other_edge = faces.copy()
    other_edge[:, :4], other_edge[:, -4:], other_edge[:, :, :4], other_edge[:, :, -4:] = 0, 255, 9, 99
    other_middle = faces.copy()
    other_middle[:, 4:8] = 0
    write_onnx(made, tmp_path / "model.onnx")
    graph = session((tmp_path / "model.onnx").read_bytes())
    for answer in (
        lambda x: np.asarray(made(x, training=False)),
        lambda x: graph.run(None, {"faces": x})[0],
    ):
        assert answer(faces) == pytest.approx(answer(other_edge), abs=1e-6)
        assert np.abs(answer(faces) - answer(other_middle)).max() > 1e-6


def test_resnet_is_fed_bgr_without_imagenets_mean_colour():
    made = build(small("resnet_once8"), "none")
    (rescaling,) = (layer for layer in made.layers if isinstance(layer, keras.layers.Rescaling))
    fed = keras.Model(made.input, rescaling.output)
    pixel = np.asarray(fed(np.full((1, 32, 32, 3), (10.0, 20.0, 30.0), np.float32)))[0, 0, 0]
    assert pixel == pytest.approx([30 - 103.939, 20 - 116.779, 10 - 123.68], abs=1e-3)


@pytest.mark.parametrize("pretrained", [True, False])
def test_only_what_a_phase_trains_can_learn(pretrained):
    made = build(small("resnet_once8"), "none")
    body, head = made.get_layer("body"), made.get_layer("probabilities")
    set_trainable(made, "head", pretrained=pretrained)
    assert not body.trainable_weights and head.trainable_weights
    set_trainable(made, 32, pretrained=pretrained)
    some = {w.path for w in body.trainable_weights}
    assert some and all("conv5" in path for path in some)
    set_trainable(made, "all", pretrained=pretrained)
    norms = [w for w in body.trainable_weights if "gamma" in w.path]
    assert len(norms) == (0 if pretrained else 53)


def test_joined_networks_start_from_what_their_parts_learned(tmp_path):
    recipe = small("resnet_parallel8", backbone="mobilenet_v2")
    parts = [
        (part.name, build(dataclasses.replace(recipe, labels=part.labels, parts=()), "none", part.name))
        for part in recipe.parts
    ]
    whole = joined(parts, recipe)
    assert whole.output_shape == (None, 8)
    for name, part in parts:
        own = keras.Model(part.input, part.get_layer("features").output)
        assert np.asarray(whole.get_layer(name)(FACES)) == pytest.approx(np.asarray(own(FACES)), abs=1e-5)
    set_trainable(whole, "head", pretrained=True)
    assert len(whole.trainable_weights) == 4  # two dense layers, each a kernel and a bias
    whole.save(tmp_path / "joined.keras")
    again = keras.saving.load_model(tmp_path / "joined.keras", safe_mode=True)
    assert np.asarray(again(FACES)) == pytest.approx(np.asarray(whole(FACES)), abs=1e-5)


@pytest.mark.parametrize("name", ["cnn_scratch", "resnet_once8", "resnet_parallel8"])
def test_what_recipes_train_can_be_exported(name, tmp_path, monkeypatch):
    # Of ResNet50 one block a stack: the same layers, and not a minute for 100 MB of weights
    blocks = resnet.stack_residual_blocks_v1
    monkeypatch.setattr(
        resnet, "stack_residual_blocks_v1", lambda x, filters, _, **more: blocks(x, filters, 1, **more)
    )
    recipe = small(name, backbone="small_cnn" if name != "resnet_once8" else "resnet50")
    made = (
        joined(
            [
                (p.name, build(dataclasses.replace(recipe, labels=p.labels), "none", p.name))
                for p in recipe.parts
            ],
            recipe,
        )
        if recipe.parts
        else build(recipe, "none")
    )
    write_onnx(made, tmp_path / "model.onnx")
    graph = session((tmp_path / "model.onnx").read_bytes())
    (answer,) = graph.run(None, {"faces": FACES})
    assert np.abs(answer - np.asarray(made(FACES, training=False))).max() < 1e-4


def test_weights_that_cannot_be_had_end_in_a_clear_error(tmp_path, monkeypatch):
    with pytest.raises(RecordError, match="No backbone weights at"):
        build(small("mask3"), str(tmp_path / "absent.h5"))
    (tmp_path / "other.h5").write_bytes(b"not HDF5")
    with pytest.raises(RecordError, match="cannot start from"):
        build(small("mask3"), str(tmp_path / "other.h5"))
    with pytest.raises(RecordError, match="cannot start from"):
        build(small("inception_two_phase", size=48), "none")  # it takes 75 px or more

    def no_network(*_, **__):
        raise Exception("URL fetch failure")

    monkeypatch.setattr(keras.applications, "ResNet50", no_network)
    with pytest.raises(RecordError, match="cannot be downloaded"):
        build(small("resnet_once8"), "imagenet")


def test_all_but_the_answer_is_taken_over_from_a_network_of_other_labels(tmp_path, caplog):
    caplog.set_level("INFO")
    first = dataclasses.replace(small("mask3"), labels=MASK_3, classes=())
    before, path = build(first, "none"), tmp_path / "best.keras"
    before.save(path)
    now = build(dataclasses.replace(first, labels=GENDER_WEAR_8), "none")
    answer = now.layers[-1].get_weights()
    start_from(now, path)
    for mine, theirs in zip(now.layers[:-1], before.layers[:-1], strict=True):
        for a, b in zip(mine.get_weights(), theirs.get_weights(), strict=True):
            np.testing.assert_array_equal(a, b)
    assert all((a == b).all() for a, b in zip(answer, now.layers[-1].get_weights(), strict=True))
    assert "1 layers of 2; these begin anew: probabilities" in caplog.text
    start_from(build(dataclasses.replace(first, size=40, middle=0.8), "none"), path)  # more of a face
    assert "2 layers of 2\n" in caplog.text
    with pytest.raises(RecordError, match="cannot be started from"):
        start_from(build(dataclasses.replace(first, alpha=0.5), "none"), path)
