"""`mobilenet_mask2` with three labels, and class weights: masks worn incorrectly are rare.

    python -m training.train mobilenet_mask3 --data MANIFEST_OR_FOLDER

Cost: with `--alpha 0.35 --size 128 --limit 6000 --pictures-per-epoch 2000` nine minutes on two CPU cores.
Expect .84 right on sources that it never saw, and a third of real masks worn incorrectly
(`runs/mobilenet_mask3-v1`).
"""

from dataclasses import replace

from core.labels import MASK_3
from training.recipes import mobilenet_mask2
from training.recipes.mask3 import ABOUT

RECIPE = replace(
    mobilenet_mask2.RECIPE,
    name="mobilenet_mask3",
    labels=MASK_3,
    about=replace(
        ABOUT, summary="tells mask on, worn incorrectly and no mask, by a new head on a frozen body"
    ),
    class_weights=True,
)
