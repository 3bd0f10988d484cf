"""Who gets in, and who may do what: the owner's link, and the shared password of a small site."""

from __future__ import annotations

import subprocess
import sys
import urllib.error
import urllib.request

import pytest
from playwright.sync_api import expect

from core import settings
from tests.e2e.conftest import settled
from tests.shipped import DEFAULT_RUN
from ui.server import password

THRESHOLDS = f"/dashboard?run={DEFAULT_RUN}&view=thresholds"
WORD = "a clinic by the river"


def test_the_owners_link_gives_rights_that_others_lack_and_leaves_no_key_behind(server, visitor):
    stranger = visitor(THRESHOLDS)
    expect(stranger.get_by_text("Only for whoever runs this server: open the owner's link")).to_be_visible()
    expect(stranger.get_by_role("button", name="Use it in the app")).to_have_count(0)

    path = server.owner_path()
    page = visitor(path)
    assert page.url == server.url + "/"
    page.goto(server.url + THRESHOLDS)
    expect(settled(page).get_by_role("button", name="Use it in the app")).to_be_visible()
    assert "owner" not in page.evaluate("document.cookie")
    for _ in range(page.evaluate("history.length")):
        page.go_back()
        assert "#" not in page.url
    assert server.log().count(path.partition("#")[2]) == 1  # where it was printed


def test_a_page_by_another_name_is_not_answered(server):
    """As of a site that lets its own name resolve to this machine once its page is open."""
    for path in ("/", "/_stcore/health", "/media/x.png", "/owner", "/static/"):
        request = urllib.request.Request(server.url + path, headers={"Host": "rebound.example"})
        with pytest.raises(urllib.error.HTTPError) as refused:
            urllib.request.urlopen(request)
        assert refused.value.code == 421 and b"--server.allowedHosts" in refused.value.read()


@pytest.fixture
def closed(fresh_server, tmp_path):
    file = tmp_path / "password"
    file.write_text(str(password.hash_of(WORD)))
    return fresh_server(env={settings.PASSWORD_FILE.name: str(file)})


def test_a_shared_password_stands_before_everything_and_can_be_given_up(closed, browser):
    context = browser.new_context(viewport={"width": 390, "height": 844}, color_scheme="dark")
    page = context.new_page()
    page.goto(closed.url + "/check_photos")
    expect(page).to_have_title("Password · Maskwise")
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(18, 24, 31)"
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    page.get_by_label("Password").fill("not the password")
    page.get_by_role("button", name="Go on").click()
    expect(page.get_by_role("alert")).to_contain_text("not the password")
    page.get_by_label("Password").fill(WORD)
    page.keyboard.press("Enter")
    expect(settled(page).get_by_role("heading", level=1, name="Check photos")).to_be_visible()

    # A second tab, whose connection ends with the pass.
    other = context.new_page()
    other.goto(closed.url + "/check_photos")
    settled(other)
    page.goto(closed.url + "/log_out")
    settled(page).get_by_role("link", name="Log out of this browser").click()
    page.get_by_role("button", name="Log out").click()
    expect(page.get_by_label("Password")).to_be_visible()
    other.get_by_text("Sample", exact=True).first.click()
    expect(other.locator('[data-testid="stApp"]')).not_to_have_attribute(
        "data-test-connection-state", "CONNECTED"
    )
    context.close()
    assert WORD not in closed.log()


def test_the_password_is_said_without_scripts(closed, browser):
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(closed.url)
    page.get_by_label("Password").fill(WORD)
    page.get_by_role("button", name="Go on").click()
    page.wait_for_url(closed.url + "/")
    assert next(cookie["name"] for cookie in context.cookies()).startswith("maskwise_pass")
    context.close()


def test_a_setting_that_cannot_be_used_stops_the_start_in_words(tmp_path):
    file = tmp_path / "plain"
    file.write_text(WORD)
    for variable in (settings.PASSWORD_FILE.name, settings.OWNER_KEY_FILE.name):
        ended = subprocess.run(
            [sys.executable, "-m", "streamlit", "run", "app.py", "--server.headless=true", "--server.port=0"],
            env={"PATH": "/usr/bin", "HOME": str(tmp_path), variable: str(file)},
            capture_output=True,
            text=True,
            timeout=60,
        )
        assert ended.returncode == 1
        assert variable in ended.stderr and "Traceback" not in ended.stderr and WORD not in ended.stderr
