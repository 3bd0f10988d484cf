"""A real server, real Chromium and a fake camera, and the rule that nothing leaves this machine."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Generator, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import numpy as np
import pytest
from playwright.sync_api import (
    Browser,
    ConsoleMessage,
    Error,
    Page,
    ViewportSize,
    expect,
    sync_playwright,
)
from skimage import data

from bench.camera import chromium_arguments
from bench.chromium import find_chromium, open_chromium
from core.images.encode import to_jpeg

ROOT = Path(__file__).parent.parent.parent
HERE = Path(__file__).parent
ARTIFACTS = HERE / "artifacts"
LOCAL = {"127.0.0.1", "localhost"}
PHONE: ViewportSize = {"width": 390, "height": 844}
DESK: ViewportSize = {"width": 1280, "height": 900}
START_S = 60  # a cold disk and a busy machine; a warm start takes under a second
WAIT_MS = 60_000  # for a page to settle, on two cores that others use too
expect.set_options(timeout=WAIT_MS)


# What a clock watches, or what searches a server's memory; beside the others something else may be tested.
ALONE = ("test_live", "test_visits", "test_unwanted_work", "test_camera", "test_proxy", "test_nothing_leaves")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Browser tests come last: from the first of them on Playwright keeps an event loop running in this
    thread, in which no other test could run one of its own.
    """
    items.sort(key=lambda item: item.path.is_relative_to(HERE))
    here = [item for item in items if item.path.is_relative_to(HERE)]
    for item in here:
        item.add_marker(pytest.mark.e2e)
        if item.path.stem in ALONE:
            item.add_marker(pytest.mark.alone)
    if here and find_chromium() is None:
        pytest.exit(
            "The browser tests need Chromium, which is not installed. Debian and Ubuntu: apt-get install "
            "chromium. Elsewhere: set CHROMIUM to the path of a Chromium or Chrome.",
            returncode=1,
        )


# --- servers -----------------------------------------------------------------------------------


@dataclass
class Server:
    url: str
    process: subprocess.Popen
    log_file: Path

    def log(self) -> str:
        return self.log_file.read_text(errors="replace")

    def owner_path(self) -> str:
        """Of the link that gives a browser the owner's rights, as the server printed it."""
        found = re.search(r"/owner#\S+", self.log())
        assert found, "The server has printed no link for the owner."
        return found[0]

    def stop(self) -> None:
        """End the server and whatever it started: it leads its own process group."""
        if self in _RUNNING:
            _RUNNING.remove(self)
        if self.process.poll() is None:
            os.killpg(self.process.pid, signal.SIGTERM)
            try:
                self.process.wait(10)
            except subprocess.TimeoutExpired:
                os.killpg(self.process.pid, signal.SIGKILL)
                self.process.wait()


_RUNNING: list[Server] = []


def _free_port() -> int:
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return int(s.getsockname()[1])


def _healthy(url: str) -> bool:
    try:
        with urllib.request.urlopen(f"{url}/_stcore/health", timeout=5) as answer:
            return int(answer.status) == 200
    except OSError:
        return False


def start_server(
    folder: Path,
    script: Path = ROOT / "app.py",
    env: dict[str, str] | None = None,
    under: Sequence[str] = (),
    port: int | None = None,
) -> Server:
    """A server of its own for `script`, with nothing cached and no network for weights.

    `under`: a command that runs the server, such as strace with its options.
    """
    port = port or _free_port()
    log_file = folder / f"server-{port}.log"
    with log_file.open("w") as log:
        process = subprocess.Popen(
            [
                *under,
                sys.executable,
                "-m",
                "streamlit",
                "run",
                str(script),
                "--server.port",
                str(port),
                "--server.headless",
                "true",
            ],
            cwd=ROOT,
            env={
                **os.environ,
                "PYTHONPATH": str(ROOT),
                "PYTHONDONTWRITEBYTECODE": "1",
                "XDG_CACHE_HOME": str(folder / "cache"),
                "MASKWISE_OFFLINE": "1",
                "MALLOC_ARENA_MAX": "1",  # as the Makefile has it
                **(env or {}),
            },
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    server = Server(f"http://localhost:{port}", process, log_file)
    _RUNNING.append(server)
    deadline = time.monotonic() + START_S
    while not _healthy(server.url):
        if process.poll() is not None or time.monotonic() > deadline:
            server.stop()
            pytest.fail(f"The server did not start.\n{server.log()}")
        time.sleep(0.1)
    return server


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest) -> Iterator[Server]:
    """The server that most tests share."""
    running = start_server(tmp_path_factory.mktemp("server"))
    try:
        yield running
    finally:
        running.stop()


@pytest.fixture
def fresh_server(tmp_path: Path) -> Iterator[Callable[..., Server]]:
    """Starts a server that nobody has visited: `fresh_server(script=..., env=...)`."""
    started: list[Server] = []

    def start(**options: Any) -> Server:
        started.append(start_server(tmp_path, **options))
        return started[-1]

    try:
        yield start
    finally:
        for running in started:
            running.stop()


# --- browser -----------------------------------------------------------------------------------


def film_of(path: Path, frame: np.ndarray, frames: int = 30) -> Path:
    """A film of one picture, (H, W, 3) uint8 RGB, that Chromium shows as its camera, again and again."""
    path.write_bytes(to_jpeg(frame, quality=95) * frames)
    return path


@pytest.fixture(scope="session")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    """Chromium whose camera sees scikit-image's public-domain astronaut."""
    folder = tmp_path_factory.mktemp("camera")
    astronaut = data.astronaut()  # type: ignore[no-untyped-call]  # scikit-image has no types
    camera = film_of(folder / "camera.mjpeg", np.ascontiguousarray(astronaut[:480]))
    with sync_playwright() as playwright:
        chromium = open_chromium(playwright.chromium, chromium_arguments(camera))
        yield chromium
        chromium.close()


_KEPT = 2  # browsers beside the usual one: a test has two viewers at most


@pytest.fixture(scope="session")
def _chromiums(browser: Browser) -> Iterator[dict[tuple[str, ...], Browser]]:
    """By their arguments, the one used last at the end."""
    started: dict[tuple[str, ...], Browser] = {}
    yield started
    for other in started.values():
        other.close()


@pytest.fixture
def chromium(
    browser: Browser, _chromiums: dict[tuple[str, ...], Browser]
) -> Iterator[Callable[[list[str]], Browser]]:
    """Another Chromium, for another camera: running already, if a test before gave the same arguments."""

    def running(arguments: list[str]) -> Browser:
        found = _chromiums.pop(key := tuple(arguments), None)
        if found is None or not found.is_connected():
            found = open_chromium(browser.browser_type, arguments)
        _chromiums[key] = found
        return found

    yield running
    for key in list(_chromiums)[:-_KEPT]:
        _chromiums.pop(key).close()


@dataclass
class Watch:
    """What a page did that no page of ours may do."""

    page: Page
    expected: str | None = None  # part of a console message that the test provokes
    problems: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.page.on("console", self._console)
        self.page.on("pageerror", lambda error: self.problems.append(f"script error: {error}"))
        self.page.on("request", lambda request: self._address(request.url))
        self.page.on("websocket", lambda socket: self._address(socket.url))

    def _console(self, message: ConsoleMessage) -> None:
        provoked = self.expected is not None and self.expected in message.text
        fault = message.type == "error" or "Permissions-Policy" in message.text  # which is but a warning
        if fault and not provoked and not _harmless(message):
            self.problems.append(f"console: {message.text} {message.location.get('url', '')}")

    def _address(self, url: str) -> None:
        parts = urlsplit(url)
        if parts.scheme in ("http", "https", "ws", "wss") and parts.hostname not in LOCAL:
            self.problems.append(f"left this machine: {url}")


def _harmless(message: ConsoleMessage) -> bool:
    """Two habits of Streamlit.

    On a deep link it first looks for its server below the page's own path, then at the root. And it looks
    a second time for pictures, forgotten when the next run ends, and for downloads, forgotten when the next
    one is made.
    """
    path = urlsplit(message.location.get("url", "")).path
    if path.startswith("/media/") or re.search("(Image|Download Button) source error", message.text):
        return True
    return path.endswith(("/_stcore/health", "/_stcore/host-config")) and not path.startswith("/_stcore")


def settled(page: Page) -> Page:
    """The page once it is connected and its script has run to the end."""
    page.locator(
        '[data-testid="stApp"][data-test-connection-state="CONNECTED"][data-test-script-state="notRunning"]'
    ).wait_for(timeout=WAIT_MS)
    return page


def eventually(page: Page, look: Callable[[], object]) -> None:
    """Until `look` raises no `AssertionError`: a page that is measured may still be at work."""
    deadline = time.monotonic() + WAIT_MS / 1000
    while True:
        try:
            look()
            return
        except AssertionError:
            if time.monotonic() > deadline:
                raise
        page.wait_for_timeout(100)


_OPEN: list[Watch] = []


@pytest.fixture
def visitor(
    browser: Browser, chromium: Callable[[list[str]], Browser], request: pytest.FixtureRequest
) -> Iterator[Callable[..., Page]]:
    """Opens a page as a new visitor, once it has settled: `visitor("/check_photos", phone=True, dark=True)`.

    `of` is a server, `by` another browser than the usual one; `camera`: whether the page may use it; `init`:
    scripts that run before those of each page. The test fails when a page asks another machine, or logs an
    error other than the `expected` one.
    """

    def visit(
        path: str = "/",
        *,
        of: Server | None = None,
        by: Browser | None = None,
        phone: bool = False,
        dark: bool = False,
        camera: bool = True,
        expected: str | None = None,
        init: Sequence[str] = (),
    ) -> Page:
        context = (by or browser).new_context(
            viewport=PHONE if phone else DESK,
            has_touch=phone,
            color_scheme="dark" if dark else "light",
            permissions=["camera"] if camera else [],
        )
        page = context.new_page()
        page.set_default_timeout(WAIT_MS)
        for script in init:
            page.add_init_script(script)
        _OPEN.append(Watch(page, expected))
        page.goto((of or request.getfixturevalue("server")).url + path)
        return settled(page)

    yield visit
    watched = _OPEN.copy()
    _OPEN.clear()
    for watch in watched:
        watch.page.context.close()
    problems = [problem for watch in watched for problem in watch.problems]
    assert not problems, "\n".join(problems)


# --- on failure --------------------------------------------------------------------------------


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Keep a screenshot of every open page and show the server's log with a test that fails."""
    report = yield
    if report.when == "call" and report.failed:
        ARTIFACTS.mkdir(exist_ok=True)
        for number, watch in enumerate(_OPEN, 1):
            picture = ARTIFACTS / f"{item.name.replace('/', '_')}-{number}.png"
            try:
                watch.page.screenshot(path=picture, full_page=True)
                report.sections.append(("screenshot", str(picture)))
            except Error as problem:
                report.sections.append(("no screenshot", str(problem)))
        for server in _RUNNING:
            report.sections.append((f"log of {server.url}", server.log()[-10_000:]))
    return report
