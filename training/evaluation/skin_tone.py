"""How light the skin in a picture is: the individual typology angle (ITA) of small patches of bare face.

It is measured from pixels, in whatever light the photo had and however the camera balanced its colours: a
measurement of the picture, not of a person. Evaluations alone compute it, of their owner's data.
"""

from __future__ import annotations

import math

import cv2
import numpy as np

from core.results import Landmarks

# Chardon, Cretois and Hourseau 1991; Del Bino and Bernerd 2013: a tone, and the angle that it lies above
TONES = (
    ("very light", 55.0),
    ("light", 41.0),
    ("intermediate", 28.0),
    ("tan", 10.0),
    ("brown", -30.0),
    ("dark", -math.inf),
)
# Middles of patches, in distances between the eyes: to the person's left of the point between the eyes, and
# down from it. The root of the nose is bare under masks, hair and caps: what is on the brow must look alike.
_ROOT = (0.0, 0.02)
_BROW = ((0.0, -0.32), (0.26, -0.55), (-0.26, -0.55))
_CHEEKS = ((0.55, 0.6), (-0.55, 0.6))
_PATCH = 0.11  # half a patch's side, in the same
_LEAST_EYES = 12.0  # pixels between the eyes: below, a patch is two or three pixels wide
_LEAST_ACROSS = 0.6  # the same, to eyes above mouth: some 0.95 from the front, less the further it is turned
_LEAST_FACE_PX = 32.0  # of the face where it was found: what was enlarged has no more pixels than it had
_LEAST_SHARE = 0.6  # of a patch's pixels that look like skin, else something lies over it
_LEAST_PIXELS = 16
_UNLIT, _CLIPPED = 30, 250  # of 255: channels that hold noise, or the sensor's limit
_LEAST_CHROMA = 5.0  # a grey picture says nothing of a colour
_HUES = (15.0, 90.0)  # degrees in Lab, red to yellow: skin under a camera's white balance
_MOST_SPREAD = 10.0  # of L in a patch: hair, glasses and edges of shadows are rougher
_ROOT_SPREAD = 16.0  # the same where the nose begins, which is shaded by itself
_ALIKE = 12.0  # of L, from the root of the nose: hair and shadows differ more
_LIT = (20.0, 92.0)  # L of skin in light enough, and not too much


def ita(lightness: float, yellow: float) -> float:
    """Degrees, of L* and b* of CIE Lab (D65); NaN where b* is not above 0, which no skin in white light is.

    Chardon et al. 1991: arctan((L* - 50) / b*).
    """
    if not yellow > 0:
        return math.nan
    return math.degrees(math.atan2(lightness - 50, yellow))


def tone(angle: float) -> str | None:
    """Which of `TONES` an angle is; None for NaN. An angle on a limit is of the darker one."""
    return next((name for name, above in TONES if angle > above), None)


def lab(rgb: np.ndarray) -> np.ndarray:
    """(..., 3) float32 CIE Lab under D65 of (H, W, 3) uint8 sRGB: L* 0 to 100, a*, b*."""
    return np.asarray(cv2.cvtColor(rgb.astype(np.float32) / 255, cv2.COLOR_RGB2Lab))


def skin_tone(rgb: np.ndarray, landmarks: Landmarks, face_px: float, *, masked: bool) -> float:
    """ITA of a face in degrees, by the medians of L* and b* over patches that look like bare skin.

    `rgb` (H, W, 3) uint8, `landmarks` in its pixels, `face_px` as in the data, NaN when not known. Of a
    `masked` face the cheeks are not asked. NaN where it cannot be measured: grey pictures, too few pixels, no
    light or too much of it, hair or something else over the patches, a face seen from the side.
    """
    right, left, _, *mouth = (np.array(point) for point in landmarks)
    across, middle = left - right, (right + left) / 2
    distance = float(np.hypot(*across))
    long = float(np.hypot(*(sum(mouth) / 2 - middle)))
    if distance < max(_LEAST_EYES, _LEAST_ACROSS * long) or face_px < _LEAST_FACE_PX:
        return math.nan
    down, half = np.array([-across[1], across[0]]), _PATCH * distance
    places = (_ROOT, *_BROW) if masked else (_ROOT, *_BROW, *_CHEEKS)
    spreads = (_ROOT_SPREAD, *[_MOST_SPREAD] * (len(places) - 1))
    root, *others = (
        _skin(rgb, middle + x * across + y * down, half, spread)
        for (x, y), spread in zip(places, spreads, strict=True)
    )
    if not len(root):
        return math.nan
    light = float(np.median(root[:, 0]))
    alike = [patch for patch in others if len(patch) and abs(np.median(patch[:, 0]) - light) <= _ALIKE]
    if len(alike) < (1 if masked else 2) or sum(map(len, alike)) < _LEAST_PIXELS:
        return math.nan
    lightness, _, yellow = map(float, np.median(np.concatenate(alike), axis=0))
    if not _LIT[0] <= lightness <= _LIT[1]:
        return math.nan
    return ita(lightness, yellow)


def _skin(rgb: np.ndarray, middle: np.ndarray, half: float, spread: float) -> np.ndarray:
    """(N, 3) Lab of a patch's pixels that look like skin; none where too few of them do."""
    (x1, y1), (x2, y2) = np.floor(middle - half).astype(int), np.ceil(middle + half).astype(int)
    nothing = np.empty((0, 3), np.float32)
    if min(x1, y1) < 0 or x2 > rgb.shape[1] or y2 > rgb.shape[0]:
        return nothing
    patch = rgb[y1:y2, x1:x2]
    found = lab(patch).reshape(-1, 3)
    brightest = patch.reshape(-1, 3).max(axis=1)
    chroma, hue = np.hypot(found[:, 1], found[:, 2]), np.degrees(np.arctan2(found[:, 2], found[:, 1]))
    good = (brightest >= _UNLIT) & (brightest < _CLIPPED) & (chroma >= _LEAST_CHROMA)
    good &= (hue >= _HUES[0]) & (hue <= _HUES[1])
    if good.mean() < _LEAST_SHARE or found[good, 0].std() > spread:
        return nothing
    return np.asarray(found[good])
