"""Blur, noise and light are measured as they were put in."""

import cv2
import numpy as np
import pytest

from core.mask_rendering.photo import blur_sigma, light, noise_sigma
from core.mask_rendering.samples import sample_frame


@pytest.mark.parametrize("sigma", [1.0, 2.0, 3.0])
def test_blur_is_measured(sigma):
    edges = np.kron(np.random.default_rng(0).integers(0, 2, (12, 12)), np.ones((24, 24))) * 200
    photo = np.repeat(cv2.GaussianBlur(edges, (0, 0), sigma)[..., None], 3, axis=2).astype(np.uint8)
    assert blur_sigma(photo) == pytest.approx(sigma, rel=0.2)


@pytest.mark.parametrize("shape", [(40, 40), (3, 3), (1, 200)])
def test_without_edges_there_is_no_blur_and_no_noise(shape):
    flat = np.full((*shape, 3), 90, np.uint8)
    assert blur_sigma(flat) == 0 and noise_sigma(flat) == 0


@pytest.mark.parametrize("sigma", [2, 5])
def test_noise_is_measured(sigma):
    noise = np.random.default_rng(0).normal(128, sigma, (200, 200, 3))
    assert noise_sigma(noise.round().astype(np.uint8)) == pytest.approx(sigma, rel=0.25)


def test_light_follows_the_photo():
    photo = sample_frame("no_mask").rgb[60:200, 150:290]
    lit = light(photo, (70, 70), 47)
    dark = light((photo * 0.4).astype(np.uint8), (70, 70), 47)
    warm = light(np.clip(photo * [1.1, 1.0, 0.6], 0, 255).astype(np.uint8), (70, 70), 47)
    assert lit.brightness.shape == photo.shape[:2] and dark.brightness.mean() < 0.8 * lit.brightness.mean()
    assert warm.tint[2] < lit.tint[2] < 1.2
    assert lit.colourfulness == 1
    assert light(np.full((30, 30, 3), 77, np.uint8), (15, 15), 10).colourfulness == 0


def test_light_from_one_side_stays_on_that_side():
    photo = (
        np.repeat(np.linspace(40, 220, 100)[None, :, None], 100, axis=0).repeat(3, axis=2).astype(np.uint8)
    )
    lit = light(photo, (50, 50), 30)
    assert lit.brightness[50, 90] > 1.3 * lit.brightness[50, 10]
