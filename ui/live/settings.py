"""The controls beside the live video."""

from __future__ import annotations

from dataclasses import dataclass

import streamlit as st

from core.video import AlertRule
from ui import model_choice
from ui.live.component import DoorMode
from ui.live.door_words import LANGUAGES
from ui.model_choice import ModelChoice

DIRECT, WEBRTC, SNAPSHOT = "direct", "webrtc", "snapshot"
TRANSPORTS = {
    DIRECT: "Direct",
    WEBRTC: "WebRTC",
    SNAPSHOT: "Snapshots",
}
_EXPLAINED = {
    DIRECT: "The video stays in your browser; single pictures go to this server over the page's own "
    "connection. Sharp, without delay, and works wherever the page works.",
    WEBRTC: "The video goes to this server and comes back with the answers drawn on it. Saves bandwidth "
    "on slow uplinks; needs UDP or a TURN server.",
    SNAPSHOT: "One picture at a time, taken by you.",
}


@dataclass(frozen=True, slots=True)
class LiveControls:
    """What the visitor chose. `alert` is None when nobody is to be alerted."""

    choice: ModelChoice
    transport: str
    door: DoorMode | None
    alert: AlertRule | None
    sound: bool


def ask_controls() -> LiveControls | None:
    """The settings from the sidebar, or None when no model or no detector is usable; says so there."""
    if "transport" not in st.session_state:
        asked = st.query_params.get("transport")
        st.session_state.transport = asked if asked in TRANSPORTS else DIRECT
    with st.sidebar:
        st.header("Settings", anchor=False)
        transport = st.selectbox(
            "Video goes by", list(TRANSPORTS), format_func=TRANSPORTS.__getitem__, key="transport"
        )
        st.caption(_EXPLAINED[transport])
        door = _ask_door()
        alert, sound = _ask_alert()
        choice = model_choice.choose_model()
    return LiveControls(choice, transport, door, alert, sound) if choice else None


def _ask_door() -> DoorMode | None:
    if not st.toggle(
        "Door mode",
        key="door",
        help="One big answer for one person at a door, readable from three metres. Use Full screen with it.",
    ):
        return None
    language = st.selectbox(
        "Language", list(LANGUAGES), format_func=lambda code: LANGUAGES[code][0], key="language"
    )
    speak = st.toggle("Say the answer aloud", key="speak", help="By the voice of your browser.")
    return DoorMode(language, speak)


def _ask_alert() -> tuple[AlertRule | None, bool]:
    if not st.toggle("Alert me", key="alert", help="When masks are missing or worn wrong."):
        return None, False
    people = st.number_input("People without a properly worn mask", 1, 50, 1, key="alert_people")
    seconds = st.number_input("For at least (s)", 0.0, 600.0, 2.0, step=0.5, key="alert_seconds")
    cooldown = st.number_input("Then not again for (s)", 5.0, 3600.0, 30.0, step=5.0, key="alert_cooldown")
    sound = st.toggle("With a tone", value=True, key="alert_sound")
    return AlertRule(people, seconds, cooldown), sound
