"""Files that are pasted, or dropped anywhere on the page, and what the uploader refuses: from the browser."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from core.images import MAX_BYTES, SUFFIXES
from ui.components import component, on

KEY = "photo_drop"
TYPES = [*(suffix.lstrip(".") for suffix in SUFFIXES), "zip"]
FOLDER = Path(__file__).parent / "browser"
_HTML = '<div class="mw-drop" hidden><p>Drop to add photos</p></div>'
_CAMERA = {
    "insecure": "No camera: a browser gives one only to secure pages. Open this page by https://, or as "
    "localhost on the machine that runs it.",
    "unsupported": "No camera: this browser offers none to web pages. Use a current Chrome, Edge, Firefox or "
    "Safari.",
    "denied": "Camera access is blocked for this page. Allow it with the camera or lock sign beside the "
    "address, then reload the page.",
    "none": "No camera was found. Plug one in, or switch it on, then reload the page.",
}


def show(
    *, camera: bool, holds: bool, on_refused: Callable[[Any], None], on_wanted: Callable[[], None]
) -> str | None:
    """Listen. With `camera`, what keeps this browser from having one, in words.

    While the page `holds` photos the browser asks before it leaves: a new page is a new visit.
    `on_refused` is called with what was not taken, `on_wanted` when an uploader is needed on the screen.
    """
    shown = component("drop", FOLDER, _HTML, "made", "drop")(
        key=KEY,
        data={"types": TYPES, "maxBytes": MAX_BYTES, "camera": camera, "holds": holds},
        on_refused_change=on(KEY, "refused", on_refused),
        on_wanted_change=on(KEY, "wanted", lambda _: on_wanted()),
        on_camera_change=lambda: None,
    )
    said = getattr(shown, "camera", None)
    return _CAMERA.get(said) if camera and isinstance(said, str) else None
