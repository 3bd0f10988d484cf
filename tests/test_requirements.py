"""What is installed is what is used, and the commands that are documented exist."""

from __future__ import annotations

import ast
import re
import sys
from importlib import metadata
from pathlib import Path

import pytest

from tests.imports import sources

ROOT = Path(__file__).parent.parent
OURS = {"app", "maskwise", "core", "ui", "pages", "training", "bench", "tests"}

# By requirements file: the parts of the house that it serves.
SERVES = {
    "requirements.txt": ("app.py", "maskwise.py", "core", "ui", "pages"),
    "requirements-train.txt": ("training",),
    "requirements-login.txt": (),
    "requirements-dev.txt": ("tests", "bench"),
}
# Asked for by whoever needs them, and imported in one module each. Not installed for tests.
OPTIONAL = {
    "requirements-storage.txt": "core/bulk/storage.py",
    "requirements-ray.txt": "core/photos/ray_engine.py",
}
# Required, though nothing imports it (yet), and why.
NOT_IMPORTED = {
    "tensorboard": "Keras calls it to write logs",
    "ruff": "run by make check",
    "mypy": "run by make check",
    "pytest-cov": "run by make coverage",
    "pytest-rerunfailures": "pytest's `flaky` mark",
    "pytest-xdist": "run by make test",
    "authlib": "Streamlit imports it where visitors log in",
    "httpx": "Authlib imports it to ask the provider",
    "oidc-provider-mock": "run by a browser test",
    "uv": "run by make lock",
    "pip-audit": "run by make audit",
}
DISTRIBUTIONS = metadata.packages_distributions()


def required(name: str) -> dict[str, str]:
    """Ranges by distribution in one requirements file, without the files that it includes."""
    lines = (line.partition("#")[0].strip() for line in (ROOT / name).read_text().splitlines())
    pinned = (
        re.fullmatch(r"([\w-]+)(?:\[[\w,-]+\])?(.*)", line)
        for line in lines
        if line and not line.startswith("-r ")
    )
    return {match[1].lower(): match[2] for match in pinned}


def imported_distributions(parts: tuple[str, ...]) -> set[str]:
    """Distributions that the files of these parts import from, besides Python's own modules and ours.

    Without those of modules that have a requirements file of their own.
    """
    found = set()
    for part in parts:
        for file in sources(part):
            if str(file.relative_to(ROOT)) in OPTIONAL.values() and part not in OPTIONAL.values():
                continue
            for node in ast.walk(ast.parse(file.read_text())):
                if isinstance(node, ast.Import):
                    names = [alias.name for alias in node.names]
                elif isinstance(node, ast.ImportFrom) and node.module:
                    names = [node.module]
                else:
                    continue
                found |= {name.partition(".")[0] for name in names}
    others = found - OURS - set(sys.stdlib_module_names)
    return {DISTRIBUTIONS.get(name, [name])[0].lower().replace("_", "-") for name in others}


@pytest.mark.parametrize("name", [*SERVES, *OPTIONAL])
def test_every_range_has_both_ends_and_holds_what_is_installed(name):
    def numbers(version: str) -> list[int]:
        return [int(part) for part in re.findall(r"\d+", version)]

    for distribution, range_ in required(name).items():
        ends = re.fullmatch(r">=([\d.]+),<([\d.]+)", range_)
        assert ends, f"{distribution}{range_}"
        if name in OPTIONAL and distribution not in map(str.lower, DISTRIBUTIONS):
            continue
        assert numbers(ends[1]) <= numbers(metadata.version(distribution)) < numbers(ends[2]), distribution


@pytest.mark.parametrize(("name", "module"), OPTIONAL.items())
def test_what_is_optional_is_required_where_it_is_imported(name, module):
    beside_the_app = imported_distributions((module,)) - set(required("requirements.txt"))
    assert beside_the_app and beside_the_app <= set(required(name))


@pytest.mark.parametrize("name", [*SERVES, *OPTIONAL])
def test_every_line_says_why(name):
    for line in (ROOT / name).read_text().splitlines():
        if line and not line.startswith(("#", "-r", "pytest", "mypy")):
            assert "#" in line, line


def test_everything_imported_is_required():
    available: set[str] = set()
    for name, parts in SERVES.items():  # each file includes the one before it
        available |= set(required(name))
        if name == "requirements-dev.txt":  # whose parts try what is optional where it is there
            available |= {distribution for optional in OPTIONAL for distribution in required(optional)}
        assert imported_distributions(parts) - available == set(), name


def test_everything_required_is_imported_or_justified():
    everything = tuple(part for parts in SERVES.values() for part in parts)
    unused = {d for name in SERVES for d in required(name)} - imported_distributions(everything)
    assert unused <= set(NOT_IMPORTED)


def test_no_justification_outlives_its_reason():
    everything = tuple(part for parts in SERVES.values() for part in parts)
    assert not set(NOT_IMPORTED) & imported_distributions(everything)


def _documents() -> list[Path]:
    return [*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md"), *ROOT.glob("pages/*.py"), *ROOT.glob(".ci/*")]


def test_documented_commands_exist():
    """Every `make x` is a target and every `python -m a.b` a module."""
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(), flags=re.M))
    made, modules = set(), set()
    for file in _documents():
        text = file.read_text()
        made |= set(re.findall(r"(?:`|^\s*|\$ )make ([a-z]+)", text, flags=re.M))
        modules |= set(re.findall(r"python -m ((?:core|training|bench)(?:\.\w+)*)", text))
    assert made and modules
    assert made <= targets
    for module in modules:
        path = ROOT / module.replace(".", "/")
        assert path.with_suffix(".py").is_file() or (path / "__main__.py").is_file(), module
