"""Each change of a library is met by name when that library changes."""

from __future__ import annotations

import ast
import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

from ui.server import stack  # its imports declare every patch
from ui.server.patches import PATCHES, Patch, declare

ROOT = Path(__file__).parents[3]
OURS = {"core", "ui", "pages"}
MEANT_TO_BE_SET = ("st.session_state", "st.query_params")


@pytest.fixture(scope="module")
def sources() -> dict[str, str]:
    """Of every target, from a process of its own, where nothing is patched yet."""
    script = (
        "import json; from ui.server import stack; from ui.server.patches import PATCHES;"
        "print(json.dumps({name: patch.source_now() for name, patch in PATCHES.items()}))"
    )
    now = subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=True)
    return json.loads(now.stdout)


@pytest.mark.parametrize("patch", PATCHES.values(), ids=PATCHES)
def test_its_target_reads_as_it_did_when_the_patch_was_written(patch: Patch, sources):
    assert sources[patch.name] == patch.source, (
        f"{patch.target} has changed. Read it, see that the patch {patch.name!r} still does what it is for "
        f"({patch.reason}), then write the new source down."
    )


def test_the_table_for_people_says_the_same():
    table = (ROOT / "docs/patches.md").read_text(encoding="utf-8")
    listed = re.findall(
        r"^\| `([\w-]+)` \| `([\w.]+:[\w.]+)` \| (.+) \| `tests/\S+` \|$", table, re.MULTILINE
    )
    assert sorted(listed) == sorted((p.name, p.target, p.reason) for p in PATCHES.values())


def test_the_table_for_people_has_the_middleware_in_its_order():
    table = (ROOT / "docs/patches.md").read_text(encoding="utf-8")
    listed = re.findall(r"^\| `(\w+)` \| `(\w+)\.py` \|", table, re.MULTILINE)
    standing = [(m.cls.__name__, m.cls.__module__.rpartition(".")[2]) for m in stack.middleware()]
    assert listed == standing


def changed_imports(tree: ast.Module) -> set[str]:
    """Attributes of what a module imports from elsewhere that it sets: `net_util.get_external_ip`."""
    elsewhere = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            elsewhere |= {(name.asname or name.name).partition(".")[0] for name in node.names}
        elif isinstance(node, ast.ImportFrom) and (node.module or "").partition(".")[0] not in OURS:
            elsewhere |= {name.asname or name.name for name in node.names}
    changed = set()
    for node in ast.walk(tree):
        targets = node.targets if isinstance(node, ast.Assign) else [getattr(node, "target", None)]
        if isinstance(node, ast.Call) and ast.unparse(node.func) == "setattr":
            targets = [ast.Attribute(node.args[0], ast.unparse(node.args[1]))]
        for target in targets:
            root = target
            while isinstance(root, ast.Attribute):
                root = root.value
            if isinstance(target, ast.Attribute) and isinstance(root, ast.Name) and root.id in elsewhere:
                changed.add(ast.unparse(target))
    return {name for name in changed if not name.startswith(MEANT_TO_BE_SET)}


def test_no_library_is_changed_beside_the_list():
    beside = {}
    for module in (file for part in sorted(OURS) for file in (ROOT / part).rglob("*.py")):
        tree = ast.parse(module.read_text(encoding="utf-8"))
        calls = {ast.unparse(node.func) for node in ast.walk(tree) if isinstance(node, ast.Call)}
        if "declare" not in calls and (changed := changed_imports(tree)):
            beside[str(module.relative_to(ROOT))] = changed
    assert beside == {}


def test_a_change_of_a_library_is_seen():
    def seen(code: str) -> set[str]:
        return changed_imports(ast.parse(code))

    assert seen("from streamlit import net_util as n\nn.get = None") == {"n.get"}
    assert seen("import a.b\na.b.c: int = 1\nsetattr(a, 'd', 1)") == {"a.b.c", "a.'d'"}
    assert seen("from ui import it\nit.a = 1\nmine = 1\nclass A: pass\nA.b = 1") == set()


@pytest.mark.parametrize("target", ["streamlit.gone:App", "streamlit:Gone", "streamlit:App.gone"])
def test_a_target_that_has_gone_stops_the_start_by_name(target: str):
    with pytest.raises(RuntimeError, match=f"{target}.*Maskwise changes.*requirements.txt"):
        Patch("it", target, "", "for a reason").found()


def test_a_name_is_given_once():
    with pytest.raises(ValueError, match="is declared twice"):
        declare(next(iter(PATCHES)), "streamlit:App", "", "for a reason")
