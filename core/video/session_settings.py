"""What a visitor chose for their live video."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from core.decision import OperatingPoint
from core.pipeline import Pipeline
from core.video.alerts import AlertRule


@dataclass(frozen=True, slots=True)
class SessionSettings:
    """What the visitor chose."""

    pipeline: Pipeline
    operating_point: OperatingPoint
    mirror: bool = True
    alert: AlertRule | None = None
    ice_servers: Sequence[dict[str, Any]] = ()
    webrtc: bool = False  # whether the pictures come that way
