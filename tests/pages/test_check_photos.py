"""The photo page's four states and its controls, with the shipped model and the detector always at hand."""

from __future__ import annotations

import io
import json
import re
import shutil
import zipfile
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


def upload(app: AppTest, *files: tuple[str, bytes], source: str = "files") -> AppTest:
    key = next(uploader.key for uploader in app.get("file_uploader") if uploader.key.startswith(source))
    return app.file_uploader(key=key).set_value([(name, data, "image/jpeg") for name, data in files]).run()


def counters(app: AppTest) -> dict[str, int]:
    """The counters among which one can choose, by their words."""
    found = next((group for group in app.get("button_group") if group.key == "photo_filter"), None)
    shown = [option.replace("**", "").rsplit(" ", 1) for option in (found.options if found else ())]
    return {re.sub(":material/\\w+: ", "", words): int(n) for words, n in shown}


def totals(app: AppTest) -> str:
    """The sentence on top."""
    return next((m.value.strip("*") for m in app.markdown if re.match(r"\*\*[\d,]+ photo", m.value)), "")


def shown(app: AppTest, name: str) -> dict:
    """What Python gives the component of that name."""
    found = [element.proto for element in app.get("bidi_component")]
    return next((json.loads(one.json) for one in found if one.component_name.endswith(name)), {})


def photo(app: AppTest) -> dict:
    """The one that is shown large."""
    return shown(app, "maskwise_viewer")


def answer(app: AppTest) -> str:
    """Of the only face of the photo that is shown large."""
    (face,) = photo(app)["faces"]
    return str(face["words"])


def tiles(app: AppTest) -> list[dict]:
    return shown(app, "maskwise_gallery").get("tiles", [])


def detector() -> str:
    """Name of the one that answers unless another is chosen."""
    return loaders.detector_offers()[0].name


def test_empty_says_what_to_do_and_where_pictures_go(app):
    assert not app.exception
    assert "Nothing is saved or shared" in app.info[0].value
    assert not totals(app) and not app.get("download_button")


def test_a_photo_is_answered_face_by_face(app):
    upload(app, ("me.jpg", ASTRONAUT))
    assert not app.exception and not app.error
    assert totals(app) == "1 photo, 1 face"
    one = photo(app)
    assert (one["name"], one["alt"], one["place"]) == ("me.jpg", "me.jpg: 1 face: no mask.", "")
    (face,) = one["faces"]
    assert (face["number"], face["words"], face["sentence"]) == (1, "No mask", "Not wearing a mask.")
    assert [bar["words"] for bar in face["bars"]] == ["Mask on", "Worn incorrectly", "No mask"]
    assert 0 < face["box"][0] < face["box"][0] + face["box"][2] < 1
    assert any(line.startswith("512 × 512 pixels · decode ") for line in one["lines"])
    assert len(app.get("download_button")) == 8


def test_what_was_not_read_is_counted_and_comes_before_what_is_well(app):
    upload(app, ("bad.jpg", b"not a picture"), ("me.jpg", ASTRONAUT), ("zero.png", b""), ("wall.jpg", EMPTY))
    assert totals(app) == "4 photos (2 not read, 1 without a face), 1 face"
    assert counters(app) == {
        "Photos": 4,
        "Not read": 2,
        "No face": 1,
        "✗ No mask": 1,
        "! Worn incorrectly": 0,
        "? Cannot tell": 0,
        "✓ Mask on": 0,
    }
    assert [tile["name"] for tile in tiles(app)] == ["me.jpg", "zero.png", "bad.jpg", "wall.jpg"]
    assert tiles(app)[2]["words"].startswith("It is not a picture")
    (not_read,) = [one for one in app.expander if "not read" in one.label]
    assert not_read.label == "2 photos were not read: bad.jpg, zero.png"
    assert not_read.markdown[0].value.startswith("- bad.jpg: is not a picture")
    assert not_read.markdown[0].value.endswith("\n- zero.png: is empty. Choose another file.")
    app.pills(key="photo_filter").set_value("not read").run()
    assert [tile["name"] for tile in tiles(app)] == ["zero.png", "bad.jpg"]
    app.pills(key="photo_filter").set_value("incorrect_mask").run()
    assert not tiles(app) and "No photo has such a face" in app.info[0].value


def test_no_face_is_a_result_with_advice(app):
    upload(app, ("wall.jpg", EMPTY))
    assert totals(app) == "1 photo (1 without a face), 0 faces" and not app.error
    assert photo(app)["lines"][0].startswith("No face found.") and not photo(app)["faces"]


def test_the_pictures_of_a_zip_are_taken_and_the_rest_is_told(app):
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for name, data in (
            ("a/me.jpg", ASTRONAUT),
            ("a/notes.txt", b"x"),
            ("clip.mov", b"x"),
            ("b.jpg", b"no"),
        ):
            archive.writestr(name, data)
    upload(app, ("photos.zip", packed.getvalue()))
    assert totals(app) == "2 photos (1 not read), 1 face" and not app.warning
    assert any("clip.mov is a video" in m.value for m in app.markdown)
    assert any("1 file that is no picture was skipped" in caption.value for caption in app.caption)
    upload(app, ("broken.zip", b"PK"))
    assert "broken.zip" in app.warning[0].value and totals(app).startswith("2 photos")


def test_what_the_browser_refused_is_said_whatever_it_says():
    def script():
        import streamlit as st

        from ui.photos import intake

        said = [{"name": "big.jpg", "size": 80 * 2**20}, {"name": "a/clip.mov", "size": 5}]
        said += [{"name": "report.pdf", "size": 5}, {"name": 5, "size": 5}, {"size": 5}, 7, None]
        intake.tell_refused(said)
        told = st.session_state["what became of the last files"]
        st.text([photo.error for photo in intake.album()])
        st.text([told.videos, told.others, told.passed_over])
        for nonsense in (None, 5, "x", {}, {"name": "a.jpg", "size": 1}):
            intake.tell_refused(nonsense)
        st.text(len(intake.album()))

    told = AppTest.from_function(script, default_timeout=30).run()
    assert not told.exception
    assert "big.jpg: has 80 MB, more than the 64 MB allowed" in told.text[0].value
    assert [text.value for text in told.text][1:] == ["[['clip.mov'], ['report.pdf'], 0]", "1"]


def test_one_photo_is_removed_and_the_others_stay(app):
    upload(app, ("me.jpg", ASTRONAUT), ("wall.jpg", EMPTY))
    key = next(tile["key"] for tile in tiles(app) if tile["name"] == "me.jpg")
    app.session_state.album.remove([key])
    app.run()
    assert totals(app) == "1 photo (1 without a face), 0 faces"


def test_a_single_new_photo_is_shown_at_once(app):
    upload(app, ("me.jpg", ASTRONAUT), ("wall.jpg", EMPTY))
    assert len(tiles(app)) == 2 and not photo(app)
    upload(app, ("new.jpg", ASTRONAUT))
    assert photo(app)["name"] == "new.jpg" and photo(app)["place"] == "1 of 3"


def test_certainty_moves_the_answer_without_new_work(app, monkeypatch):
    upload(app, ("me.jpg", ASTRONAUT))
    classifier = loaders.classifier("mask3")
    monkeypatch.setattr(classifier, "predict", lambda *_: pytest.fail("classified again"))
    monkeypatch.setattr(loaders.detector(detector()), "detect", lambda *_: pytest.fail("searched again"))
    (face,) = next(iter(app.session_state.album)).classified[detector(), "mask3"].measurements
    second, best = sorted(face.probabilities)[-2:]
    sure = int(100 * (best - second))
    app.slider(key="margin_mask3").set_value(min(95, sure + 1)).run()
    expected = "Cannot tell" if sure < 95 else "No mask"
    assert photo(app)["faces"][0]["words"] == expected
    app.toggle(key="boxes").set_value(False).run()
    assert not app.exception and photo(app)["boxes"] is False


def test_settings_say_what_a_model_answers_and_what_its_certainty_means(app):
    said = app.sidebar.caption[0].value
    assert said.startswith("Three answers: mask on, worn incorrectly, no mask. Its weights are for research")
    assert app.slider(key="margin_mask3").help.endswith(
        "Default 40%: below it 55% of 216 test answers were wrong."
    )


def test_settings_live_with_the_visit_and_stand_in_the_address(app):
    app.toggle(key="blur").set_value(True).run()
    app.slider(key="margin_mask3").set_value(55).run()
    app.selectbox(key="detector").set_value("haar").run()
    assert {name: app.query_params[name] for name in ("blur", "certainty", "detector")} == {
        "blur": "1",
        "certainty": "55",
        "detector": "haar",
    }
    app.switch_page("pages/home.py").run()
    app.switch_page("pages/check_photos.py").run()
    assert app.toggle(key="blur").value and app.slider(key="margin_mask3").value == 55
    assert app.selectbox(key="detector").value == "haar"
    app.switch_page("pages/live.py").run()
    assert app.selectbox(key="detector").value == "haar" and app.slider(key="margin_mask3").value == 55


def test_a_shared_address_brings_its_settings_and_nonsense_changes_nothing(app):
    for name, value in {"certainty": "70", "boxes": "0", "model": "nosuch", "blur": "maybe"}.items():
        app.query_params[name] = value
    app.run()
    assert app.slider(key="margin_mask3").value == 70 and app.toggle(key="boxes").value is False
    assert app.selectbox(key="model").value == "mask3" and app.toggle(key="blur").value is False


def test_a_model_that_names_gender_is_offered_only_where_the_owner_says_so(app, monkeypatch):
    assert "gender_wear8" not in app.selectbox(key="model").options
    monkeypatch.setenv(settings.MODELS_OFFERED.name, "gender_wear8, mask3")
    app.run()
    assert app.selectbox(key="model").options == ["mask3", "gender_wear8"]
    monkeypatch.setenv(settings.MODELS_OFFERED.name, "gender_wear8")
    app.run()
    assert app.selectbox(key="model").options == ["gender_wear8"] and not app.exception


def test_samples_are_always_there_and_say_that_masks_are_drawn(app):
    app.segmented_control(key="source").set_value("sample").run()
    pills = app.pills(key="samples 0")
    assert "drawn on by Maskwise" in pills.label
    pills.set_value(["no_mask", "worn_right"]).run()
    assert [tile["name"] for tile in tiles(app)] == ["Astronaut, no mask.jpg", "Mask worn right (drawn).jpg"]
    app.pills(key="samples 0").set_value(["no_mask"]).run()
    assert totals(app) == "1 photo, 1 face"


def test_all_pictures_can_be_removed(app):
    upload(app, ("me.jpg", ASTRONAUT))
    app.button(key="remove_all").click().run()
    assert not totals(app) and "Nothing is saved or shared" in app.info[0].value


def test_pictures_stay_when_another_way_in_is_chosen(app):
    upload(app, ("me.jpg", ASTRONAUT))
    app.segmented_control(key="source").set_value("web").run()
    assert totals(app) == "1 photo, 1 face"


@pytest.mark.parametrize("typed", ["https://example.org/a/face.jpg?token=secret", "example.org/a/face.jpg"])
def test_a_picture_from_a_web_address(app, monkeypatch, typed):
    asked = []
    monkeypatch.setattr(sources, "fetch_image", lambda url: asked.append(url) or ASTRONAUT)
    app.segmented_control(key="source").set_value("web").run()
    app.text_input(key="url").set_value(typed)
    app.button(key="fetch").click().run()
    assert asked[0].startswith("https://example.org/a/face.jpg")
    assert photo(app)["name"] == "face.jpg" and totals(app) == "1 photo, 1 face"


def test_a_web_address_that_may_not_be_read_says_so(app):
    app.segmented_control(key="source").set_value("web").run()
    app.text_input(key="url").set_value("http://169.254.169.254/latest/meta-data")
    app.button(key="fetch").click().run()
    assert "only public addresses are fetched" in app.error[0].value and not totals(app)


def test_stop_keeps_what_is_checked_and_resume_checks_the_rest(app):
    app.session_state.album.put("x", "me.jpg", ASTRONAUT)
    app.session_state.stopped = True
    app.run()
    assert "Stopped after 0 of 1" in app.warning[0].value
    app.button(key="go_on").click().run()
    assert not app.warning and totals(app) == "1 photo, 1 face"


def test_many_pictures_are_shown_as_tiles_in_the_order_asked_for(app):
    upload(app, *((f"wall {n}.jpg", EMPTY) for n in range(12)), ("me.jpg", ASTRONAUT))
    assert len(tiles(app)) == 13 and tiles(app)[0]["name"] == "me.jpg"
    app.selectbox(key="photo_sort").set_value("name").run()
    assert [tile["name"] for tile in tiles(app)][:3] == ["me.jpg", "wall 0.jpg", "wall 1.jpg"]
    app.selectbox(key="photo_sort").set_value("newest").run()
    assert tiles(app)[-1]["name"] == "wall 0.jpg"


def test_why_yunet_is_not_offered_is_said(app):
    assert "haar" in app.selectbox(key="detector").options
    assert "yunet" not in app.selectbox(key="detector").options
    assert any("YuNet is not offered" in caption.value for caption in app.caption)


def test_a_detector_that_cannot_be_fetched_gives_way_to_the_one_before(app, monkeypatch):
    monkeypatch.delenv(settings.OFFLINE.name)
    monkeypatch.setattr(yunet, "URL", "http://127.0.0.1:9/nothing-listens-here")
    monkeypatch.setattr(face_fpn, "installed_card", lambda _: None)  # else YuNet is fetched at once
    monkeypatch.setattr(face_fpn, "load", lambda _: HaarDetector())
    loaders.detector_offers.clear()
    upload(app, ("me.jpg", ASTRONAUT))
    before = detector()
    assert totals(app) == "1 photo, 1 face" and app.selectbox(key="detector").options[-1] == "yunet"
    app.selectbox(key="detector").set_value("yunet").run()
    assert not app.exception and app.selectbox(key="detector").value == before
    assert "could not be fetched" in app.error[0].value and "in place of yunet" in app.error[0].value
    assert totals(app) == "1 photo, 1 face"
    app.run()
    assert not app.error


def test_a_model_that_cannot_be_loaded_is_an_error_on_the_page(app, monkeypatch):
    def broken(name):
        raise ModelError("mask3 is missing. Restore it.")

    monkeypatch.setattr(loaders, "classifier", broken)
    upload(app, ("me.jpg", ASTRONAUT))
    assert app.error[0].value == "mask3 is missing. Restore it." and not app.exception
    app.button(key="remove_all").click().run()  # what cannot be checked can be forgotten
    assert not app.error and "Nothing is saved or shared" in app.info[0].value


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
    assert answer(app) == "No mask"
    card = read_card(own_model)
    # The bare face is an alarm with 99.96%, hardly above that threshold: too near it to tell.
    save_operating_point(own_model, card, OperatingPoint(0.9, 0.994), "2026-01-01T00:00:00+00:00")
    app.run()
    assert not app.exception
    assert answer(app) == "Cannot tell"
    assert any("Set in the dashboard: an alarm from 99%" in caption.value for caption in app.caption)
    (slider,) = (slider for slider in app.slider if slider.label == "Minimum certainty")
    assert slider.value == 90
    take_back_operating_point(own_model)
    app.run()
    assert answer(app) == "No mask"


def test_an_operating_point_that_cannot_be_used_is_said_and_the_cards_own_answers(own_model, app):
    (own_model / OPERATING_POINT_FILE).write_text("{}")
    upload(app, ("me.jpg", ASTRONAUT))
    assert not app.exception and answer(app) == "No mask"
    assert any(OPERATING_POINT_FILE in warning.value for warning in app.warning)
