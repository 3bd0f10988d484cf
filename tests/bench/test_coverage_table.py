"""The table of what tests run: each wing's files are added up, and nothing is counted twice."""

import pytest

from bench.coverage_table import END, GUIDE, START, table, wing, with_table


def file(statements: int, run: int, branches: int, taken: int) -> dict:
    return {
        "summary": {
            "num_statements": statements,
            "covered_lines": run,
            "percent_covered": 50.0,
            "num_branches": branches,
            "covered_branches": taken,
        }
    }


@pytest.mark.parametrize(
    ("path", "named"),
    [
        ("core/boxes.py", "core/*.py"),
        ("core/images/crops.py", "core/images"),
        ("ui/dashboard/compare/view.py", "ui/dashboard"),
        ("pages/home.py", "pages/*.py"),
    ],
)
def test_a_file_belongs_to_its_wing(path, named):
    assert wing(path) == named


def test_files_of_a_wing_are_added_up():
    files = {
        "core/images/crops.py": file(10, 10, 4, 3),
        "core/images/decode.py": file(1990, 990, 0, 0),
        "core/boxes.py": file(10, 5, 0, 0),
    }
    assert table(files).splitlines()[2:] == [
        "| core/*.py | 10 | 50% | 0 |  |",
        "| core/images | 2,000 | 50% | 4 | 75% |",
        "| **all** | 2,010 | 50% | 4 | 75% |",
    ]


def test_it_stands_between_its_markers():
    assert with_table(f"a\n{START}\nold\n{END}\nb", "new") == f"a\n{START}\nnew\n{END}\nb"
    assert START in GUIDE.read_text(encoding="utf-8")
    with pytest.raises(ValueError, match="no markers"):
        with_table("a", "new")
