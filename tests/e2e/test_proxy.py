"""The real nginx with the configuration that docs/deploy.md gives, over TLS, in front of the app."""

from __future__ import annotations

import http.client
import io
import shutil
import socket
import ssl
import subprocess
import time
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from email.message import Message
from pathlib import Path
from typing import NamedTuple
from urllib.parse import urlencode

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import ConsoleMessage, Page, expect
from skimage import data

from bench.camera import chromium_arguments
from core import settings
from tests.e2e.conftest import ROOT, _free_port, _harmless, film_of, settled, start_server
from tests.shipped import DEFAULT_RUN
from ui.server import password

NAME = "maskwise.example.org"
WORD = "a clinic by the river"
nginx = shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin")
pytestmark = pytest.mark.skipif(
    nginx is None or shutil.which("openssl") is None,
    reason="nginx or openssl is not installed (Debian: apt-get install nginx openssl)",
)


def configuration(folder: Path, app_port: int, port: int, plain_port: int) -> str:
    """The one of docs/, with ports, files and certificate of this test."""
    site = (ROOT / "docs/deploy/nginx.conf").read_text()
    for said, here in (
        ("127.0.0.1:8501", f"127.0.0.1:{app_port}"),
        ("listen 443 ssl", f"listen 127.0.0.1:{port} ssl"),
        ("listen 80", f"listen 127.0.0.1:{plain_port}"),
        ("/etc/ssl/maskwise", str(folder)),
    ):
        assert said in site
        site = site.replace(said, here)
    kinds = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    kept = "\n".join(f"{kind}_temp_path {folder}/{kind};" for kind in kinds)
    return (
        f"pid {folder}/pid; error_log {folder}/error.log; daemon off; worker_processes 1;\n"
        f"events {{ worker_connections 512; }}\n"
        f"http {{\naccess_log {folder}/access.log;\n{kept}\n{site}\n}}\n"
    )


def certificate(folder: Path) -> None:
    """Signed by itself, by the command of docs/deploy.md."""
    command = "openssl req -x509 -newkey rsa:2048 -nodes -days 365 -keyout site.key -out site.crt".split()
    names = ["-subj", f"/CN={NAME}", "-addext", f"subjectAltName=DNS:{NAME}"]
    subprocess.run([*command, *names], cwd=folder, check=True, capture_output=True)


class Said(NamedTuple):
    status: int
    headers: Message
    body: str


@dataclass
class Site:
    """The app behind nginx, which listens to `port` on this machine."""

    port: int
    folder: Path

    @property
    def url(self) -> str:
        return f"https://{NAME}:{self.port}"

    def log(self) -> str:
        return (self.folder / "access.log").read_text()

    def connect(self, source: str = "127.0.0.1") -> http.client.HTTPSConnection:
        context = ssl.create_default_context(cafile=str(self.folder / "site.crt"))
        connection = http.client.HTTPSConnection(NAME, self.port, context=context, timeout=30)
        # As a resolver would have it; this machine's other addresses stand for other visitors.
        plain = socket.create_connection(("127.0.0.1", self.port), 30, source_address=(source, 0))
        connection.sock = context.wrap_socket(plain, server_hostname=NAME)
        return connection

    def ask(
        self, method: str, path: str, body: str = "", *, source: str = "127.0.0.1", **headers: str
    ) -> Said:
        """As a visitor whose address is `source`."""
        with closing(self.connect(source)) as connection:
            connection.request(method, path, body, headers)
            answer = connection.getresponse()
            return Said(answer.status, answer.headers, answer.read().decode())

    def say(self, word: str, source: str, **headers: str) -> Said:
        headers["Content-Type"] = "application/x-www-form-urlencoded"
        return self.ask("POST", "/password", urlencode({"password": word}), source=source, **headers)


@pytest.fixture(scope="module")
def site(tmp_path_factory) -> Iterator[Site]:
    folder = tmp_path_factory.mktemp("nginx")
    folder.chmod(0o755)  # its workers are another user
    file = folder / "password"
    file.write_text(str(password.hash_of(WORD)))
    environment = {
        settings.PASSWORD_FILE.name: str(file),
        "STREAMLIT_SERVER_ALLOWED_HOSTS": f"{NAME} localhost",
    }
    app = start_server(folder, env=environment)
    site = Site(_free_port(), folder)
    certificate(folder)
    (folder / "nginx.conf").write_text(
        configuration(folder, int(app.url.rpartition(":")[2]), site.port, _free_port())
    )
    proxy = subprocess.Popen([nginx, "-c", str(folder / "nginx.conf"), "-p", str(folder)])
    try:
        for _ in range(100):
            try:
                site.connect().close()
                break
            except OSError:
                assert proxy.poll() is None, (folder / "error.log").read_text()
                time.sleep(0.05)
        yield site
    finally:
        proxy.terminate()
        proxy.wait(10)
        app.stop()


def told(message: ConsoleMessage) -> bool:
    return message.type == "error" and not _harmless(message)


@pytest.fixture
def page(site, chromium, tmp_path) -> Page:
    """A visitor of the site, who has said the password."""
    camera = film_of(tmp_path / "camera.mjpeg", np.ascontiguousarray(data.astronaut()[:480]))
    browser = chromium([*chromium_arguments(camera), f"--host-resolver-rules=MAP {NAME} 127.0.0.1"])
    context = browser.new_context(ignore_https_errors=True, permissions=["camera"])
    page = context.new_page()
    page.goto(site.url)
    page.get_by_label("Password").fill(WORD)
    page.get_by_role("button", name="Go on").click()
    return settled(page)


def test_photos_and_live_video_pass_through_and_nobody_is_the_owner(site, page):
    problems: list[str] = []
    page.on("console", lambda said: problems.append(said.text) if told(said) else None)
    page.goto(site.url + "/check_photos")
    large = io.BytesIO()
    noise = np.random.default_rng(0).integers(0, 256, (512, 512, 3), dtype=np.uint8)
    Image.fromarray(np.hstack([data.astronaut(), noise, noise])).save(large, "PNG")
    assert len(large.getvalue()) > 2**20
    settled(page).locator("input[type=file]").first.set_input_files(
        {"name": "large.png", "mimeType": "image/png", "buffer": large.getvalue()}
    )
    expect(page.locator(".mw-card").first).to_be_visible()
    assert not [path for path in site.folder.glob("*/*") if path.is_file() and path.stat().st_size > 2**20]

    page.goto(site.url + "/live")
    settled(page).get_by_role("button", name="Start", exact=True).click()
    live = page.locator(".mw-live[data-state=live]")
    live.wait_for()
    assert live.get_attribute("data-transport") == "direct"
    expect(page.get_by_text("1 person").first).to_be_visible()

    page.goto(site.url + f"/dashboard?run={DEFAULT_RUN}&view=thresholds")
    expect(settled(page).get_by_text("Only for whoever runs this server")).to_be_visible()
    assert not problems
    assert "GET /media/" not in site.log() and "/live-socket" in site.log()
    assert "upload_file" not in site.log()  # of which the address holds the id of the visit
    [cookie] = [c for c in page.context.cookies() if c["name"] == "maskwise_pass"]
    assert cookie["secure"] and cookie["httpOnly"]


def test_answers_over_tls_ask_for_tls_from_now_on(site):
    said = site.ask("GET", "/_stcore/health")
    assert said.status == 200 and said.headers["Strict-Transport-Security"] == "max-age=31536000"
    assert len(said.headers.get_all("Content-Security-Policy")) == 1


def test_the_address_is_the_visitors_own_whatever_he_says(site):
    """Tries of a password are counted by it."""
    tries = [site.say("wrong", "127.0.0.2", **{"X-Forwarded-For": f"192.0.2.{n}"}) for n in range(6)]
    assert [said.status for said in tries] == [401] * 5 + [429]
    assert "Too many tries" in tries[-1].body
    right = site.say(WORD, "127.0.0.3", **{"X-Forwarded-For": "127.0.0.2"})
    assert right.status == 303 and "Secure" in right.headers["Set-Cookie"]


def test_a_flood_is_told_429_and_others_are_answered(site):
    asked = [site.ask("GET", "/password", source="127.0.0.4").status for _ in range(20)]
    assert asked[:10] == [401] * 10 and 429 in asked
    assert site.ask("GET", "/password", source="127.0.0.5").status == 401


def test_colleagues_behind_one_address_may_all_load_the_page(site):
    """Some hundred files each, which a browser without a certificate's trust keeps not even for a minute."""
    said = set()
    with closing(site.connect("127.0.0.6")) as connection:
        for n in range(800):
            connection.request("GET", f"/static/js/{n}.js")
            answer = connection.getresponse()
            answer.read()
            said.add(answer.status)
    assert said == {401}  # the password is asked for, yet nobody is told that it is too much


def test_a_photo_over_the_limit_is_refused_before_it_is_sent(site):
    with closing(site.connect()) as connection:
        connection.putrequest("PUT", "/_stcore/upload_file/a/b")
        connection.putheader("Content-Length", str(66 * 2**20))
        connection.endheaders()
        assert connection.getresponse().status == 413
