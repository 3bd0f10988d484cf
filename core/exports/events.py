"""What happened in a live view, as CSV."""

from __future__ import annotations

import math
from collections.abc import Iterable

from core.exports.tables import line
from core.video import Event


def events_to_csv(events: Iterable[Event]) -> str:
    """One row an event: time (ISO 8601, with zone), id (empty for an alert), label, confidence (empty when it
    cannot be told), the answer in the screen's words, and how a mask is worn wrongly, where that is known.
    """
    lines = [line(("time", "id", "label", "confidence", "answer", "subtype"))]
    for event in events:
        confidence = "" if math.isnan(event.confidence) else round(event.confidence, 3)
        said = (event.label, confidence, event.answer, event.subtype or "")
        time = event.time.isoformat(timespec="milliseconds")
        lines.append(line((time, "" if event.id is None else event.id, *said)))
    return "".join(lines)
