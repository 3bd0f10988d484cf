"""Which view is shown of which runs: detectors in their own, classifiers in the others."""

import pytest
from streamlit.testing.v1 import AppTest

from core import settings
from core.runs import catalog
from tests.ui.dashboard.conftest import copy_of, detector_run


def page(folders):
    from pathlib import Path

    from core.runs.catalog import read_run
    from ui.dashboard import views

    views.show([read_run(Path(folder).name, Path(folder)) for folder in folders])


def visit(*folders, view=None) -> AppTest:
    app = AppTest.from_function(page, kwargs={"folders": [str(f) for f in folders]}, default_timeout=30)
    if view:
        app.query_params["view"] = view
    app.run()
    assert not app.exception
    return app


@pytest.fixture
def runs(tmp_path, monkeypatch):
    """Only these are on the machine: a classifier's and a detector's."""
    monkeypatch.setattr(catalog, "SHIPPED_RUNS", tmp_path / "none")
    monkeypatch.setenv(settings.RUNS.name, str(tmp_path))
    return copy_of("mask3-v1", tmp_path / "classifier"), detector_run(tmp_path / "detector", rows=None)


def test_detectors_open_in_detection_and_classifiers_in_their_summary(runs):
    classifier, detector = runs
    assert visit(detector).query_params["view"] == "detection"
    assert visit(classifier).query_params["view"] == "summary"
    assert visit(classifier, detector).query_params["view"] == "summary"


@pytest.mark.parametrize(
    "view", ["summary", "curves", "report", "slices", "mistakes", "thresholds", "calibration", "sources"]
)
def test_a_detector_in_another_view_leads_to_its_own(runs, view):
    app = visit(runs[1], view=view)
    assert "detector** finds faces" in app.info[0].value and len(app.get("plotly_chart")) == 0
    app.button(key="open detection").click().run()
    assert not app.exception and app.query_params["view"] == "detection"
    assert app.get("plotly_chart")


def test_beside_a_classifier_it_is_left_out_of_other_views(runs):
    app = visit(*runs, view="report")
    assert "**detector** finds faces" in app.caption[0].value and app.metric
    assert not any("**detector**" in info.value for info in app.info)


def test_detection_without_a_detector_selected_shows_the_one_there_is(runs):
    app = visit(runs[0], view="detection")
    assert "No selected run is of a detector, so this is **detector**" in app.caption[0].value
    assert len(app.get("plotly_chart")) == 2


def test_detection_on_a_machine_without_any_says_how_to_get_one(tmp_path, monkeypatch):
    monkeypatch.setattr(catalog, "SHIPPED_RUNS", tmp_path / "none")
    app = visit(copy_of("mask3-v1", tmp_path / "classifier"), view="detection")
    assert "training.train face_fpn" in app.info[0].value


def test_a_link_to_a_view_that_is_not_there_says_so_and_changes_nothing(runs):
    app = visit(runs[0], view="zzz")
    assert "No view “zzz” here" in app.warning[0].value
    assert app.query_params["view"] == "zzz" and not app.get("plotly_chart") and not app.dataframe


def test_back_and_forward_show_the_view_of_the_address(runs):
    app = visit(runs[0], view="report")
    app.query_params["view"] = "slices"  # as a press on Back or Forward does
    app.run()
    assert app.query_params["view"] == "slices" and app.session_state["view"] == "slices"
    del app.query_params["view"]
    app.run()
    assert "view" not in app.query_params and app.session_state["view"] == "summary"
