"""Photos that are the same or nearly so: saved again, smaller, lighter, mirrored.

The fingerprint is a perceptual hash of 128 bits (pHash: Zauner 2010): which of the lowest frequencies of the
grey picture (discrete cosine transform of 32 x 32 pixels) are above their median. A mirrored picture has the
same frequencies, every other one negated, so one transform gives the hash of both.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator

import cv2
import numpy as np

SIDE, BITS = 32, 128
# Of 128. Measured on some 17,000 face crops. Within 16 bits are all of 400 pictures saved as JPEG of quality
# 30, halved, mirrored or made grey, and 98.5% of those made lighter; of those cut by 3% at each side only
# 38%, so a count is a lower bound. All pairs within 18 bits that were not known were looked at: one photo,
# or two of one shoot, some with another mask drawn on. From 19 bits on two people appear.
MOST_DIFFERENT_BITS = 16
_FLAT = 2.0  # standard deviation of grey values below which a hash would tell noise only
_ROWS = 512  # compared at once with all others: 512 x 20,000 words of 8 bytes are 80 MB

_down, _across = (frequency.ravel() for frequency in np.indices((SIDE, SIDE)))
_LOWEST = np.lexsort([_down, _down + _across])[1 : BITS + 1]  # without the mean
_MIRRORED = np.where(_LOWEST % SIDE % 2, -1.0, 1.0)


def fingerprint(picture: np.ndarray) -> np.ndarray:
    """(4,) uint64 of a picture (H, W, 3) uint8 RGB: the hash, and that of the mirrored picture.

    A flat picture has none; it gets bits that only the very same picture has.
    """
    grey = cv2.cvtColor(np.ascontiguousarray(picture), cv2.COLOR_RGB2GRAY)
    grey = cv2.resize(grey, (SIDE, SIDE), interpolation=cv2.INTER_AREA).astype(np.float32)
    if grey.std() < _FLAT:
        digest = hashlib.sha256(repr(picture.shape).encode() + picture.tobytes()).digest()
        return np.frombuffer(digest[:16] * 2, np.uint64)
    low = cv2.dct(grey).ravel()[_LOWEST]
    both = np.stack([low, low * _MIRRORED])
    return np.packbits(both > np.median(both, axis=1, keepdims=True), axis=1).view(np.uint64).ravel()


def fingerprints(pictures: Iterable[np.ndarray]) -> np.ndarray:
    """(N, 4) uint64: see `fingerprint`. Pictures may come one at a time."""
    found = [fingerprint(picture) for picture in pictures]
    return np.stack(found) if found else np.empty((0, 4), np.uint64)


def near_duplicate_groups(pictures: Iterable[np.ndarray]) -> list[int]:
    """A group number for each picture (H, W, 3) uint8 RGB: near-duplicates share one, and so do theirs."""
    groups: list[int] = group(fingerprints(pictures)).tolist()
    return groups


def group(prints: np.ndarray) -> np.ndarray:
    """(N,) group numbers from (N, 4) fingerprints. 20,000 take some 20 s."""
    from scipy.sparse import coo_array  # takes a second to load, which commands need not
    from scipy.sparse.csgraph import connected_components

    pairs = [np.stack([rows, others]) for rows, others in _near(prints, prints)]
    rows, others = np.concatenate(pairs, axis=1) if pairs else np.empty((2, 0), int)
    links = coo_array((np.ones(len(rows), bool), (rows, others)), shape=(len(prints), len(prints)))
    return np.asarray(connected_components(links, directed=False)[1])


def have_near_duplicate(prints: np.ndarray, others: np.ndarray) -> np.ndarray:
    """(N,) bool: which of N fingerprints has a near-duplicate among `others` (M, 4)."""
    found = np.zeros(len(prints), bool)
    for rows, _ in _near(prints, others):
        found[rows] = True
    return found


def _near(prints: np.ndarray, others: np.ndarray) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Places (in `prints`, in `others`) of all near pairs, plain or mirrored."""
    for start in range(0, len(prints) if len(others) else 0, _ROWS):
        some = prints[start : start + _ROWS]
        different = np.minimum(_different(some[:, :2], others[:, :2]), _different(some[:, 2:], others[:, :2]))
        rows, columns = np.nonzero(different <= MOST_DIFFERENT_BITS)
        yield rows + start, columns


def _different(some: np.ndarray, others: np.ndarray) -> np.ndarray:
    """(N, M) number of bits in which (N, 2) and (M, 2) hashes differ."""
    words = (np.bitwise_count(some[:, None, k] ^ others[None, :, k]) for k in range(2))
    return np.asarray(sum(words))
