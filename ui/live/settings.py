"""The controls beside the live video."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import streamlit as st

from core.pipeline import Pipeline
from core.video import AlertRule, SessionSettings
from ui import kept, model_choice
from ui.live.component import DoorMode
from ui.live.door_words import LANGUAGES
from ui.model_choice import ModelChoice

DIRECT, WEBRTC = "direct", "webrtc"
TRANSPORTS = {DIRECT: "Direct", WEBRTC: "WebRTC"}
_EXPLAINED = {
    DIRECT: "The video stays in your browser; single pictures go to this server over the page's own "
    "connection. Sharp, without delay, and works wherever the page works.",
    WEBRTC: "The video goes to this server and comes back with the answers drawn on it. Saves bandwidth "
    "on slow uplinks; needs UDP or a TURN server.",
}


@dataclass(frozen=True, slots=True)
class LiveControls:
    """What the visitor chose. `alert` is None when nobody is to be alerted; `start`: without a click."""

    choice: ModelChoice
    transport: str
    door: DoorMode | None
    alert: AlertRule | None
    sound: bool
    start: bool = False

    def for_session(
        self, pipeline: Pipeline, ice_servers: list[dict[str, Any]], *, mirror: bool
    ) -> SessionSettings:
        """What answers depend on. `mirror`: the visitor's own picture is shown mirrored."""
        return SessionSettings(
            pipeline,
            self.choice.operating_point,
            mirror,
            self.alert,
            ice_servers,
            webrtc=self.transport == WEBRTC,
        )


def ask_controls() -> LiveControls | None:
    """The settings from the sidebar, or None when no model or no detector is usable; says so there.

    A door is an address: `/live?door=1&language=de&start=1&sound=1`.
    """
    asked = st.query_params
    if "transport" not in st.session_state:
        wanted = asked.get("transport")
        st.session_state.transport = wanted if wanted in TRANSPORTS else DIRECT
    with st.sidebar:
        st.header("Settings", anchor=False)
        transport = st.selectbox(
            "Connection",
            list(TRANSPORTS),
            format_func=TRANSPORTS.__getitem__,
            key="transport",
            persist_state="session",
        )
        st.caption(_EXPLAINED[transport])
        door = _ask_door()
        alert, sound = _ask_alert()
        choice = model_choice.choose_model()
    start = asked.get("start") == "1"
    return LiveControls(choice, transport, door, alert, sound, start) if choice else None


def _ask_door() -> DoorMode | None:
    if not kept.toggle(
        "Door mode",
        key="door",
        help="One big answer for one person at a door, readable from three metres. Use Full screen with it. "
        "It can be an address, which starts by itself: /live?door=1&language=de&start=1&sound=1",
    ):
        return None
    language = kept.select("Language", LANGUAGES, key="language", format_func=lambda code: LANGUAGES[code][0])
    speak = kept.toggle("Say the answer aloud", key="speak", name="sound", help="Uses your browser's voice.")
    return DoorMode(language, speak)


def _ask_alert() -> tuple[AlertRule | None, bool]:
    if not st.toggle(
        "Alert me", key="alert", persist_state="session", help="When masks are missing or worn incorrectly."
    ):
        return None, False
    people = st.number_input(
        "People without a properly worn mask", 1, 50, 1, key="alert_people", persist_state="session"
    )
    seconds = st.number_input(
        "For at least (s)", 0.0, 600.0, 2.0, step=0.5, key="alert_seconds", persist_state="session"
    )
    cooldown = st.number_input(
        "Pause between alerts (s)", 5.0, 3600.0, 30.0, step=5.0, key="alert_cooldown", persist_state="session"
    )
    sound = st.toggle("Play a sound", value=True, key="alert_sound", persist_state="session")
    return AlertRule(people, seconds, cooldown), sound
