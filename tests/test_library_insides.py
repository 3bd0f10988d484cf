"""docs/patches.md names what the code touches of the insides of libraries, with its version and its test."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from functools import cache
from importlib import util
from pathlib import Path

import pytest

from tests.imports import sources

ROOT = Path(__file__).parent.parent
TEXT = (ROOT / "docs/patches.md").read_text(encoding="utf-8")
PRODUCT = ("app.py", "pages", "ui", "core", "training", "bench")
DOCUMENTED = {"_exit", "_replace", "_create_unverified_context"}  # of os, of named tuples and of ssl
OURS = {"_idle"}  # of our own modules, read by another of them
# By library: what of it, besides its top, is there for others.
PUBLIC = {
    "streamlit": ("streamlit.errors", "streamlit.testing"),
    "aiortc": ("aiortc.contrib",),
    "uvicorn": (),
    "aioice": (),
}
TARGETS_ALONE = {"starlette.formparsers"}  # the rest of Starlette is documented


def trees(*parts: str) -> list[ast.Module]:
    return [tree for part in parts for tree in parsed(part)]


@cache
def parsed(part: str) -> list[ast.Module]:
    return [ast.parse(file.read_text(encoding="utf-8")) for file in sources(part)]


@cache
def bound(tree: ast.AST) -> set[str]:
    """Names that a module gives to something of its own."""
    names = set()
    for node in ast.walk(tree):
        match node:
            case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name) | ast.ClassDef(name=name):
                names.add(name)
            case ast.Name(id=name, ctx=ast.Store()):
                names.add(name)
            case ast.Attribute(value=ast.Name(id="self" | "cls"), attr=name, ctx=ast.Store()):
                names.add(name)
            case ast.arg(arg=name):
                names.add(name)
    return names


def private_names(tree: ast.AST, known: set[str]) -> set[str]:
    """Attributes that begin with one underscore and are not among those known."""
    used = {node.attr for node in ast.walk(tree) if isinstance(node, ast.Attribute)}
    return {name for name in used - known if re.match(r"_[^_]", name)}


def imported(tree: ast.AST) -> Iterator[str]:
    """Modules, not what is imported from them."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (name.name for name in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module
            if node.module.partition(".")[0] in PUBLIC:
                yield from (whole for name in node.names if is_module(whole := f"{node.module}.{name.name}"))


@cache
def is_module(name: str) -> bool:
    package = util.find_spec(name.rpartition(".")[0])
    return bool(package and package.submodule_search_locations and util.find_spec(name))


def is_inside(module: str) -> bool:
    top = module.partition(".")[0]
    if top not in PUBLIC:
        return module in TARGETS_ALONE
    return module != top and not any(f"{module}.".startswith(f"{open_}.") for open_ in PUBLIC[top])


def section(title: str) -> list[list[str]]:
    """Cells of the table below a heading."""
    rows = re.findall(r"^\| (.+) \|$", TEXT.partition(f"## {title}\n")[2].partition("\n#")[0], re.MULTILINE)
    assert len(rows) > 1, title
    return [row.split(" | ") for row in rows[1:]]


def listed(title: str) -> set[str]:
    return {name for row in section(title) for name in re.findall(r"`([\w.]+)`", row[0])}


def test_every_private_name_of_a_library_is_listed_and_every_listed_one_is_read():
    product = [private_names(tree, bound(tree)) for tree in trees(*PRODUCT)]
    everywhere = set().union(*(bound(tree) for tree in trees(*PRODUCT, "tests")))
    tests = [private_names(tree, everywhere) for tree in trees("tests")]
    found = set().union(*product, *tests) - DOCUMENTED - OURS
    assert found == listed("Private names that are read")


def test_every_inner_module_is_listed_and_every_listed_one_is_imported():
    found = {name for tree in trees(*PRODUCT) for name in imported(tree) if is_inside(name)}
    assert found == listed("Modules that their library does not document")


def test_the_versions_are_those_that_are_locked():
    versions = re.findall(r"^\| `([\w-]+)` \| ([\d.]+) \|$", TEXT, re.MULTILINE)
    locked = dict(re.findall(r"^([\w-]+)==(\S+)", (ROOT / "requirements.lock").read_text(), re.MULTILINE))
    assert len(versions) > 5
    assert {name: locked[name] for name, _ in versions} == dict(versions)
    named = {re.sub("`", "", row[1]) for title in TITLES[1:] for row in section(title)}
    assert named <= set(dict(versions))


TITLES = ("What is changed", "Private names that are read", "Modules that their library does not document")


@pytest.mark.parametrize("title", TITLES)
def test_each_row_names_its_test(title):
    for row in section(title):
        tested = re.findall(r"`(tests/[\w/]+\.py)`", row[-1])
        assert tested or row[-1] == "none: mypy", row
        assert all((ROOT / path).is_file() for path in tested), row


@pytest.mark.parametrize(
    ("code", "names"),
    [
        ("a._inner", {"_inner"}),
        ("from x import y\ny.z()._inner = 1", {"_inner"}),
        ("class A(B):\n def f(self): return self._theirs", {"_theirs"}),
        ("class A:\n def f(self): self._mine = 1; return self._mine", set()),
        ("def _mine(): pass\nmodule._mine; a.__dict__", set()),
    ],
)
def test_a_private_name_is_seen(code, names):
    tree = ast.parse(code)
    assert private_names(tree, bound(tree)) == names


def test_an_inner_module_is_seen():
    code = "import uvicorn.server\nfrom streamlit import config, write\nfrom aiortc.contrib import media"
    found = {name for name in imported(ast.parse(code)) if is_inside(name)}
    assert found == {"uvicorn.server", "streamlit.config"}
