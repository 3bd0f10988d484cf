import csv
import io

import pytest

from core.errors import RecordError
from core.runs.label_fixes import COLUMNS, NO_FACE, BoxKey, LabelFix, place, read_fixes, to_csv

FIXES = [
    LabelFix(BoxKey("a/b, ü.jpg"), "with_mask", "incorrect_mask"),
    LabelFix(BoxKey("faces.h5", 7), "with_mask", NO_FACE),
    LabelFix(BoxKey("crowd.jpg", None, (-0.5, 2.0, 30.25, 40.0)), "", "without_mask"),
    LabelFix(BoxKey("=1+1.jpg"), "@label", "-other"),
    LabelFix(BoxKey('new\nline".jpg'), "'quoted", "without_mask"),
]


def written(tmp_path, content):
    path = tmp_path / "fixes.csv"
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


def test_what_is_written_is_read_again(tmp_path):
    assert read_fixes(written(tmp_path, to_csv(FIXES))) == (FIXES, [])


def test_no_text_starts_a_formula_and_numbers_stay_numbers():
    rows = list(csv.DictReader(io.StringIO(to_csv(FIXES).decode("utf-8-sig"))))
    assert tuple(rows[0]) == COLUMNS
    assert rows[3]["path"] == "'=1+1.jpg" and rows[3]["label"] == "'@label"
    assert rows[3]["right_label"] == "'-other"
    assert rows[2]["x1"] == "-0.5" and rows[1]["row"] == "7"


def test_what_a_spreadsheet_leaves_of_it_is_read(tmp_path):
    """Columns moved and added, no mark, other line ends, numbers written otherwise."""
    text = "Right_Label ,path,note,x1,y1,x2,y2\nwithout_mask,crowd.jpg,sure,1.000,2,30.2500001,40\n"
    fixes, problems = read_fixes(written(tmp_path, text))
    assert fixes == [LabelFix(place("crowd.jpg", None, (1, 2, 30.25, 40)), "", "without_mask")]
    assert not problems


@pytest.mark.parametrize(
    "line",
    ["a.jpg,,,,,,with_mask,", ",,,,,,,x", "a.jpg,one,,,,,,x", "a.jpg,,1,2,3,,,x", "a.jpg,,1,2,3,inf,,x"],
)
def test_a_line_that_cannot_be_used_is_named_and_the_rest_kept(line, tmp_path):
    text = f"{','.join(COLUMNS)}\n{line}\nb.jpg,,,,,,,y\n"
    fixes, (problem,) = read_fixes(written(tmp_path, text))
    assert [fix.place.path for fix in fixes] == ["b.jpg"]
    assert problem.startswith("fixes.csv line 2: ")


@pytest.mark.parametrize(
    "content", [b"", b"path,label\na,b\n", b"\xff\xfe", b"path,right_label\na," + b"x" * 200_000]
)
def test_a_file_that_is_no_list_of_fixes_is_refused_by_name(content, tmp_path):
    with pytest.raises(RecordError, match=r"fixes\.csv: "):
        read_fixes(written(tmp_path, content))
