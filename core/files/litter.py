"""What computers leave behind in people's folders: nothing that anybody put there."""

from __future__ import annotations

_NAMES = {
    *("thumbs.db", "ehthumbs.db", "desktop.ini", "icon\r", "__macosx", "@eadir", "$recycle.bin"),
    *("system volume information", "lost+found", "__pycache__"),
}


def is_litter(name: str) -> bool:
    """Whether a file or folder of that name is to be passed over: hidden ones, and those that macOS, Windows
    and network disks make.
    """
    return name.startswith(".") or name.lower() in _NAMES or name.lower().startswith(("__macosx", "~$"))
