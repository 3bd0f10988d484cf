"""MobileNetV2 (Sandler et al. 2018) as most mask projects use it: a new head on a body as ImageNet left it.

    python -m training.train mobilenet_mask2 --data MANIFEST_OR_FOLDER

Average pooling -> flatten -> dense 128 -> dropout .5 -> dense 2; 20 epochs; a fifth of the groups validates.
`--trains all --learning-rate 3e-4` fine-tunes the body too, at three times the cost.

Cost: with `--alpha 0.35 --size 128 --pictures-per-epoch 4000` ten minutes on two CPU cores. Expect .95 right
on sources that it never saw (`runs/mobilenet_mask2-v1`).
"""

from dataclasses import replace

from core.labels import MASK_2
from training.recipes._base import Phase, Recipe
from training.recipes.mask3 import ABOUT

RECIPE = Recipe(
    name="mobilenet_mask2",
    labels=MASK_2,
    about=replace(ABOUT, summary="tells mask and no mask"),
    backbone="mobilenet_v2",
    head="dense",
    size=224,
    phases=(Phase("head", 20, trains="head", learning_rate=1e-3, schedule="cosine"),),
    batch=32,
)
