"""`mask3` of pictures whose claimed licence allows any use: for whoever may not use weights for research.

    python -m training.train mask3_open --data MANIFEST --allowed-only --backbone-weights WEIGHTS --yunet ONNX
    python -m training.export runs/RUN mask3_open
    python -m training.evaluate mask3_open --data MANIFEST --record

It is `mask3` in all else. A manifest with other sources is refused, or with `--allowed-only` they are left
out. MANIFEST has what `training.mine_false_faces` found with `face_fpn_open`. Cost: as `mask3`. Expect .96
right, but three quarters of real masks worn incorrectly, of which it knows few (`runs/mask3_open-v1`);
README.md shows both sets side by side. `MASKWISE_WEIGHTS=open` chooses it.
"""

from dataclasses import replace

from training.recipes._base import borrowed, borrowed_threshold
from training.recipes._sources import OPEN_SOURCES
from training.recipes.mask3 import ABOUT
from training.recipes.mask3 import RECIPE as MASK3

RECIPE = replace(
    MASK3,
    name="mask3_open",
    about=replace(
        ABOUT,
        intended_use=(
            "To tell, with a person in the loop, whether faces in photos wear their mask properly. For any "
            "use that the bill of data in this card allows."
        ),
        licence="weights: any use that the licences claimed by the sources allow",
        licence_notes=(
            "Learned only from sources whose claimed licence allows any use: see the bill of data.",
            "No source clears the rights of the people shown in its pictures.",
            "Started from ImageNet weights of MobileNetV2 (Apache 2.0).",
        ),
        sources=tuple(OPEN_SOURCES),
        quality=borrowed(ABOUT.quality, "mask3"),
        not_a_face_threshold=ABOUT.not_a_face_threshold
        and borrowed_threshold(ABOUT.not_a_face_threshold, "mask3"),
    ),
    allowed_sources=OPEN_SOURCES,
)
