"""People over time: tracking, votes, counting, alerts, door mode and live sessions."""

from core.video.alerts import Alert, AlertRule
from core.video.analysis import SEARCH_SIDE, Analysis, LiveAnalysis, Person
from core.video.counting import HISTORY, Census, Event, Second
from core.video.door import ANSWERS, door_answer
from core.video.latest import NewestWorker
from core.video.tracking import DRIFT

__all__ = [
    "ANSWERS",
    "DRIFT",
    "HISTORY",
    "SEARCH_SIDE",
    "Alert",
    "AlertRule",
    "Analysis",
    "Census",
    "Event",
    "LiveAnalysis",
    "NewestWorker",
    "Person",
    "Second",
    "door_answer",
]
