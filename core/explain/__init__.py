"""Why a model answered so: what in a face decides, and how robust it is to corruptions."""

from core.explain.corruptions import (
    CORRUPTIONS,
    CorruptionResults,
    RobustnessCurve,
    classify_crops,
    measure_robustness,
)
from core.explain.occlusion import PATCH_PROPORTIONS, OcclusionMap, occlude

__all__ = [
    "CORRUPTIONS",
    "PATCH_PROPORTIONS",
    "CorruptionResults",
    "OcclusionMap",
    "RobustnessCurve",
    "classify_crops",
    "measure_robustness",
    "occlude",
]
