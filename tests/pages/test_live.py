"""The live page in each of its states, with the shipped model and the cascade; the browser is played."""

from __future__ import annotations

import logging
import runpy
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
import streamlit as st
from starlette.formparsers import MultiPartParser
from streamlit.testing.v1 import AppTest

from core import settings
from core.errors import ModelError, RecordError
from core.images.encode import to_jpeg
from core.mask_rendering.samples import sample_frame
from core.video.session import LiveSession
from tests.core.video.people import person
from ui import loaders, router
from ui.live import component, socket, visit
from ui.live.component import BrowserReport

ROOT = Path(__file__).parent.parent.parent
PAGE = "pages/live.py"
ASTRONAUT = to_jpeg(sample_frame("no_mask").rgb)
WALL = to_jpeg(np.full((200, 300, 3), 128, np.uint8))


class FakeStage:
    """Stands for the visitor's browser: says `report`, and gives WebRTC up at the press of a button."""

    def __init__(self) -> None:
        self.report = BrowserReport()
        self.told: dict = {}

    def __call__(self, viewer, *, on_give_up: Callable[[], None], **told) -> BrowserReport:
        self.viewer, self.told = viewer, told
        st.button("Give up", key="give_up", on_click=on_give_up)
        return self.report


@pytest.fixture
def browser(monkeypatch) -> FakeStage:
    fake = FakeStage()
    monkeypatch.setattr(component, "stage", fake)
    return fake


@pytest.fixture
def entry(monkeypatch, tmp_path) -> AppTest:
    """The app before its first run."""
    monkeypatch.setenv(settings.OFFLINE.name, "1")
    monkeypatch.delenv(settings.YUNET.name, raising=False)
    monkeypatch.delenv(settings.ICE_SERVERS.name, raising=False)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    return AppTest.from_file(str(ROOT / "app.py"), default_timeout=60)


@pytest.fixture
def app(entry, browser) -> AppTest:
    """The live page, without the time that the home page takes."""
    entry.session_state[router._WANTED] = PAGE, {}
    return entry.run().switch_page(PAGE)


def captions(app: AppTest) -> str:
    return " ".join(caption.value for caption in app.caption)


def choose(app: AppTest, transport: str) -> AppTest:
    return app.selectbox(key="transport").set_value(transport).run()


def taken(app: AppTest, key: str, data: bytes) -> AppTest:
    """A picture from the camera or from the file chooser."""
    kind = app.camera_input if key == "live_snapshot" else app.file_uploader
    return kind(key=key).set_value(("me.jpg", data, "image/jpeg")).run()


# --- states --------------------------------------------------------------------------------------


def test_the_real_component_is_there_and_the_page_waits(entry):
    app = entry.run().switch_page(PAGE).run()
    assert not app.exception and not app.error and not app.warning
    assert app.get("download_button")[0].proto.disabled
    assert not app.get("camera_input") and not app.get("file_uploader")
    assert "Nothing is saved or shared" in captions(app)


def test_before_start_the_model_is_warm_and_known_to_the_viewer(app, browser):
    assert browser.told["transport"] == "direct" and browser.told["autostart"] == 0
    assert browser.told["door"] is None and browser.told["alert"] is None
    assert browser.viewer._settings.pipeline == loaders.pipeline("mask3", loaders.detector_offers()[0].name)
    assert browser.viewer._settings.ice_servers == []


def test_while_it_plays_a_snapshot_can_be_had(app, browser):
    browser.report = BrowserReport(playing=True)
    app.run()
    assert not app.exception
    assert not app.get("download_button")[0].proto.disabled


def test_one_visit_is_one_viewer(app, browser):
    first = browser.viewer
    app.run()
    assert browser.viewer is first


def test_what_the_visitor_sets_reaches_the_browser_and_the_analysis(app, browser):
    app.toggle(key="door").set_value(True).run()
    app.selectbox(key="language").set_value("fr")
    app.toggle(key="speak").set_value(True)
    app.toggle(key="alert").set_value(True).run()
    app.number_input(key="alert_people").set_value(3)
    app.number_input(key="alert_seconds").set_value(1.5)
    app.slider(key="margin_mask3").set_value(40)
    browser.report = BrowserReport(playing=True, mirror=False)
    app.run()
    assert not app.exception
    assert (browser.told["door"].language, browser.told["door"].speak) == ("fr", True)
    rule = browser.told["alert"]
    assert (rule.people, rule.seconds, rule.cooldown, browser.told["sound"]) == (3, 1.5, 30, True)
    settings = browser.viewer._settings
    assert (settings.operating_point.min_margin, settings.mirror, settings.alert) == (0.4, False, rule)


def test_a_door_is_an_address(entry, browser):
    app = entry.run().switch_page(PAGE)
    app.query_params.update({"door": "1", "language": "de", "start": "1", "sound": "1"})
    app.run()
    assert not app.exception and browser.told["start"] is True
    assert (browser.told["door"].language, browser.told["door"].speak) == ("de", True)
    app.toggle(key="door").set_value(False).run()
    assert browser.told["door"] is None  # the visitor has the last word


def test_leaving_the_page_and_coming_back_changes_nothing(app, browser):
    app.toggle(key="alert").set_value(True).run()
    app.number_input(key="alert_people").set_value(4).run()
    app.switch_page("pages/home.py").run()
    app.switch_page(PAGE).run()
    assert not app.exception and browser.told["alert"].people == 4


def test_a_page_that_was_loaded_anew_goes_on_with_what_its_tab_has_counted(app, browser):
    before = LiveSession()
    before._counter.add([person(1, "without_mask")], datetime.now().astimezone())
    browser.report = BrowserReport(earlier=before.token)
    app.run()
    assert not app.exception and [event.id for event in browser.viewer.events()] == [1]
    assert before.events() == []
    assert "save it now" in " ".join(info.value for info in app.info)


# --- what is wrong, and the way round it ---------------------------------------------------------


@pytest.mark.parametrize("problem", ["denied", "unheard of"])
def test_without_a_camera_a_picture_can_be_chosen(app, browser, problem):
    browser.report = BrowserReport(problem=problem)
    app.run()
    assert "No live video? Check a single picture" in [subheader.value for subheader in app.subheader]
    assert not app.get("camera_input")
    taken(app, "live_picture", ASTRONAUT)
    assert not app.exception and "no mask" in " ".join(text.value for text in app.markdown).lower()


def test_with_a_camera_but_no_place_a_snapshot_is_answered(app, browser):
    browser.report = BrowserReport(problem="full")
    app.run()
    taken(app, "live_snapshot", ASTRONAUT)
    assert not app.exception and "no mask" in " ".join(text.value for text in app.markdown).lower()


def test_a_single_picture_without_a_face_or_that_is_none_is_said(app, browser):
    browser.report = BrowserReport(problem="full")
    app.run()
    taken(app, "live_snapshot", WALL)
    assert "No face" in app.info[0].value
    taken(app, "live_snapshot", b"not a picture")
    assert "The picture" in app.error[0].value and not app.exception


# --- WebRTC --------------------------------------------------------------------------------------


def test_webrtc_asks_the_operators_servers_and_nobody_else(app, browser, monkeypatch):
    choose(app, "webrtc")
    assert not app.exception and browser.told["ice_servers"] == []
    monkeypatch.setenv(settings.ICE_SERVERS.name, '[{"urls": "stun:a.example"}]')
    app.run()
    assert browser.told["ice_servers"] == [{"urls": "stun:a.example"}]
    assert browser.viewer.ice_servers == [{"urls": "stun:a.example"}]
    choose(app, "direct")
    assert browser.told["ice_servers"] == []


def test_broken_servers_are_said_and_the_direct_way_still_works(app, monkeypatch):
    monkeypatch.setenv(settings.ICE_SERVERS.name, "stun:a.example")
    app.run()
    assert not app.error
    choose(app, "webrtc")
    assert settings.ICE_SERVERS.name in app.error[0].value and not app.exception
    choose(app, "direct")
    assert not app.error


def test_where_webrtc_gives_up_the_direct_way_starts_with_a_word(app, browser):
    choose(app, "webrtc")
    assert browser.told["transport"] == "webrtc" and not app.info
    app.button(key="give_up").click().run()
    assert not app.exception
    assert browser.told["transport"] == "direct" and browser.told["autostart"] == 1
    assert app.selectbox(key="transport").value == "direct"
    assert "WebRTC could not connect" in app.info[0].value
    app.run()
    assert browser.told["autostart"] == 1  # a redraw starts nothing


def test_the_word_goes_when_webrtc_is_tried_again(app, browser):
    choose(app, "webrtc")
    app.button(key="give_up").click().run()
    choose(app, "webrtc")
    assert not app.info
    app.button(key="give_up").click().run()
    assert browser.told["autostart"] == 2 and app.info


# --- model and detector --------------------------------------------------------------------------


def test_no_usable_model_is_said(app, monkeypatch):
    monkeypatch.setattr(loaders, "installed_models", lambda: {"mask3": RecordError("card.json: broken")})
    app.run()
    assert not app.exception and not app.metric
    assert "nothing can be checked" in app.error[0].value and "card.json: broken" in app.warning[0].value


def test_no_usable_detector_is_said(app, monkeypatch):
    offers = [SimpleNamespace(name="haar", summary="", unavailable="opencv is broken")]
    monkeypatch.setattr(loaders, "detector_offers", lambda: offers)
    app.run()
    assert not app.exception and not app.metric and "nothing can be checked" in app.error[0].value


def test_a_model_that_cannot_be_loaded_is_said(app, monkeypatch):
    def broken(name):
        raise ModelError("mask3 is missing. Restore it.")

    monkeypatch.setattr(loaders, "classifier", broken)
    app.run()
    assert app.error[0].value == "mask3 is missing. Restore it." and not app.exception and not app.metric


def test_another_model_is_used_at_once_with_its_own_threshold(app, browser, monkeypatch):
    monkeypatch.setenv(settings.MODELS_OFFERED.name, "mask3,gender_wear8")
    app.run().selectbox(key="model").set_value("gender_wear8").run()
    assert not app.exception
    used = browser.viewer._settings
    card = loaders.installed_models()["gender_wear8"]
    assert used.pipeline.classifier.card.name == "gender_wear8"
    assert used.operating_point.min_margin == round(card.quality.min_margin.value * 100) / 100
    assert app.slider(key="margin_gender_wear8").value == round(card.quality.min_margin.value * 100)


# --- ways in -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("asked", "used"),
    [("webrtc", "webrtc"), ("snapshot", "direct"), ("carrier pigeon", "direct"), ("", "direct")],
)
def test_a_link_may_name_the_transport(entry, browser, asked, used):
    app = entry.run().switch_page(PAGE)
    app.query_params["transport"] = asked
    app.run()
    assert not app.exception and app.selectbox(key="transport").value == used


def test_a_cold_deep_link_is_sent_round_by_the_entry_with_its_query(monkeypatch):
    session, gone = {}, []
    monkeypatch.setattr(st, "session_state", session)
    asked = type("Asked", (dict,), {"get_all": dict.__getitem__})(transport=["webrtc"], run=["a", "b"])
    monkeypatch.setattr(st, "query_params", asked)
    monkeypatch.setattr(st, "switch_page", gone.append)
    router.require_router(PAGE)
    assert gone == ["app.py"] and session[router._WANTED] == (PAGE, dict(asked))
    session[router._ROUTED] = True
    router.require_router(PAGE)
    assert gone == ["app.py"]  # once only


def test_the_entry_sends_a_cold_deep_link_on_with_its_query(entry, browser):
    entry.session_state[router._WANTED] = (PAGE, {"transport": ["webrtc"], "run": ["a", "b"]})
    app = entry.run()
    assert not app.exception and [title.value for title in app.title] == ["Live video"]
    assert app.selectbox(key="transport").value == "webrtc"
    assert app.query_params["transport"] == "webrtc" and app.query_params["run"] == ["a", "b"]
    assert router._WANTED not in app.session_state


# --- the server around it ------------------------------------------------------------------------


@pytest.fixture
def loggers():
    """Levels are put back as they were."""
    names = (
        "aioice",
        "aiortc",
        "streamlit_webrtc",
        "streamlit.runtime.scriptrunner_utils.script_run_context",
    )
    before = {name: logging.getLogger(name).level for name in names}
    yield names
    for name, level in before.items():
        logging.getLogger(name).setLevel(level)


def test_the_server_has_the_live_route_and_keeps_addresses_out_of_its_log(monkeypatch, loggers):
    given: dict = {}
    monkeypatch.setattr(MultiPartParser, "spool_max_size", 1)
    monkeypatch.setattr(st, "App", lambda script, **more: given.update(script=script, **more))
    runpy.run_path(str(ROOT / "app.py"), run_name="app")
    assert given["script"] == str(ROOT / "app.py")
    assert [socket.path(), "/owner"] == [route.path for route in given["routes"]][:2]
    assert MultiPartParser.spool_max_size == 0
    assert not logging.getLogger("aioice.ice").isEnabledFor(logging.INFO)


def test_the_end_of_a_visit_ends_its_viewer(app, browser):
    viewer = browser.viewer
    viewer.open("camera")
    visit._end_of_visit(viewer)
    assert socket.VIEWERS.get(viewer.token) is None
