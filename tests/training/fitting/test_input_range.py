"""What a network is fed of black, white and orange, in each range."""

import os

import numpy as np
import pytest

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import keras

from training.fitting.input_range import INPUT_RANGES, in_range

PICTURE = np.array([[[(0, 0, 0), (255, 255, 255), (255, 128, 0)]]], np.float32)
FED = {
    "-1,1": [(-1, -1, -1), (1, 1, 1), (1, 128 / 127.5 - 1, -1)],
    "0,1": [(0, 0, 0), (1, 1, 1), (1, 128 / 255, 0)],
    "0,255": [(0, 0, 0), (255, 255, 255), (255, 128, 0)],
    # Less ImageNet's mean, over its deviation, both of 0 to 1
    "torch": [
        (-0.485 / 0.229, -0.456 / 0.224, -0.406 / 0.225),
        (0.515 / 0.229, 0.544 / 0.224, 0.594 / 0.225),
        (0.515 / 0.229, (128 / 255 - 0.456) / 0.224, -0.406 / 0.225),
    ],
    # Blue first, less the mean colour of ImageNet
    "caffe": [
        (-103.939, -116.779, -123.68),
        (151.061, 138.221, 131.32),
        (-103.939, 128 - 116.779, 131.32),
    ],
}


@pytest.mark.parametrize("name", INPUT_RANGES)
def test_faces_are_fed_in_the_range_that_is_named(name):
    faces = keras.Input((1, 3, 3))
    fed = keras.Model(faces, in_range(faces, name))(PICTURE)
    assert np.asarray(fed)[0, 0] == pytest.approx(np.array(FED[name]), abs=1e-4)
