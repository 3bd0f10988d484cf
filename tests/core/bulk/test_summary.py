"""Counts by answer and folder, faces worth a look, what --fail-on names, and the report."""

import base64
import re

import numpy as np
import pytest

from core.bulk import summary as module
from core.bulk.named_answers import count_of, is_one_of, require_answers
from core.bulk.report import html_of
from core.bulk.summary import OTHERS, Summary
from core.errors import JobError
from core.images import read_image
from tests.core.bulk.in_process import NO_FACE, ONE_FACE, sha256

LABELS = ("with_mask", "incorrect_mask", "without_mask")


def face(
    picture="p/a.jpg", answer="with_mask", properly=0.9, number=1, reason=None, between=(), where=b"gone"
):
    return {
        "picture": picture,
        "sha256": sha256(ONE_FACE),
        "face": number,
        "box": [70.0, 60.0, 170.0, 180.0],
        "answer": answer,
        "label": "with_mask",
        "probabilities": dict(zip(LABELS, (properly, 1 - properly, 0.0), strict=True)),
        "worn_properly_probability": properly,
        "unclear_between": list(between),
        "cannot_tell": reason and {"reason": reason, "advice": ""},
        "error": None,
        "entry": {"source": where, "member": b"", "at": 0, "size": 0},
    }


def without(picture):
    return {"picture": picture, "face": None, "error": None}


def failed(picture):
    return {"picture": picture, "error": "is empty"}


def of(*pictures):
    summary = Summary()
    for rows in pictures:
        summary.add(rows)
    return summary


def test_pictures_faces_and_failures_are_counted_by_answer_and_folder():
    plain = of(
        [face("p/a.jpg"), face("p/a.jpg", "without_mask", 0.0, 2)],
        [without("p/sub/b.jpg")],
        [failed("c.jpg")],
    ).as_json()
    assert (plain["pictures"], plain["faces"], plain["without_faces"], plain["failures"]) == (3, 2, 1, 1)
    assert plain["answers"] == {"with_mask": 1, "without_mask": 1}
    assert plain["folders"] == [
        {"folder": ".", "pictures": 1, "failures": 1, "answers": {}},
        {"folder": "p", "pictures": 1, "failures": 0, "answers": {"with_mask": 1, "without_mask": 1}},
        {"folder": "p/sub", "pictures": 1, "failures": 0, "answers": {}},
    ]


def test_folders_beyond_the_bound_are_counted_together(monkeypatch):
    monkeypatch.setattr(module, "MAX_FOLDERS", 2)
    plain = of(*([without(f"{n}/a.jpg")] for n in range(5))).as_json()
    assert {f["folder"]: f["pictures"] for f in plain["folders"]} == {"0": 1, "1": 1, OTHERS: 3}


def test_worth_a_look_are_the_closest_first_and_none_that_a_better_picture_would_help(monkeypatch):
    monkeypatch.setattr(module, "WORTH_A_LOOK", 3)
    calls = of(
        *([face(f"{n}.jpg", properly=p)] for n, p in enumerate((0.9, 0.55, 0.1, 0.48, 0.7))),
        [face("dark.jpg", "cannot_tell", 0.5, reason="dark")],
        [face("unsure.jpg", "cannot_tell", 0.5, reason="low_margin")],
    ).close_calls()
    assert [call.row["picture"] for call in calls] == ["unsure.jpg", "3.jpg", "1.jpg"]
    assert [round(call.lead, 2) for call in calls] == [0.0, 0.04, 0.1]


def test_of_equal_faces_the_first_are_kept(monkeypatch):
    monkeypatch.setattr(module, "WORTH_A_LOOK", 2)
    calls = of(*([face(f"{n}.jpg")] for n in range(4))).close_calls()
    assert [call.row["picture"] for call in calls] == ["0.jpg", "1.jpg"]


@pytest.mark.parametrize(
    ("answer", "between", "wanted", "expected"),
    [
        ("without_mask", (), ["without_mask"], True),
        ("with_mask", (), ["without_mask"], False),
        ("female_without_mask", (), ["without_mask"], True),
        ("not_properly", ("incorrect_mask", "without_mask"), ["incorrect_mask", "without_mask"], True),
        ("not_properly", ("incorrect_mask", "without_mask"), ["without_mask"], False),
        ("not_properly", ("incorrect_mask", "without_mask"), ["not_properly"], True),
        ("cannot_tell", (), ["without_mask"], False),
        ("cannot_tell", (), ["cannot_tell"], True),
    ],
)
def test_what_is_named_to_fail_on(answer, between, wanted, expected):
    assert is_one_of(answer, between, wanted) is expected
    plain = of([face(answer=answer, between=between, reason="dark"), face(number=2)]).as_json()
    assert count_of(plain, wanted) == int(expected)


def test_an_answer_that_no_face_can_have_is_refused():
    require_answers(["with_mask", "not_properly", "cannot_tell"], LABELS, "mask3")
    require_answers(["without_mask"], ("female_without_mask", "male_without_mask"), "gender")
    with pytest.raises(JobError, match=r"no_mask: mask3 has no such answer. Choose among with_mask"):
        require_answers(["no_mask"], LABELS, "mask3")


def detail_of(page):
    """Of the first picture in it: the mean step between pixels beside each other, where the face is."""
    jpeg = base64.b64decode(re.search('base64,([^"]+)', page)[1])
    middle = read_image(jpeg).rgb[60:140, 60:140].astype(int)
    return abs(np.diff(middle, axis=1)).mean()


def report(summary, **options):
    about = {
        "videos": 0,
        "run": {"model": "mask3", "detector": "haar"},
        "files": {"failures": "f", "summary": "s"},
    }
    return html_of(summary.as_json() | about, summary.close_calls(), **{"blur": False} | options)


def test_the_report_shows_counts_and_faces_and_what_strangers_wrote_is_text(tmp_path):
    path = tmp_path / "a.jpg"
    path.write_bytes(ONE_FACE)
    name = "<script>alert(1)</script>/a.jpg"
    summary = of([face(name, where=str(path).encode())], [face("gone.jpg")], [failed("b.jpg")])
    page, blurred = report(summary), report(summary, blur=True)
    assert "<script>" not in page and "&lt;script&gt;alert(1)" in page
    assert page.count("data:image/jpeg;base64,") == 1 and "cannot be read any more" in page
    assert "3 pictures checked" in page and "<code>f</code> says why" in page
    assert "default-src 'none'" in page
    assert blurred.count("data:image/jpeg;base64,") == 1 and "with faces blurred" in blurred
    assert detail_of(blurred) < 0.3 * detail_of(page)


def test_a_picture_that_was_changed_since_is_not_shown(tmp_path):
    path = tmp_path / "a.jpg"
    path.write_bytes(NO_FACE)
    page = report(of([face(where=str(path).encode())]))
    assert "data:image" not in page and "was changed since" in page


def test_the_report_of_nothing_says_so():
    page = report(of())
    assert "nothing to count" in page and "None: no face was judged." in page
