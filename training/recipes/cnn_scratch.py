"""A small CNN from nothing, two labels: what a mask looks like is learned from the given pictures alone.

    python -m training.train cnn_scratch --data MANIFEST_OR_FOLDER

Replaces notebooks that train on boxes of a CSV: `python -m training.split` cuts them out first.

Cost: with `--limit 4000 --epochs 10 --pictures-per-epoch 1600` five minutes on two CPU cores. Expect .88
right on sources that it never saw (`runs/cnn_scratch-v1`).
"""

from dataclasses import replace

from core.labels import MASK_2
from training.recipes._base import Phase, Recipe
from training.recipes.mask3 import ABOUT

RECIPE = Recipe(
    name="cnn_scratch",
    labels=MASK_2,
    about=replace(ABOUT, summary="tells mask and no mask; a small network that started from nothing"),
    backbone="small_cnn",
    head="linear",
    size=64,
    phases=(Phase("from scratch", 30, optimizer="adamw", learning_rate=1e-3, schedule="cosine"),),
    batch=64,
    dropout=0.4,
    weight_decay=1e-3,
    label_smoothing=0.05,
    class_weights=True,
)
