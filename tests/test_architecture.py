"""The plan of the house, held by reading its files: who imports whom, how long a module is, what is named."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PACKAGES = ("core", "ui", "pages", "training", "bench", "tests")
SCREEN = {"streamlit", "streamlit_webrtc", "plotly"}
FRAMEWORKS = {"tensorflow", "keras"}

# By importing part of the house: what it may not import.
FORBIDDEN = {
    "app.py": {"training", "bench", "tests", "cv2", *FRAMEWORKS},
    "pages": {"training", "bench", "tests", "cv2", *FRAMEWORKS},
    "ui": {"app", "pages", "training", "bench", "tests", *FRAMEWORKS},
    "core": {"app", "pages", "ui", "training", "bench", "tests", *SCREEN},
    "training": {"app", "pages", "ui", "bench", "tests", *SCREEN},
    "bench": {"app", "pages", "ui", "tests", *SCREEN - {"streamlit"}},  # whose protocol its visitors speak
}
LONGEST = {"app.py": 80, "pages": 80, "tests": 600}  # lines. A table of cases is long and still easily read
LONGEST_MODULE = 300  # what a reader holds in mind at once

CORE_MODULES = sorted(
    ".".join(f.relative_to(ROOT).with_suffix("").parts) for f in (ROOT / "core").rglob("[!_]*.py")
)
PAGES = sorted((ROOT / "pages").glob("*.py"))


def sources(part: str) -> list[Path]:
    path = ROOT / part
    return [path] if path.is_file() else sorted(path.rglob("*.py"))


def imported(tree: ast.AST) -> Iterator[str]:
    """Top-level package of every import below a node."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (name.name.partition(".")[0] for name in node.names)
        elif isinstance(node, ast.ImportFrom) and node.level == 0:
            yield node.module.partition(".")[0]


def imports_of(file: Path) -> set[str]:
    return set(imported(ast.parse(file.read_text())))


def tracked() -> list[Path]:
    names = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=True).stdout
    return [path for name in names.decode().split("\0") if name and (path := ROOT / name).is_file()]


@pytest.mark.parametrize("part", list(FORBIDDEN))
def test_dependencies_point_inwards(part):
    files = sources(part)
    assert files
    wrong = {str(f.relative_to(ROOT)): bad for f in files if (bad := FORBIDDEN[part] & imports_of(f))}
    assert not wrong


def test_imports_stay_absolute():
    """A relative import would slip past the rule above."""
    relative = [
        str(file)
        for part in FORBIDDEN
        for file in sources(part)
        for node in ast.walk(ast.parse(file.read_text()))
        if isinstance(node, ast.ImportFrom) and node.level
    ]
    assert not relative


def test_importing_core_loads_no_framework_and_no_screen():
    """All of core in one process: the first page opens fast, and a CPU never waits for TensorFlow."""
    assert len(CORE_MODULES) > 80  # all of them, however deep they lie
    script = (
        f"import importlib, sys; [importlib.import_module(name) for name in {CORE_MODULES}]; "
        f"print(sorted({FRAMEWORKS | SCREEN} & set(sys.modules)))"
    )
    result = subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True)
    assert result.returncode == 0, result.stderr
    assert result.stdout.strip() == "[]"


def test_onnx_runtime_is_started_in_one_place():
    """With the same options everywhere, and after `core` has ended its telemetry."""
    importing = {
        str(file.relative_to(ROOT))
        for part in ("app.py", *PACKAGES)
        for file in sources(part)
        if "onnxruntime" in imports_of(file)
    }
    assert importing == {"core/models/onnx_runtime.py"}


@pytest.mark.parametrize("part", ["app.py", *PACKAGES])
def test_modules_are_short(part):
    ceiling = LONGEST.get(part, LONGEST_MODULE)
    lengths = {str(f.relative_to(ROOT)): len(f.read_text().splitlines()) for f in sources(part)}
    assert {name: n for name, n in lengths.items() if n > ceiling} == {}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_every_page_goes_through_the_router_before_it_shows_anything(page):
    """The guard is the first statement after the imports, and names the page's own file."""
    from ui import router

    body = ast.parse(page.read_text()).body
    first = next(n for n in body[1:] if not isinstance(n, (ast.Import, ast.ImportFrom)))
    assert ast.unparse(first).startswith("require_router("), f"{page.name}: {ast.unparse(first)}"
    constant = first.value.args[0].id
    assert ROOT / getattr(router, constant) == page


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_every_page_can_be_navigated_to(page):
    """A file in the folder that the router does not offer would be reachable on a fresh server alone."""
    assert f"st.Page({page.stem.upper()}," in (ROOT / "ui/router.py").read_text()


MACHINE_PATHS = re.compile(r"(?<![\w.])/(work|root|home/\w+)/|\.\./shared")


def test_no_tracked_file_names_a_folder_of_the_machine_it_was_written_on():
    found = []
    for file in tracked():
        if file == Path(__file__):
            continue
        try:
            text = file.read_text()
        except UnicodeDecodeError:
            continue
        found += [f"{file.relative_to(ROOT)}: {m.group()}" for m in MACHINE_PATHS.finditer(text)]
    assert not found


def test_no_module_is_a_drawer_for_everything():
    drawers = {"utils.py", "helpers.py", "common.py", "misc.py"}
    assert [str(file) for part in PACKAGES for file in sources(part) if file.name in drawers] == []
