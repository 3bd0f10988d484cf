"""Networks that recipes train. Pictures go in as 0 to 255 RGB: the rescaling is a layer of the graph."""

from __future__ import annotations

from pathlib import Path

import keras


def mobilenet_v2(
    labels: int, *, size: int, alpha: float, dropout: float, backbone_weights: Path | None
) -> keras.Model:
    """MobileNetV2 (Sandler et al. 2018) with one dense layer on its pooled features.

    `backbone_weights` is a Keras file without top; None downloads ImageNet's where there is a network.
    Batch norm stays as it was on ImageNet, in training too: small batches would only spoil its statistics.
    """
    body = keras.applications.MobileNetV2(
        input_shape=(size, size, 3),
        alpha=alpha,
        include_top=False,
        weights=str(backbone_weights) if backbone_weights else "imagenet",
    )
    for layer in body.layers:
        if isinstance(layer, keras.layers.BatchNormalization):
            layer.trainable = False
    faces = keras.Input((size, size, 3), name="faces")
    x = keras.layers.Rescaling(1 / 127.5, offset=-1)(faces)
    x = body(x, training=False)
    x = keras.layers.GlobalAveragePooling2D()(x)
    x = keras.layers.Dropout(dropout)(x)
    answer = keras.layers.Dense(labels, activation="softmax", dtype="float32", name="probabilities")(x)
    return keras.Model(faces, answer, name=f"mobilenet_v2_{alpha:g}_{size}")
