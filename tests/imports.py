"""Who imports whom, read from the files: nothing is run."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from tests.conftest import ROOT

PRODUCT = ("core", "training", "ui", "pages", "bench", "app.py", "maskwise.py")


@dataclass(frozen=True)
class Import:
    """`name` of `module`, or `module` itself. `late`: in a function; `typing`: for type checkers alone."""

    file: Path
    line: int
    module: str
    name: str | None
    late: bool
    typing: bool

    @property
    def target(self) -> str:
        """The module that is loaded: `from core import errors` loads `core.errors`."""
        inner = f"{self.module}.{self.name}"
        return inner if self.name and is_module(inner) else self.module

    def __str__(self) -> str:
        return f"{self.file.relative_to(ROOT)}:{self.line} imports {self.module}" + (
            f".{self.name}" if self.name else ""
        )


def sources(part: str) -> list[Path]:
    path = ROOT / part
    if path.is_file():
        return [path]
    return sorted(file for file in path.rglob("*.py") if "node_modules" not in file.parts)  # npm's, not ours


def product() -> list[Path]:
    return [file for part in PRODUCT for file in sources(part)]


def module_of(file: Path) -> str:
    name = ".".join(file.relative_to(ROOT).with_suffix("").parts)
    return name.removesuffix(".__init__")


@cache
def is_module(name: str) -> bool:
    path = ROOT / name.replace(".", "/")
    return path.with_suffix(".py").is_file() or (path / "__init__.py").is_file()


@cache
def tree_of(file: Path) -> ast.Module:
    return ast.parse(file.read_text())


@cache
def imports_of(file: Path) -> tuple[Import, ...]:
    return tuple(_imports(file, tree_of(file), late=False, typing=False))


def ours(file: Path) -> Iterator[Import]:
    """Imports of this repository's own modules."""
    tops = {part.removesuffix(".py") for part in PRODUCT}
    return (found for found in imports_of(file) if found.module.partition(".")[0] in tops)


def _imports(file: Path, node: ast.AST, late: bool, typing: bool) -> Iterator[Import]:
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.Import):
            for name in child.names:
                yield Import(file, child.lineno, name.name, None, late, typing)
        elif isinstance(child, ast.ImportFrom):
            for name in child.names:
                yield Import(file, child.lineno, child.module or "", name.name, late, typing)
        inside = late or isinstance(child, (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda))
        checked = typing or (isinstance(child, ast.If) and "TYPE_CHECKING" in ast.unparse(child.test))
        yield from _imports(file, child, inside, checked)


def circles(arrows: Mapping[str, Iterable[str]]) -> list[list[str]]:
    """The groups of two or more that reach each other (strongly connected components, Tarjan 1972)."""
    index: dict[str, int] = {}
    low: dict[str, int] = {}
    stack: list[str] = []
    found: list[list[str]] = []

    def visit(node: str) -> None:
        index[node] = low[node] = len(index)
        stack.append(node)
        for other in arrows.get(node, ()):
            if other not in index:
                visit(other)
                low[node] = min(low[node], low[other])
            elif other in stack:
                low[node] = min(low[node], index[other])
        if low[node] == index[node]:
            together = stack[stack.index(node) :]
            del stack[stack.index(node) :]
            if len(together) > 1:
                found.append(sorted(together))

    for node in arrows:
        if node not in index:
            visit(node)
    return found
