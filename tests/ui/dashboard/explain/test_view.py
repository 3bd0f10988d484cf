"""The view under AppTest: own model, another's, picked, uploaded and sample faces, and what goes wrong."""

import gc
from types import SimpleNamespace

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from core import settings
from core.decision import OperatingPoint
from core.detection.registry import Offer
from core.errors import ModelError
from core.explain.corruptions import CORRUPTIONS, CorruptionResults
from core.explain.occlusion import OcclusionMap
from core.images.encode import to_jpeg
from core.mask_rendering.samples import sample_frame
from core.results import Detection
from tests.shipped import DEFAULT_INPUT, DEFAULT_RUN
from ui import loaders
from ui.dashboard.explain.view import _spoken, patches, reading
from ui.dashboard.selection.picked_face import PickedFace

EVEN = (0.01, 0.51, 0.48)
ASTRONAUT = sample_frame("no_mask")
HEAD = ASTRONAUT.rgb[40:205, 140:305]  # with the margin that the network was trained on
EMPTY = np.full((200, 300, 3), 128, np.uint8)


@pytest.mark.parametrize(
    ("labels", "probabilities", "between", "leads"),
    [
        (("with_mask", "incorrect_mask", "without_mask"), EVEN, ("incorrect_mask", "without_mask"), 1),
        (("with_mask", "without_mask"), (0.9, 0.1), (), 0),
        (("helmet", "cap"), (0.9, 0.1), (), None),
    ],
)
def test_what_leads_is_said_and_between_which_ways_it_is_not_clear(labels, probabilities, between, leads):
    unit = int(np.argmax(probabilities))
    answers = CorruptionResults(
        labels, np.array([probabilities]), np.array([unit]), np.array([0.8]), (between,), (None,)
    )
    said = _spoken(answers, SimpleNamespace(operating_point=OperatingPoint(0.4)))
    who = {1: "“not worn properly”", 0: "“worn properly”", None: "it"}[leads]
    assert f"{who} leads by 80 points, and 40 are asked for." in said
    unclear = " The app says “not worn properly”: worn incorrectly or no mask."
    assert (unclear in said) == bool(between)


def page():
    import streamlit as st

    from core.runs.catalog import folders, read_run
    from ui import visit
    from ui.dashboard.explain import view as explain

    if "forget" in st.query_params:
        visit.forget_pictures()
    names = st.query_params["runs"].split(",")
    explain.show([read_run(name, folders()[name]) for name in names])


@pytest.fixture(autouse=True)
def _alone(monkeypatch, tmp_path):
    """No network: the cascade finds the faces."""
    monkeypatch.setattr(loaders, "_set_apart", lambda: None)
    monkeypatch.setenv(settings.OFFLINE.name, "1")
    monkeypatch.delenv(settings.YUNET.name, raising=False)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))


def visit(*runs, picked=None):
    app = AppTest.from_function(page, default_timeout=60)
    app.query_params["runs"] = ",".join(runs)
    if picked is not None:
        app.session_state["picked_face"] = picked
    return app.run()


def captions(app):
    return [caption.value for caption in app.caption]


def words(app):
    return " ".join([*captions(app), *(markdown.value for markdown in app.markdown)])


def test_a_sample_is_answered_and_explained_on_a_click(monkeypatch):
    app = visit(DEFAULT_RUN)
    assert not app.exception and not app.error
    assert "“No mask” has 99" in words(app) and "patches" not in words(app)
    app.button(key="explain go").click().run()
    assert (
        not app.exception
        and f"144 patches of {round(DEFAULT_INPUT / 6)} × {round(DEFAULT_INPUT / 6)} pixels, in "
        in words(app)
    )
    assert app.button(key="explain go").disabled
    monkeypatch.setattr("ui.dashboard.explain.view.occlude", lambda *_: pytest.fail("asked twice"))
    app.slider(key="explain opacity").set_value(30).run()
    app.selectbox(key="explain label mask3 2").set_value(0).run()
    assert not app.exception and "“Mask on”" in words(app)


def test_a_finer_patch_is_another_question():
    app = visit(DEFAULT_RUN, picked=PickedFace(HEAD, "test face"))
    app.segmented_control(key="explain patch").set_value("coarse").run()
    app.button(key="explain go").click().run()
    assert f"49 patches of {DEFAULT_INPUT // 4} × {DEFAULT_INPUT // 4} pixels" in words(app)
    app.segmented_control(key="explain patch").set_value("fine").run()
    assert "patches of" not in words(app) and not app.button(key="explain go").disabled


def test_a_face_just_picked_comes_first_and_says_what_it_was_labelled():
    app = visit(DEFAULT_RUN)
    assert app.segmented_control(key="explain source 0").value == "sample"
    app.session_state["picked_face"] = PickedFace(HEAD, "*Face* 12", "incorrect_mask")
    app.run()
    assert not app.exception and app.segmented_control(key="explain source 1").value == "picked"
    assert r"**\*Face\* 12**" in words(app) and "Labelled Worn incorrectly" in captions(app)
    app.segmented_control(key="explain source 1").set_value("sample").run()
    assert "Astronaut, no mask" in words(app)


def test_a_run_that_is_not_installed_says_so_and_another_model_answers():
    app = visit("cnn_scratch-v1", picked=PickedFace(HEAD, "test face"))
    assert "cnn_scratch-v1 is not installed here" in app.info[0].value
    assert "python -m training.export" in app.info[0].value
    assert app.selectbox(key="explain model").value == "mask3" and "99" in words(app)


def test_one_of_many_runs_is_explained_by_its_own_model():
    app = visit(DEFAULT_RUN, "gender_wear8-v3", picked=PickedFace(HEAD, "test face"))
    assert len(app.get("plotly_chart")) == 2
    app.selectbox(key="run").set_value("gender_wear8-v3").run()
    assert not app.exception and not app.info and "“No mask, " in words(app)


def test_every_stress_has_a_chart_and_all_together_a_table():
    app = visit(DEFAULT_RUN, picked=PickedFace(HEAD, "test face"))
    for corruption in CORRUPTIONS:
        app.pills(key="explain stress").set_value(corruption.name).run()
        assert not app.exception and len(app.get("plotly_chart")) == 2
        assert any(
            ("“No mask” " in caption and "“cannot tell”" in caption) or "app would" in caption
            for caption in captions(app)
        )
    app.pills(key="explain stress").set_value("All kinds").run()
    assert (
        not app.exception and len(app.dataframe[0].value) == len(CORRUPTIONS) + 1
    )  # rotation goes both ways


def test_a_photo_is_read_in_memory_and_stays_for_the_visit():
    app = visit(DEFAULT_RUN)
    app.segmented_control(key="explain source 0").set_value("photo").run()
    assert "Nothing is saved or shared" in words(app) and not app.get("plotly_chart")
    app.file_uploader(key="explain upload").set_value(
        ("[me].jpg", to_jpeg(ASTRONAUT.rgb), "image/jpeg")
    ).run()
    assert not app.exception and r"**\[me\].jpg**" in words(app) and "“No mask”" in words(app)
    app.segmented_control(key="explain source 0").set_value("sample").run()
    app.segmented_control(key="explain source 0").set_value("photo").run()
    assert r"**\[me\].jpg**" in words(app)
    app.button(key="explain forget").click().run()
    assert "Nothing is saved or shared" in words(app) and not app.get("plotly_chart")


def faces_kept() -> int:
    gc.collect()
    return sum(isinstance(it, OcclusionMap) for it in gc.get_objects())


@pytest.mark.parametrize("forget", ["its button", "all pictures"])
def test_what_was_found_of_a_photo_holds_its_face_and_goes_with_it(forget):
    before = faces_kept()
    app = visit(DEFAULT_RUN)
    app.segmented_control(key="explain source 0").set_value("photo").run()
    upload = app.file_uploader(key="explain upload")
    upload.set_value(("me.jpg", to_jpeg(ASTRONAUT.rgb), "image/jpeg")).run()
    app.button(key="explain go").click().run()
    assert faces_kept() == before + 1
    app.segmented_control(key="explain source 0").set_value("sample").run()
    if forget == "its button":
        app.segmented_control(key="explain source 0").set_value("photo").run()
        app.button(key="explain forget").click().run()
    else:
        app.query_params["forget"] = "all"
        app.run()
    assert not app.exception and faces_kept() == before


def test_a_picture_without_a_face_may_be_taken_whole():
    app = visit(DEFAULT_RUN)
    app.segmented_control(key="explain source 0").set_value("photo").run()
    app.file_uploader(key="explain upload").set_value(("wall.jpg", to_jpeg(EMPTY), "image/jpeg")).run()
    assert "No face found" in app.info[0].value and not app.get("plotly_chart")
    app.toggle(key="explain whole").set_value(True).run()
    assert not app.exception and "“cannot tell”: " in words(app)


def test_what_is_not_a_picture_is_an_error_on_the_page():
    app = visit(DEFAULT_RUN)
    app.segmented_control(key="explain source 0").set_value("photo").run()
    app.file_uploader(key="explain upload").set_value(("bad.jpg", b"no picture", "image/jpeg")).run()
    assert app.error[0].value.startswith("bad.jpg: is not a picture") and not app.exception


def test_of_many_faces_one_is_chosen(monkeypatch):
    crowd = [Detection((180.0 - n, 66.0, 270.0 - n, 176.0), 0.9, "crowd") for n in range(30)]
    monkeypatch.setattr(loaders, "detector", lambda name: SimpleNamespace(detect=lambda frame: tuple(crowd)))
    app = visit(DEFAULT_RUN)
    app.pills(key="explain face of 24").set_value(2).run()
    assert not app.exception and "Astronaut, no mask, face 3**" in words(app)
    assert "The surest 24 of 30 faces." in captions(app)


def test_without_any_detector_the_reason_is_said(monkeypatch):
    monkeypatch.setattr(loaders, "detector_offers", lambda: (Offer("haar", "…", "Haar is *not* offered."),))
    app = visit(DEFAULT_RUN)
    assert app.error[0].value == r"Haar is \*not\* offered." and not app.exception


def test_a_model_that_cannot_be_loaded_and_none_at_all(monkeypatch):
    def broken(name):
        raise ModelError("mask3 is [missing]. Restore it.")

    monkeypatch.setattr(loaders, "classifier", broken)
    app = visit(DEFAULT_RUN)
    assert app.error[0].value == r"mask3 is \[missing\]. Restore it." and not app.exception
    monkeypatch.setattr(loaders, "installed_models", dict)
    assert "No model is installed" in app.run().error[0].value


def found(fall):
    """A map of 3 x 3 patches; the last takes `fall` from the first of two labels."""
    covered = np.tile([0.9, 0.1], (3, 3, 1))
    covered[2, 2] = 0.9 - fall, 0.1 + fall
    return OcclusionMap(
        np.zeros((16, 16, 3), np.uint8), np.array([0.9, 0.1]), covered, np.array([0, 4, 8]), 8
    )


def test_the_sentence_reads_the_map():
    assert reading(found(0.62), 0, "with_mask", 1) == (
        "Covering the lower right of the crop, where the square is, takes 62 points from “Mask on”: 90.0% "
        "becomes 28.0%. 1 of 9 patches changes the answer."
    )
    assert reading(found(0.02), 0, "with_mask", 0) == (
        "No patch takes more than 2.0 points from “Mask on” (90.0%). None of 9 patches change the answer."
    )
    assert "Another place, covered, adds 62 points." in reading(found(0.62), 1, "no_mask", 1)


def test_the_data_is_a_row_a_patch():
    data = patches(found(0.62), 0, "with_mask")
    last = data.iloc[-1]
    assert len(data) == 9 and (last["Left, pixels"], last["Top, pixels"]) == (8, 8)
    assert last["Fall, points"] == pytest.approx(62) and last["Probability covered"] == pytest.approx(0.28)
    assert data.loc[1, "Left, pixels"] == 4 and data.loc[1, "Top, pixels"] == 0
