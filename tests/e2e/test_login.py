"""Logging in by OpenID Connect at a provider on this machine, before anything else is served."""

from __future__ import annotations

import importlib.util
import json
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect
from websockets.exceptions import InvalidStatus
from websockets.sync.client import connect

from core import settings
from tests.e2e.conftest import Server, _free_port, settled
from tests.shipped import DEFAULT_RUN

THRESHOLDS = f"/dashboard?run={DEFAULT_RUN}&view=thresholds"
PEOPLE = {"ada": True, "bob": True, "eve": False}  # by name: whether the provider has verified the e-mail
pytestmark = pytest.mark.skipif(
    any(importlib.util.find_spec(name) is None for name in ("authlib", "oidc_provider_mock")),
    reason="Authlib or oidc-provider-mock is not installed: pip install -r requirements-dev.txt",
)


@contextmanager
def provider(folder: Path) -> Iterator[str]:
    """The address of a provider that knows some people and asks nobody for a password."""
    port = _free_port()
    people = []
    for name, verified in PEOPLE.items():
        claims = {"sub": name, "email": f"{name}@example.org", "email_verified": verified}
        people += ["--user-claims", json.dumps(claims)]
    with (folder / "provider.log").open("w") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "oidc_provider_mock", "--port", str(port), *people],
            stdout=log,
            stderr=log,
        )
    try:
        for _ in range(200):
            try:
                address = f"http://localhost:{port}"
                urllib.request.urlopen(f"{address}/.well-known/openid-configuration", timeout=5).close()
                break
            except OSError:
                assert process.poll() is None, (folder / "provider.log").read_text()
                time.sleep(0.05)
        yield address
    finally:
        process.terminate()
        process.wait(10)


@pytest.fixture
def site(fresh_server, tmp_path) -> Iterator[Server]:
    with provider(tmp_path) as address:
        port = _free_port()
        secrets = tmp_path / "secrets.toml"
        secrets.write_text(
            f'[auth]\nredirect_uri = "http://localhost:{port}/oauth2callback"\n'
            'cookie_secret = "a long secret of this test, made up"\n'
            'client_id = "maskwise"\nclient_secret = "a secret between the two"\n'
            f'server_metadata_url = "{address}/.well-known/openid-configuration"\n'
        )
        environment = {
            "STREAMLIT_SECRETS_FILES": str(secrets),
            settings.OWNERS.name: "ada@example.org,eve@example.org",
        }
        yield fresh_server(env=environment, port=port)


def log_in(page: Page, site: Server, name: str) -> Page:
    page.goto(site.url + "/dashboard")
    page.get_by_role("link", name="Log in").click()
    page.get_by_placeholder("sub").fill(name)
    page.get_by_role("button", name="Authorize").click()
    page.wait_for_url(site.url + "/")
    return settled(page)


def test_everybody_logs_in_and_owners_are_those_with_a_verified_address(site, browser):
    port = site.url.rpartition(":")[2]
    for path in (
        "/",
        "/static/index.html",
        "/media/a.png",
        "/_stcore/upload_file/a/b",
        "/_stcore/host-config",
    ):
        with pytest.raises(urllib.error.HTTPError) as refused:
            urllib.request.urlopen(site.url + path)
        assert refused.value.code == 401
    for path in ("_stcore/stream", "live-socket"):
        with pytest.raises(InvalidStatus, match="403"):
            connect(f"ws://localhost:{port}/{path}", origin=site.url)

    for name, is_owner in (("ada", True), ("bob", False), ("eve", False)):
        context = browser.new_context()
        page = log_in(context.new_page(), site, name)
        page.goto(site.url + THRESHOLDS)
        expect(settled(page).get_by_text("In the app").first).to_be_visible()
        rights = page.get_by_role("button", name="Use it in the app")
        expect(rights).to_have_count(1 if is_owner else 0)
        if name == "bob":
            page.goto(site.url + "/log_out")
            settled(page).get_by_role("main").get_by_role("button", name="Log out").click()
            page.wait_for_url(lambda url: "log_out" not in url)
            page.goto(site.url)
            expect(page.get_by_role("link", name="Log in")).to_be_visible()
        context.close()
