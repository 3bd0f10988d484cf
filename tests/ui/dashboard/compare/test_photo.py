"""Two models on a visitor's photo, with the shipped models and the cascade."""

import re

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from core.classification.classifier import face_probabilities
from core.detection.registry import Offer
from core.errors import ModelError
from core.images.encode import to_jpeg
from core.labels import GENDER_WEAR_8, ClassSet
from core.mask_rendering.samples import sample_frame
from core.models.installed import installed_models
from tests.shipped import DEFAULT_RUN
from ui import loaders

ASTRONAUT = to_jpeg(sample_frame("no_mask").rgb)
EMPTY = to_jpeg(np.full((200, 300, 3), 128, np.uint8))


def page():
    import streamlit as st

    from ui.dashboard.compare import photo as compare_photo
    from ui.dashboard.selection import records
    from ui.dashboard.selection.choose import Tested

    runs = records.runs()
    a, b = (runs[name] for name in st.query_params["runs"].split(","))
    compare_photo.show(Tested(a, "", a.evaluation), Tested(b, "", b.evaluation))


def visit(a, b):
    app = AppTest.from_function(page, default_timeout=30)
    app.query_params["runs"] = f"{a},{b}"
    return app.run()


@pytest.fixture(autouse=True)
def _cascade_alone(monkeypatch):
    monkeypatch.setattr(loaders, "detector_offers", lambda: (Offer("haar", "the cascade", None),))
    monkeypatch.setattr(loaders, "_set_apart", lambda: None)


@pytest.fixture
def both():
    """Both runs of shipped models."""
    return visit(DEFAULT_RUN, "gender_wear8-v3")


def upload(app, data, name="me.jpg"):
    return app.file_uploader(key="compare photo").set_value((name, data, "image/jpeg")).run()


def words(app):
    return "\n".join(element.value for kind in (app.markdown, app.caption, app.info) for element in kind)


def cards(app):
    return [element.proto.body for element in app.get("html")]


def test_before_a_photo_there_is_only_the_way_in(both):
    assert not both.exception and not both.get("html") and not both.error
    assert not both.selectbox  # the runs' own models are known


def test_both_models_answer_side_by_side(both):
    upload(both, ASTRONAUT)
    assert not both.exception and not both.error
    assert "Both models agree on 1 face (labels merged where they differ)." in words(both)
    assert "**A: mask3**" in words(both) and "**B: gender_wear8**" in words(both)
    of_a, of_b = cards(both)
    assert "No mask" in of_a and "Mask on, female" not in of_a and "Mask on, female" in of_b
    assert "512 × 512 pixels; haar found the faces once for both" in words(both)
    assert words(both).count("Read in") == 2
    assert len(both.get("image")) == 2


def test_faces_are_searched_once_and_a_rerun_does_no_work(both, monkeypatch):
    detector, found = loaders.detector("haar"), []
    detect = detector.detect
    monkeypatch.setattr(detector, "detect", lambda *args, **more: found.append(1) or detect(*args, **more))
    upload(both, ASTRONAUT)
    both.run()
    assert not both.exception and found == [1]


def said(proportions):
    return face_probabilities(proportions, ClassSet(GENDER_WEAR_8, GENDER_WEAR_8.labels))


def test_faces_on_which_they_differ_come_first(both, monkeypatch):
    classifier = loaders.classifier("gender_wear8")
    answer = np.zeros(8)
    answer[2] = 1  # female, mask below the mouth
    monkeypatch.setattr(classifier, "predict", lambda crops: said(np.tile(answer, (len(crops), 1))))
    upload(both, ASTRONAUT)
    assert "They differ on 1 of 1 face (labels merged where they differ): 1 (A No mask " in words(both)
    assert "B Below mouth, female \\>99%)." in words(both)


def test_in_a_crowd_only_the_faces_on_which_they_differ_stand_open(both, monkeypatch):
    classifier = loaders.classifier("gender_wear8")
    read = classifier.predict

    def but_the_second(crops):
        proportions = read(crops).labels
        unit = 3 if proportions[1].argmax() % 4 == 0 else 0  # masked for bare, and the reverse
        proportions[1] = np.eye(8)[unit]
        return said(proportions)

    monkeypatch.setattr(classifier, "predict", but_the_second)
    both.pills(key="compare sample").set_value("group").run()
    assert not both.exception
    first_a, first_b, rest_a, rest_b = cards(both)
    assert ("They differ on 1 of " in words(both)) == (first_a.count("<li") == 1)
    (named_a, *_), (named_b, *_) = (re.findall(r'alt="Face [0-9]+"', first) for first in (first_a, first_b))
    assert named_a == named_b
    found = first_a.count("<li") + rest_a.count("<li")
    assert f"The other {rest_a.count('<li')} faces" == both.expander[0].label
    assert found == first_b.count("<li") + rest_b.count("<li") > 3


def test_a_photo_that_is_taken_back_is_forgotten(both):
    upload(both, ASTRONAUT)
    both.file_uploader(key="compare photo").set_value(None).run()
    assert not both.exception and not both.get("html") and not both.get("image")


def test_a_sample_is_always_there(both):
    both.pills(key="compare sample").set_value("worn_right").run()
    assert not both.exception and len(cards(both)) == 2


def test_no_face_is_a_result_with_advice(both):
    upload(both, EMPTY)
    assert "**No face found** by haar." in words(both) and not both.error and not both.get("html")


def test_what_is_not_a_picture_is_an_error_that_names_it(both):
    upload(both, b"not a picture", "![x](y).jpg")
    assert both.error[0].value.startswith("!\\[x\\](y).jpg:") and not both.exception


def test_where_a_run_is_not_installed_the_visitor_says_which_model_answers():
    app = visit(DEFAULT_RUN, "mobilenet_mask3-v1")
    assert "mobilenet_mask3-v1 is not installed: choose which models answer." in words(app)
    assert [select.value for select in app.selectbox] == ["mask3", "gender_wear8"]
    app.selectbox[1].set_value("mask3").run()
    assert "Choose two different models." in words(app)


def test_two_evaluations_of_one_run_leave_the_second_model_to_the_visitor():
    app = visit(DEFAULT_RUN, DEFAULT_RUN)
    assert [select.value for select in app.selectbox] == ["mask3", "gender_wear8"]


def test_with_one_model_there_is_nothing_to_compare(monkeypatch):
    monkeypatch.setattr(loaders, "installed_models", lambda: {"mask3": installed_models()["mask3"]})
    app = visit(DEFAULT_RUN, "gender_wear8-v3")
    assert "Only 1 model is installed here" in words(app) and not app.get("file_uploader")


def test_a_model_that_cannot_be_loaded_is_an_error_on_the_page(both, monkeypatch):
    def broken(name):
        raise ModelError(f"{name} is missing. Restore it.")

    monkeypatch.setattr(loaders, "classifier", broken)
    upload(both, ASTRONAUT)
    assert both.error[0].value == "mask3 is missing. Restore it." and not both.exception
