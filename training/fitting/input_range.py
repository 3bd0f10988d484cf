"""The ranges of values that networks are fed, made of faces in the graph itself."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, get_args

if TYPE_CHECKING:
    import keras

InputRange = Literal["-1,1", "0,1", "0,255", "caffe", "torch"]
INPUT_RANGES: tuple[InputRange, ...] = get_args(InputRange)
Numbers = float | tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Values:
    """What is made of pictures, 0 to 255 RGB: the channels `reversed`, then times `scale`, plus `offset`."""

    scale: Numbers = 1.0
    offset: Numbers = 0.0
    reversed: bool = False


_STD = 0.229, 0.224, 0.225  # of ImageNet, for pictures of 0 to 1
VALUES: dict[InputRange, Values] = {
    "-1,1": Values(1 / 127.5, -1.0),  # `preprocess_input` of MobileNet, Inception and Xception
    "0,1": Values(1 / 255),
    "0,255": Values(),
    # That of ResNet50 and VGG: BGR, without the mean colour of ImageNet
    "caffe": Values(offset=(-103.939, -116.779, -123.68), reversed=True),
    # That of DenseNet, and what PyTorch's networks are fed
    "torch": Values(
        tuple(1 / (255 * std) for std in _STD),
        tuple(-mean / std for mean, std in zip((0.485, 0.456, 0.406), _STD, strict=True)),
    ),
}


def in_range(faces: keras.KerasTensor, input_range: InputRange) -> keras.KerasTensor:
    """Pictures (N, S, S, C), 0 to 255, as a network of that `input_range` wants them."""
    import keras

    values = VALUES[input_range]
    if values.reversed:
        faces = keras.ops.flip(faces, axis=-1)
    if values == Values():
        return faces
    scale, offset = (list(v) if isinstance(v, tuple) else v for v in (values.scale, values.offset))
    return keras.layers.Rescaling(scale, offset=offset)(faces)
