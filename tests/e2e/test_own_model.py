"""From a folder of one's own pictures to one's own model in the app, by the README's commands."""

from __future__ import annotations

import os
import subprocess
import sys

import cv2
import numpy as np
import pytest
from playwright.sync_api import expect

from core.images.crops import crop_face
from core.mask_rendering.samples import sample_frame
from tests.e2e.conftest import ROOT, settled


def run(*arguments: str) -> str:
    done = subprocess.run(
        [sys.executable, "-m", *arguments],
        cwd=ROOT,
        env={**os.environ, "TF_CPP_MIN_LOG_LEVEL": "3"},
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    return done.stdout


@pytest.fixture(scope="module")
def models(tmp_path_factory):
    """Trained on 40 pictures of each of two classes whose names Maskwise has never heard of."""
    folder = tmp_path_factory.mktemp("own")
    rng = np.random.default_rng(0)
    for name, sample in (("bareheaded", "no_mask"), ("veiled", "worn_right")):
        (folder / "dataset" / name).mkdir(parents=True)
        frame = sample_frame(sample)
        for i in range(40):  # each time another place, size and light, so that few are near-twins
            x, y, side = rng.uniform(170, 220), rng.uniform(60, 110), rng.uniform(90, 170)
            face = crop_face(frame, (x, y, x + side / 2, y + side), 1.0) * rng.uniform(0.6, 1)
            turned = cv2.warpAffine(
                face.astype(np.uint8),
                cv2.getRotationMatrix2D((side / 2, side / 2), rng.uniform(-25, 25), 1),
                face.shape[1::-1],
                borderMode=cv2.BORDER_REPLICATE,
            )
            cv2.imwrite(str(folder / "dataset" / name / f"{i}.png"), turned[..., ::-1])
    said = run(
        "training.train", "cnn_scratch", "--data", str(folder / "dataset"), "--output", str(folder / "mine"),
        "--size", "32", "--epochs", "6", "--batch", "8", "--learning-rate", "0.003",
    )  # fmt: skip
    assert "Right of those kept for validation" in said
    run("training.export", str(folder / "mine"), "mine", "--models", str(folder / "models"))
    return folder / "models"


def test_a_model_of_ones_own_is_chosen_in_the_app_and_answers_in_its_own_words(models, fresh_server, visitor):
    page = visitor("/check_photos", of=fresh_server(env={"MASKWISE_MODELS": str(models)}))
    page.get_by_role("combobox", name="Model").click()
    page.get_by_role("option", name="mine", exact=True).click()
    settled(page)
    expect(page.get_by_text("Two answers: bareheaded, veiled.")).to_be_visible()
    page.get_by_role("radio", name="Sample").or_(page.get_by_role("button", name="Sample")).first.click()
    page.get_by_role("button", name="Astronaut, no mask").click()
    expect(page.locator(".mw-card")).to_have_count(1)
    expect(page.locator(".mw-card")).to_contain_text("bareheaded")


def test_a_model_that_guesses_gender_is_offered_by_the_owner_alone_and_with_a_plain_warning(
    fresh_server, visitor
):
    page = visitor("/check_photos")
    page.get_by_role("combobox", name="Model").click()
    expect(page.get_by_role("option", name="mask3", exact=True)).to_be_visible()
    expect(page.get_by_role("option", name="gender_wear8")).to_have_count(0)
    server = fresh_server(env={"MASKWISE_MODELS_OFFERED": "mask3,gender_wear8"})
    page = visitor("/check_photos", of=server)
    warning = page.get_by_text("Never let that guess decide anything about a person")
    expect(warning).to_have_count(0)
    page.get_by_role("combobox", name="Model").click()
    page.get_by_role("option", name="gender_wear8").click()
    expect(warning).to_be_visible()
