"""The first view: in plain words, with a drawing, of measured runs and of others."""

from core.runs.catalog import SHIPPED_RUNS
from core.runs.evaluation import EVALUATION_FILE
from tests.ui.dashboard.conftest import copy_of, shown
from ui.dashboard.views import VIEWS


def said(app) -> str:
    return "\n".join(element.value for kind in (app.markdown, app.caption, app.info) for element in kind)


def test_it_is_the_first_view():
    assert next(iter(VIEWS)) == "summary"


def test_a_measured_run_is_told_in_right_of_100_with_its_weakest_case():
    app = shown("summary", SHIPPED_RUNS / "mask3-v1")
    assert "Of 100 faces it gets about 94 right" in said(app) and "1,856 correct" in said(app)
    assert "**Worn incorrectly**: of 100 such faces about 48 are correct" in said(app)
    assert len(app.get("image")) == 1
    assert list(app.dataframe[0].value["Test faces"]) == [893, 159, 924]


def test_what_changed_since_the_version_before_is_counted():
    app = shown("summary", SHIPPED_RUNS / "mask3-v3")
    assert "On the same 1,976 faces 1,896 are correct, 1,873 by mask3-v2." in said(app)


def test_a_run_that_was_not_measured_says_how_to(tmp_path):
    run = copy_of("mask3-v1", tmp_path / "mask3-v1")
    (run / EVALUATION_FILE).unlink()
    app = shown("summary", run)
    assert "training.evaluate" in said(app) and not app.dataframe
