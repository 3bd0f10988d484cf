"""How much of each wing the tests run, as a Markdown table: `make coverage` calls it.

python -m bench.coverage_table coverage.json           print the table
python -m bench.coverage_table coverage.json --write   and put it into CONTRIBUTING.md
"""

from __future__ import annotations

import argparse
import json
from collections import Counter
from collections.abc import Mapping
from pathlib import Path, PurePosixPath
from typing import Any

from bench.readme import between

GUIDE = Path(__file__).parent.parent / "CONTRIBUTING.md"
START, END = "<!-- coverage -->", "<!-- end of coverage -->"


def wing(path: str) -> str:
    """`core/images` of `core/images/crops.py`; files that lie beside wings are taken together."""
    top, *rest = PurePosixPath(path).parts
    return f"{top}/{rest[0]}" if len(rest) > 1 else f"{top}/*.py"


def table(files: Mapping[str, Mapping[str, Any]]) -> str:
    """Of coverage.py's JSON report: its "files", by their paths below the repository."""
    wings: dict[str, Counter[str]] = {}
    for path, file in files.items():
        for name in (wing(path), "all"):
            wings.setdefault(name, Counter()).update(
                {kind: count for kind, count in file["summary"].items() if isinstance(count, int)}
            )
    whole = wings.pop("all")
    rows = ["| wing | statements | run | branches | taken |", "|---|--:|--:|--:|--:|"]
    for name, counts in [*sorted(wings.items()), ("**all**", whole)]:
        run = _percent(counts["covered_lines"], counts["num_statements"])
        taken = _percent(counts["covered_branches"], counts["num_branches"])
        rows.append(
            f"| {name} | {counts['num_statements']:,} | {run} | {counts['num_branches']:,} | {taken} |"
        )
    return "\n".join(rows)


def _percent(part: int, whole: int) -> str:
    return f"{part / whole:.0%}" if whole else ""


def with_table(guide: str, shown: str) -> str:
    """The guide's text with the table between its markers."""
    return between(guide, START, END, shown)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("report", type=Path, help="what `coverage json` wrote")
    parser.add_argument("--write", action="store_true", help="put the table into CONTRIBUTING.md")
    arguments = parser.parse_args()
    shown = table(json.loads(arguments.report.read_text())["files"])
    print(shown)
    if arguments.write:
        GUIDE.write_text(with_table(GUIDE.read_text(encoding="utf-8"), shown), encoding="utf-8")


if __name__ == "__main__":
    main()
