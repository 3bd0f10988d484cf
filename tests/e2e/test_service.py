"""The systemd unit of docs/deploy.md, and the app as a user that can write nowhere."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys

import pytest
from playwright.sync_api import expect

from core.mask_rendering.samples import SAMPLES
from tests.e2e.conftest import ROOT, settled

NOBODY = (
    "setpriv",
    "--reuid=65534",
    "--regid=65534",
    "--clear-groups",
    "--no-new-privs",
    "--bounding-set=-all",
    "--",
)
MOST_EXPOSED = 20  # tenths, of 100, as systemd-analyze counts


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="systemd is not installed")
def test_the_unit_is_well_formed_and_sandboxed(tmp_path):
    unit = (ROOT / "docs/deploy/maskwise.service").read_text()
    here = unit.replace("/opt/maskwise/.venv/bin/python", sys.executable).replace("/opt/maskwise", str(ROOT))
    assert here != unit
    (tmp_path / "maskwise.service").write_text(here)
    path = str(tmp_path / "maskwise.service")
    verified = subprocess.run(["systemd-analyze", "verify", path], capture_output=True, text=True)
    assert verified.returncode == 0 and "maskwise" not in verified.stderr
    command = ["systemd-analyze", "security", "--offline=true", f"--threshold={MOST_EXPOSED}", path]
    assert subprocess.run(command, capture_output=True).returncode == 0


def _can_be_nobody() -> bool:
    """Whether this user may become another, who can read Python and the app."""
    if os.geteuid() != 0 or shutil.which("setpriv") is None:
        return False
    tried = [*NOBODY, sys.executable, "-c", "import streamlit; open('app.py').close()"]
    return subprocess.run(tried, cwd=ROOT, capture_output=True).returncode == 0


@pytest.mark.skipif(not _can_be_nobody(), reason="needs root, setpriv, and a folder that others can read")
def test_it_runs_as_a_user_without_a_home_who_can_write_nowhere(fresh_server, visitor):
    server = fresh_server(under=NOBODY, env={"HOME": "/nonexistent"})
    page = visitor("/check_photos", of=server)
    page.get_by_text("Sample", exact=True).first.click()
    settled(page).get_by_role("button", name=SAMPLES["no_mask"]).click()
    expect(page.locator(".mw-card")).to_have_count(1)
    assert "Traceback" not in server.log()
