"""Trained on one source, tested on another: runs/<id>/cross_source.json, beside the run of each source."""

from __future__ import annotations

import math
from functools import cached_property
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, model_validator

from core.records import (
    MAX_LINES,
    STOP_EARLY,
    Interval,
    NonNegativeInt,
    PlainName,
    Proportion,
    Record,
    Text,
    read_record,
    require_at_most,
    write_json,
)

CROSS_SOURCE_FILE = "cross_source.json"
MAX_CROSSED = 50  # sources, for each of which a network was trained


class CrossCell(Record):
    """How faces of `tested_on` with one true label were named by the network trained on `trained_on`."""

    trained_on: Text
    tested_on: Text
    label: Text
    n: NonNegativeInt
    hits: NonNegativeInt
    recall: Proportion
    interval: Interval

    @model_validator(mode="after")
    def _consistent(self) -> CrossCell:
        require_at_most("hits", self.hits, self.n)
        return self


class CrossSource(Record):
    """Trained on one source, tested on another: see `training.cross_source`."""

    schema_version: Literal[1] = Field(1, alias="schema")
    id: PlainName
    recipe: Text
    cells: Annotated[tuple[CrossCell, ...], Field(max_length=MAX_LINES), STOP_EARLY]

    @model_validator(mode="after")
    def _consistent(self) -> CrossSource:
        if len({name for pair in self.by_pair for name in pair}) > MAX_CROSSED:
            raise ValueError(f"cells name more than {MAX_CROSSED} sources")
        for cells in self.by_pair.values():
            if len(cells) > len({cell.label for cell in cells}):
                raise ValueError("cells name a label twice for one pair of sources")
        return self

    @cached_property
    def by_pair(self) -> dict[tuple[str, str], list[CrossCell]]:
        """Cells by the sources trained on and tested on."""
        pairs: dict[tuple[str, str], list[CrossCell]] = {}
        for cell in self.cells:
            pairs.setdefault((cell.trained_on, cell.tested_on), []).append(cell)
        return pairs

    @property
    def sources(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(cell.trained_on for cell in self.cells))

    def mean_recall(self, trained_on: str, tested_on: str) -> tuple[float, int]:
        """Mean over the labels that have faces, NaN where none has, and the number of faces."""
        cells = [cell for cell in self.by_pair.get((trained_on, tested_on), ()) if cell.n]
        n = sum(cell.n for cell in cells)
        return sum(cell.recall for cell in cells) / len(cells) if cells else math.nan, n


def read_cross_source(folder: Path) -> CrossSource:
    return read_record(folder / CROSS_SOURCE_FILE, CrossSource)


def write_cross_source(folder: Path, table: CrossSource) -> None:
    write_json(folder / CROSS_SOURCE_FILE, table)
