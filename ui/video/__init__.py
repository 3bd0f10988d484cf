"""Check a video: sources, settings, work in the background, results, downloads."""

from ui.video import desk, downloads, results, settings, sources, working

__all__ = [
    "desk",
    "downloads",
    "results",
    "settings",
    "sources",
    "working",
]
