"""The live page's own component: camera, overlay, door and alerts, in the visitor's browser."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import streamlit as st

from core.drawing import ink_on
from core.video import DRIFT, HISTORY, STALE_AFTER, AlertRule, LiveSession
from ui.live import socket
from ui.live.door_words import LANGUAGES, door_plates

KEY = "live_stage"
HAS_CAMERA = ("full", "lost", "refused", "protocol")  # problems that leave the visitor a camera
_FOLDER = Path(__file__).parent / "stage"


@dataclass(frozen=True, slots=True)
class BrowserReport:
    """What the visitor's browser says. `problem` is a key of PROBLEMS in camera.js; `earlier` is the token of
    the visit that its tab had before the page was loaded anew.
    """

    playing: bool = False
    mirror: bool = True
    problem: str | None = None
    earlier: str | None = None


@dataclass(frozen=True, slots=True)
class DoorMode:
    """One big answer instead of boxes. `language` is a key of `LANGUAGES`."""

    language: str
    speak: bool


def _text(name: str) -> str:
    return (_FOLDER / name).read_text(encoding="utf-8")


def _script() -> str:
    """One module of all, as Streamlit takes one: what names the files to each other is left out."""
    files = (file.name for file in sorted(_FOLDER.glob("*.js")))
    return re.sub(r"^import .*\n|^export (?!default)", "", "\n".join(map(_text, files)), flags=re.MULTILINE)


@st.cache_resource(show_spinner=False)
def _component() -> Any:
    return st.components.v2.component(
        "maskwise_live", html=_text("stage.html"), css=_text("stage.css"), js=_script()
    )


def _report_of(raw: Any) -> BrowserReport:
    """A browser may send anything."""
    if not isinstance(raw, dict):
        return BrowserReport()
    return BrowserReport(
        playing=raw.get("playing") is True,
        mirror=raw.get("mirror") is not False,
        problem=raw["problem"] if isinstance(raw.get("problem"), str) else None,
        earlier=raw["earlier"] if isinstance(raw.get("earlier"), str) else None,
    )


def _alert_words(rule: AlertRule | None) -> str:
    if rule is None or rule.people == 1:
        return "Somebody has no mask on, or wears it incorrectly."
    return f"{rule.people} or more people have no mask on, or wear it incorrectly."


def stage(
    viewer: LiveSession,
    *,
    transport: str,
    ice_servers: Sequence[dict[str, Any]],
    door: DoorMode | None,
    alert: AlertRule | None,
    sound: bool,
    autostart: int,
    start: bool = False,
    on_give_up: Callable[[], None],
) -> BrowserReport:
    """Show it, and read what it says. `on_give_up` is called when WebRTC did not connect; `autostart`
    counts how often the page has asked it to start by itself, `start` has it do so as soon as it is there.
    """
    language = door.language if door else "en"
    primary = st.get_option(f"theme.{st.context.theme.type or 'light'}.primaryColor") or "#0072B2"
    shown = _component()(
        key=KEY,
        data={
            "transport": transport,
            "iceServers": list(ice_servers),
            "token": viewer.token,
            "path": socket.path(),
            "door": door is not None,
            "speak": door is not None and door.speak,
            "plates": door_plates(language),
            "tag": LANGUAGES[language][1],
            "alert": _alert_words(alert),
            "sound": sound,
            "autostart": autostart,
            "start": start,
            "figures": viewer.figures(),
            "history": viewer.history(),
            "inkOnPrimary": ink_on(primary),
            "driftMs": DRIFT * 1000,
            "staleMs": STALE_AFTER * 1000,
            "historySeconds": HISTORY,
        },
        on_report_change=lambda: None,
        on_fallback_change=on_give_up,
    )
    return _report_of(shown.report)
