"""No upload touches the server's disk: a record of every file that the server opens for writing."""

from __future__ import annotations

import io
import os
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import Page, expect

# Runs inside the server before anything else. Python reports every `open`, also those of `tempfile`.
RECORDER = """
import os, sys
_out = os.open(os.environ["WRITTEN"], os.O_WRONLY | os.O_CREAT | os.O_APPEND)
def _record(event, arguments):
    if event == "open" and isinstance(arguments[2], int) and arguments[2] & (os.O_WRONLY | os.O_RDWR):
        os.write(_out, f"{arguments[0]}\\n".encode())
sys.addaudithook(_record)
"""
PLAIN_APP = """
import streamlit as st
upload = st.file_uploader("A file", key="files")
if upload:
    st.write("Received", len(upload.getvalue()))
"""
PROTECTED_APP = f"from ui.server.uploads import keep_in_memory\nkeep_in_memory()\n{PLAIN_APP}"


@pytest.fixture
def picture() -> bytes:
    """A picture of some 5 MB, above the 1 MB from which Starlette would write to the disk."""
    content = io.BytesIO()
    noise = np.random.default_rng(0).integers(0, 256, (1300, 1300, 3), np.uint8)
    Image.fromarray(noise).save(content, "PNG")
    assert content.tell() > 5_000_000
    return content.getvalue()


@pytest.fixture
def recorded(tmp_path: Path) -> dict[str, str]:
    """Environment of a server that records what it writes, with a folder for temporary files of its own."""
    (tmp_path / "site").mkdir()
    (tmp_path / "site/sitecustomize.py").write_text(RECORDER)
    (tmp_path / "temporary").mkdir()
    return {
        "PYTHONPATH": os.pathsep.join([str(tmp_path / "site"), str(Path(__file__).parent.parent.parent)]),
        "WRITTEN": str(tmp_path / "written.txt"),
        "TMPDIR": str(tmp_path / "temporary"),
    }


def upload(page: Page, content: bytes) -> None:
    file = {"name": "noise.png", "mimeType": "image/png", "buffer": content}
    page.locator("input[type=file]").first.set_input_files(file)


def written(recorded: dict[str, str]) -> list[str]:
    """Paths that were opened for writing, without that which keeps nothing: decoding processes have it."""
    paths = Path(recorded["WRITTEN"]).read_text().splitlines()
    return [path for path in paths if path != os.devnull]


def written_in_temporary(recorded: dict[str, str]) -> list[str]:
    return [path for path in written(recorded) if path.startswith(recorded["TMPDIR"])]


@pytest.mark.parametrize(("script", "spills"), [(PLAIN_APP, True), (PROTECTED_APP, False)])
def test_uploads_would_reach_the_disk_without_protection_and_do_not_with_it(
    script, spills, tmp_path, recorded, picture, fresh_server, visitor
):
    (tmp_path / "uploads.py").write_text(script)
    page = visitor(of=fresh_server(script=tmp_path / "uploads.py", env=recorded))
    upload(page, picture)
    expect(page.get_by_text(f"Received {len(picture)}")).to_be_visible()
    assert bool(written_in_temporary(recorded)) is spills


def test_the_app_writes_nothing_while_a_picture_is_checked(recorded, picture, fresh_server, visitor):
    page = visitor("/check_photos", of=fresh_server(env=recorded))
    before = written(recorded)
    upload(page, picture)
    expect(page.get_by_text("noise.png").first).to_be_visible()
    expect(page.get_by_text("No face found").first).to_be_visible()
    assert written(recorded) == before
