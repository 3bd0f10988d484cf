"""The eight labels with the body of `mask3`: gender and wearing, small and quick.

    python -m training.gender_wear --data MANIFEST --output data/gender_wear8 --yunet ONNX
    python -m training.train gender_wear8 --data data/gender_wear8/manifest.csv --backbone-weights WEIGHTS
    python -m training.export runs/RUN gender_wear8
    python -m training.evaluate gender_wear8 --data data/gender_wear8/manifest.csv --record

It begins from ImageNet's weights: those of `mask3` have seen the faces that it is tested on. Only its upper
blocks are trained.

Cost: some 12 minutes on two CPU cores. Expect .92 right on the balanced test, 70% of which are synthetic, and
.91 on its real photos alone (`runs/gender_wear8-v3`).
"""

from dataclasses import replace

from core.labels import GENDER_WEAR_8
from training.recipes._base import Phase
from training.recipes.mask3 import RECIPE as MASK3
from training.recipes.resnet_once8 import ABOUT

RECIPE = replace(
    MASK3,
    name="gender_wear8",
    labels=GENDER_WEAR_8,
    classes=(),
    about=ABOUT,
    size=144,
    middle=1.0,  # hair and neck say more of gender than the face between them
    phases=(
        Phase("head", 1, trains="head", learning_rate=2e-3, schedule="cosine"),
        Phase("upper blocks", 10, trains=83, optimizer="adamw", learning_rate=5e-4, ema_span=0.3),
    ),
    sampling="each_once",
    pictures_per_epoch=8_000,
    label_share={},
    synthetic_share={},
    subtype_share={},
)
