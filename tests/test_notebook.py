"""The notebook for teachers runs from start to end, and what it shows is there to be seen."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from xml.etree import ElementTree

import pytest

from core.runs import SHIPPED_RUNS, catalog
from tests.conftest import ROOT

NOTEBOOK = ROOT / "docs/notebooks/train_and_check.ipynb"

# What a notebook does: the last expression of a cell is shown, by its HTML or as a picture.
KERNEL = """
import ast, json, sys

def display(*things):
    for thing in things:
        html = getattr(thing, "_repr_html_", None)
        shown.append(html() if html else type(thing).__name__)

shown, names = [], {"display": display, "__name__": "__main__"}
for cell in json.load(open(sys.argv[1]))["cells"]:
    if cell["cell_type"] == "code":
        tree = ast.parse("".join(cell["source"]))
        last = tree.body.pop() if isinstance(tree.body[-1], ast.Expr) else None
        exec(compile(tree, "cell", "exec"), names)
        if last:
            value = eval(compile(ast.Expression(last.value), "cell", "eval"), names)
            if value not in (None, 0):
                display(value)
print(json.dumps(shown))
"""


def test_it_holds_no_output_and_no_code_but_python():
    cells = [cell for cell in json.loads(NOTEBOOK.read_text())["cells"] if cell["cell_type"] == "code"]
    assert 6 < len(cells) < 15
    assert all(cell["outputs"] == [] and cell["execution_count"] is None for cell in cells)


def test_it_runs_from_start_to_end_and_shows_curves_a_matrix_and_answers(tmp_path):
    done = subprocess.run(
        [sys.executable, "-c", KERNEL, str(NOTEBOOK)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        env=os.environ | {"TMPDIR": str(tmp_path), "TF_CPP_MIN_LOG_LEVEL": "3"},
    )
    assert done.returncode == 0, done.stderr[-2000:]
    run, evaluation, *answers = json.loads(done.stdout.splitlines()[-1])
    assert "<svg" in run and run.count("<polyline") == 2 and "12 epochs of cnn_scratch" in run
    assert "true label" in evaluation and "Evaluation of notebook" in evaluation
    assert [a if a == "Image" else "faces" for a in answers] == ["Image", "faces"] * 2
    assert all("4 faces" in answer for answer in answers[1::2])
    assert "make app" in done.stdout


@pytest.mark.parametrize("name", ["mask3-v4", "cnn_scratch-v1", "face_fpn-v4"])
def test_a_run_shows_itself_as_html_that_is_whole(name):
    run = catalog.read_run(name, SHIPPED_RUNS / name)
    shown = ElementTree.fromstring(run._repr_html_())
    assert shown.tag == "section" and name in "".join(shown.itertext())
    if not run.of_detector:
        assert len(shown.findall(".//circle")) == 2 * len(run.epochs)
        matrix = shown.find(".//section//table")
        cells = [int(cell.text) for cell in matrix.iter("td")]
        assert sum(cells) == run.evaluation.n if run.evaluation else True


def test_what_a_stranger_named_does_not_become_html():
    run = catalog.read_run("mask3-v4", SHIPPED_RUNS / "mask3-v4")
    evil = run.evaluation.model_copy(update={"model": "<script>alert(1)</script>"})
    assert "<script>" not in evil._repr_html_() and "&lt;script&gt;" in evil._repr_html_()
