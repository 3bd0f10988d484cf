"""Figures of a view, and what can be taken along from it."""

from __future__ import annotations

import csv
import io
import time
from pathlib import Path
from types import SimpleNamespace

import pytest
import streamlit as st
from PIL import Image
from streamlit.testing.v1 import AppTest

from core.video import session
from core.video.session import LiveSession
from ui.live import component


def script(viewer, playing):
    from ui.live import downloads as live_downloads

    live_downloads.offer(viewer, playing=playing)


def shown(viewer: LiveSession, *, playing: bool) -> AppTest:
    app = AppTest.from_function(script, args=(viewer, playing), default_timeout=20).run()
    assert not app.exception
    return app


@pytest.fixture
def watched(viewer, scene, frame, monkeypatch) -> LiveSession:
    """Two people for 1.5 s: one properly, one of whom nothing can be told. Then time stands still."""
    scene.boxes = [(100, 60, 220, 180), (260, 20, 266, 26)]
    now = time.monotonic()
    monkeypatch.setattr(session, "time", SimpleNamespace(monotonic=lambda: now))
    for n in range(45, -1, -1):
        viewer.camera_frames(2, now - n / 30)
        viewer.analyse(frame, now - n / 30, decode_ms=2.0)
    viewer.answered_after(40)
    return viewer


def test_figures_of_a_camera_that_is_on_and_then_off(watched):
    figures = watched.figures()
    assert (figures["now"], figures["so_far"], figures["judged"], figures["properly"]) == (2, 2, 1, 1)
    assert (figures["camera_fps"], figures["analysed_fps"]) == (46, 23)
    assert (figures["latency_ms"], figures["skipped"], figures["ms"]["decode"]) == (40, 46, 2.0)
    assert figures["second"][1:] == (2, 1) and figures["second"] == watched.history()[-1]
    watched.pause()
    assert (watched.figures()["now"], watched.figures()["so_far"]) == (0, 2)


def test_every_stage_of_an_analysis_has_a_name_in_the_browser(watched):
    script = (Path(component.__file__).parent / "stage" / "figures.js").read_text()
    named = script.partition("const STAGES = {")[2].partition("}")[0]
    assert {entry.partition(":")[0].strip() for entry in named.split(",")} == watched.figures()["ms"].keys()


def test_counting_anew_is_one_click(watched):
    app = shown(watched, playing=True)
    app.button(key="start_again").click().run()
    assert watched.figures()["so_far"] == 0 and watched.history() == []


# --- downloads -----------------------------------------------------------------------------------


@pytest.fixture
def downloads(monkeypatch):
    """The arguments of every download button, by its label, when those of a viewer are offered."""

    def of(viewer: LiveSession, *, playing: bool) -> dict[str, dict]:
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
    assert len(rows[0]) == 6 and len(log) < 1000


def test_the_log_of_nothing_has_its_heading(viewer, downloads):
    log = downloads(viewer, playing=False)["Session log (CSV)"]["data"]()
    assert log.count("\n") == 1 and "label" in log
