"""The dashboard's page: each view at its address, for one run, two, one not measured, and a broken one."""

from __future__ import annotations

import shutil

import pytest
from streamlit.testing.v1 import AppTest

from core import settings
from core.runs import catalog
from core.runs.catalog import SHIPPED_RUNS
from core.runs.training import CONFIG_FILE
from tests.shipped import DEFAULT_RUN
from ui import router
from ui.dashboard.views import VIEWS


@pytest.fixture(autouse=True)
def _offline(monkeypatch):
    monkeypatch.setenv(settings.OFFLINE.name, "1")


def visit(view=None, *runs):
    app = AppTest.from_file("../../pages/dashboard.py", default_timeout=60)
    app.session_state[router._ROUTED] = True
    if view:
        app.query_params["view"] = view
    if runs:
        app.query_params["run"] = list(runs)
    return app.run()


def test_it_opens_with_a_summary_of_the_default_model():
    app = visit()
    assert not app.exception and [title.value for title in app.title] == ["Model dashboard"]
    assert app.query_params == {"run": DEFAULT_RUN, "view": "summary"}


@pytest.mark.parametrize("view", VIEWS)
@pytest.mark.parametrize(
    "runs",
    [(DEFAULT_RUN,), (DEFAULT_RUN, "gender_wear8-v3"), ("cross_source-v1/andrewmvd",)],
    ids=["one", "two", "not measured"],
)
def test_every_view_stands(view, runs):
    app = visit(view, *runs)
    assert not app.exception and not app.error
    assert app.query_params["view"] == view
    shown = app.get("plotly_chart") or app.info or app.markdown
    assert shown


def test_an_unknown_view_is_named_and_changes_nothing():
    app = visit("<script>")
    assert not app.exception and app.query_params["view"] == "<script>"
    assert any("No view" in warning.value for warning in app.warning)


def test_a_choice_of_view_is_in_the_address():
    app = visit()
    app.button_group(key="view").set_value("report").run()
    assert not app.exception and app.query_params["view"] == "report"


def test_a_machine_without_runs_says_how_to_get_one(tmp_path, monkeypatch):
    monkeypatch.setattr(catalog, "SHIPPED_RUNS", tmp_path)
    app = visit()
    assert not app.exception and "training.train" in app.info[0].value and not app.get("plotly_chart")


def test_a_broken_run_costs_none_of_the_others(tmp_path, monkeypatch):
    monkeypatch.setenv(settings.RUNS.name, str(tmp_path))
    ignored = shutil.ignore_patterns("checkpoints")
    folder = shutil.copytree(SHIPPED_RUNS / DEFAULT_RUN, tmp_path / "broken", ignore=ignored)
    (folder / CONFIG_FILE).write_bytes(b"\xff\x00")
    app = visit("report")
    assert not app.exception and app.metric
    assert any("**broken** is not shown" in text.value for text in app.markdown)
