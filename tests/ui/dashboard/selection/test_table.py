"""The table of runs: empty, one, many and broken; search, selection and the page's address."""

import json

import pytest
from streamlit.testing.v1 import AppTest

from core import settings
from core.runs import catalog
from core.runs.training import CALIBRATION_FILE, CONFIG_FILE
from tests.shipped import DEFAULT_RUN
from tests.ui.dashboard.conftest import copy_of, detector_run


def page():
    import streamlit as st

    from ui.dashboard.selection import records
    from ui.dashboard.selection import table as run_table

    st.write([run.name for run in run_table.choose(records.runs())])


def visit(**address):
    app = AppTest.from_function(page, default_timeout=30)
    for name, values in address.items():
        app.query_params[name] = values
    return app.run()


def selected(app):
    assert not app.exception
    return json.loads(app.json[0].value)


def table(app):
    return app.dataframe[0].value.set_index("Run")


@pytest.fixture
def own_only(tmp_path, monkeypatch):
    """A machine on which only `tmp_path` holds runs."""
    monkeypatch.setattr(catalog, "SHIPPED_RUNS", tmp_path / "none")
    monkeypatch.setenv(settings.RUNS.name, str(tmp_path))
    return tmp_path


def test_without_runs_it_says_how_to_get_one(own_only):
    app = visit()
    assert selected(app) == [] and not app.dataframe
    assert "training.train" in app.info[0].value


def test_one_run_is_selected_at_once(own_only):
    copy_of(DEFAULT_RUN, own_only / "mine")
    app = visit()
    assert selected(app) == ["mine"] and len(table(app)) == 1
    assert app.query_params["run"] == "mine"


def test_many_runs_show_what_their_records_say():
    app = visit()
    assert selected(app) == [DEFAULT_RUN]  # the default model's
    assert table(app).loc[DEFAULT_RUN, "Model"] == "mask3 (shipped)"
    row = table(app).loc["mask3-v1"]
    assert (row["Model"], row["n"], row["Labels"]) == ("not installed", 1976, 3)
    assert row["Test score"] == pytest.approx(1856 / 1976)
    assert row["95 % interval"] == "92.7% to 95.0%"
    assert row["Best epoch"] == "7 of 9" and row["Data"] == "25,845 faces"
    assert table(app).loc["cross_source-v1/andrewmvd", "95 % interval"] == "not measured"
    assert table(app).loc["cnn_scratch-v1", "Model"] == "not installed"


def test_the_address_selects_runs_and_strangers_names_are_left_out():
    app = visit(run=["resnet_once8-v1", "<script>", "cnn_scratch-v1"])
    assert selected(app) == ["cnn_scratch-v1", "resnet_once8-v1"]
    assert app.query_params["run"] == ["cnn_scratch-v1", "resnet_once8-v1"]


def test_a_search_narrows_the_table_and_keeps_what_was_selected():
    app = visit(run=[DEFAULT_RUN, "cnn_scratch-v1"])
    app.text_input(key="run search").input("RESNET once8").run()
    assert set(table(app).index) == {"gender_wear8-v1", "gender_wear8-v2", "resnet_once8-v1"}
    assert selected(app) == [DEFAULT_RUN, "cnn_scratch-v1"]
    app.text_input(key="run search").input("").run()
    assert selected(app) == [DEFAULT_RUN, "cnn_scratch-v1"]


def test_a_search_without_a_match_says_so_and_shows_all():
    app = visit()
    before = len(table(app))
    app.text_input(key="run search").input("![](x) nowhere").run()
    assert len(table(app)) == before
    assert "!\\[\\](x) nowhere" in app.info[0].value


def test_broken_runs_are_named_with_what_is_wrong(own_only):
    copy_of(DEFAULT_RUN, own_only / "good")
    (copy_of(DEFAULT_RUN, own_only / "bad") / CONFIG_FILE).write_text("{")
    (copy_of(DEFAULT_RUN, own_only / "half") / "evaluation.json").write_text('{"schema": 2}')
    app = visit()
    assert set(table(app).index) == {"good", "half"}
    assert app.expander[0].label == "2 records cannot be read"
    told = app.expander[0].markdown[0].value
    assert "**bad** is not shown" in told and "config.json" in told
    assert "**half** is shown without this" in told and "evaluation.json: schema" in told
    assert table(app).loc["half", "95 % interval"] == "not measured"


def test_only_broken_runs_are_told_too(own_only):
    (copy_of(DEFAULT_RUN, own_only / "bad") / CONFIG_FILE).write_text("{")
    app = visit()
    assert selected(app) == []
    assert "bad" in app.expander[0].markdown[0].value and app.info


def test_a_training_that_has_just_begun_is_in_the_table(own_only):
    folder = copy_of(DEFAULT_RUN, own_only / "new")
    for file in ("metrics.jsonl", CALIBRATION_FILE, "evaluation.json"):
        (folder / file).unlink()
    (folder / CONFIG_FILE).write_text((folder / CONFIG_FILE).read_text())
    row = table(visit()).loc["new"]
    assert row["State"] == "… in progress" and row["Best epoch"] == "none yet" and row["Minutes"] == 0


def test_a_record_that_grows_is_read_anew(own_only):
    folder = copy_of("mask3-v1", own_only / "mine")
    app = visit()
    assert table(app).loc["mine", "Best epoch"] == "7 of 9"
    with (folder / "metrics.jsonl").open("a") as file:
        file.write(
            (folder / "metrics.jsonl").read_text().splitlines()[0].replace('"epoch": 0', '"epoch": 9') + "\n"
        )
    assert table(app.run()).loc["mine", "Best epoch"] == "7 of 10"


def test_a_detectors_score_is_another_and_says_so(own_only):
    copy_of(DEFAULT_RUN, own_only / "names")
    detector_run(own_only / "finds")
    detector_run(own_only / "new", rows=None, epochs=0)
    app = visit()
    names, finds, new = (table(app).loc[name] for name in ("names", "finds", "new"))
    assert names["Score is"] == "faces named right" and finds["Score is"] == "AP50 of boxes"
    # toy, .95 and .8 false and .7, .6, .4 and .2 right: AP50 is 1/5 + 4/5 * 5/6; of other nothing is found
    assert finds["Test score"] == pytest.approx((1 / 5 + 4 / 5 * 5 / 6) / 2) and finds["n"] == 6
    assert finds["Best epoch"] == "2 of 3" and finds["Data"] == "240 pictures, 2 sources"
    assert (new["Best epoch"], new["95 % interval"]) == ("none yet", "not measured")
    said = app.caption[0].value
    assert "right on its own test part: names" in said and "highest AP50 on its own: finds, 43.3%" in said


def test_only_detectors_are_fine_too(own_only):
    detector_run(own_only / "new", rows=None)
    app = visit()
    assert selected(app) == ["new"] and "none of them was measured" in app.caption[0].value


def test_an_installed_detector_names_its_model(own_only, monkeypatch):
    from types import SimpleNamespace

    from ui.dashboard.selection import records

    detector_run(own_only / "finds")
    card = SimpleNamespace(trained_by="finds")
    monkeypatch.setattr(records, "detector_cards", lambda: {"face_fpn": card})
    assert table(visit()).loc["finds", "Model"].startswith("face_fpn")
