"""The table of runs: empty, one, many and broken; search, selection and the page's address."""

import json

import pandas
import pytest
from streamlit.testing.v1 import AppTest

from core import settings
from core.runs import catalog
from core.runs.training import CALIBRATION_FILE, CONFIG_FILE
from tests.shipped import DEFAULT_RUN
from tests.ui.dashboard.conftest import copy_of, detector_run


def page():
    import streamlit as st

    from ui.dashboard.selection import picker, records

    st.write([run.name for run in picker.choose(records.runs())])


def visit(**address):
    app = AppTest.from_function(page, default_timeout=30)
    for name, values in address.items():
        app.query_params[name] = values
    return app.run()


def selected(app):
    assert not app.exception
    return json.loads(app.json[0].value)


def table(app):
    return pandas.concat(frame.value for frame in app.dataframe).set_index("Run")


def named(app):
    """What the address says."""
    said = app.query_params["run"]
    return [said] if isinstance(said, str) else said


def pick(app, name):
    return app.selectbox(key="picked run").set_value(name).run()


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
    assert named(app) == ["mine"]


def test_many_runs_show_what_their_records_say():
    app = visit()
    assert selected(app) == [DEFAULT_RUN]  # the default model's
    assert table(app).loc[DEFAULT_RUN, "Model"] == "mask3 (shipped)"
    row = table(app).loc["mask3-v1"]
    assert (row["Model"], row["n"], row["Labels"]) == ("not installed", 1976, 3)
    assert row["Test score"] == pytest.approx(1856 / 1976)
    assert row["95% interval"] == "92.7% to 95.0%"
    assert row["Best epoch"] == "7 of 9" and row["Data"] == "25,845 faces"
    assert table(app).loc["cross_source-v1/andrewmvd", "95% interval"] == "not measured"
    assert table(app).loc["cnn_scratch-v1", "Model"] == "not installed"


def test_the_address_selects_runs_and_says_which_are_not_there_and_is_left_alone():
    app = visit(run=["resnet_once8-v1", "<script>", "cnn_scratch-v1"])
    assert selected(app) == ["resnet_once8-v1", "cnn_scratch-v1"]
    assert app.query_params["run"] == ["resnet_once8-v1", "<script>", "cnn_scratch-v1"]
    assert "No run “\\<script\\>” here" in app.warning[0].value
    assert selected(pick(app, DEFAULT_RUN)) == [DEFAULT_RUN] and not app.warning
    assert named(app) == [DEFAULT_RUN]


def test_a_link_to_a_run_that_is_not_there_shows_no_other():
    app = visit(run=["nosuch"])
    assert selected(app) == [] and "No run “nosuch” here" in app.warning[0].value
    assert named(app) == ["nosuch"]
    assert selected(app.run()) == []


def test_back_and_forward_bring_back_what_was_chosen():
    app = visit()
    assert selected(app) == [DEFAULT_RUN]
    app.multiselect(key="several runs").set_value(["mask3-v1"]).run()
    assert selected(app) == ["mask3-v1"] and named(app) == ["mask3-v1"]
    del app.query_params["run"]  # as Back does
    assert selected(app.run()) == [DEFAULT_RUN] and "run" not in app.query_params
    app.query_params["run"] = ["mask3-v1"]  # as Forward does
    assert selected(app.run()) == ["mask3-v1"]
    assert app.selectbox(key="picked run").value == "mask3-v1"


def test_several_runs_are_chosen_in_a_list_of_their_own():
    app = visit()
    app.multiselect(key="several runs").set_value([DEFAULT_RUN, "cnn_scratch-v1"]).run()
    assert selected(app) == [DEFAULT_RUN, "cnn_scratch-v1"]
    assert app.query_params["run"] == [DEFAULT_RUN, "cnn_scratch-v1"]


def test_the_list_on_top_has_models_and_ones_own_runs_and_not_the_makers_history(own_only, monkeypatch):
    monkeypatch.setattr(catalog, "SHIPPED_RUNS", own_only)
    history = {"mask3-v1", "mask3-held-out", "mask3-v1-held-out"}
    for name in (DEFAULT_RUN, "mine", *history):
        copy_of("mask3-v1" if name in history else DEFAULT_RUN, own_only / name)
    app = visit()
    assert list(app.selectbox(key="picked run").options) == [
        f"mask3 (shipped) · run {DEFAULT_RUN}",
        "Run mine, no model",
    ]
    assert set(app.dataframe[0].value["Run"]) == {DEFAULT_RUN, "mine"}
    assert set(app.dataframe[1].value["Run"]) == history


def test_a_search_narrows_the_table_and_keeps_what_was_selected():
    app = visit(run=[DEFAULT_RUN, "cnn_scratch-v1"])
    app.text_input(key="run search").input("RESNET once8").run()
    assert set(table(app).index) == {"gender_wear8-v1", "gender_wear8-v2", "resnet_once8-v1"}
    assert selected(app) == [DEFAULT_RUN, "cnn_scratch-v1"]
    app.text_input(key="run search").input("").run()
    assert selected(app) == [DEFAULT_RUN, "cnn_scratch-v1"]


def test_a_search_without_a_match_says_so():
    app = visit()
    app.text_input(key="run search").input("![](x) nowhere").run()
    assert not app.dataframe and selected(app) == [DEFAULT_RUN]
    assert "!\\[\\](x) nowhere" in app.info[0].value


def test_broken_runs_are_named_with_what_is_wrong(own_only):
    copy_of(DEFAULT_RUN, own_only / "good")
    (copy_of(DEFAULT_RUN, own_only / "bad") / CONFIG_FILE).write_text("{")
    (copy_of(DEFAULT_RUN, own_only / "half") / "evaluation.json").write_text('{"schema": 2}')
    app = visit()
    assert set(table(app).index) == {"good", "half"}
    broken = next(one for one in app.expander if one.label == "2 records cannot be read")
    told = broken.markdown[0].value
    assert "**bad** is not shown" in told and "config.json" in told
    assert "**half** is shown without this" in told and "evaluation.json: schema" in told
    assert table(app).loc["half", "95% interval"] == "not measured"


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
    assert names["Score is"] == "correct faces" and finds["Score is"] == "AP50 of boxes"
    # toy, .95 and .8 false and .7, .6, .4 and .2 right: AP50 is 1/5 + 4/5 * 5/6; of other nothing is found
    assert finds["Test score"] == pytest.approx((1 / 5 + 4 / 5 * 5 / 6) / 2) and finds["n"] == 6
    assert finds["Best epoch"] == "2 of 3" and finds["Data"] == "240 pictures, 2 sources"
    assert (new["Best epoch"], new["95% interval"]) == ("none yet", "not measured")
    said = app.caption[0].value
    assert "Highest test accuracy: names" in said and "highest AP50 on its own: finds, 43.3%" in said


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
