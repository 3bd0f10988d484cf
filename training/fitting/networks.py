"""Networks that recipes train. Pictures go in as 0 to 255 RGB; the graph makes of it what a body wants."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import keras
from keras import layers

from core.errors import ModelError, RecordError
from core.models import read_keras
from training.fitting.input_range import in_range
from training.fitting.shipped_backbone import body_of, empty_body, is_shipped
from training.recipes import IMAGENET, NOTHING, Recipe

log = logging.getLogger(__name__)

_OF_THE_SAME_KIND = "Give the best.keras of a run of the same network and size."
FEATURES = "features"  # the layer before the answer; joined networks start from it


class NotDownloadedError(RecordError):
    """ImageNet weights are neither here nor to be had."""


def build(recipe: Recipe, backbone_weights: str, name: str = "body") -> keras.Model:
    """The recipe's network: faces (N, S, S, 3), 0 to 255 -> probabilities (N, classes), float32.

    `backbone_weights`: a Keras file without top, "imagenet" (downloaded), a model that ships, whose body is
    taken, or "none" to start from nothing. Raises `NotDownloadedError`, and `RecordError` for others.
    """
    faces = keras.Input((recipe.size, recipe.size, 3), name="faces")
    body = _body(recipe, backbone_weights, name)
    edge = (recipe.size - recipe.seen) // 2
    middle = layers.Cropping2D(edge, name="middle")(faces) if edge else faces
    x = body(in_range(middle, "caffe" if recipe.backbone == "resnet50" else "-1,1"))
    if recipe.head == "linear":
        x = layers.GlobalAveragePooling2D(name=FEATURES)(x)
    else:
        x = layers.AveragePooling2D(min(7, *x.shape[1:3]))(x)
        x = layers.Flatten()(x)
        x = layers.Dense(128, activation="relu", name=FEATURES)(x)
    return _classification_head(faces, x, recipe, f"{recipe.backbone}_{recipe.size}")


def start_from(model: keras.Model, trained: Path) -> None:
    """Give `model` the weights of a network that a run kept: all where it has as many layers of the same
    shapes, else of each that has the same name and shape.

    The others begin anew, which is logged. Raises `RecordError` where that is most of the network.
    """
    try:
        before = read_keras(trained)
    except (ValueError, ModelError) as problem:
        raise RecordError(f"{trained} cannot be started from: {problem}. {_OF_THE_SAME_KIND}") from None
    learned, theirs = ([layer for layer in one.layers if layer.weights] for one in (model, before))
    alike = [*map(_shapes, learned)] == [*map(_shapes, theirs)]
    there = dict(zip((layer.name for layer in (learned if alike else theirs)), theirs, strict=True))
    taken = [layer for layer in learned if _shapes(layer) == _shapes(there.get(layer.name))]
    if 2 * len(taken) < len(learned):
        raise RecordError(
            f"{trained} cannot be started from: {len(taken)} of {len(learned)} layers are the same there. "
            f"{_OF_THE_SAME_KIND}"
        )
    for layer in taken:
        layer.set_weights(there[layer.name].get_weights())
    anew = [layer.name for layer in learned if layer not in taken]
    log.info(
        "Taken over from %s: %d layers of %d%s",
        trained,
        len(taken),
        len(learned),
        f"; these begin anew: {', '.join(anew)}" if anew else "",
    )


def _shapes(layer: keras.layers.Layer | None) -> list[tuple[int, ...]]:
    return [weight.shape for weight in layer.get_weights()] if layer else []


def joined(parts: Sequence[tuple[str, keras.Model]], recipe: Recipe) -> keras.Model:
    """One network of several that see the same picture: their features, side by side, under new layers."""
    faces = keras.Input((recipe.size, recipe.size, 3), name="faces")
    features = [
        keras.Model(model.input, model.get_layer(FEATURES).output, name=name)(faces) for name, model in parts
    ]
    x = layers.Concatenate()(features)
    x = layers.Dense(128, activation="relu", name=FEATURES)(x)
    return _classification_head(faces, x, recipe, f"{len(parts)}_{recipe.backbone}_{recipe.size}")


def _classification_head(
    faces: keras.KerasTensor, x: keras.KerasTensor, recipe: Recipe, name: str
) -> keras.Model:
    x = layers.Dropout(recipe.dropout, seed=recipe.seed)(x)
    classes = len(recipe.class_set)
    answer = layers.Dense(classes, activation="softmax", dtype="float32", name="probabilities")(x)
    return keras.Model(faces, answer, name=name)


def _body(recipe: Recipe, weights: str, name: str) -> keras.Model:
    shape = (recipe.seen, recipe.seen, 3)
    if recipe.backbone == "small_cnn":
        return _small_cnn(shape, name)
    if is_shipped(weights):
        body = empty_body(recipe)
        body.set_weights(body_of(weights).get_weights())
        return keras.Model(body.input, body.output, name=name)
    body = published(recipe.backbone, weights, alpha=recipe.alpha, input_shape=shape, name=name)
    if not recipe.body_ends_at:
        return body
    try:
        return keras.Model(body.input, body.get_layer(recipe.body_ends_at).output, name=name)
    except ValueError:
        raise RecordError(f"{recipe.backbone} has no layer {recipe.body_ends_at!r} to end at.") from None


def published(backbone: str, weights: str, *, alpha: float = 1.0, **options: Any) -> keras.Model:
    """A body that Keras has, without top. `weights` as for `build`, `options` as for Keras's own function."""
    if weights not in (IMAGENET, NOTHING) and not Path(weights).is_file():
        raise RecordError(f"No backbone weights at {weights}. Give a file, {IMAGENET!r} or {NOTHING!r}.")
    options |= {"include_top": False, "weights": None if weights == NOTHING else weights}
    try:
        match backbone:
            case "mobilenet_v2":
                return keras.applications.MobileNetV2(alpha=alpha, **options)
            case "inception_v3":
                return keras.applications.InceptionV3(**options)
            case "resnet50":
                return keras.applications.ResNet50(**options)
            case _:
                raise RecordError(f"Unknown backbone {backbone!r}.")
    except (ValueError, OSError) as problem:  # a size it cannot take, another network's file, no network
        raise RecordError(
            f"{backbone} of {options.get('input_shape')} px cannot start from {weights!r}: {problem}. "
            f"Give --backbone-weights a file, or {NOTHING!r} to start from nothing."
        ) from None
    except Exception as problem:  # Keras's downloader raises a bare Exception where there is no network
        if weights != IMAGENET:
            raise
        raise NotDownloadedError(
            f"ImageNet weights of {backbone} cannot be downloaded: {problem}. "
            f"Give --backbone-weights a file, or {NOTHING!r} to start from nothing."
        ) from None


def _small_cnn(shape: tuple[int, int, int], name: str) -> keras.Model:
    """Blocks of two convolutions (as VGG, Simonyan and Zisserman 2014) with batch norm and weight decay."""
    x = picture = keras.Input(shape)
    for filters in (16, 32, 64, 128):
        for _ in range(2):
            x = layers.Conv2D(
                filters, 3, padding="same", use_bias=False, kernel_regularizer=keras.regularizers.L2(1e-4)
            )(x)
            x = layers.BatchNormalization(momentum=0.9)(x)
            x = layers.ReLU()(x)
        x = layers.MaxPooling2D()(x)
    return keras.Model(picture, x, name=name)


def set_trainable(model: keras.Model, trains: str | int, *, pretrained: bool) -> None:
    """Let the head learn, and of each body "all" layers, none ("head") or its last `trains` layers.

    Batch norm of a pretrained body keeps ImageNet's statistics, in training too: small batches of faces would
    only spoil them.
    """
    for body in (layer for layer in model.layers if isinstance(layer, keras.Model)):
        body.trainable = True
        leaves = list(_leaves(body))
        count = {"all": len(leaves), "head": 0}.get(str(trains), trains)
        for place, layer in enumerate(leaves):
            is_norm = isinstance(layer, layers.BatchNormalization)
            layer.trainable = place >= len(leaves) - int(count) and not (pretrained and is_norm)


def _leaves(model: keras.Model) -> Iterator[keras.layers.Layer]:
    for layer in model.layers:
        if isinstance(layer, keras.Model):
            yield from _leaves(layer)
        else:
            yield layer
