"""HTTPS in a local network, by a certificate of one's own: a camera is given to nothing less."""

from __future__ import annotations

import os
import shutil
import ssl
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest
from playwright.sync_api import Browser, BrowserType, expect
from skimage import data

from bench.camera import chromium_arguments
from bench.chromium import open_chromium
from tests.e2e.conftest import ROOT, _free_port, film_of, settled

NAME = "maskwise.lan"
pytestmark = pytest.mark.skipif(shutil.which("openssl") is None, reason="openssl is not installed")


def make_certificate(folder: Path, name: str = NAME) -> None:
    """By the script that docs/deploy.md gives."""
    script = ROOT / "docs/deploy/certificate.sh"
    subprocess.run(["sh", str(script), name, "127.0.0.1"], cwd=folder, check=True, capture_output=True)


@contextmanager
def served(folder: Path) -> Iterator[int]:
    """The port of the app with that certificate, asked for as a client asks that trusts the authority."""
    port = _free_port()
    options = {
        "server.port": port,
        "server.headless": "true",
        "server.sslCertFile": folder / "site.crt",
        "server.sslKeyFile": folder / "site.key",
        "server.allowedHosts": NAME,
    }
    command = [sys.executable, "-m", "streamlit", "run", "app.py"]
    context = ssl.create_default_context(cafile=str(folder / "ca.crt"))
    request = urllib.request.Request(f"https://127.0.0.1:{port}/_stcore/health", headers={"Host": NAME})
    with (folder / "log").open("w") as log:
        process = subprocess.Popen(
            command + [f"--{name}={value}" for name, value in options.items()],
            cwd=ROOT,
            stdout=log,
            stderr=log,
        )
    try:
        for _ in range(600):
            try:
                urllib.request.urlopen(request, context=context, timeout=5).close()
                break
            except OSError:
                assert process.poll() is None, (folder / "log").read_text()
                time.sleep(0.1)
        yield port
    finally:
        process.terminate()
        process.wait(10)


@contextmanager
def browsing(chromium: BrowserType, folder: Path, camera: Path) -> Iterator[Browser]:
    """Chromium with a home, and so trusted authorities, of its own."""
    arguments = [*chromium_arguments(camera), f"--host-resolver-rules=MAP {NAME} 127.0.0.1"]
    browser = open_chromium(chromium, arguments, {**os.environ, "HOME": str(folder / "home")})
    yield browser
    browser.close()


def verifies(folder: Path) -> bool:
    command = ["openssl", "verify", "-CAfile", "ca.crt", "site.crt"]
    return subprocess.run(command, cwd=folder, capture_output=True).returncode == 0


def test_the_authority_signs_for_its_own_name_alone_and_its_key_is_private(tmp_path):
    make_certificate(tmp_path)
    assert verifies(tmp_path)
    assert {path.name for path in tmp_path.glob("*.key") if path.stat().st_mode & 0o077} == set()
    before = (tmp_path / "ca.crt").read_bytes()
    make_certificate(tmp_path)  # a year later
    assert (tmp_path / "ca.crt").read_bytes() == before and verifies(tmp_path)
    with pytest.raises(subprocess.CalledProcessError):
        make_certificate(tmp_path, "bank.example")


@pytest.mark.skipif(
    shutil.which("certutil") is None, reason="no certutil (Debian: apt-get install libnss3-tools)"
)
def test_a_browser_that_trusts_the_authority_gives_its_camera(tmp_path, browser):
    make_certificate(tmp_path)
    trusted = tmp_path / "home/.pki/nssdb"
    trusted.mkdir(parents=True)
    for arguments in (
        ["-N", "--empty-password"],
        ["-A", "-t", "C,,", "-n", NAME, "-i", str(tmp_path / "ca.crt")],
    ):
        subprocess.run(["certutil", "-d", f"sql:{trusted}", *arguments], check=True, capture_output=True)
    camera = film_of(tmp_path / "camera.mjpeg", np.ascontiguousarray(data.astronaut()[:480]))
    with served(tmp_path) as port, browsing(browser.browser_type, tmp_path, camera) as own:
        page = own.new_context(permissions=["camera"]).new_page()
        page.goto(f"https://{NAME}:{port}/live")
        assert page.evaluate("isSecureContext")
        settled(page).get_by_role("button", name="Start", exact=True).click()
        expect(page.locator(".mw-live[data-state=live]")).to_be_visible()
