"""Two ResNet50 trained apart, for gender (2 labels) and wearing (4), then joined and trained on all eight.

    python -m training.gender_wear --data MANIFEST --output data/gender_wear8
    python -m training.train resnet_parallel8 --data data/gender_wear8/manifest.csv

Each part is trained as `resnet_once8` is. Joined, their features lie side by side under new layers. It costs
four times what `resnet_once8` does, and the network is twice as large.

Cost: with MobileNetV2 0.35 at 96 px and 4 epochs of 3,500 pictures each, ten minutes on two CPU cores. Expect
.84 right on the balanced test (`runs/resnet_parallel8-v1`).
"""

from dataclasses import replace

from core.labels import GENDER_WEAR_8, WEAR_4, LabelSet
from training.recipes import resnet_once8
from training.recipes._base import Part

GENDER = LabelSet("gender2", ("female", "male"))

RECIPE = replace(
    resnet_once8.RECIPE,
    name="resnet_parallel8",
    parts=(
        Part("gender", GENDER, {label: label.partition("_")[0] for label in GENDER_WEAR_8}),
        Part("wearing", WEAR_4, {label: label.partition("_")[2] for label in GENDER_WEAR_8}),
    ),
)
