"""The live page: camera, transport, settings, snapshots and downloads."""

from core.video import SessionSettings
from ui.live import component, downloads, settings, snapshot, socket, visit
from ui.live.settings import WEBRTC

__all__ = [
    "WEBRTC",
    "SessionSettings",
    "component",
    "downloads",
    "settings",
    "snapshot",
    "socket",
    "visit",
]
