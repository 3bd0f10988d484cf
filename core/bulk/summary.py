"""What came of a job, gathered while its rows go by: counts by answer and folder, and faces worth a look."""

from __future__ import annotations

import heapq
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from core.bulk.rows import ERROR
from core.labels import CANNOT_TELL, NOT_PROPERLY
from core.reasons import LOW_MARGIN
from core.results import Box

WORTH_A_LOOK = 100  # faces
MAX_FOLDERS = 2_000  # counted by name; what is in others is counted together
OTHERS = "(other folders)"


@dataclass(frozen=True, slots=True)
class CloseCall:
    """A face whose answer was close: its row, and the boxes of all faces of its picture."""

    lead: float
    row: dict[str, Any]
    boxes: tuple[Box, ...]


@dataclass(slots=True)
class FolderCounts:
    pictures: int = 0
    failures: int = 0
    answers: Counter[str] = field(default_factory=Counter)


class Summary:
    """Fed with the rows of one picture after the other."""

    def __init__(self) -> None:
        self.pictures = self.failures = self.faces = self.without_faces = 0
        self.answers: Counter[str] = Counter()
        self.unclear_between: Counter[str] = Counter()
        self.folders: dict[str, FolderCounts] = {}
        self._close: list[tuple[float, int, CloseCall]] = []

    def add(self, rows: list[dict[str, Any]]) -> None:
        """All rows of a picture, as parts have them."""
        self.pictures += 1
        folder = self._folder(rows[0]["picture"])
        folder.pictures += 1
        if rows[0].get(ERROR) is not None:
            self.failures += 1
            folder.failures += 1
        elif rows[0]["face"] is None:
            self.without_faces += 1
        else:
            boxes = tuple(tuple(row["box"]) for row in rows)
            for row in rows:
                self._add_face(row, folder, boxes)

    def _add_face(self, row: dict[str, Any], folder: FolderCounts, boxes: tuple[Any, ...]) -> None:
        self.faces += 1
        self.answers[row["answer"]] += 1
        folder.answers[row["answer"]] += 1
        if row["answer"] == NOT_PROPERLY:
            self.unclear_between["/".join(row["unclear_between"])] += 1
        if row["answer"] == CANNOT_TELL and row["cannot_tell"]["reason"] != LOW_MARGIN:
            return  # a better picture would help, not a look
        lead = _lead(row)
        entry = (-lead, -self.faces, CloseCall(lead, row, boxes))  # of equal ones the first is kept
        if len(self._close) < WORTH_A_LOOK:
            heapq.heappush(self._close, entry)
        else:
            heapq.heappushpop(self._close, entry)

    def _folder(self, name: str) -> FolderCounts:
        folder = name.rpartition("/")[0] or "."
        if folder not in self.folders and len(self.folders) >= MAX_FOLDERS:
            folder = OTHERS
        return self.folders.setdefault(folder, FolderCounts())

    def close_calls(self) -> list[CloseCall]:
        """The closest first."""
        return [call for *_, call in sorted(self._close, reverse=True)]

    def as_json(self) -> dict[str, Any]:
        return {
            "pictures": self.pictures,
            "failures": self.failures,
            "without_faces": self.without_faces,
            "faces": self.faces,
            "answers": dict(self.answers.most_common()),
            "unclear_between": dict(self.unclear_between.most_common()),
            "folders": [
                {
                    "folder": name,
                    "pictures": counts.pictures,
                    "failures": counts.failures,
                    "answers": dict(counts.answers.most_common()),
                }
                for name, counts in sorted(self.folders.items())
            ],
            "worth_a_look": [
                {key: call.row[key] for key in ("picture", "face", "box", "answer", "label", "probabilities")}
                for call in self.close_calls()
            ],
        }


def _lead(row: dict[str, Any]) -> float:
    """By how much the answer leads, 0 to 1: of worn properly over not, or of the two most probable labels."""
    properly = row["worn_properly_probability"]
    if properly is not None:
        return float(abs(2 * properly - 1))
    first, second = sorted(row["probabilities"].values(), reverse=True)[:2]
    return float(first - second)
