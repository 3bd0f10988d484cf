"""The labels view: not checked, checked, corrections taken and given away, a stranger's record."""

import json

from core.runs.label_check import LABEL_CHECK_FILE
from tests.core.runs.test_label_check import CHECK
from tests.ui.dashboard.conftest import copy_of, shown
from ui.dashboard import label_check

LABELS = ["with_mask", "incorrect_mask", "without_mask"]


def said(app) -> str:
    return "\n".join(element.value for kind in (app.markdown, app.caption, app.info) for element in kind)


def checked(folder, **changed):
    (folder / LABEL_CHECK_FILE).write_text(json.dumps(CHECK | {"labels": LABELS} | changed))
    return folder


def test_a_run_that_was_not_checked_says_how_to(tmp_path):
    app = shown("labels", copy_of("mask3-v1", tmp_path / "mine"))
    assert app.code[0].value == "python -m training.label_check runs/mine --data DATA"


def test_the_curve_says_what_more_faces_would_bring(tmp_path):
    app = shown("labels", checked(copy_of("mask3-v1", tmp_path / "mine")))
    assert "500 more faces of the same kind would bring about 2.0 points of mean recall (1.0 to 3.0)" in said(
        app
    )
    assert len(app.get("plotly_chart")) == 1 and "1 of 100 faces are named otherwise" in said(app)


def test_all_suggestions_of_a_page_are_taken_at_once_and_given_as_csv(tmp_path):
    app = shown("labels", checked(copy_of("mask3-v1", tmp_path / "mine")))
    app.button(key="label check take all").click().run()
    assert not app.exception
    fixes = next(iter(app.session_state["label check fixes"].values()))
    assert fixes == {"0": "without_mask"}
    app.button(key="label check remove").click().run()
    assert next(iter(app.session_state["label check fixes"].values())) == {}


def test_the_csv_is_what_training_takes(tmp_path):
    from core.runs import LabelCheck, read_fixes

    found = LabelCheck.model_validate(CHECK)
    (tmp_path / "fixes.csv").write_bytes(label_check._csv(found, {"0": "without_mask"}))
    fixes, problems = read_fixes(tmp_path / "fixes.csv")
    assert not problems
    assert (fixes[0].place.path, fixes[0].label, fixes[0].right_label) == (
        "a.jpg",
        "with_mask",
        "without_mask",
    )


def test_a_broken_record_is_named(tmp_path):
    run = copy_of("mask3-v1", tmp_path / "mine")
    (run / LABEL_CHECK_FILE).write_text("{")
    assert LABEL_CHECK_FILE in shown("labels", run).error[0].value
