"""The Chromium of this machine, as measurements and tests start it."""

from __future__ import annotations

import os
import shutil
from collections.abc import Sequence

from playwright.sync_api import Browser, BrowserType

_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


def find_chromium() -> str | None:
    return os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, _NAMES)), None)


def open_chromium(
    kind: BrowserType, arguments: Sequence[str] = (), env: dict[str, str | float | bool] | None = None
) -> Browser:
    """Without a sandbox, as Playwright has it: containers run as root."""
    return kind.launch(executable_path=find_chromium(), args=arguments, env=env)
