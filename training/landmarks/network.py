"""The network that finds five points in a face: a MobileNetV2 cut short, and a map of places a point."""

from __future__ import annotations

import keras
import numpy as np
from keras import layers

from training.fitting import in_range, published

ALPHA, _WIDTH, _MOMENTUM = 0.35, 96, 0.97
_FINE, _DEEP = "block_6_expand_relu", "block_13_expand_relu"  # 8 and 16 pixels a cell
_REACH = 1.3  # the map's cells stand for places so many times as far apart: a point may lie at the edge
_NEAR = 0.02  # sides of the crop: a point nearer than this costs by the square
_WEIGHT = 10.0


def build_landmark_network(size: int, backbone_weights: str) -> keras.Model:
    """Crops (N, size, size, 3), 0 to 255 RGB -> (N, 10): x, y of five points in sides of the crop, from its
    middle, in order of `core.results.Landmarks`.

    A point is the mean of the places that its map, a softmax over cells, weighs (soft-argmax: Sun et al.,
    "Integral Human Pose Regression", 2018). An eye looks the same wherever a turned head has it, which a
    dense layer over all cells would have to learn for each place: in 26 epochs it came half as near.
    """
    pictures = keras.Input((size, size, 3), name="pictures")
    body = published("mobilenet_v2", backbone_weights, alpha=ALPHA, input_tensor=in_range(pictures, "-1,1"))
    deep = layers.UpSampling2D(2)(body.get_layer(_DEEP).output)
    x = layers.Concatenate()([body.get_layer(_FINE).output, deep])
    x = _normed(layers.Conv2D(_WIDTH, 1, use_bias=False, name="join")(x), "join_norm")
    for n in range(3):
        x = layers.DepthwiseConv2D(3, padding="same", use_bias=False, name=f"look_{n}")(x)
        x = _normed(x, f"look_{n}_norm")
        x = layers.Conv2D(_WIDTH, 1, use_bias=False, name=f"mix_{n}")(x)
        x = _normed(x, f"mix_{n}_norm")
    maps = layers.Conv2D(5, 1, dtype="float32", name="maps")(x)
    side = maps.shape[1]
    of_point = layers.Permute((2, 1))(layers.Reshape((side * side, 5))(maps))  # (N, 5, cells)
    places = layers.Dense(2, use_bias=False, trainable=False, name="places")
    points = layers.Reshape((10,), name="points")(places(layers.Softmax()(of_point)))
    along = ((np.arange(side) + 0.5) / side - 0.5) * _REACH
    places.set_weights([np.stack(np.meshgrid(along, along), axis=-1).reshape(-1, 2).astype(np.float32)])
    for layer in body.layers:
        if isinstance(layer, layers.BatchNormalization):
            layer.momentum = _MOMENTUM  # with Keras's .999 it would still answer as for ImageNet
    return keras.Model(pictures, points, name="face_landmarks")


def landmark_loss(y_true: keras.KerasTensor, y_pred: keras.KerasTensor) -> keras.KerasTensor:
    """(N,) mean distance along x and y of points that are both (N, 10), by Huber's loss."""
    return _WEIGHT / _NEAR * keras.losses.huber(y_true, y_pred, delta=_NEAR)


def _normed(x: keras.KerasTensor, name: str) -> keras.KerasTensor:
    return layers.ReLU(6.0)(layers.BatchNormalization(momentum=_MOMENTUM, name=name)(x))
