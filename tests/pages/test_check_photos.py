"""The photo page's four states and its controls, with the shipped model and the detector always at hand."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from core import settings
from core.decision import OperatingPoint
from core.detection import face_fpn, yunet
from core.detection.haar import HaarDetector
from core.errors import ModelError, RecordError
from core.images.encode import to_jpeg
from core.mask_rendering.samples import sample_frame
from core.models import installed
from core.models.card import read_card
from core.models.operating_points import OPERATING_POINT_FILE, save_operating_point, take_back_operating_point
from ui import loaders
from ui.photos import sources

ROOT = Path(__file__).parent.parent.parent
ASTRONAUT = to_jpeg(sample_frame("no_mask").rgb)
EMPTY = to_jpeg(np.full((200, 300, 3), 128, np.uint8))


@pytest.fixture
def app(monkeypatch, tmp_path) -> AppTest:
    monkeypatch.setenv(settings.OFFLINE.name, "1")
    monkeypatch.delenv(settings.YUNET.name, raising=False)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    started = AppTest.from_file(str(ROOT / "app.py"), default_timeout=60).run()
    return started.switch_page("pages/check_photos.py").run()


def upload(app: AppTest, *files: tuple[str, bytes]) -> AppTest:
    return (
        app.file_uploader(key="files 0").set_value([(name, data, "image/jpeg") for name, data in files]).run()
    )


def metrics(app: AppTest) -> dict[str, str]:
    return {metric.label: metric.value for metric in app.metric}


def detector() -> str:
    """Name of the one that answers unless another is chosen."""
    return loaders.detector_offers()[0].name


def cards(app: AppTest) -> str:
    return "".join(element.proto.body for element in app.get("html"))


def test_empty_says_what_to_do_and_where_pictures_go(app):
    assert not app.exception
    assert "Nothing is written down" in app.info[0].value
    assert not app.metric and not app.get("download_button")


def test_a_photo_is_answered_face_by_face(app):
    upload(app, ("me.jpg", ASTRONAUT))
    assert not app.exception and not app.error
    assert (
        metrics(app)["Pictures"] == "1" and metrics(app)["Faces"] == "1" and metrics(app)["✗ No mask"] == "1"
    )
    assert "me.jpg" in [subheader.value for subheader in app.subheader]
    for part in ("No mask", "Not wearing a mask.", 'alt="Face 1"', "Worn wrong"):
        assert part in cards(app)
    assert any("512 × 512 pixels · decode " in caption.value for caption in app.caption)
    assert len(app.get("download_button")) == 5


def test_one_bad_file_shows_its_own_error_and_the_rest_go_on(app):
    upload(app, ("bad.jpg", b"not a picture"), ("me.jpg", ASTRONAUT))
    assert [error.value.split(":")[0] for error in app.error] == ["bad.jpg"]
    assert metrics(app)["Pictures"] == "1" and metrics(app)["Faces"] == "1"


def test_no_face_is_a_result_with_advice(app):
    upload(app, ("wall.jpg", EMPTY))
    assert metrics(app)["Faces"] == "0" and not app.error
    assert "No face found" in app.info[0].value


def test_removing_a_file_removes_its_answer(app):
    upload(app, ("me.jpg", ASTRONAUT), ("wall.jpg", EMPTY))
    assert metrics(app)["Pictures"] == "2"
    upload(app, ("wall.jpg", EMPTY))
    assert metrics(app)["Pictures"] == "1"


def test_how_sure_it_must_be_moves_the_answer_without_new_work(app, monkeypatch):
    upload(app, ("me.jpg", ASTRONAUT))
    classifier = loaders.classifier("mask3")
    monkeypatch.setattr(classifier, "predict", lambda *_: pytest.fail("classified again"))
    monkeypatch.setattr(loaders.detector(detector()), "detect", lambda *_: pytest.fail("searched again"))
    (face,) = next(iter(app.session_state.album)).classified[detector(), "mask3"].measurements
    second, best = sorted(face.probabilities)[-2:]
    sure = int(100 * (best - second))
    app.slider(key="margin_mask3").set_value(min(95, sure + 1)).run()
    expected = "? Cannot tell" if sure < 95 else "✗ No mask"
    assert metrics(app)[expected] == "1"
    app.toggle(key="boxes").set_value(False).run()
    assert not app.exception


def test_samples_are_always_there_and_say_that_masks_are_drawn(app):
    app.segmented_control(key="source").set_value("sample").run()
    pills = app.pills(key="samples 0")
    assert "drawn on by Maskwise" in pills.label
    pills.set_value(["no_mask", "worn_right"]).run()
    assert metrics(app)["Pictures"] == "2"
    assert "Mask worn right (drawn).jpg" in [subheader.value for subheader in app.subheader]
    app.pills(key="samples 0").set_value(["no_mask"]).run()
    assert metrics(app)["Pictures"] == "1"


def test_all_pictures_can_be_removed(app):
    upload(app, ("me.jpg", ASTRONAUT))
    app.button(key="remove_all").click().run()
    assert not app.metric and "Nothing is written down" in app.info[0].value
    assert app.file_uploader(key="files 1").value == []


def test_pictures_stay_when_another_way_in_is_chosen(app):
    upload(app, ("me.jpg", ASTRONAUT))
    app.segmented_control(key="source").set_value("web").run()
    assert metrics(app)["Pictures"] == "1"


def test_a_picture_from_a_web_address(app, monkeypatch):
    monkeypatch.setattr(sources, "fetch_image", lambda url: ASTRONAUT)
    app.segmented_control(key="source").set_value("web").run()
    app.text_input(key="url").set_value("https://example.org/a/face.jpg?token=secret")
    app.button(key="fetch").click().run()
    assert [s.value for s in app.subheader] == ["face.jpg"] and metrics(app)["Faces"] == "1"


def test_a_web_address_that_may_not_be_read_says_so(app):
    app.segmented_control(key="source").set_value("web").run()
    app.text_input(key="url").set_value("http://169.254.169.254/latest/meta-data")
    app.button(key="fetch").click().run()
    assert "not on the public internet" in app.error[0].value and not app.metric


def test_stop_keeps_what_is_checked_and_go_on_checks_the_rest(app):
    app.session_state.album.put("x", "me.jpg", ASTRONAUT)
    app.session_state.stopped = True
    app.run()
    assert "Stopped: 0 of 1" in app.warning[0].value
    app.button(key="go_on").click().run()
    assert not app.warning and metrics(app)["Faces"] == "1"


def test_many_pictures_are_shown_a_page_at_a_time(app):
    upload(app, *((f"wall {n}.jpg", EMPTY) for n in range(12)))
    assert metrics(app)["Pictures"] == "12" and len(app.subheader) == 10


def test_why_yunet_is_not_offered_is_said(app):
    assert "haar" in app.selectbox(key="detector").options
    assert "yunet" not in app.selectbox(key="detector").options
    assert any("YuNet is not offered" in caption.value for caption in app.caption)


def test_a_detector_that_is_chosen_and_cannot_be_fetched_says_why(app, monkeypatch):
    monkeypatch.delenv(settings.OFFLINE.name)
    monkeypatch.setattr(yunet, "URL", "http://127.0.0.1:9/nothing-listens-here")
    monkeypatch.setattr(face_fpn, "installed_card", lambda _: None)  # else YuNet is fetched at once
    monkeypatch.setattr(face_fpn, "load", lambda _: HaarDetector())
    loaders.detector_offers.clear()
    upload(app, ("me.jpg", ASTRONAUT))
    assert metrics(app)["Faces"] == "1" and app.selectbox(key="detector").options[-1] == "yunet"
    app.selectbox(key="detector").set_value("yunet").run()
    assert "could not be fetched" in app.error[0].value and not app.exception
    assert any("when it is first chosen" in caption.value for caption in app.caption)
    app.selectbox(key="detector").set_value("haar").run()
    assert metrics(app)["Faces"] == "1" and not app.error


def test_a_model_that_cannot_be_loaded_is_an_error_on_the_page(app, monkeypatch):
    def broken(name):
        raise ModelError("mask3 is missing. Restore it.")

    monkeypatch.setattr(loaders, "classifier", broken)
    upload(app, ("me.jpg", ASTRONAUT))
    assert app.error[0].value == "mask3 is missing. Restore it." and not app.exception
    app.button(key="remove_all").click().run()  # what cannot be checked can be forgotten
    assert not app.error and "Nothing is written down" in app.info[0].value


def test_no_usable_model_is_said(app, monkeypatch):
    upload(app, ("me.jpg", ASTRONAUT))
    monkeypatch.setattr(loaders, "installed_models", lambda: {"mask3": RecordError("card.json: broken")})
    app.run()
    assert "nothing can be checked" in app.error[0].value and "card.json: broken" in app.warning[0].value
    app.button(key="remove_all").click().run()
    assert not app.button


# --- the operating point that was set in the dashboard --------------------------------------------


@pytest.fixture
def own_model(monkeypatch, tmp_path):
    """The folder of the default model, where a test may write."""
    monkeypatch.setenv(settings.MODELS.name, str(tmp_path / "models"))
    return shutil.copytree(installed.SHIPPED / installed.DEFAULT, tmp_path / "models" / installed.DEFAULT)


def test_an_operating_point_set_in_the_dashboard_is_obeyed_and_said(own_model, app):
    upload(app, ("me.jpg", ASTRONAUT))
    assert metrics(app)["✗ No mask"] == "1"
    card = read_card(own_model)
    # The bare face is an alarm with 99.3 %, hardly above that threshold: too near it to tell.
    save_operating_point(own_model, card, OperatingPoint(0.9, 0.99), "2026-01-01T00:00:00+00:00")
    app.run()
    assert not app.exception
    assert metrics(app)["✗ No mask"] == "0" and metrics(app)["? Cannot tell"] == "1"
    assert any("Set in the dashboard: an alarm from 99%" in caption.value for caption in app.caption)
    (slider,) = (slider for slider in app.slider if slider.label == "How sure it must be")
    assert slider.value == 90
    take_back_operating_point(own_model)
    app.run()
    assert metrics(app)["✗ No mask"] == "1"


def test_an_operating_point_that_cannot_be_used_is_said_and_the_cards_own_answers(own_model, app):
    (own_model / OPERATING_POINT_FILE).write_text("{}")
    upload(app, ("me.jpg", ASTRONAUT))
    assert not app.exception and metrics(app)["✗ No mask"] == "1"
    assert any(OPERATING_POINT_FILE in warning.value for warning in app.warning)
