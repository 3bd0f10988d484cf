"""What docs/deploy.md says is so: settings, files and options exist."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest
from streamlit import config

from core import settings
from ui.server.connections import TO_ASK

ROOT = Path(__file__).parent.parent
TEXT = (ROOT / "docs/deploy.md").read_text(encoding="utf-8")
OURS = r"MASKWISE_[A-Z_]+[A-Z]"


NAMES = {setting.name for setting in settings.all_settings()}


def test_every_setting_that_is_named_exists():
    named = set(re.findall(OURS, TEXT))
    assert len(named) >= 5 and named <= NAMES


def test_streamlits_options_have_these_names():
    text = TEXT + (ROOT / "docs/settings.md").read_text(encoding="utf-8")
    named = set(re.findall(r"--(server\.\w+)", text)) | {"server.trustedUserHeaders"}
    assert len(named) > 5 and named <= set(config._config_options_template)


@pytest.mark.parametrize("document", ["docs/deploy.md", "docs/settings.md", "SECURITY.md"])
def test_files_that_are_named_exist(document):
    text = (ROOT / document).read_text(encoding="utf-8")
    linked = set(re.findall(r"\]\(([^)#]+)\)", text))
    assert linked and all(((ROOT / document).parent / link).is_file() for link in linked)
    for path in re.findall(r"`(tests/[\w/]+\.py)`", text):
        assert (ROOT / path).is_file(), path


def test_the_unit_and_nginx_name_only_settings_that_are_read():
    for name in ("maskwise.service", "nginx.conf"):
        text = (ROOT / "docs/deploy" / name).read_text(encoding="utf-8")
        assert set(re.findall(OURS, text)) <= NAMES


def test_commands_can_be_pasted_one_after_the_other():
    """All in Maskwise's folder, with a Python that Debian has or that `make` has made."""
    blocks = "\n".join(TEXT.split("```")[1::2])
    assert "nginx -t" in blocks and not re.search(r"(^|&& |; )cd ", blocks, re.MULTILINE)
    pythons = re.findall(r"\S*\bpython\S* -[cm]", TEXT)
    assert pythons and {python.strip("`") for python in pythons} <= {"python3 -c", ".venv/bin/python -m"}


def test_a_certificate_for_nobody_is_refused_in_words(tmp_path):
    said = subprocess.run(
        ["sh", str(ROOT / "docs/deploy/certificate.sh"), "maskwise.lan"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
    )
    assert said.returncode == 2 and "maskwise.lan 192.168.1.5" in said.stderr
    assert not list(tmp_path.iterdir())


def test_nginx_asks_on_no_connection_that_the_app_is_about_to_end():
    """It would tell the visitor 502, and what is uploaded is not sent again."""
    conf = (ROOT / "docs/deploy/nginx.conf").read_text(encoding="utf-8")
    [upstream] = re.findall(r"^upstream maskwise \{(.*?)^\}", conf, re.DOTALL | re.MULTILINE)
    [kept] = re.findall(r"keepalive_timeout (\d+)s;", upstream)
    assert int(kept) <= TO_ASK / 2
