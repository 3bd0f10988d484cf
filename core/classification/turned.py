"""Whether a picture lies on its side or upside down: by the points of its faces, or by how sure the
classifier is of them in each turn.

It learned from upright faces. Of others it is less sure, even that they are faces, while a detector may find
faces however they are turned, and not know how they are.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from core.classification.classifier import Classifier, sureness
from core.classification.pose import turn_back
from core.images import crop_face
from core.results import Detection, Frame

MOST_FACES = 8  # those with the best scores; all of a picture are turned alike
# Of the mean `sureness` of a picture's faces. With mask3-v5, of 700 real faces over 40 px, turned and not,
# drawn by so many (1, 2, 4, 8): 6 to 9% of upright pictures are looked at again, and 0.35, 0.05, 0.01 and
# 0% of them turned; of turned ones 72, 81, 94 and 99% are turned upright, 1.0, 0.1, 0.2 and 0% otherwise. The
# thresholds were chosen on the same faces, most of which mask3 learned from: on others expect somewhat less.
DOUBTFUL = -0.08  # a picture whose faces are surer is left as it is
BETTER = 0.08  # by so much they are surer when upright
UPRIGHT, UPRIGHT_OF_MANY, MANY = -0.05, -0.15, 4  # and at least so sure; of `MANY` faces it need not be much


def quarter_turns(
    classifier: Classifier, frame: Frame, detections: Sequence[Detection], sure: np.ndarray
) -> int:
    """By how many quarters, counterclockwise, to turn the picture so that its faces are upright; 0 for most.

    `detections` best first, and the `sureness` of each. Where the points of the faces tell nothing, the
    classifier is asked. Raises `ModelError`.
    """
    degrees = [turn_back(d.landmarks) if d.landmarks else None for d in detections]
    known = [round(turn / 90) % 4 for turn in degrees[:MOST_FACES] if turn is not None]
    most = max(set(known), key=known.count, default=0)
    if most and 2 * known.count(most) > len(known):
        return most
    chosen = [i for i, turn in enumerate(degrees) if turn == 0][:MOST_FACES]
    if not chosen or 2 * len(chosen) < min(len(detections), MOST_FACES):
        return 0
    as_it_is = float(sure[chosen].mean())
    if as_it_is > DOUBTFUL:
        return 0
    scale = classifier.card.crop_scale
    crops = [crop_face(frame, detections[i].box, scale) for i in chosen]
    turned = [np.ascontiguousarray(np.rot90(crop, turns)) for turns in (1, 2, 3) for crop in crops]
    said = classifier.predict(turned)
    means = sureness(said.labels, said.not_a_face).reshape(3, -1).mean(axis=1)
    best = int(means.argmax())
    least = UPRIGHT_OF_MANY if len(chosen) >= MANY else UPRIGHT
    return best + 1 if means[best] > max(least, as_it_is + BETTER) else 0


def turned_picture(frame: Frame, turns: int) -> Frame:
    """The picture turned counterclockwise by so many quarters."""
    return replace(frame, rgb=np.ascontiguousarray(np.rot90(frame.rgb, turns)))


def in_the_picture(detection: Detection, turns: int, turned: Frame) -> Detection:
    """A face found in `turned_picture(frame, turns)`, as it lies in `frame`."""
    points = np.array([detection.box[:2], detection.box[2:], *(detection.landmarks or ())], float)
    width, height = turned.width, turned.height
    for _ in range(turns % 4):  # a quarter clockwise
        points = np.stack([height - points[:, 1], points[:, 0]], axis=1)
        width, height = height, width
    (x1, y1), (x2, y2) = points[:2].min(axis=0).tolist(), points[:2].max(axis=0).tolist()
    landmarks = tuple((x, y) for x, y in points[2:].tolist())
    return replace(detection, box=(x1, y1, x2, y2), landmarks=landmarks or None)
