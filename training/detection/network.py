"""The detector: a light backbone, a feature pyramid, one head for all of its levels; anchor-free.

Cells of three strides answer for the faces near them, as in FCOS (Tian et al. 2019) and YOLOX (Ge et al.
2021); the pyramid is that of Lin et al. 2017, of depthwise separable convolutions.
"""

from __future__ import annotations

import keras
from keras import layers

from core.detection import STRIDES
from training.fitting import in_range, published
from training.recipes import DetectionRecipe

_OURS = ("stride_", "lateral_", "up_")  # layers that the backbone does not have begin so
# Where MobileNetV2 has done with a stride: its widest features there, and its last ones.
_LEVELS = ("block_6_expand_relu", "block_13_expand_relu", "block_16_project_BN")


def build_detector(recipe: DetectionRecipe, backbone_weights: str) -> keras.Model:
    """Pictures (N, H, W, 3), 0 to 255 RGB, H and W multiples of 32 -> (N, cells, 15 + labels), float32.

    Cells row by row, of stride 8, then 16, then 32. A cell answers a logit of the score, its box and five
    points as `core.detection.face_fpn` says, and a logit a label.
    """
    pictures = keras.Input((None, None, 3), name="pictures")
    body = published(
        "mobilenet_v2", backbone_weights, alpha=recipe.alpha, input_tensor=in_range(pictures, "-1,1")
    )
    taps = [body.get_layer(name).output for name in _LEVELS]
    x: keras.KerasTensor = None
    pyramid: list[keras.KerasTensor] = []
    for tap, stride in zip(reversed(taps), reversed(STRIDES), strict=True):
        here = layers.Conv2D(recipe.width, 1, use_bias=False, name=f"lateral_{stride}")(tap)
        here = layers.BatchNormalization(momentum=0.97, name=f"lateral_{stride}_norm")(here)
        x = here if x is None else layers.Add()([here, layers.UpSampling2D(2)(x)])
        pyramid.insert(0, x)
    # And up again, as in PANet (Liu et al. 2018): what is fine tells where the edges of a large face are
    for level, stride in enumerate(STRIDES[1:], 1):
        finer = _separable(pyramid[level - 1], recipe.width, f"up_{stride}", strides=2, gamma=0.1)
        pyramid[level] = layers.Add(name=f"up_{stride}_sum")([pyramid[level], finer])
    answers = [
        layers.Reshape((-1, 15 + len(recipe.labels)))(_head(level, recipe, f"stride_{stride}", depth))
        for level, stride, depth in zip(pyramid, STRIDES, recipe.depths, strict=True)
    ]
    cells = layers.Concatenate(axis=1, name="cells", dtype="float32")(answers)
    return keras.Model(pictures, cells, name=f"face_fpn_{recipe.width}")


def _head(x: keras.KerasTensor, recipe: DetectionRecipe, name: str, depth: int) -> keras.KerasTensor:
    """Score, box, and what the face shows, a branch each (as in YOLOX): they want different features.

    Points are learned in sides of the cell's own box. In cells, what a face's size and place add to them is
    many times what the turn of a head does, and they stayed where an average head has them.
    """
    x = _separable(x, recipe.width, f"{name}_stem")
    branch = dict.fromkeys(("score", "place", "look"), x)
    for of in branch:
        for layer in range(depth):
            branch[of] = _separable(branch[of], recipe.width, f"{name}_{of}_{layer}")
    rare = keras.initializers.Constant(-4.6)  # a face in a hundred cells, as focal loss begins
    score = layers.Conv2D(1, 1, bias_initializer=rare, name=f"{name}_score")(branch["score"])
    middle = layers.Conv2D(2, 1, name=f"{name}_middle")(branch["place"])
    sides = layers.Conv2D(2, 1, name=f"{name}_sides")(branch["place"])
    shape = layers.Conv2D(10, 1, name=f"{name}_shape")(branch["look"])
    labels = layers.Conv2D(len(recipe.labels), 1, name=f"{name}_labels")(branch["look"])
    in_cells = layers.Activation("exponential")(layers.ReLU(6.0)(sides))  # a cell at least; a bound above
    reach = layers.Multiply()([shape, layers.Concatenate()([in_cells] * 5)])
    points = layers.Add()([layers.Concatenate()([middle] * 5), reach])
    return layers.Concatenate()([score, middle, sides, points, labels])


def _separable(
    x: keras.KerasTensor, width: int, name: str, strides: int = 1, gamma: float = 1.0
) -> keras.KerasTensor:
    """A 3 x 3 convolution as MobileNet has it: a channel at a time, then across channels.

    With a small `gamma` it says little at first: what it is added to is not disturbed (as in Goyal et al.
    2017, who begin at 0, where a ReLU would stay).
    """
    x = layers.DepthwiseConv2D(3, strides=strides, padding="same", use_bias=False, name=f"{name}_depthwise")(
        x
    )
    x = layers.Conv2D(width, 1, use_bias=False, name=f"{name}_pointwise")(x)
    start = keras.initializers.Constant(gamma)
    x = layers.BatchNormalization(momentum=0.97, gamma_initializer=start, name=f"{name}_norm")(x)
    return layers.ReLU(6.0, name=f"{name}_relu")(x)


def freeze(model: keras.Model, recipe: DetectionRecipe, *, pretrained: bool) -> None:
    """Keep a pretrained backbone's first layers, up to `recipe.frozen_until`, and all of its batch norm.

    Edges and blobs are the same in any picture, and these layers cost most of a step: they see most pixels.
    """
    if pretrained:
        model.get_layer(recipe.frozen_until)  # raises where there is none, and all would be frozen
    frozen = pretrained
    for layer in model.layers:
        norm = isinstance(layer, layers.BatchNormalization) and not layer.name.startswith(_OURS)
        layer.trainable = not (frozen or (pretrained and norm))
        frozen = frozen and layer.name != recipe.frozen_until
