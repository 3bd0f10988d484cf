"""A body to start from without a network: that of a model that ships."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import keras

from core.errors import RecordError
from core.models import SHIPPED, read_keras
from training.recipes import IMAGENET, NOTHING, Recipe

_FILE = "model.keras"
_CARD = "card.json"


def shipped_names() -> list[str]:
    """Models that ship with a network for Keras, those of `core.models.DEFAULT` first."""
    found = [path.parent.name for path in SHIPPED.glob(f"*/{_FILE}") if (path.parent / _CARD).is_file()]
    return sorted(found, key=lambda name: (not name.startswith("mask3"), name))


def is_shipped(backbone_weights: str) -> bool:
    return backbone_weights not in (IMAGENET, NOTHING) and backbone_weights in shipped_names()


def network_file(name: str) -> Path:
    """Of a model that ships."""
    return SHIPPED / name / _FILE


def body_of(name: str) -> keras.Model:
    """The body of the model `name`, which ships. Raises `ModelError`, or `RecordError` where it has none."""
    found = read_keras(network_file(name))
    body = next((layer for layer in found.layers if isinstance(layer, keras.Model)), None)
    if body is None:
        raise RecordError(f"The model {name} has no body to start from. Give --backbone-weights a file.")
    return body


def fitted_to(recipe: Recipe, name: str) -> Recipe:
    """The recipe with its body ending where that of the model does. Raises `RecordError` for another body."""
    body = body_of(name)
    fitted = dataclasses.replace(recipe, body_ends_at=body.layers[-1].name)
    if recipe.backbone != "mobilenet_v2" or not _same(empty_body(fitted), body):
        raise RecordError(
            f"The body of {name} is no {recipe.architecture}. Give --backbone-weights a file, or {NOTHING!r}."
        )
    return fitted


def substitute_for_imagenet(recipe: Recipe) -> str | None:
    """The model that ships whose body a recipe can start from instead; None where there is none for it.

    Recipes of weights for any use have none: what ships may have learned from more than they may.
    """
    if recipe.backbone != "mobilenet_v2" or recipe.allowed_sources or recipe.parts:
        return None
    for name in shipped_names():
        try:
            fitted_to(recipe, name)
        except RecordError:
            continue
        return name
    return None


def empty_body(recipe: Recipe) -> keras.Model:
    """The recipe's MobileNetV2, up to where it ends, of pictures of any size."""
    shape = (recipe.seen, recipe.seen, 3)
    body = keras.applications.MobileNetV2(
        alpha=recipe.alpha, include_top=False, weights=None, input_shape=shape
    )
    try:
        return keras.Model(body.input, body.get_layer(recipe.body_ends_at).output)
    except ValueError:
        raise RecordError(f"MobileNetV2 has no layer {recipe.body_ends_at!r} to end at.") from None


def _same(one: keras.Model, other: keras.Model) -> bool:
    shapes = [[tuple(weight.shape) for weight in model.weights] for model in (one, other)]
    return shapes[0] == shapes[1]
