"""Why a face cannot be judged, and what to do about it, in words for the screen."""

from __future__ import annotations

from core.labels import DEPICTION

LOW_MARGIN = "low_margin"
ADVICE = {
    "cut_off": "The face is cut off by the edge of the picture. Move it into the middle.",
    "too_small": "The face is too small. Come closer, or use a picture with more pixels.",
    "dark": "The face is too dark. Add light from the front.",
    "blurred": "The face is blurred. Hold still, or focus again.",
    "turned_away": "The face is turned away. Turn to the camera.",
    "tilted": "The head lies on its side or upside down in the picture. Hold the camera upright, or turn the "
    "picture.",
    DEPICTION: "This looks like a picture, drawing or doll, not like a person. Show a real face.",
    LOW_MARGIN: "The answer is not clear. Look straight at the camera in good light, try a clearer photo, or "
    "check for yourself.",
}
HINTS = {
    "cut_off": "Move into the middle",
    "too_small": "Come closer",
    "dark": "More light",
    "blurred": "Hold still",
    "turned_away": "Turn to the camera",
    "tilted": "Hold the camera upright",
    DEPICTION: "Show a real face",
    LOW_MARGIN: "Look at the camera",
}
