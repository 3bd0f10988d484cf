"""Why a model answered so: what it looked at, and how robust it is to corruptions."""

from core.explain.corruptions import STRESSES, CorruptionResults, Trial, answer, put_under
from core.explain.occlusion import PATCH_SHARES, OcclusionMap, occlude

__all__ = [
    "CorruptionResults",
    "OcclusionMap",
    "PATCH_SHARES",
    "STRESSES",
    "Trial",
    "answer",
    "occlude",
    "put_under",
]
