"""Whether a network trained elsewhere was told of rightly: what it says of two faces, one with a mask on.

Nothing in a file says in what order of channels or range of values a network was fed. Said wrongly, it still
answers, and often the same of every face.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from itertools import product

import numpy as np

from core.images import crop_face, to_batch
from core.labels import appearance
from core.mask_rendering import sample_frame
from core.models import Engine, ModelCard
from training.exporting.conventions import CHANNEL_ORDERS, Conventions
from training.fitting import INPUT_RANGES, VALUES

_SAMPLES = "worn_right", "no_mask"
_BOX = (170.0, 48.0, 272.0, 182.0)  # of the astronaut's face, as detectors draw it
_MOST_OFFERED = 3


def warning_of(engine: Engine, card: ModelCard, how: Conventions) -> str | None:
    """What is wrong with the answers to both faces, and which options may mend it; None if nothing is."""
    faces = [crop_face(sample_frame(name), _BOX, card.crop_scale) for name in _SAMPLES]
    pictures = to_batch(faces, card.input_size)
    labels = card.label_set.labels
    answers = engine.run(pictures)
    masked, bare = (labels[best] for best in answers.argmax(axis=1))
    worn = [appearance(label).worn for label in labels]
    known = None not in worn
    if masked != bare and not (known and _rightness(answers, worn) < 0):
        return None
    said = f"{masked} ({answers[0].max():.2f}) and {bare} ({answers[1].max():.2f})"
    text = (
        f"of two sample faces, the first with a mask on and the second without, the network says {said}. "
        "Check the order of --labels, --input-range, --channel-order, --activation and --crop-scale."
    )
    offered = _offered(engine, pictures, how, partial(_rightness, worn=worn)) if known else []
    return text + (f" It tells them apart with {' or with '.join(offered)}." if offered else "")


def _rightness(answers: np.ndarray, worn: Sequence[str | None]) -> float:
    """How far both of (masked, bare) are told rightly, -1 to 1: the worse of the two."""
    properly = answers[:, [w == "properly" for w in worn]].sum(axis=1)
    return float(min(2 * properly[0] - 1, 1 - 2 * properly[1]))


def _offered(engine: Engine, pictures: np.ndarray, how: Conventions, rightness: partial[float]) -> list[str]:
    """Other options with which both faces are told rightly: those that change least, the clearest first."""
    found = []
    for input_range, order in product(INPUT_RANGES, CHANNEL_ORDERS):
        other = replace(how, input_range=input_range, channel_order=order)
        if other != how:
            score = rightness(engine.run(_as_fed(pictures, how, other)))
            changes = (input_range != how.input_range) + (order != how.channel_order)
            found.append((changes, -score, f"--input-range={input_range} --channel-order {order}"))
    return [said for _, less, said in sorted(found) if less < 0][:_MOST_OFFERED]


def _reversed(how: Conventions) -> bool:
    return VALUES[how.input_range].reversed != (how.channel_order == "bgr")


def _as_fed(pictures: np.ndarray, how: Conventions, other: Conventions) -> np.ndarray:
    """Pictures of which a graph for `how` makes what a graph for `other` makes of `pictures`."""
    mine, theirs = VALUES[how.input_range], VALUES[other.input_range]
    fed = pictures[..., ::-1] if _reversed(other) else pictures
    fed = (fed * theirs.scale + theirs.offset - np.asarray(mine.offset)) / np.asarray(mine.scale)
    return np.ascontiguousarray(fed[..., ::-1] if _reversed(how) else fed, np.float32)
