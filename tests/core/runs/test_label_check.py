"""The record of a label check: kept, read back, and refused where it does not fit."""

import json

import pytest

from core.errors import RecordError
from core.runs.label_check import LABEL_CHECK_FILE, LabelCheck, read_label_check, write_label_check

CHECK = {
    "schema": 1,
    "run": "mine",
    "manifest_sha256": "0" * 64,
    "checked": "2026-03-01T00:00:00+00:00",
    "labels": ["with_mask", "without_mask"],
    "n": 100,
    "folds": 5,
    "disagree": 1,
    "curve": [{"faces": 40, "recall": 0.8, "low": 0.7, "high": 0.9}],
    "gain": {"faces": 500, "recall": 0.02, "low": 0.01, "high": 0.03},
    "suspects": [
        {
            "id": "0",
            "path": "a.jpg",
            "box": [1, 2, 30, 40],
            "source": "s",
            "label": "with_mask",
            "suggested": "without_mask",
            "probability": 0.01,
            "suggested_probability": 0.99,
        }
    ],
}


def test_it_is_read_as_it_was_written(tmp_path):
    found = LabelCheck.model_validate(CHECK)
    write_label_check(tmp_path, found)
    assert read_label_check(tmp_path) == found
    assert found.suspects[0].place == ("a.jpg", None, (1, 2, 30, 40))


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("disagree", 101),
        ("n", 0),
        ("labels", ["with_mask", "other"]),
        ("suspects", CHECK["suspects"] * 2),
        ("gain", {"faces": 500, "recall": float("inf"), "low": 0, "high": 0}),
    ],
)
def test_what_does_not_fit_is_refused_by_its_field(tmp_path, field, value):
    (tmp_path / LABEL_CHECK_FILE).write_text(json.dumps(CHECK | {field: value}))
    with pytest.raises(RecordError, match=LABEL_CHECK_FILE):
        read_label_check(tmp_path)
