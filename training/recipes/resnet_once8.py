"""ResNet50 (He et al. 2015), mostly frozen: gender and wearing, eight labels, in one stage.

    python -m training.gender_wear --data MANIFEST --output data/gender_wear8
    python -m training.train resnet_once8 --data data/gender_wear8/manifest.csv

The last stage of the body (its last 32 layers) and the head learn. `--backbone mobilenet_v2` makes it small.

Cost: with `--backbone mobilenet_v2 --alpha 0.35 --size 128 --trains all --learning-rate 5e-4 --batch 64
--epochs 12 --pictures-per-epoch 6000` 22 minutes on two CPU cores. Expect .89 right on the balanced test,
70% of which are synthetic (`runs/gender_wear8-v1`). ResNet50 itself was only rehearsed here, from nothing.
"""

from dataclasses import replace

from core.labels import GENDER_WEAR_8
from training.recipes._base import Phase, Recipe, borrowed
from training.recipes.mask3 import ABOUT as MASK3_ABOUT

ABOUT = replace(
    MASK3_ABOUT,
    summary="tells how a mask is worn, in four ways, and guesses gender",
    limits=(
        "Gender is guessed from looks. It is often wrong, most of all on masked, young or old faces, and "
        "there are people of whom neither answer is true.",
        "Nearly all masks worn incorrectly that it learned from are synthetic, on bare faces.",
        *MASK3_ABOUT.limits[1:2],
        MASK3_ABOUT.limits[3],
    ),
    licence_notes=(
        "Trained on public collections of photos, none of which clears the rights of the people shown; "
        "utkface is for non-commercial research.",
        "A MobileNetV2 body started from ImageNet weights (Apache 2.0).",
    ),
    sources=(*MASK3_ABOUT.sources, "acollin", "utkface"),
    warning=(
        "This model also guesses gender, from looks alone, and is often wrong. Never let that guess "
        "decide anything about a person. To check masks, choose a model without gender."
    ),
    quality=borrowed(MASK3_ABOUT.quality, "mask3"),
)

RECIPE = Recipe(
    name="resnet_once8",
    labels=GENDER_WEAR_8,
    about=ABOUT,
    backbone="resnet50",
    head="dense",
    size=224,
    phases=(Phase("last stage", 20, trains=32, optimizer="adamw", learning_rate=3e-4, schedule="cosine"),),
    batch=32,
    weight_decay=1e-3,
    label_smoothing=0.05,
    augmentation="gentle",
)
