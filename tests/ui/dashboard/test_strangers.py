"""No text of a stranger's run or model is read as Markdown, HTML or an address, in any view."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from core import settings
from core.runs import catalog
from tests.strangers import TOKENS, broken, hostile_model, hostile_run
from tests.ui.dashboard.conftest import shown
from ui.wording import plain

# By kind of element: what is shown as it is, or not at all. Everything else may be Markdown.
AS_IT_IS = {
    "Selectbox": {"options", "raw_value", "set_value_string"},
    "MultiSelect": {"options"},
    "Slider": {"options"},
    "Code": {"code_text"},
    "CodeElement": {"code_text"},
    "TextInput": {"default", "value", "placeholder"},
    "Image": {"alt", "url"},
    "PlotlyChart": {"alt"},
    "Dataframe": {"alt", "columns"},
    "Arrow": {"alt", "columns"},
}
TAGS = ("<i>evil", "<img src=//evil", "%{evil")  # that HTML and Plotly read
EVERYWHERE = {"id", "form_id", "url", "element_id", "file_name"}


def texts(message: Any) -> Iterator[tuple[str, str, str]]:
    """Kind of element, field and value of every text in a message of Streamlit's protocol."""
    for field, value in message.ListFields():
        for one in value if field.is_repeated else [value]:
            if hasattr(one, "ListFields"):
                yield from texts(one)
            elif isinstance(one, str):
                yield message.DESCRIPTOR.name, field.name, one


def everything(app: AppTest) -> Iterator[tuple[str, str, str]]:
    waiting = [app.main, app.sidebar]
    while waiting:
        node = waiting.pop()
        waiting += getattr(node, "children", {}).values()
        if getattr(node, "proto", None) is not None:
            yield from texts(node.proto)


def live(app: AppTest) -> list[tuple[str, str, str]]:
    """Texts that would be read as more than text."""
    found = []
    for kind, field, text in everything(app):
        if field in EVERYWHERE or field in AS_IT_IS.get(kind, ()):
            continue
        tokens = TAGS if kind in ("Html", "PlotlyChart") else TOKENS
        if any(token in text for token in tokens):
            found.append((kind, field, text[:300]))
    return found


@pytest.fixture
def hostile(tmp_path, monkeypatch):
    """Two such runs, one of them of a detector, a broken one and a model."""
    runs, kept = tmp_path / "runs", tmp_path / "models"
    runs.mkdir(), kept.mkdir()
    found = [hostile_run(runs), hostile_run(runs, "mask3-v2")]
    broken(runs, "config.json")
    broken(kept, "card.json")
    hostile_model(kept)
    monkeypatch.setenv(settings.RUNS.name, str(runs))
    monkeypatch.setenv(settings.MODELS.name, str(kept))
    return found


def test_the_runs_are_read_and_hold_it(hostile):
    for folder in hostile:
        run = catalog.read_run(folder.name, folder)
        assert run.problems == () and run.evaluation
        assert all("evil.test" in label for label in run.config.labels.names)
        assert all("evil.test" in score.source for score in run.evaluation.scores)


def test_what_would_be_read_is_found():
    """The test itself: Streamlit's own elements with such a text, and with the same one escaped."""

    def page(text):
        import streamlit as st

        st.markdown(text)
        st.metric(text, 1, text)
        st.tabs([text])
        st.expander(text).caption("x", help=text)
        st.pills("p", [text])
        st.selectbox("as it is", [text])
        st.html("<p>x</p>")

    for token in TOKENS:
        bad = AppTest.from_function(page, kwargs={"text": token}).run()
        assert {kind for kind, _, _ in live(bad)} >= {"Markdown", "Metric", "Tab", "Expandable"}, token
        assert live(AppTest.from_function(page, kwargs={"text": plain(token)}).run()) == [], token


VIEWS = ("curves", "report", "slices", "mistakes", "thresholds", "calibration", "sources", "compare", "card")


@pytest.mark.parametrize("view", VIEWS)
def test_no_view_reads_it(hostile, view):
    app = shown(view, *hostile)
    assert live(app) == []
    said = json.dumps([text for _, _, text in everything(app)])
    assert "evil" in said  # it is there


def test_no_view_of_a_detector_reads_it(tmp_path):
    folder = hostile_run(tmp_path, "face_fpn-v4")
    assert catalog.read_run("x", folder).problems == ()
    app = shown("detection", folder)
    assert live(app) == []
    assert "evil" in str([text for kind, _, text in everything(app) if kind == "Option"])


def table() -> None:
    from ui.dashboard.selection import picker, records

    picker.choose(records.runs())


def choice() -> None:
    from ui import model_choice

    model_choice.choose_model()


@pytest.mark.parametrize("page", [table, choice])
def test_no_list_of_them_reads_it(hostile, page, monkeypatch):
    monkeypatch.setenv("MASKWISE_MODELS_OFFERED", "mask3,hostile")
    app = AppTest.from_function(page, default_timeout=30).run()
    if page is choice:
        app.selectbox(key="model").set_value("hostile").run()
    assert not app.exception and live(app) == []
    assert str(hostile[0].parent) not in json.dumps([text for _, _, text in everything(app)])


def test_no_answer_on_a_photo_reads_it(hostile):
    def page():
        import streamlit as st

        from core.mask_rendering.samples import sample_frame
        from core.models.card import read_card
        from core.models.installed import folders
        from core.pipeline import Pipeline
        from ui import loaders
        from ui.home.trust import headline
        from ui.photos.face_cards import show_face_cards

        card = read_card(folders()["hostile"])
        result = Pipeline(loaders.detector("haar"), loaders.classifier("hostile")).check(
            sample_frame("no_mask")
        )
        st.markdown(headline(card))
        st.html(show_face_cards(result.faces, (b"",) * len(result.faces)))

    app = AppTest.from_function(page, default_timeout=60).run()
    assert not app.exception and live(app) == []
