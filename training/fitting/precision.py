"""Compute in 16 bits where hardware is faster at it; weights stay in 32 (Micikevicius et al. 2018)."""

from __future__ import annotations

import importlib

import keras

POLICIES = {"gpu": "mixed_float16", "tpu": "mixed_bfloat16"}  # the 16-bit format that each is built for


def devices() -> list[str]:
    """What Keras computes on, like "gpu:0". The backend's own devices, those of all workers."""
    if keras.backend.backend() == "torch":  # Keras lists no devices of it
        torch = importlib.import_module("torch")  # none of our requirements: a choice of the user's
        return [f"gpu:{i}" for i in range(torch.cuda.device_count())] or ["cpu:0"]
    return list(keras.distribution.list_devices()) or ["cpu:0"]


def use_mixed_precision_on_gpu() -> str:
    """Let layers built from now on compute in 16 bits on a GPU or TPU. Returns the policy's name.

    `compile` then scales the loss by itself, so that no gradient gets lost in float16.
    """
    policy = POLICIES.get(devices()[0].partition(":")[0], "float32")
    keras.config.set_dtype_policy(policy)
    return policy
