"""Curves: one run, many, none with epochs, a stranger's, and one whose training goes on meanwhile."""

import base64
import json
import math
import os
import time

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from core import settings
from core.runs import STATE_FILE, catalog, write_state
from core.runs.training import CONFIG_FILE, METRICS_FILE, Epoch, append_epoch, write_config
from tests.records import run_config

EVIL = "![x](https://example.org/x.png) <b>`$x$"


def page():
    import streamlit as st

    from core.runs.catalog import Run
    from ui.dashboard import curves
    from ui.dashboard.selection import records

    wanted = st.query_params.get_all("run")
    found = [run for run in records.runs().values() if isinstance(run, Run)]
    curves.show([run for run in found if run.name in wanted])


def visit(*names: str) -> AppTest:
    app = AppTest.from_function(page, default_timeout=30)
    app.query_params["run"] = list(names)
    return shown(app.run())


def shown(app: AppTest) -> AppTest:
    assert not app.exception
    return app


def figures(app: AppTest) -> dict[str, dict]:
    found = [json.loads(chart.proto.spec) for chart in app.get("plotly_chart")]
    return {figure["layout"]["title"]["text"]: figure for figure in found}


def points(app: AppTest, axis: str) -> list[float]:
    """Of the validation loss. Plotly sends arrays as base64."""
    array = figures(app)["Loss by epoch"]["data"][0][axis]
    return np.frombuffer(base64.b64decode(array["bdata"]), array["dtype"]).tolist()


def captions(app: AppTest) -> str:
    return "\n".join(caption.value for caption in app.caption)


def epoch(number: int, **changes) -> Epoch:
    plain = {
        "epoch": number,
        "phase": "head",
        "learning_rate": 1e-3,
        "loss": 0.7 - number / 10,
        "accuracy": 0.8,
        "val_loss": 0.6 - number / 10,
        "val_accuracy": 0.9,
        "score": 0.9,
        "validation": {"toy/with_mask": (90, 100)},
        "seconds": 83.0,
    }
    return Epoch(**plain | changes)


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """A run that was just begun, on a machine without any other."""
    monkeypatch.setattr(catalog, "SHIPPED_RUNS", tmp_path / "none")
    monkeypatch.setenv(settings.RUNS.name, str(tmp_path))
    return begin(tmp_path / "mine")


def begin(folder, recipe="toy", **settings):
    folder.mkdir()
    config = run_config(
        "mine", recipe=recipe, settings={"phases": [{"epochs": 20}], "dropout": 0.5} | settings
    )
    write_config(folder, config)
    return folder


def leave(folder):
    """As if nothing had been written for a day."""
    then = time.time() - 86_400
    for name in (CONFIG_FILE, METRICS_FILE):
        if (folder / name).exists():
            os.utime(folder / name, (then, then))


def test_one_shipped_run():
    app = visit("mask3-v1")
    assert list(figures(app)) == ["Loss by epoch", "Accuracy by epoch", "Learning rate by epoch"]
    assert "Best at epoch 7 of 9" in captions(app)
    assert "dropout and augmentation act only in training" in captions(app)
    assert "label smoothing" in captions(app)
    assert not app.info and not app.warning and not app.error
    assert len(app.get("download_button")) == 3


def test_many_runs_are_read_one_by_one_and_parts_can_be_left_out():
    app = visit("mask3-v1", "resnet_parallel8-v1")
    assert "mask3-v1: Best at epoch 7" in captions(app) and "resnet_parallel8-v1, gender: Best" in captions(
        app
    )
    names = [trace.get("name") for trace in figures(app)["Loss by epoch"]["data"]]
    assert "resnet_parallel8-v1, gender" in names
    shown(app.toggle(key="curves parts").set_value(False).run())
    assert "gender" not in captions(app) and "mask3-v1: Best at epoch 7" in captions(app)


def test_the_controls_change_the_figures():
    app = visit("mask3-v1")
    app.segmented_control(key="curves over").set_value("minutes")
    app.segmented_control(key="curves scale").set_value("logarithmic")
    shown(app.slider(key="curves smoothing").set_value(0.8).run())
    found = figures(app)
    loss = found["Loss by time trained"]
    assert loss["layout"]["yaxis"]["type"] == "log"
    assert found["Accuracy by time trained"]["layout"]["yaxis"]["type"] == "linear"
    assert any(trace.get("opacity") == 0.25 for trace in loss["data"])


def test_a_training_in_progress_gains_a_point_when_an_epoch_is_done(folder):
    app = visit("mine")
    assert "no epoch is done yet" in app.info[0].value and not figures(app)
    append_epoch(folder, epoch(0))
    shown(app.run())
    assert "**mine** is in progress: epoch 1 of at most 20, last epoch took 83 s." in app.info[0].value
    assert points(app, "x") == [1] and points(app, "y") == [0.6]
    append_epoch(folder, epoch(1))
    shown(app.run())
    assert points(app, "x") == [1, 2] and points(app, "y") == [0.6, 0.5]
    assert "ended" not in captions(app)


def test_only_a_training_in_progress_makes_the_page_run_by_itself(folder, monkeypatch):
    import streamlit as st

    seconds = []
    of_streamlit = st.fragment
    monkeypatch.setattr(
        st, "fragment", lambda draw, *, run_every: seconds.append(run_every) or of_streamlit(draw)
    )
    append_epoch(folder, epoch(0))
    visit("mine")
    leave(folder)
    visit("mine")
    assert seconds[0] and seconds[-1] is None


def test_the_fragment_reads_the_record_again(folder):
    """It runs by itself, without the page, so with the runs as they were when the page last ran."""
    from ui.dashboard.selection import records, state

    before = records.runs()["mine"]
    append_epoch(folder, epoch(0))
    (again,) = state.read_again([before])
    assert len(before.epochs) == 0 and len(again.epochs) == 1


def test_an_interrupted_training_says_how_to_go_on(folder):
    append_epoch(folder, epoch(0))
    leave(folder)
    app = visit("mine")
    assert "was interrupted after epoch 1 of at most 20" in app.warning[0].value
    assert app.code[0].value == "python -m training.train toy --data DATA --output runs/mine --resume"
    assert "Loss by epoch" in figures(app)


def test_an_interrupted_training_without_an_epoch(folder):
    leave(folder)
    app = visit("mine")
    assert "before its first epoch was done" in app.warning[0].value and not figures(app)


def test_a_failed_training_says_why_and_one_that_was_killed_is_interrupted(folder):
    append_epoch(folder, epoch(0))
    write_state(folder, "failed", "In epoch 2 the loss became nan.")
    app = visit("mine")
    assert "**mine** failed after epoch 1 of at most 20. In epoch 2 the loss" in app.error[0].value
    assert "Loss by epoch" in figures(app) and not app.info
    write_state(folder, "in progress")
    assert "is in progress" in visit("mine").info[0].value
    said = json.loads((folder / STATE_FILE).read_text())
    (folder / STATE_FILE).write_text(json.dumps(said | {"began": said["began"] + 1}))  # of another process
    assert "was interrupted after epoch 1" in visit("mine").warning[0].value


def test_a_broken_record_of_epochs_is_said(folder):
    (folder / METRICS_FILE).write_text("{}\n")
    app = visit("mine")
    assert "metrics.jsonl: line 1" in app.error[0].value.replace("\\", "")


def test_a_diverged_training_is_drawn_as_far_as_it_goes(folder):
    append_epoch(folder, epoch(0))
    append_epoch(folder, epoch(1, loss=math.nan, val_loss=math.inf, learning_rate=math.nan, score=math.nan))
    leave(folder)
    app = visit("mine")
    assert "Diverged at epoch 2" in captions(app)
    assert points(app, "y") == pytest.approx([0.6, math.nan], nan_ok=True)


def test_a_strangers_texts_are_shown_as_they_are(folder):
    evil = begin(folder.parent / "x<b>`$(ls)`", recipe="toy; rm -rf ~", phases=EVIL, dropout=EVIL)
    append_epoch(evil, epoch(0, phase=EVIL, validation={f"{EVIL}/{EVIL}": (1, 100)}))
    append_epoch(evil, epoch(1, phase=f"{EVIL} again", validation={f"{EVIL}/{EVIL}": (0, 100)}))
    leave(evil)
    app = visit(evil.name)
    assert "'toy; rm -rf ~'" in app.code[0].value and "'runs/x<b>`$(ls)`'" in app.code[0].value
    assert "x\\<b\\>" in app.warning[0].value
    assert "![" not in captions(app) and "<b>" not in captions(app).replace("\\<b\\>", "")
    assert "It finds no face of" in captions(app)
    assert "<b>`" not in json.dumps(figures(app))


def test_more_networks_than_can_be_told_apart(folder):
    for i in range(15):
        other = begin(folder.parent / f"run{i:02}")
        append_epoch(other, epoch(0))
        leave(other)
    app = visit(*(f"run{i:02}" for i in range(15)))
    assert "The first 12 of 15 networks are drawn." in captions(app)


def test_the_csv_has_a_row_an_epoch():
    from core.review.curves import curves_of
    from core.runs.catalog import SHIPPED_RUNS, read_run
    from ui.dashboard.curves import data
    from ui.figures.curves import ACCURACY

    run = read_run("mask3-v1", SHIPPED_RUNS / "mask3-v1")
    found = data(ACCURACY, curves_of(run))
    assert len(found) == 9 and found["epoch"].tolist() == list(range(1, 10))
    assert found["validation accuracy"].tolist() == [e.val_accuracy for e in run.epochs]
    assert found.loc[found["best epoch"], "epoch"].tolist() == [7]
    assert (found["interval low"] < found["validation accuracy"]).all()
