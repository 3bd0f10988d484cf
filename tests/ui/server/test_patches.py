"""Each change of a library is met by name when that library changes."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from ui.server import stack  # noqa: F401  whose imports declare every patch
from ui.server.patches import PATCHES, Patch, declare

ROOT = Path(__file__).parents[3]


@pytest.mark.parametrize("patch", PATCHES.values(), ids=PATCHES)
def test_its_target_reads_as_it_did_when_the_patch_was_written(patch: Patch):
    """In a process of its own, where nothing is patched yet."""
    script = (
        f"from ui.server import stack; from ui.server.patches import PATCHES;"
        f"print(PATCHES[{patch.name!r}].source_now())"
    )
    now = subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=True)
    assert now.stdout.strip() == patch.source, (
        f"{patch.target} has changed. Read it, see that the patch {patch.name!r} still does what it is for "
        f"({patch.reason}), then write the new source down."
    )


@pytest.mark.parametrize("patch", PATCHES.values(), ids=PATCHES)
def test_it_is_listed_for_people(patch: Patch):
    assert f"`{patch.name}`" in (ROOT / "docs/patches.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("target", ["streamlit.gone:App", "streamlit:Gone", "streamlit:App.gone"])
def test_a_target_that_has_gone_stops_the_start_by_name(target: str):
    with pytest.raises(RuntimeError, match=f"{target}.*Maskwise changes.*requirements.txt"):
        Patch("it", target, "", "for a reason").found()


def test_a_name_is_given_once():
    with pytest.raises(AssertionError, match="twice"):
        declare(next(iter(PATCHES)), "streamlit:App", "", "for a reason")
