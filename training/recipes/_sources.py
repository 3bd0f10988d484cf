"""What collections, teachers and backbones claim as their licence, and whether that allows any use.

None of this is a lawyer's word: it is what those who published a thing say of it. What is not listed here is
not known, and allows nothing but research.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from core.models import Use


@dataclass(frozen=True, slots=True)
class Claim:
    """A licence as claimed, and the use that it allows."""

    licence: str
    use: Use = "research"


NOT_KNOWN = Claim("not known")
_NONE = Claim("names none")
_NC_SA = Claim("CC BY-NC-SA")
_OURS = Claim("drawn by Maskwise on pictures of the other sources", "any")
_MIT, _APACHE = Claim("MIT", "any"), Claim("Apache-2.0", "any")

COLLECTIONS = {
    "acollin": _NONE,
    "andrewmvd": Claim("CC0, by third parties' word", "any"),
    "ashish12k": Claim("draws on CelebA, which is for non-commercial research"),
    "chandrika4k": _MIT,
    "depiction": _OURS,
    "face_free": Claim("pictures of ImageNet, for research"),
    "jolignier": _NONE,
    "karan_unmasked": _NONE,
    "kary_part1": _NONE,
    "kary_part2": Claim("CC BY-NC-SA for the drawn part, none named for the rest"),
    "lookalike": _OURS,
    "maskedfacenet_a": _NC_SA,
    "maskedfacenet_b": _NC_SA,
    "peng": _NONE,
    "rmanaem": _MIT,
    "rwmfd_part1": _NONE,
    "rwmfd_part2": _NONE,
    "synthetic": _OURS,
    "unmasked": _OURS,
    "utkface": Claim("for non-commercial research"),
}
TEACHERS = {
    "centerface": _MIT,
    "facemesh": _APACHE,
    "retinaface": _MIT,
    "scrfd": Claim("for non-commercial research"),
    "ultraface": _MIT,
    "yunet": _MIT,
}
OPEN_SOURCES = {
    name: COLLECTIONS[name].licence for name in ("andrewmvd", "chandrika4k", "rmanaem", "synthetic")
}
# Files of ImageNet weights, by the names that Keras publishes them under
_PUBLISHED = (
    (re.compile(r"mobilenet_v2_weights_tf_dim_ordering_tf_kernels_[0-9.]+_[0-9]+_no_top\.h5"), _APACHE),
    (re.compile(r"inception_v3_weights_tf_dim_ordering_tf_kernels_notop\.h5"), _APACHE),
    (re.compile(r"resnet50_weights_tf_dim_ordering_tf_kernels_notop\.h5"), _MIT),
)
_OF_IMAGENET = {"resnet50": _MIT}  # others are Apache's


def backbone_claim(weights: str, backbone: str) -> Claim:
    """Of what a body began from: a file's name, or "imagenet" for what Keras downloads."""
    if weights == "imagenet":
        return _OF_IMAGENET.get(backbone, _APACHE)
    return next((claim for pattern, claim in _PUBLISHED if pattern.fullmatch(weights)), NOT_KNOWN)
