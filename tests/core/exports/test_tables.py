"""Every export is read back by the standard reader of its format."""

from __future__ import annotations

import csv
import io
import json
import math
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone

import pandas
import pytest

from core.exports.events import events_to_csv
from core.exports.tables import to_csv, to_json
from core.labels import CANNOT_TELL, WEAR_4, LabelSet
from core.video.counting import ALERT, Event
from tests.core.exports.made import (
    ADVICE,
    FORMULAS,
    HARD_NAMES,
    NAMED,
    TWO,
    UNCLEAR,
    face,
    result,
    rows_of,
)


def test_csv_has_one_row_a_face():
    first, second, empty = rows_of(to_csv(NAMED))
    assert first == {
        "image": "a.jpg",
        "face": "1",
        "x1": "10.2",
        "y1": "20.0",
        "x2": "50.7",
        "y2": "80.5",
        "score": "0.9123",
        "answer": "incorrect_mask",
        "label": "incorrect_mask",
        "probability_with_mask": "0.1",
        "probability_incorrect_mask": "0.7",
        "probability_without_mask": "0.2",
        "reason": "",
        "advice": "",
        "worn_properly": "no",
        "worn_properly_probability": "0.1",
        "unclear_between": "",
        "subtype": "",
        "dropped": "0",
        "model": "mask3",
        "detector": "yunet",
        "error": "",
    }
    assert (second["face"], second["answer"], second["label"]) == ("2", CANNOT_TELL, "with_mask")
    assert (second["reason"], second["advice"]) == ("too_small", ADVICE)
    assert {k: v for k, v in empty.items() if v} == {
        "image": "empty.jpg",
        "dropped": "0",
        "model": "mask3",
        "detector": "yunet",
    }


def test_csv_says_where_it_is_not_clear_how_a_mask_is_worn():
    (row,) = rows_of(to_csv([("a.jpg", UNCLEAR)]))
    assert (row["answer"], row["label"], row["reason"]) == ("not_properly", "incorrect_mask", "")
    assert (row["worn_properly"], row["worn_properly_probability"]) == ("no", "0.01")
    assert row["unclear_between"] == "incorrect_mask/without_mask"


def test_csv_says_nothing_of_masks_where_labels_do_not():
    own = face(probabilities=(0.7, 0.3), labels=LabelSet("own", ("helmet", "cap")))
    (row,) = rows_of(to_csv([("a.jpg", result(own))]))
    told = row["answer"], row["worn_properly"], row["worn_properly_probability"], row["unclear_between"]
    assert told == ("helmet", "", "", "")


def test_csv_reads_as_numbers_and_missing_values_in_pandas():
    table = pandas.read_csv(io.StringIO(to_csv(NAMED)))
    assert table.shape == (3, 22)
    assert table["probability_incorrect_mask"].tolist()[:2] == [0.7, 0.3]
    assert table["face"].isna().tolist() == [False, False, True]


@pytest.mark.parametrize("name", HARD_NAMES)
def test_names_survive_csv(name):
    text = to_csv([(name, TWO)])
    assert [row["image"] for row in rows_of(text)] == [name, name]
    assert pandas.read_csv(io.StringIO(text, newline=""))["image"].tolist() == [name, name]


@pytest.mark.parametrize("name", FORMULAS)
def test_no_cell_is_a_formula(name):
    (row,) = rows_of(to_csv([(name, result(face()))]))
    assert row["image"] == f"'{name}"


def test_a_semicolon_starts_no_cell_where_it_is_the_separator():
    _, line, _ = to_csv([("a;=1+1.jpg", result(face()))]).split("\r\n")
    assert next(csv.reader([line], delimiter=";"))[0].startswith("a;=1+1.jpg")


def test_csv_of_two_label_sets_leaves_the_others_empty():
    other = result(face(probabilities=(0.4, 0.3, 0.2, 0.1), labels=WEAR_4))
    first, second = rows_of(to_csv([("a.jpg", result(face())), ("b.jpg", other)]))
    assert (first["probability_with_mask"], first["probability_no_mask"]) == ("0.1", "")
    assert (second["probability_with_mask"], second["probability_no_mask"]) == ("", "0.1")


def test_json_has_the_fields_of_the_command_line():
    pictures = json.loads(to_json(NAMED))
    for picture, (name, expected) in zip(pictures, NAMED, strict=True):
        assert picture == expected.as_json(name) | {"model": "mask3", "detector": "yunet"}


def test_what_was_not_read_is_a_row_with_its_reason():
    not_read = [("zero.jpg", "zero.jpg: is empty. Choose another file."), ("b\udcff.jpg", "=1+1")]
    *answered, zero, odd = rows_of(to_csv(NAMED, not_read))
    assert answered == rows_of(to_csv(NAMED))
    assert {k: v for k, v in zero.items() if v} == {"image": not_read[0][0], "error": not_read[0][1]}
    assert (odd["image"], odd["error"]) == ("b?.jpg", "'=1+1")
    assert json.loads(to_json(NAMED, not_read))[len(NAMED) :] == [
        {"image": "zero.jpg", "error": not_read[0][1]},
        {"image": "b?.jpg", "error": "=1+1"},
    ]


@pytest.mark.parametrize("name", HARD_NAMES + FORMULAS)
def test_names_survive_json(name):
    assert json.loads(to_json([(name, TWO)]))[0]["image"] == name


NOON = datetime(2026, 3, 1, 12, 0, 0, 123456, UTC)


def test_a_session_log_has_one_row_an_event():
    india = datetime(2026, 3, 1, 17, 30, tzinfo=timezone(timedelta(hours=5.5)))
    text = events_to_csv([Event(NOON, 7, "with_mask", 0.98765), Event(india, 12, CANNOT_TELL, math.nan)])
    assert rows_of(text) == [
        {
            "time": "2026-03-01T12:00:00.123+00:00",
            "id": "7",
            "label": "with_mask",
            "confidence": "0.988",
            "answer": "Mask on",
            "subtype": "",
        },
        {
            "time": "2026-03-01T17:30:00.000+05:30",
            "id": "12",
            "label": CANNOT_TELL,
            "confidence": "",
            "answer": "Cannot tell",
            "subtype": "",
        },
    ]


def test_a_session_log_has_alerts_and_how_a_mask_is_worn_wrongly():
    wrongly = Event(NOON, 3, "incorrect_mask", 0.9, "nose_out")
    rows = rows_of(events_to_csv([wrongly, Event(NOON, None, ALERT)]))
    assert (rows[0]["label"], rows[0]["subtype"]) == ("incorrect_mask", "nose_out")
    assert [rows[1][name] for name in ("id", "label", "confidence", "answer")] == ["", "alert", "", "Alert"]


def test_a_session_log_reads_as_times_and_numbers_in_pandas():
    events = [Event(NOON, 1, "with_mask", 0.5), Event(NOON, 2, CANNOT_TELL, math.nan)]
    table = pandas.read_csv(io.StringIO(events_to_csv(events)), parse_dates=["time"])
    assert table["time"][0] == pandas.Timestamp("2026-03-01T12:00:00.123Z")
    assert table["id"].tolist() == [1, 2] and table["confidence"].isna().tolist() == [False, True]


def test_an_empty_session_log_has_its_header():
    assert events_to_csv([]) == '"time","id","label","confidence","answer","subtype"\r\n'


@pytest.mark.parametrize("label", FORMULAS + HARD_NAMES)
def test_a_strangers_label_survives_the_session_log_and_is_no_formula(label):
    (row,) = rows_of(events_to_csv([Event(NOON, 1, label, 0.5)]))
    assert row["label"] == (f"'{label}" if label in FORMULAS else label)


def test_csv_says_how_it_is_worn_wrongly_and_what_was_left_out():
    nose = replace(
        face(), prediction=replace(face().prediction, subtypes={"nose_out": 0.9, "elsewhere": 0.1})
    )
    (row,) = rows_of(to_csv([("a.jpg", replace(result(nose), dropped=2))]))
    assert (row["subtype"], row["dropped"]) == ("nose_out", "2")
