"""People over time: tracking, votes, counting, alerts, door mode and live sessions."""

from core.video.alerts import Alert, AlertRule
from core.video.analysis import FINE_PASS_SIDE, Analysis, LiveAnalysis, Person
from core.video.capacity import KEPT_FOR, SESSION_SLOTS
from core.video.counting import HISTORY, Event, PeopleCounter, Second
from core.video.door import ANSWERS, door_answer
from core.video.session import MAX_PIXELS, STALE_AFTER, VIEWERS, LiveSession, SessionSettings
from core.video.tracking import DRIFT

__all__ = [
    "ANSWERS",
    "DRIFT",
    "FINE_PASS_SIDE",
    "HISTORY",
    "KEPT_FOR",
    "MAX_PIXELS",
    "SESSION_SLOTS",
    "STALE_AFTER",
    "VIEWERS",
    "Alert",
    "AlertRule",
    "Analysis",
    "Event",
    "LiveAnalysis",
    "LiveSession",
    "PeopleCounter",
    "Person",
    "Second",
    "SessionSettings",
    "door_answer",
]
