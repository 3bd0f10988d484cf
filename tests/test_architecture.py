"""The plan of the house, held by reading its files: who imports whom, how long a module is, what is named."""

from __future__ import annotations

import ast
import importlib
import re
import subprocess
import sys
from collections import defaultdict
from pathlib import Path

import pytest

from tests.conftest import ROOT
from tests.imports import PRODUCT, Import, circles, imports_of, module_of, ours, product, sources, tree_of
from tests.wings import ALLOWED, wing_of

PACKAGES = ("core", "ui", "pages", "training", "bench", "tests")
SCREEN = {"streamlit", "streamlit_webrtc", "plotly"}
FRAMEWORKS = {"tensorflow", "keras"}
LONGEST = {"app.py": 80, "pages": 80, "tests": 600}  # lines. A table of cases is long and still easily read
LONGEST_MODULE = 300  # what a reader holds in mind at once

# Where a library may be imported; elsewhere it is refused. A name is of a folder, or of a file.
ONLY_IN = {
    "streamlit": ("ui", "pages", "app.py", "bench"),  # bench: its visitors speak Streamlit's protocol
    "streamlit_webrtc": ("ui",),
    "plotly": ("ui",),
    "fastapi": ("service",),
    "ray": ("core/photos/ray_engine.py", "bench/scale/cluster.py"),  # bench: two nodes to kill
    "keras": (
        "training",
        "core/models/engines.py",
        "core/models/keras_file.py",
        "core/models/keras_config.py",
        "bench",
    ),
    "tensorflow": ("training", "core/models", "bench"),
    "cv2": ("core", "training", "bench"),
    "onnxruntime": (
        "core/models/onnx_runtime.py",  # with the same options, after core has ended its telemetry
        "bench/engines.py",  # quantises, after core has done so too
    ),
    "lazy_loader": ("core", "training", "ui"),
}
# Imports inside a function, by file: what is loaded late, and why. None is there for the sake of a circle.
LATE = {
    "bench/kills.py": "Keras takes seconds, and only its children need it",
    "core/commands/check.py": "one picture needs no workers, tables or reports: a quarter of a second",
    "core/images/decode.py": "forking does not exist on Windows",
    "core/models/engines.py": "HDF5 is needed for Keras alone",
    "training/cross_source.py": "Keras takes seconds, and --help needs none of it",
    "training/export.py": "Keras takes seconds, and --help needs none of it",
    "training/label_check.py": "Keras takes seconds, and --help needs none of it",
    "training/train.py": "Keras takes seconds, and --help needs none of it",
    "ui/live/socket.py": "WebRTC takes a second, and only some visitors need it",
    "ui/live/visit.py": "WebRTC takes a second, paid before Start can be pressed",
}
CORE_MODULES = [module_of(file) for file in sources("core") if not file.stem.startswith("_")]
PAGES = sorted((ROOT / "pages").glob("*.py"))
WINGS = sorted({wing_of(module_of(file)) for file in product()} - {"core", "training", "ui", "ui.dashboard"})

FACES = [w for w in WINGS if "." in w and (ROOT / w.replace(".", "/") / "__init__.py").is_file()]


def arrows() -> dict[str, set[str]]:
    """By file's module, the modules of ours that it imports in any way."""
    return {module_of(file): {found.target for found in ours(file)} - {module_of(file)} for file in product()}


def between_wings() -> list[tuple[str, str, Import]]:
    found = [(wing_of(module_of(file)), wing_of(i.target), i) for file in product() for i in ours(file)]
    return [(wing, other, i) for wing, other, i in found if wing != other]


def test_the_whole_house_is_looked_at():
    assert len(CORE_MODULES) > 100
    assert len(product()) > 330


def test_the_table_names_every_wing_and_no_other():
    assert set(ALLOWED) == set(WINGS)


def test_the_table_has_no_circle():
    assert circles(ALLOWED) == []


def test_wings_import_what_the_table_allows():
    refused = [f"{wing} -> {other}: {i}" for wing, other, i in between_wings() if other not in ALLOWED[wing]]
    assert refused == []


def test_no_view_of_the_dashboard_imports_another():
    views = {f.stem for f in (ROOT / "ui/dashboard").iterdir()} - {
        "__init__",
        "__pycache__",
        "selection",
        "views",
    }
    crossing = [
        str(found)
        for view in views
        for file in (sources(f"ui/dashboard/{view}") or [ROOT / f"ui/dashboard/{view}.py"])
        for found in ours(file)
        for other in views - {view}
        if f"{found.target}.".startswith(f"ui.dashboard.{other}.")
    ]
    assert crossing == []


def test_files_have_no_circle():
    assert circles(arrows()) == []


def test_circles_are_found():
    assert circles({"a": ["b"], "b": ["c"], "c": ["a", "d"], "d": [], "e": ["e", "a"]}) == [["a", "b", "c"]]


def test_another_wing_is_entered_by_its_face():
    """A module that the face offers may be used as such: `from core.runs import catalog`."""
    inside = [
        str(i)
        for wing, other, i in between_wings()
        if other.startswith(("core.", "training.", "ui."))
        and (ROOT / other.replace(".", "/")).is_dir()
        and i.module != other
    ]
    assert inside == []


@pytest.mark.parametrize("wing", FACES)
def test_a_face_says_what_the_wing_is_for_and_what_it_offers(wing):
    face = ROOT / wing.replace(".", "/") / "__init__.py"
    assert len((ast.get_docstring(tree_of(face)) or "").splitlines()) == 1
    offered = importlib.import_module(wing).__all__
    assert len(offered) == len(set(offered))
    assert [name for name in offered if not hasattr(importlib.import_module(wing), name)] == []
    used = {i.name for _, other, i in between_wings() if other == wing and i.module == wing}
    assert used <= set(offered)


def test_no_import_comes_through_a_back_door():
    late = defaultdict(list)
    for file in product():
        for found in ours(file):
            if found.late or found.typing:
                late[str(file.relative_to(ROOT))].append(str(found))
    assert {file: found for file, found in late.items() if file not in LATE} == {}
    assert set(LATE) == set(late), "a reason without an import"
    assert not [found for file in product() for found in ours(file) if found.typing]


def test_no_two_public_classes_have_one_name():
    named = defaultdict(list)
    for file in product():
        for node in tree_of(file).body:
            if isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
                named[node.name].append(str(file.relative_to(ROOT)))
    assert {name: files for name, files in named.items() if len(files) > 1} == {}


@pytest.mark.parametrize("library", list(ONLY_IN))
def test_a_library_stays_where_it_belongs(library):
    importing = {
        file.relative_to(ROOT)
        for part in PRODUCT
        for file in sources(part)
        if library in {found.module.partition(".")[0] for found in imports_of(file)}
    }
    homes = [Path(home) for home in ONLY_IN[library]]
    assert [str(file) for file in importing if not any(file.is_relative_to(home) for home in homes)] == []


def test_figures_know_no_screen():
    drawn = [str(i) for f in sources("ui/figures") for i in imports_of(f) if i.module.startswith("streamlit")]
    assert drawn == []


def test_frameworks_are_loaded_late_in_core():
    early = [
        str(found)
        for file in sources("core")
        for found in imports_of(file)
        if found.module.partition(".")[0] in FRAMEWORKS and not (found.late or found.typing)
    ]
    assert early == []


def test_imports_stay_absolute():
    """A relative import would slip past the rules above."""
    relative = [
        f"{file}:{node.lineno}"
        for file in product()
        for node in ast.walk(tree_of(file))
        if isinstance(node, ast.ImportFrom) and node.level
    ]
    assert not relative


def test_nothing_imports_tests_or_pages():
    wrong = [
        str(i) for f in product() for i in imports_of(f) if i.module.partition(".")[0] in ("tests", "app")
    ]
    assert wrong == []


def test_importing_core_loads_no_framework_and_no_screen():
    """All of core in one process: the first page opens fast, and a CPU never waits for TensorFlow."""
    script = (
        f"import importlib, sys; [importlib.import_module(name) for name in {CORE_MODULES}]; "
        f"print(sorted({FRAMEWORKS | SCREEN} & set(sys.modules)))"
    )
    result = subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True)
    assert result.returncode == 0, result.stderr
    assert result.stdout.strip() == "[]"


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


def test_the_top_level_is_as_it_was_fixed():
    folders = {name.split("/")[0] for name in tracked_names() if "/" in name and not name.startswith(".")}
    assert folders == {"bench", "core", "docs", "models", "pages", "runs", "tests", "training", "ui"}


MACHINE_PATHS = re.compile(r"(?<![\w.])/(work|root|home/\w+)/|\.\./shared")


def tracked_names() -> list[str]:
    names = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=True).stdout
    return [name for name in names.decode().split("\0") if name and (ROOT / name).is_file()]


def test_no_tracked_file_names_a_folder_of_the_machine_it_was_written_on():
    found = []
    for name in tracked_names():
        if ROOT / name == Path(__file__):
            continue
        try:
            text = (ROOT / name).read_text()
        except UnicodeDecodeError:
            continue
        found += [f"{name}: {m.group()}" for m in MACHINE_PATHS.finditer(text)]
    assert not found


def test_no_module_is_a_drawer_for_everything():
    drawers = {"utils.py", "helpers.py", "common.py", "misc.py"}
    assert [str(file) for part in PACKAGES for file in sources(part) if file.name in drawers] == []
