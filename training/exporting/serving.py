"""The architecture of a network trained elsewhere as it is served: without what only training needs."""

from __future__ import annotations

import re
from typing import Any

from core.models import dictionaries

Layer = dict[str, Any]

# Layers that change pictures or activations while training, and hand them on as they are afterwards
_HAND_ON = re.compile(
    r"Random(Apply|Brightness|Color\w+|Contrast|ElasticTransform|Erasing|Flip|GaussianBlur|Grayscale|Height"
    r"|Hue|Invert|Perspective|Posterization|Rotation|Saturation|Sharpness|Shear|Translation|Width|Zoom)"
    r"|AugMix|CutMix|MixUp|RandAugment|Solarization|GaussianNoise|GaussianDropout|AlphaDropout"
    r"|(Spatial)?Dropout([123]D)?|ActivityRegularization|StochasticDepth"
)


def for_serving(config: Layer) -> Layer:
    """The architecture with what acts in training alone replaced, in place: pictures pass it as they are.

    Augmentation would have ONNX graphs of random numbers, which are not written. A random crop becomes what
    it is in serving, the middle scaled.
    """
    for part in list(dictionaries(config)):
        settings = part.get("config")
        if not isinstance(part.get("class_name"), str) or not isinstance(settings, dict):
            continue
        if part["class_name"] == "__tensor__":  # a tensor would become an input of the ONNX graph
            part["class_name"] = "__numpy__"
            continue
        kept = {key: settings[key] for key in ("name", "trainable", "dtype") if key in settings}
        if _HAND_ON.fullmatch(part["class_name"]):
            _replace(part, "Identity", kept)
        elif part["class_name"] == "RandomCrop":
            size = {key: settings.get(key) for key in ("height", "width")}
            _replace(part, "Resizing", kept | size | {"crop_to_aspect_ratio": True})
    return config


def _replace(part: Layer, name: str, settings: Layer) -> None:
    module = {"module": "keras.layers", "registered_name": None} if "module" in part else {}
    part |= {"class_name": name, "config": settings} | module
    for node in part.get("inbound_nodes") or ():
        if isinstance(node, dict):  # `training` is no argument of what it is replaced by
            node["kwargs"] = {}
