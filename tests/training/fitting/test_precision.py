import dataclasses
import sys
from types import SimpleNamespace

import keras
import numpy as np
import pytest

from training.fitting import precision
from training.fitting.networks import build
from training.fitting.precision import devices, use_mixed_precision_on_gpu
from training.recipes._registry import load_recipe


@pytest.fixture(autouse=True)
def _policy_as_before():
    before = keras.config.dtype_policy()
    yield
    keras.config.set_dtype_policy(before)


def on(monkeypatch, *found: str) -> None:
    monkeypatch.setattr(precision, "devices", lambda: list(found))


def test_this_machine_s_devices_are_listed():
    assert all(device.partition(":")[0] in ("cpu", "gpu", "tpu") for device in devices())


@pytest.mark.parametrize(("gpus", "expected"), [(2, ["gpu:0", "gpu:1"]), (0, ["cpu:0"])])
def test_torch_s_devices_are_listed_though_keras_does_not(monkeypatch, gpus, expected):
    torch = SimpleNamespace(cuda=SimpleNamespace(device_count=lambda: gpus))
    monkeypatch.setitem(sys.modules, "torch", torch)
    monkeypatch.setattr("keras.backend.backend", lambda: "torch")
    assert devices() == expected


@pytest.mark.parametrize(
    ("device", "policy"),
    [("cpu:0", "float32"), ("gpu:0", "mixed_float16"), ("tpu:0", "mixed_bfloat16")],
)
def test_layers_compute_in_what_the_hardware_is_built_for(monkeypatch, device, policy):
    on(monkeypatch, device)
    assert use_mixed_precision_on_gpu() == policy == keras.config.dtype_policy().name


def test_a_cpu_computes_in_32_bits_again_after_a_gpu(monkeypatch):
    on(monkeypatch, "gpu:0")
    use_mixed_precision_on_gpu()
    on(monkeypatch, "cpu:0")
    use_mixed_precision_on_gpu()
    assert keras.config.dtype_policy().name == "float32"


def test_a_mixed_network_answers_and_keeps_its_weights_in_32_bits(monkeypatch):
    on(monkeypatch, "gpu:0")
    use_mixed_precision_on_gpu()
    recipe = dataclasses.replace(load_recipe("cnn_scratch"), size=16)
    model = build(recipe, "none")
    assert {weight.dtype for weight in model.trainable_weights} == {"float32"}
    assert model.get_layer("body").compute_dtype == "float16"
    answer = model(np.zeros((2, 16, 16, 3), np.uint8))
    assert answer.dtype == "float32"
    assert np.asarray(answer).sum(axis=1) == pytest.approx(1, abs=1e-6)


def test_a_mixed_network_learns_with_a_scaled_loss(monkeypatch):
    on(monkeypatch, "gpu:0")
    use_mixed_precision_on_gpu()
    model = keras.Sequential(
        [keras.Input((4,)), keras.layers.Dense(2), keras.layers.Activation("softmax", dtype="float32")]
    )
    model.compile(keras.optimizers.SGD(0.5), "categorical_crossentropy", jit_compile=False)
    assert isinstance(model.optimizer, keras.optimizers.LossScaleOptimizer)
    x, y = np.eye(4, dtype=np.float32), np.eye(2, dtype=np.float32)[[0, 0, 1, 1]]
    losses = [float(model.train_on_batch(x, y)) for _ in range(60)]  # the scale starts too high, and halves
    assert losses[-1] < losses[0] / 2
    assert float(model.optimizer.learning_rate) == 0.5
