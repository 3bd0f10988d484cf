"""Workers are processes of their own, as JAX meets others once, before all else. As a script, this is one."""

from __future__ import annotations

import dataclasses
import json
import os
import socket
import subprocess
import sys
from contextlib import ExitStack
from pathlib import Path

import numpy as np
import pytest

from training.fitting.distribution import Workers, WorkersError, join

ROOT = Path(__file__).parents[3]
EPOCHS, PICTURES, BATCH = 2, 22, 8  # batches of 8, 8 and 6
LONGEST = 150  # seconds for processes that take 15 on two idle cores


def batches():
    """Noise whose brightness follows from the label, so that there is something to learn."""
    from training.data.datasets import Faces
    from training.fitting.batches import Batches
    from training.recipes._registry import load_recipe

    units = np.arange(12) % 3
    noise = np.random.default_rng(0).integers(0, 60, (12, 20, 20, 3))
    crops = (noise + 80 * units[:, None, None, None]).astype(np.uint8)
    recipe = dataclasses.replace(
        load_recipe("mask3"),
        classes=(),
        size=16,
        batch=BATCH,
        pictures_per_epoch=PICTURES,
        sampling="each_once",
        augmentation="gentle",
    )
    return Batches(recipe, Faces(crops, units, ("a",) * 12, units < 0))


def work(addresses: list[str], index: int, patience: float) -> None:
    """Train a tiny network and print what each epoch gave."""
    workers = join(addresses, index, patience=patience)
    import keras

    keras.utils.set_random_seed(3)
    layers = keras.layers
    model = keras.Sequential(
        [
            keras.Input((16, 16, 3)),
            layers.BatchNormalization(),
            layers.Conv2D(4, 3, strides=2),
            layers.Flatten(),
            layers.Dropout(0.5, seed=3),
            layers.Dense(3, activation="softmax"),
        ]
    )
    model.compile("sgd", "categorical_crossentropy", metrics=["accuracy"], jit_compile=True)
    part = workers.shard(batches())
    seen = sum(len(part[i][0]) for i in range(len(part)))
    history = model.fit(
        part, epochs=EPOCHS, shuffle=False, verbose=0, class_weight={0: 1.0, 1: 2.0, 2: 0.5}
    ).history
    weights = [float(np.abs(w).sum()) for w in model.get_weights()]
    print(json.dumps({"seen": seen, "chief": workers.is_chief, "weights": weights, **history}))


def free_addresses(count: int) -> list[str]:
    with ExitStack() as held:  # all held at once, so that they differ
        sockets = [held.enter_context(socket.create_server(("127.0.0.1", 0))) for _ in range(count)]
        return [f"127.0.0.1:{s.getsockname()[1]}" for s in sockets]


def start(stack: ExitStack, addresses: list[str], index: int, patience: float = LONGEST) -> subprocess.Popen:
    """A worker that ends with `stack` at the latest."""
    environment = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    environment |= {"PYTHONPATH": str(ROOT), "KERAS_BACKEND": "jax", "JAX_PLATFORMS": "cpu"}
    environment |= {
        "XLA_FLAGS": "--xla_backend_optimization_level=0"
    }  # compile sooner what runs for an instant
    worker = stack.enter_context(
        subprocess.Popen(
            [sys.executable, __file__, json.dumps(addresses), str(index), str(patience)],
            env=environment,
            cwd=ROOT,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
    )
    stack.callback(worker.kill)
    return worker


def answer(worker: subprocess.Popen) -> dict:
    printed, errors = worker.communicate(timeout=LONGEST)
    assert worker.returncode == 0, errors
    return json.loads(printed.splitlines()[-1])


def test_two_workers_learn_what_one_learns():
    pytest.importorskip("jax", reason="workers need requirements-scale-out.txt")
    with ExitStack() as stack:
        addresses = free_addresses(2)
        chief, other, alone = [
            answer(worker)
            for worker in [start(stack, addresses, 0), start(stack, addresses, 1), start(stack, [], 0)]
        ]
    assert (chief["seen"], other["seen"], alone["seen"]) == (PICTURES // 2, PICTURES // 2, PICTURES)
    assert (chief["chief"], other["chief"], alone["chief"]) == (True, False, True)
    for name in ("loss", "accuracy", "weights"):
        assert chief[name] == other[name]
        assert chief[name] == pytest.approx(alone[name], rel=1e-4)
    assert len(chief["loss"]) == EPOCHS and chief["weights"][-1] > 0  # the last bias began as zero


def test_a_worker_that_never_comes_is_not_awaited_for_ever():
    pytest.importorskip("jax", reason="workers need requirements-scale-out.txt")
    with ExitStack() as stack:
        addresses = free_addresses(2)
        waiting = [start(stack, addresses, 0, patience=2), start(stack, free_addresses(2), 1, patience=2)]
        for worker in waiting:
            _, errors = worker.communicate(timeout=LONGEST)
            assert worker.returncode == 1
            assert "waited 2 s and not all of the 2 workers came" in errors
            assert "Start the same command on each machine" in errors and "Traceback" not in errors


def test_a_port_that_is_taken_is_said():
    pytest.importorskip("jax", reason="workers need requirements-scale-out.txt")
    with ExitStack() as stack:
        held = stack.enter_context(socket.create_server(("127.0.0.1", 0)))
        worker = start(stack, [f"127.0.0.1:{held.getsockname()[1]}", "127.0.0.1:1"], 0, patience=30)
        _, errors = worker.communicate(timeout=LONGEST)
    assert worker.returncode == 1 and "Give --workers a free port" in errors


class Whole:
    """Batches of numbers, the last one short."""

    workers, max_queue_size = 1, 10

    def __init__(self, *sizes):
        self._sizes, self.epochs = sizes, 0

    def __len__(self):
        return len(self._sizes)

    def __getitem__(self, index):
        return 100 * index + np.arange(self._sizes[index]), np.eye(self._sizes[index])

    def on_epoch_begin(self):
        pass

    def on_epoch_end(self):
        self.epochs += 1


def test_parts_make_up_the_whole_batch():
    whole = Whole(8, 6)
    parts = [Workers(i, 2, 2).shard(whole) for i in range(2)]
    for index in range(2):
        pictures, labels = zip(*(part[index] for part in parts), strict=True)
        assert (np.concatenate(pictures) == whole[index][0]).all()
        assert (np.concatenate(labels) == whole[index][1]).all()
    parts[0].on_epoch_end()
    assert whole.epochs == 1


@pytest.mark.parametrize(("last", "batches_left", "each"), [(7, 2, 2), (4, 2, 2), (3, 1, None)])
def test_each_device_gets_as_much_as_the_others(last, batches_left, each):
    part = Workers(1, 2, 4).shard(Whole(8, last))
    assert len(part) == batches_left and len(part[0][0]) == 4
    if each:
        assert part[1][0].tolist() == [102, 103]


def test_a_batch_smaller_than_the_devices_is_refused():
    with pytest.raises(WorkersError, match="--batch 4"):
        Workers(0, 2, 4).shard(Whole(3))


def test_one_machine_trains_as_ever():
    whole = Whole(3)
    alone = join()
    assert alone.is_chief and alone.shard(whole) is whole and alone.folder(Path("runs/a")) == Path("runs/a")


def test_workers_of_one_disk_keep_their_records_apart():
    folders = {Workers(i, 3, 3).folder(Path("runs/a")) for i in range(3)}
    assert len(folders) == 3 and Path("runs/a") in folders


@pytest.mark.parametrize(
    ("addresses", "index", "said"),
    [
        (["10.0.0.1"], 0, "not host:port"),
        (["10.0.0.1:port"], 0, "not host:port"),
        (["10.0.0.1:70000"], 0, "not host:port"),
        (["10.0.0.1:4000", "10.0.0.1:4000"], 0, "twice"),
        (["10.0.0.1:4000", "10.0.0.2:4000"], 2, "give 0 to 1"),
        (["10.0.0.1:4000", "10.0.0.2:4000"], -1, "give 0 to 1"),
    ],
)
def test_addresses_are_checked_before_anyone_waits(addresses, index, said):
    with pytest.raises(WorkersError, match=said):
        join(addresses, index)


def test_another_backend_is_refused_with_what_to_do(monkeypatch):
    monkeypatch.setattr("keras.backend.backend", lambda: "tensorflow")
    with pytest.raises(WorkersError, match="KERAS_BACKEND=jax"):
        join(["10.0.0.1:4000", "10.0.0.2:4000"], 0)


if __name__ == "__main__":
    sys.modules["tensorflow"] = None  # Keras would import it for its random seed alone, in seconds
    try:
        work(json.loads(sys.argv[1]), int(sys.argv[2]), float(sys.argv[3]))
    except WorkersError as problem:
        sys.exit(f"error: {problem}")
