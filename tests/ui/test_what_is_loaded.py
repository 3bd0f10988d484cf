"""What a start and a page load: each library is a wait for every visitor of a fresh server."""

from __future__ import annotations

import ast
import subprocess
import sys

import pytest

from tests.conftest import ROOT
from tests.imports import tree_of

HEAVY = {"aiortc", "av", "keras", "onnxruntime", "pandas", "tensorflow"}
# Whatever page is opened first, Streamlit runs its file before `app.py`.
PAGES = ("home", "check_photos", "live")


def loaded_by(script: str) -> set[str]:
    """Of `HEAVY`, in a process of its own."""
    told = subprocess.run(
        [sys.executable, "-c", f"import sys\n{script}\nprint(*sorted({HEAVY} & set(sys.modules)))"],
        cwd=ROOT,
        capture_output=True,
        text=True,
    )
    assert told.returncode == 0, told.stderr
    return set(told.stdout.split())


def imports_at_top(file: str) -> str:
    tree = tree_of(ROOT / file)
    return "\n".join(ast.unparse(n) for n in tree.body if isinstance(n, ast.Import | ast.ImportFrom))


def test_the_server_loads_little_before_it_listens():
    assert loaded_by("import app") == set()


@pytest.mark.parametrize("page", PAGES)
def test_a_page_loads_no_tables_and_no_network(page):
    assert loaded_by(f"import app\n{imports_at_top(f'pages/{page}.py')}") == set()


def test_what_is_imported_again_is_imported_after():
    """`begin_with_one` starts the program anew: what came before it is paid twice."""
    asked = next(n for n in tree_of(ROOT / "app.py").body if isinstance(n, ast.If)).orelse
    lines = [ast.unparse(node) for node in asked]
    assert lines[:2] == ["from ui.server import heap", "heap.begin_with_one()"]


def test_a_component_is_told_lists_without_pandas():
    script = """
from streamlit.components.v2.bidi_component.serialization import serialize_mixed_data
from streamlit.proto.BidiComponent_pb2 import BidiComponent
import streamlit as st
from pathlib import Path
proto = BidiComponent()
st.components.v2.component = lambda *a, **k: lambda *, data, key: serialize_mixed_data(data, proto)
from ui.components import component
component("drop", Path("ui/photos/browser"), "", "drop")(key="k", data={"of": ["a", "b"], "n": 1})
assert proto.json == '{"of": ["a", "b"], "n": 1}', proto.json
"""
    assert loaded_by(script) == set()
