"""The ranges of values that networks are fed, made of faces in the graph itself."""

from __future__ import annotations

from typing import Literal, get_args

import keras

InputRange = Literal["-1,1", "0,1", "0,255", "caffe"]
INPUT_RANGES: tuple[InputRange, ...] = get_args(InputRange)


def in_range(faces: keras.KerasTensor, input_range: InputRange) -> keras.KerasTensor:
    """Pictures (N, S, S, 3), 0 to 255 RGB, as a network of that `input_range` wants them."""
    match input_range:
        case "-1,1":  # `preprocess_input` of MobileNet and Inception
            return keras.layers.Rescaling(1 / 127.5, offset=-1.0)(faces)
        case "0,1":
            return keras.layers.Rescaling(1 / 255)(faces)
        case "0,255":
            return faces
        case "caffe":  # that of ResNet50 and VGG: BGR, without the mean colour of ImageNet
            bgr = keras.ops.flip(faces, axis=-1)
            return keras.layers.Rescaling(1.0, offset=[-103.939, -116.779, -123.68])(bgr)
