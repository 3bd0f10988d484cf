"""docs/licences.md says what the locked packages are, and which wheels hold codecs under the GPL."""

import ctypes
import re
from importlib import metadata

import pytest

from bench.supply import bundled as bundled_module
from bench.supply.bundled import FFMPEG_LICENCES, LGPL2, LGPL3, bundled
from bench.supply.licences import DOCUMENT, MADE, copyleft_row, package_row
from bench.supply.lock import APP_LOCK, installed_version, read_lock

LOCKED = read_lock(APP_LOCK)
FIRST = {package.name: package.version for package in reversed(LOCKED)}  # of the oldest Python


@pytest.fixture(scope="module")
def written():
    """The document's rows by package."""
    _, made, tables = DOCUMENT.read_text(encoding="utf-8").partition(MADE)
    assert made
    return {match[1]: match[0] for match in re.finditer(r"^\| (?:\[|`)([\w-]+).*$", tables, re.M)}


def test_the_document_names_what_is_locked(written):
    for name in FIRST:
        versions = ", ".join(package.version for package in LOCKED if package.name == name)
        assert f") | {versions} | " in written[name], f"{name} is locked at {versions}: run make licences"
    assert set(written) == set(FIRST)


def test_the_document_is_what_the_installed_packages_say(written):
    """Of those in the first locked version, which the document was written with."""
    same = [name for name, version in FIRST.items() if installed_version(name) == version]
    assert len(same) > 0.9 * len(FIRST)
    assert [name for name in same if package_row(name, LOCKED) != written[name]] == []
    text = DOCUMENT.read_text(encoding="utf-8")
    assert [row for name in same if (row := copyleft_row(name)) and row not in text] == []


def test_codecs_under_the_gpl_are_found_though_the_wheels_state_another_licence():
    assert copyleft_row("pillow-heif") == "| `pillow-heif` | x265 | de265, heif |  |"
    assert copyleft_row("av").startswith("| `av` | x264, x265 | asound, avcodec,")
    assert copyleft_row("pillow") == ""  # each of its licences leaves a choice, or is no copyleft


STATED = {"LGPL version 3 or later": LGPL3, "LGPL version 2.1 or later": LGPL2}


@pytest.mark.parametrize("name", FFMPEG_LICENCES)
def test_ffmpeg_itself_tells_its_licence(name):
    (file,) = (f for f in metadata.files(name) if "/libavcodec-" in str(f))
    library = ctypes.CDLL(str(file.locate()))
    library.avcodec_license.restype = ctypes.c_char_p
    assert STATED[library.avcodec_license().decode()] == FFMPEG_LICENCES[name]


def test_a_library_of_unknown_licence_does_not_pass(monkeypatch):
    monkeypatch.delitem(bundled_module.LICENCES, "de265")
    with pytest.raises(LookupError, match="libde265"):
        bundled("pillow-heif")
