"""`face_fpn` of pictures and teachers whose claimed licence allows any use.

    python -m training.train face_fpn_open --data IMAGES --faces FACES --taught taught.csv --allowed-only \\
        --backbone-weights WEIGHTS
    python -m training.export runs/RUN face_fpn_open
    python -m training.detection.operating_point face_fpn_open --data IMAGES --taught taught.csv
    python -m training.evaluate face_fpn_open --data IMAGES --record

It is `face_fpn` in all else. Sources of another licence are refused, or with `--allowed-only` left out; a
file of pseudo-labels is refused if one of its teachers is for research alone. Cost: 30 epochs were 42
minutes on two CPU cores (`runs/face_fpn_open-v1`). Expect it to find as many faces with masks, and fewer of
groups of bare ones, which it never saw; README.md shows both side by side.
"""

from dataclasses import replace

from training.recipes._sources import OPEN_SOURCES
from training.recipes.face_fpn import ABOUT
from training.recipes.face_fpn import RECIPE as FACE_FPN

RECIPE = replace(
    FACE_FPN,
    name="face_fpn_open",
    about=replace(
        ABOUT,
        limits=(
            ABOUT.limits[0],
            "It learned from photos of crowds of one collection and from single faces of two others, none of "
            "groups without masks: there it finds fewer. Thermal or infrared pictures were not tried.",
            *ABOUT.limits[2:],
        ),
        licence="weights: any use that the licences claimed by the sources allow",
        licence_notes=(
            "Learned only from sources and teachers whose claimed licence allows any use: see the bill of "
            "data.",
            "No source clears the rights of the people shown in its pictures.",
            "Started from ImageNet weights of MobileNetV2 (Apache 2.0).",
        ),
    ),
    allowed_sources=OPEN_SOURCES,
)
