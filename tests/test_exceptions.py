"""Where a checker is told to look away, the reason stands beside it."""

from __future__ import annotations

import re
import tokenize
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PARTS = ("app.py", "bench", "core", "pages", "tests", "training", "ui")
AWAY = re.compile(r"# *(noqa|nosec|type: *ignore|pragma: *no cover)")
REASONED = re.compile(r"# (noqa: [A-Z]+\d+(, [A-Z]+\d+)* - \w.*|type: ignore\[[a-z, -]+\]  # \w.*)")


def unreasoned(file: Path) -> list[str]:
    """The comments of a Python file that turn a checker away and do not say why."""
    with file.open("rb") as lines:
        said = [t for t in tokenize.tokenize(lines.readline) if t.type == tokenize.COMMENT]
    away = [token for token in said if AWAY.match(token.string)]
    return [f"{file}:{token.start[0]} {token.string}" for token in away if not REASONED.match(token.string)]


@pytest.mark.parametrize("part", PARTS)
def test_code_that_is_not_checked_says_why(part):
    path = ROOT / part
    files = sorted(path.rglob("*.py")) if path.is_dir() else [path]
    assert files and [line for file in files for line in unreasoned(file)] == []


def test_rules_that_are_not_followed_say_why():
    settings = (ROOT / "pyproject.toml").read_text()
    lists = re.findall(r'^(?:ignore|"[^"]+\*") = \[\n(.*?)^\]', settings, re.M | re.S)
    lines = [line for each in lists for line in each.splitlines()]
    assert len(lines) > 5
    assert [line for line in lines if not re.fullmatch(r'    "[A-Z]+\d+",  # \w.*', line)] == []
    for switch in re.findall(r"^(?:disallow|warn|check|allow)_\w+ = false.*", settings, re.M):
        assert re.search(r"  # \w", switch), switch


@pytest.mark.parametrize("bare", ["# noqa", "# noqa: S101", "# type: ignore", "# type: ignore[misc]"])
def test_a_bare_one_is_found(tmp_path, bare):
    file = tmp_path / "some.py"
    file.write_text(f"x = 1  {bare}\ny = '{bare}'\nz = 2  # noqa: S101 - for the reason that follows\n")
    assert unreasoned(file) == [f"{file}:1 {bare}"]
