"""What the cards of a detector and of the network of face points have in common."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, model_validator

from core.models.data_bill import DataBill, Use, require_use
from core.models.weights import Weights
from core.records import MAX_ROWS, LongText, NonNegativeInt, PlainName, Record, Text


class NetworkCard(Record):
    """`use` and `data` as in `ModelCard`."""

    schema_version: Literal[1] = Field(1, alias="schema")
    name: PlainName
    summary: Text
    architecture: Text
    parameters: NonNegativeInt
    weights: Annotated[dict[Literal["onnx", "keras"], Weights], Field(min_length=1)]
    input_range: tuple[float, float] = (0, 255)
    channel_order: Literal["rgb"] = "rgb"
    intended_use: LongText
    limits: Annotated[tuple[LongText, ...], Field(max_length=MAX_ROWS)]
    licence: Text
    licence_notes: Annotated[tuple[LongText, ...], Field(max_length=MAX_ROWS)]
    use: Use = "research"
    data: DataBill = ()

    @model_validator(mode="after")
    def _as_exported(self) -> NetworkCard:
        if self.input_range != (0, 255):
            raise ValueError("input_range must be 0 to 255: the graph rescales by itself")
        require_use(self.use, self.data)
        return self
