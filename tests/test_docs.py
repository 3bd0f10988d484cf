"""The documents name what is there: every path, every link and every command's module."""

from __future__ import annotations

import ast
import doctest
import re
from pathlib import Path

import pytest

from tests.wings import ALLOWED

ROOT = Path(__file__).parent.parent
DOCUMENTS = sorted(
    [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md"), ROOT / "training/README.md"],
    key=lambda path: path.as_posix(),
)
OF_THE_PAST = {"CHANGELOG.md"}  # names what was there in its time
PATH = re.compile(
    r"(?<![\w/.~-])(?:app\.py|(?:core|ui|pages|training|bench|tests|docs|\.ci|\.github)/[\w./*-]*)"
)
LINK = re.compile(r"\]\(([^)\s#]+)")
ANCHOR = re.compile(r"\]\(((?!http)[^)\s#]*)#([^)\s]+)\)")
NAME = re.compile(r"`([\w/]+\.py)::([\w.]+)`")
COMMAND = re.compile(r"python -m ((?:core|ui|training|bench)[\w.]*)")


def paths_in(text: str) -> set[str]:
    return {found.rstrip(".") for found in PATH.findall(text)}


def ids(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


@pytest.mark.parametrize("document", [d for d in DOCUMENTS if d.name not in OF_THE_PAST], ids=ids)
def test_every_path_that_is_named_exists(document):
    named = paths_in(document.read_text(encoding="utf-8"))
    assert {path for path in named if not any(ROOT.glob(path.rstrip("/")))} == set()


@pytest.mark.parametrize("document", DOCUMENTS, ids=ids)
def test_every_link_leads_somewhere(document):
    links = LINK.findall(document.read_text(encoding="utf-8"))
    inner = {link for link in links if not link.startswith(("https://", "http://", "mailto:"))}
    assert {link for link in inner if not (document.parent / link).exists()} == set()


@pytest.mark.parametrize("document", DOCUMENTS, ids=ids)
def test_every_link_into_a_document_meets_a_heading(document):
    for path, anchor in ANCHOR.findall(document.read_text(encoding="utf-8")):
        target = document.parent / path if path else document
        headings = re.findall(r"^#+ (.+)$", target.read_text(encoding="utf-8"), re.MULTILINE)
        assert anchor in {slug(heading) for heading in headings}, f"{path}#{anchor}"


def slug(heading: str) -> str:
    """The anchor that a forge makes of a heading."""
    return re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-")


@pytest.mark.parametrize("document", DOCUMENTS, ids=ids)
def test_every_command_is_there(document):
    for module in COMMAND.findall(document.read_text(encoding="utf-8")):
        path = ROOT / module.rstrip(".").replace(".", "/")
        assert path.with_suffix(".py").is_file() or (path / "__main__.py").is_file(), module


@pytest.mark.parametrize("document", DOCUMENTS, ids=ids)
def test_every_name_in_a_module_is_there(document):
    """Such as `core/photos/album.py::Photo.check`."""
    wanted = NAME.findall(document.read_text(encoding="utf-8"))
    assert {f"{path}::{name}" for path, name in wanted if name not in names_in(path)} == set()


def names_in(path: str) -> set[str]:
    """What a module defines at its top, and `Class.method`."""
    found = set()
    for node in ast.parse((ROOT / path).read_text(encoding="utf-8")).body:
        if isinstance(node, (ast.FunctionDef, ast.ClassDef)):
            found.add(node.name)
            found |= {
                f"{node.name}.{inner.name}" for inner in node.body if isinstance(inner, ast.FunctionDef)
            }
        elif isinstance(node, (ast.Assign, ast.AnnAssign)):
            found |= {name.id for name in ast.walk(node) if isinstance(name, ast.Name)}
    return found


def test_every_document_can_be_found_from_the_readme():
    reached, waiting = set(), [ROOT / "README.md"]
    while waiting:
        document = waiting.pop()
        if document in reached or document.suffix != ".md":
            continue
        reached.add(document)
        links = LINK.findall(document.read_text(encoding="utf-8"))
        waiting += [(document.parent / link).resolve() for link in links if not link.startswith("http")]
    assert set(DOCUMENTS) - reached == set()


def test_the_example_in_python_runs():
    result = doctest.testfile(str(ROOT / "docs/usage.md"), module_relative=False)
    assert result.attempted > 8 and result.failed == 0


def test_the_page_on_architecture_names_every_wing():
    text = (ROOT / "docs/architecture.md").read_text(encoding="utf-8")
    named = {
        match.rstrip("/").removesuffix(".py").replace("/", ".") for match in re.findall(r"`([\w/.]+)`", text)
    }
    assert set(ALLOWED) - named == set()


def test_a_path_is_seen():
    text = (
        "See `core/boxes.py`, docs/gone.md. and https://example.org/docs/x; `tests/*.py`, or xcore/boxes.py"
    )
    assert paths_in(text) == {"core/boxes.py", "docs/gone.md", "tests/*.py"}
