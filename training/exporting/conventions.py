"""How a network trained elsewhere was fed, and what its answers mean: nobody can read that off its file."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, get_args

from core.errors import ModelError
from training.fitting import InputRange

ChannelOrder = Literal["rgb", "bgr"]
Activation = Literal["softmax", "sigmoid"]
CHANNEL_ORDERS: tuple[ChannelOrder, ...] = get_args(ChannelOrder)
ACTIVATIONS: tuple[Activation, ...] = get_args(Activation)
UNKNOWN = ""  # what a network ends with where that is neither an activation nor a sum of weights
GREY = (0.299, 0.587, 0.114)  # of red, green and blue (ITU-R BT.601), as OpenCV, Pillow and TensorFlow do


@dataclass(frozen=True, slots=True)
class Conventions:
    """`channel_order` and `input_range` of the pictures that it was given; pixels `size` where it takes any.

    `activation` is what its answers were trained with: "softmax", or "sigmoid" for each by itself. Where the
    network does not end with it, it is added. None: the network ends with a softmax, or with one sigmoid.
    """

    input_range: InputRange = "-1,1"
    channel_order: ChannelOrder = "rgb"
    activation: Activation | None = None
    size: int | None = None


@dataclass(frozen=True, slots=True)
class Steps:
    """What is added to a network's answers (N, C), in this order, so that they are probabilities.

    `activation`: none, or the one to add. `as_pair`: one number is the probability of the second of two
    labels. `shares`: each by itself is divided by their sum.
    """

    activation: Activation | None = None
    as_pair: bool = False
    shares: bool = False


def side_of(shape: tuple[int | None, ...], size: int | None) -> int:
    """Pixels of the square pictures (N, S, S, C) that a network takes. Raises `ModelError`."""
    if len(shape) != 4 or shape[3] not in (1, 3) or shape[1] != shape[2]:
        raise ModelError(
            f"The network takes {_shown(shape)}, but square RGB pictures (N, S, S, 3) are wanted, or grey "
            "ones (N, S, S, 1)."
        )
    side = shape[1] or size
    if side is None:
        raise ModelError("The network takes pictures of any size. Say which it was trained on: --size.")
    if size not in (None, side):
        raise ModelError(f"The network takes {side} px, not the {size} of --size.")
    return side


def require_fitting(how: Conventions, channels: int) -> None:
    """Raises `ModelError` for what makes no sense for a network of grey pictures."""
    if channels == 1 and (how.input_range in ("caffe", "torch") or how.channel_order == "bgr"):
        raise ModelError(
            "The network takes grey pictures, which have no order of channels and no mean colour: give "
            "--input-range=0,1, -1,1 or 0,255, and no --channel-order bgr."
        )


def steps_to_probabilities(ends_with: str, answers: int, labels: int, asked: Activation | None) -> Steps:
    """What makes probabilities of `answers` numbers that a network ends with. Raises `ModelError`.

    `ends_with` is the activation by Keras's name, "linear" where it is none, or `UNKNOWN`: then the answers
    themselves will show whether they are probabilities.
    """
    as_pair = answers == 1 and labels == 2
    if answers != labels and not as_pair:
        raise ModelError(f"The network has {answers} outputs for {labels} labels. Correct --labels.")
    if ends_with == UNKNOWN and asked is None:
        return Steps(as_pair=as_pair)
    if ends_with not in ("softmax", "sigmoid", "linear"):
        raise ModelError(
            f"The network ends with {ends_with or 'what is no activation'}, which answers no "
            "probabilities. End it with a softmax, or with one sigmoid unit for two labels."
        )
    if as_pair and "softmax" in (ends_with, asked):
        raise ModelError(
            "The network has one output with a softmax, which is always 1. Give one output a sigmoid, or an "
            "output to each label."
        )
    if ends_with == "softmax" or (ends_with == "sigmoid" and as_pair):
        if asked not in (None, ends_with):
            raise ModelError(f"The network ends with a {ends_with} itself. Leave out --activation {asked}.")
        return Steps(as_pair=as_pair)
    if asked is None:
        raise ModelError(_offer(ends_with, answers))
    if ends_with == "sigmoid" and asked == "softmax":
        raise ModelError("The network ends with sigmoids, so --activation sigmoid is meant.")
    add = asked if ends_with == "linear" else None
    return Steps(activation=add, as_pair=as_pair, shares=asked == "sigmoid" and not as_pair)


def _offer(ends_with: str, answers: int) -> str:
    if ends_with == "sigmoid":
        return (
            f"The network ends with {answers} sigmoids, each by itself, so its answers need not add up to 1 "
            "as a softmax's do. Give --activation sigmoid: each is then divided by their sum."
        )
    if answers == 1:
        return (
            "The network ends with one number and no sigmoid, so it does not answer probabilities. If it was "
            "trained so (from_logits=True), give --activation sigmoid, which is then added."
        )
    return (
        "The network ends without a softmax, so it does not answer probabilities that add up to 1. If it was "
        "trained so (from_logits=True), give --activation softmax, which is then added, or --activation "
        "sigmoid if it has a sigmoid for each label."
    )


def _shown(shape: tuple[int | None, ...]) -> str:
    return f"({', '.join('N' if side is None else str(side) for side in shape)})"
