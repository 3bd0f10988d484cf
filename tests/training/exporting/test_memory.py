"""What an export holds of its copies of the network."""

from __future__ import annotations

import gc

import keras
from keras import layers
from tf2onnx.graph import Graph
from tf2onnx.optimizer.optimizer_base import GraphOptimizerBase

from training.exporting.weights import write_onnx


def test_copies_of_the_network_are_freed_while_it_is_written(tmp_path, monkeypatch):
    """tf2onnx makes more than 20, each with all weights."""
    optimize, held = GraphOptimizerBase.optimize, []

    def counted(self, graph, iteration):
        held.append(sum(isinstance(one, Graph) for one in gc.get_objects()))
        return optimize(self, graph, iteration)

    monkeypatch.setattr(GraphOptimizerBase, "optimize", counted)
    faces = keras.Input((32, 32, 3))
    body = layers.GlobalAveragePooling2D()(layers.Conv2D(4, 3, activation="relu")(faces))
    gc.disable()
    try:
        write_onnx(keras.Model(faces, layers.Dense(2, "softmax")(body)), tmp_path / "model.onnx")
    finally:
        gc.enable()
    assert len(held) > 20 and max(held) <= 4
    assert gc.get_freeze_count() == 0 and GraphOptimizerBase.optimize is counted
