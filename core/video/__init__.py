"""People over time: tracking, votes, counting, alerts, door mode and live sessions."""

from core.video.alerts import Alert, AlertRule
from core.video.analysis import SEARCH_SIDE, Analysis, LiveAnalysis, Person
from core.video.capacity import KEPT_FOR, SESSION_SLOTS
from core.video.counting import HISTORY, Census, Event, Second
from core.video.door import ANSWERS, door_answer
from core.video.latest import NewestWorker
from core.video.session import MAX_PIXELS, STALE_AFTER, VIEWERS, LiveSession, SessionSettings
from core.video.tracking import DRIFT

__all__ = [
    "ANSWERS",
    "DRIFT",
    "HISTORY",
    "KEPT_FOR",
    "MAX_PIXELS",
    "SEARCH_SIDE",
    "SESSION_SLOTS",
    "STALE_AFTER",
    "VIEWERS",
    "Alert",
    "AlertRule",
    "Analysis",
    "Census",
    "Event",
    "LiveAnalysis",
    "LiveSession",
    "NewestWorker",
    "Person",
    "Second",
    "SessionSettings",
    "door_answer",
]
