"""`mobilenet_mask2` with three labels. Masks worn wrong are rare: their errors count more, by class weights.

python -m training.train mobilenet_mask3 --data MANIFEST_OR_FOLDER
"""

from dataclasses import replace

from core.labels import MASK_3
from training.recipes import mobilenet_mask2
from training.recipes.mask3 import ABOUT

RECIPE = replace(
    mobilenet_mask2.RECIPE,
    name="mobilenet_mask3",
    labels=MASK_3,
    about=replace(ABOUT, summary="tells mask on, worn wrong and no mask, by a new head on a frozen body"),
    class_weights=True,
)
