"""Who works when: turns for photos, live video first, and work that asks whether it is still wanted."""

from core.scheduling.cancellation import cancellable, checkpoint
from core.scheduling.live_priority import LIVE_FIRST
from core.scheduling.turns import Turns, cores

__all__ = [
    "LIVE_FIRST",
    "Turns",
    "cancellable",
    "checkpoint",
    "cores",
]
