"""InceptionV3 (Szegedy et al. 2015) with a new head: first the head learns, then everything, slowly.

    python -m training.train inception_two_phase --data MANIFEST_OR_FOLDER

Phase one keeps the body as ImageNet left it: 25 epochs of Adam. Phase two trains all layers: 10 epochs of
SGD with Nesterov momentum and a falling rate. Batches of 32; a quarter of the groups validates.

InceptionV3 itself was only rehearsed here, from nothing at 75 px: `runs/inception_two_phase-v1`. With
MobileNetV2 from ImageNet: `runs/inception_two_phase-v2`. There a rate of 1e-3 in phase two undid what phase
one had learned, so it is 1e-4 now, untried; the best epoch, of phase one, was kept.
"""

from dataclasses import replace

from core.labels import MASK_2
from training.recipes._base import Phase, Recipe
from training.recipes.mask3 import ABOUT

RECIPE = Recipe(
    name="inception_two_phase",
    labels=MASK_2,
    about=replace(ABOUT, summary="tells mask and no mask; a large network, fine-tuned in two phases"),
    backbone="inception_v3",
    head="dense",
    size=224,
    phases=(
        Phase("head", 25, trains="head", optimizer="adam", learning_rate=1e-3),
        Phase("all layers", 10, optimizer="sgd", learning_rate=1e-4, schedule="inverse_time"),
    ),
    batch=32,
    validation_share=0.25,
)
