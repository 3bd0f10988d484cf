"""The view of slices: with them, without, and one dimension after another."""

import json

import pytest
from streamlit.testing.v1 import AppTest

from core.runs.evaluation import EVALUATION_FILE
from tests.ui.dashboard.conftest import copy_of, shown

ROWS = (
    ("skin tone", "light", "with_mask", 60, 57, 2),
    ("skin tone", "unknown", "with_mask", 40, 30, 4),
    ("skin tone", "dark", "with_mask", 25, 24, 1),
    ("how it is worn wrong", "under the chin", "incorrect_mask", 63, 45, 7),
    ("how it is worn wrong", "elsewhere", "incorrect_mask", 3, 0, 0),
)


@pytest.fixture
def run(tmp_path):
    return copy_of("mask3-v1", tmp_path / "mask3-v1")


def visit(run, rows=ROWS, points_from="yunet") -> AppTest:
    path = run / EVALUATION_FILE
    fields = ("dimension", "value", "label", "n", "hits", "cannot_tell")
    slices = [dict(zip(fields, row, strict=True)) for row in rows]
    record = json.loads(path.read_text()) | {"label_slices": slices, "points_from": points_from}
    path.write_text(json.dumps(record))
    return shown("slices", run)


def captions(app: AppTest) -> str:
    return " ".join(caption.value for caption in app.caption)


def test_a_record_from_before_says_how_to_get_slices(run):
    app = shown("slices", run)
    assert "without these slices" in app.info[0].value and "training.evaluate" in app.info[0].value
    assert len(app.get("plotly_chart")) == 0


def test_a_run_that_was_not_measured_says_so(run):
    (run / EVALUATION_FILE).unlink()
    assert "was not measured yet" in shown("slices", run).info[0].value


def test_the_worst_of_all_is_said_first_and_skin_tone_is_of_the_picture(run):
    app = visit(run)
    assert app.markdown[0].value.startswith("**Worst: Worn incorrectly, under the chin, 71.4% of 63 right")
    said = captions(app)
    assert "Worst: Mask on, skin tone light, 95.0% of 60 right" in said
    assert "For 40 of 125 faces it is unknown" in said and "By the face points of yunet" in said
    assert "a measurement of the picture, not of a person" in app.info[0].value
    assert "View and roll could not be told" in said
    (data,) = (element.value for element in app.dataframe)
    assert data.Value.tolist() == ["light", "unknown", "dark"] and data.Faces.tolist() == [60, 40, 25]


def test_another_dimension_is_chosen(run):
    app = visit(run)
    app.selectbox(key="slices by").set_value("how it is worn wrong").run()
    assert not app.exception and not app.info
    assert "1 of 2 marks are hollow: too few examples" in captions(app)
    figure = json.loads(app.get("plotly_chart")[0].proto.spec)
    assert figure["layout"]["yaxis"]["ticktext"] == ["under the chin", "elsewhere"]


def test_where_all_have_too_few_examples_none_is_the_worst(run):
    app = visit(run, rows=ROWS[-1:], points_from=None)
    assert app.markdown[0].value == "**Worst: too few examples.**"
    assert "could not be told" not in captions(app)
