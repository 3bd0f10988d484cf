"""The figures beside the video, before, while and after it runs."""

from __future__ import annotations

import csv
import io
import json
import time
from datetime import datetime, timedelta
from types import SimpleNamespace

import pytest
import streamlit as st
from PIL import Image
from streamlit.components.v2 import manifest_scanner
from streamlit.testing.v1 import AppTest

from core.census import Second
from ui import live_readout, live_viewer
from ui.live_viewer import Readout, Viewer


def script(viewer, playing):
    from ui import live_readout

    live_readout.show(viewer, playing=playing)


@pytest.fixture(autouse=True)
def _no_search_for_components(monkeypatch):
    """AppTest looks for them in every installed package at every run."""
    monkeypatch.setattr(manifest_scanner, "scan_component_manifests", lambda: [])


def shown(viewer: Viewer, *, playing: bool) -> AppTest:
    app = AppTest.from_function(script, args=(viewer, playing), default_timeout=20).run()
    assert not app.exception
    return app


def metrics(app: AppTest) -> dict[str, str]:
    return {metric.label: metric.value for metric in app.metric}


def captions(app: AppTest) -> str:
    return " ".join(caption.value for caption in app.caption)


@pytest.fixture
def watched(viewer, scene, frame, monkeypatch) -> Viewer:
    """Two people for 1.5 s: one properly, one of whom nothing can be told. Then time stands still."""
    scene.boxes = [(100, 60, 220, 180), (260, 20, 272, 32)]
    now = time.monotonic()
    monkeypatch.setattr(live_viewer, "time", SimpleNamespace(monotonic=lambda: now))
    for n in range(45, -1, -1):
        viewer.camera_frames(2, now - n / 30)
        viewer.analyse(frame, now - n / 30, decode_ms=2.0)
    viewer.answered_after(40)
    return viewer


def test_before_the_first_picture_no_figure_is_made_up(viewer):
    app = shown(viewer, playing=False)
    assert metrics(app) == {
        "People now": "0",
        "People so far": "0",
        "✓ Mask on": "–",
        "Camera": "–",
        "Answered": "–",
        "Latency": "–",
        "Skipped": "0",
    }
    assert app.metric[2].delta == "nobody judged yet"
    assert not app.get("plotly_chart") and "decode" not in captions(app)


def test_while_it_runs_people_and_speeds_are_told(watched):
    app = shown(watched, playing=True)
    assert metrics(app) == {
        "People now": "2",
        "People so far": "2",
        "✓ Mask on": "100%",
        "Camera": "46 fps",
        "Answered": "23 fps",
        "Latency": "40 ms",
        "Skipped": "46",
    }
    assert app.metric[2].delta == "1 of 1 judged"
    for stage in ("decode 2.0 ms", "find faces", "follow", "judge"):
        assert stage in captions(app)


def test_after_it_ran_the_counts_stay(watched):
    watched.pause()
    figures = metrics(shown(watched, playing=False))
    assert (figures["People now"], figures["People so far"], figures["✓ Mask on"]) == ("0", "2", "100%")
    assert (figures["Camera"], figures["Answered"]) == ("–", "–")


def test_counting_anew_is_one_click(watched):
    app = shown(watched, playing=True)
    app.button(key="start_again").click().run()
    assert metrics(app)["People so far"] == "0" and metrics(app)["✓ Mask on"] == "–"


def test_the_line_over_time_shows_people_and_masks(viewer, monkeypatch):
    noon = datetime(2026, 5, 4, 12, 0).astimezone()
    seconds = [Second(noon + timedelta(seconds=n), now=n, properly=n // 2) for n in range(4)]
    monkeypatch.setattr(viewer, "history", lambda: seconds)
    (chart,) = shown(viewer, playing=True).get("plotly_chart")
    lines = {line["name"]: line for line in json.loads(chart.proto.spec)["data"]}
    assert lines.keys() == {"in view", "mask on"}
    assert lines["in view"]["line"]["dash"] != lines["mask on"]["line"]["dash"]  # not by colour alone
    figure = live_readout._chart(seconds)
    assert [list(trace.y) for trace in figure.data] == [[0, 1, 2, 3], [0, 0, 1, 1]]


def test_one_second_is_not_a_line_yet(viewer, monkeypatch):
    monkeypatch.setattr(viewer, "history", lambda: [Second(datetime.now().astimezone(), 1, 1)])
    assert not shown(viewer, playing=True).get("plotly_chart")


def test_every_stage_of_an_analysis_has_a_name(watched):
    readout = watched.readout()
    assert live_readout._stages(readout).count(" ms") == len(readout.ms) == 4
    assert isinstance(readout, Readout)


# --- downloads -----------------------------------------------------------------------------------


@pytest.fixture
def downloads(monkeypatch):
    """The arguments of every download button, by its label, when the figures of a viewer are shown."""

    def of(viewer: Viewer, *, playing: bool) -> dict[str, dict]:
        buttons: dict[str, dict] = {}
        monkeypatch.setattr(
            st, "download_button", lambda label, data, **more: buttons.update({label: {"data": data, **more}})
        )
        shown(viewer, playing=playing)
        return buttons

    return of


def test_the_snapshot_is_made_when_it_is_asked_for(watched, downloads):
    snapshot = downloads(watched, playing=True)["Snapshot"]
    assert snapshot["disabled"] is False and snapshot["file_name"].endswith(".jpg")
    with Image.open(io.BytesIO(snapshot["data"]())) as picture:
        assert picture.size == (320, 240)


def test_there_is_no_snapshot_of_a_camera_that_is_off(watched, downloads):
    assert downloads(watched, playing=False)["Snapshot"]["disabled"] is True


def test_the_log_holds_answers_and_no_pictures(watched, downloads):
    log = downloads(watched, playing=True)["Session log (CSV)"]["data"]()
    rows = list(csv.DictReader(io.StringIO(log)))
    assert [(row["id"], row["label"]) for row in rows] == [("1", "with_mask"), ("2", "cannot_tell")]
    assert len(rows[0]) == 4 and len(log) < 1000


def test_the_log_of_nothing_has_its_heading(viewer, downloads):
    log = downloads(viewer, playing=False)["Session log (CSV)"]["data"]()
    assert log.count("\n") == 1 and "label" in log
