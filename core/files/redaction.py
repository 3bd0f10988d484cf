"""Folders where Maskwise and its data lie here: the owner's business alone, so visitors read no path."""

from __future__ import annotations

import os
import re
from functools import lru_cache
from pathlib import Path

from core import settings

ROOT = Path(__file__).parents[2]


def redact_paths(text: str) -> str:
    """A message with paths in folders of Maskwise or its data told from there on."""
    set_here = settings.MODELS.get(), settings.RUNS.get(), settings.YUNET.get()
    return _places(*set_here, os.environ.get("XDG_CACHE_HOME")).sub(_shortened, text)


def _shortened(place: re.Match[str]) -> str:
    return "" if place[0].endswith(os.sep) else Path(place[0]).name


@lru_cache(maxsize=8)
def _places(models: Path | None, runs: Path | None, yunet: Path | None, cache: str | None) -> re.Pattern[str]:
    """Each of the folders, with the slash after it; inner ones first."""
    of_yunet = yunet and os.path.dirname(yunet)  # noqa: PTH120 - nothing for a name alone, where Path says "."
    named = [models, runs, of_yunet, cache, ROOT, Path.home() / ".cache"]
    spelled = {Path(place) for place in named if place}
    spelled |= {Path(os.path.realpath(place)) for place in spelled}
    found = sorted((str(p) for p in spelled if p.is_absolute() and p != p.parent), key=len, reverse=True)
    return re.compile("|".join(rf"{re.escape(place)}(?:{re.escape(os.sep)}|(?![\w.-]))" for place in found))
