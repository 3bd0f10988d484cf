"""Streamlit clears Keras's session after every run, unless it is kept from it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest
from streamlit.runtime.scriptrunner import script_runner
from streamlit.testing.v1 import AppTest

from core.detection import registry as detectors
from core.detection.face_fpn import FaceFpnDetector
from ui import loaders
from ui.server.keras_session import keep_keras_session


@pytest.fixture
def cleared(monkeypatch) -> list[str]:
    """One entry for each time that Keras's session was cleared."""
    calls: list[str] = []
    backend = SimpleNamespace(clear_session=lambda: calls.append("cleared"))
    monkeypatch.setitem(sys.modules, "keras", SimpleNamespace(backend=backend))
    monkeypatch.delitem(sys.modules, "tensorflow.keras", raising=False)
    monkeypatch.setattr(script_runner, "_clean_problem_modules", script_runner._clean_problem_modules)
    return calls


def run_a_script() -> None:
    assert not AppTest.from_string("import streamlit as st; st.text('run')").run().exception


def test_streamlit_clears_the_session_and_is_kept_from_it(cleared):
    run_a_script()
    assert cleared  # if this fails, Streamlit has given up the habit, and `keep_keras_session` can go
    cleared.clear()
    keep_keras_session()
    run_a_script()
    assert not cleared
    keep_keras_session()  # once more for the next model


def test_a_streamlit_that_does_it_otherwise_is_not_served_with(monkeypatch):
    monkeypatch.delattr(script_runner, "_clean_problem_modules")
    with pytest.raises(RuntimeError, match=r"requirements\.txt"):
        keep_keras_session()


@pytest.mark.parametrize(("engine", "kept"), [("keras", True), ("onnx", False)])
def test_a_model_that_keras_answers_keeps_the_session(monkeypatch, cleared, engine, kept):
    model = SimpleNamespace(engine=SimpleNamespace(name=engine))
    monkeypatch.setattr(loaders, "load_classifier", lambda name: model)
    assert loaders.classifier("any") is model
    run_a_script()
    assert bool(cleared) is not kept


@pytest.mark.parametrize(("engine", "kept"), [("keras", True), ("onnx", False)])
def test_a_detector_that_keras_answers_keeps_it_too(monkeypatch, cleared, engine, kept):
    class Ours(FaceFpnDetector):
        def __init__(self):
            self.engine = SimpleNamespace(name=engine)

        def detect(self, *_, **__):
            return ()

    monkeypatch.setattr(loaders, "_set_apart", lambda: None)
    monkeypatch.setattr(detectors, "load_detector", lambda name: Ours())
    assert isinstance(loaders.detector("any"), Ours)
    run_a_script()
    assert bool(cleared) is not kept


def test_webrtc_can_be_chosen_where_keras_answers():
    """TensorFlow brings an OpenSSL of its own, beside which WebRTC's ends the process when it comes later."""
    script = "from ui.server import stack; import tensorflow; from ui.live import webrtc; print('both')"
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=Path(__file__).parents[3], capture_output=True, text=True
    )
    assert done.stdout == "both\n", done.stderr[-2000:]
