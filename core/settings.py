"""What the environment may set: each `MASKWISE_*` variable, what it takes, its default and where it applies.

A value is parsed when it is first asked for, and again only when it has changed. `check` looks at all of
them, so that the app and the commands say at their start what is wrong. docs/settings.md shows this table.
"""

from __future__ import annotations

import difflib
import functools
import logging
import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Generic, TypeVar

from pydantic import BaseModel, ConfigDict, TypeAdapter

from core.errors import SettingsError

log = logging.getLogger(__name__)

PREFIX = "MASKWISE_"
_LONGEST = 80  # characters of a wrong value in a message
T = TypeVar("T")


@dataclass(frozen=True, slots=True, eq=False)
class Setting(Generic[T]):
    """One variable. Empty is the same as not set."""

    name: str
    parse: Callable[[str], T]  # raises `ValueError` where the text is not one of `values`
    default: T
    values: str  # what it takes, in words
    default_words: str
    where: str  # it applies
    meaning: str
    is_secret: bool = False  # its value is in no message

    def get(self) -> T:
        """What is set now, else the default. Raises `SettingsError`."""
        given = os.environ.get(self.name)
        return _parsed(self, given) if given else self.default


@functools.lru_cache(maxsize=64)
def _parsed(setting: Setting[T], given: str) -> T:
    try:
        return setting.parse(given)
    except ValueError:  # without its cause, which repeats the value
        wrong = "cannot be read" if setting.is_secret else f"is {given[:_LONGEST]!r}"
        raise SettingsError(
            f"{setting.name} {wrong}. It takes {setting.values}; without it, it is {setting.default_words}."
        ) from None


def check() -> None:
    """Raises `SettingsError` for the first value that cannot be used; logs names that are no setting's."""
    for setting in all_settings():
        setting.get()
    names = [setting.name for setting in all_settings()]
    for name in sorted(os.environ):
        if name.startswith(PREFIX) and name not in names:
            meant = difflib.get_close_matches(name, names, n=1)
            hint = f" Did you mean {meant[0]}?" if meant else ""
            log.warning("%s is no setting of Maskwise, so it changes nothing.%s", ascii(name)[1:-1], hint)


def all_settings() -> tuple[Setting[Any], ...]:
    """In the order of this file."""
    return tuple(value for value in globals().values() if isinstance(value, Setting))


class IceServer(BaseModel):
    """One STUN or TURN server, as browsers name its fields."""

    model_config = ConfigDict(extra="forbid", frozen=True, defer_build=True)
    urls: str | list[str]
    username: str | None = None
    credential: str | None = None


ICE_SERVER_LIST = TypeAdapter(tuple[IceServer, ...], config=ConfigDict(defer_build=True))


def _ice_servers(given: str) -> tuple[IceServer, ...]:
    return ICE_SERVER_LIST.validate_json(given)


def _number(given: str) -> int:
    if not given.isdecimal() or not int(given):
        raise ValueError
    return int(given)


def _switch(given: str) -> bool:
    if given not in ("0", "1"):
        raise ValueError
    return given == "1"


def _one_of(*names: str) -> Callable[[str], str]:
    def parse(given: str) -> str:
        if given not in names:
            raise ValueError
        return given

    return parse


def _names(given: str) -> tuple[str, ...]:
    return tuple(filter(None, map(str.strip, given.split(","))))


def _emails(given: str) -> frozenset[str]:
    return frozenset(name.strip().casefold() for name in given.split(",")) - {""}


_APP, _EVERYWHERE = "app", "app, commands, scripts"
_NUMBER, _SWITCH = "a whole number from 1 on", "`1` (on) or `0` (off)"

MODELS: Setting[Path | None] = Setting(
    "MASKWISE_MODELS",
    Path,
    None,
    values="a folder",
    default_words="none",
    where=_EVERYWHERE,
    meaning="Further models, each in a folder of its own. "
    "A model with the same name as a shipped one replaces it.",
)
RUNS: Setting[Path | None] = Setting(
    "MASKWISE_RUNS",
    Path,
    None,
    values="a folder",
    default_words="none",
    where=_APP,
    meaning="Further records of trainings, for the dashboard. "
    "A run with the same name as a shipped one replaces it.",
)
ENGINE: Setting[str | None] = Setting(
    "MASKWISE_ENGINE",
    _one_of("onnx", "keras"),
    None,
    values="`onnx` or `keras`",
    default_words="`keras` on a GPU, else `onnx`",
    where=_EVERYWHERE,
    meaning="What runs a classifier's network.",
)
WEIGHTS: Setting[str] = Setting(
    "MASKWISE_WEIGHTS",
    _one_of("research", "open"),
    "research",
    values="`research` or `open`",
    default_words="`research`",
    where=_EVERYWHERE,
    meaning="Which weights answer where none are named: `mask3` and `face_fpn`, or `mask3_open` and "
    "`face_fpn_open`. With `open` no others are offered than those whose card says that any use is allowed.",
)
MODELS_OFFERED: Setting[tuple[str, ...] | None] = Setting(
    "MASKWISE_MODELS_OFFERED",
    _names,
    None,
    values="names of models with commas between",
    default_words="all that tell of masks alone",
    where=_APP,
    meaning="Which models visitors may choose for photos and video: `gender_wear8`, which names a gender "
    "too, only where it stands here. The dashboard shows every model.",
)
YUNET: Setting[Path | None] = Setting(
    "MASKWISE_YUNET",
    Path,
    None,
    values="a file",
    default_words="a copy in the user's cache",
    where=_EVERYWHERE,
    meaning="YuNet's weights.",
)
OFFLINE: Setting[bool] = Setting(
    "MASKWISE_OFFLINE",
    lambda _: True,  # `0` too: whoever named it wanted nothing to be fetched
    False,
    values="any value",
    default_words="not set",
    where=_EVERYWHERE,
    meaning="YuNet's weights are never fetched. Any value turns this on, `0` too.",
)
MAX_VIEWERS: Setting[int] = Setting(
    "MASKWISE_MAX_VIEWERS",
    _number,
    4,  # what two cores serve at 12 or more answers a second each
    values=_NUMBER,
    default_words="4",
    where=_APP,
    meaning="How many live cameras are analysed at once. "
    "The next visitor reads that all places are taken, and can use snapshots instead.",
)
ICE_SERVERS: Setting[tuple[IceServer, ...] | None] = Setting(
    "MASKWISE_ICE_SERVERS",
    _ice_servers,
    None,
    values='JSON like `[{"urls": "turn:turn.example.org:3478", "username": "me", "credential": "…"}]`',
    default_words="`ice_servers` under `[webrtc]` in .streamlit/secrets.toml, or no server",
    where=_APP,
    meaning="STUN and TURN servers for WebRTC.",
    is_secret=True,
)
VISIT_MB: Setting[int] = Setting(
    "MASKWISE_VISIT_MB",
    _number,
    256,  # some 60 photos of a phone
    values=_NUMBER,
    default_words="256",
    where=_APP,
    meaning="How many megabytes of pictures one visit may hold.",
)
ALL_VISITS_MB: Setting[int | None] = Setting(
    "MASKWISE_ALL_VISITS_MB",
    _number,
    None,
    values=_NUMBER,
    default_words="a quarter of the machine's memory",
    where=_APP,
    meaning="How many megabytes of pictures all visits together may hold.",
)
OWNER_KEY_FILE: Setting[Path | None] = Setting(
    "MASKWISE_OWNER_KEY_FILE",
    Path,
    None,
    values="a file",
    default_words="a new key, printed at each start",
    where=_APP,
    meaning="The owner's key, as one line.",
)
OWNERS: Setting[frozenset[str]] = Setting(
    "MASKWISE_OWNERS",
    _emails,
    frozenset(),
    values="e-mail addresses with commas between",
    default_words="nobody",
    where=_APP,
    meaning="Who has the owner's rights after logging in.",
)
TRUST_VISITORS: Setting[bool] = Setting(
    "MASKWISE_TRUST_VISITORS",
    _switch,
    False,
    values=_SWITCH,
    default_words="`0`",
    where=_APP,
    meaning="Every visitor has the owner's rights.",
)
PASSWORD_FILE: Setting[Path | None] = Setting(
    "MASKWISE_PASSWORD_FILE",
    Path,
    None,
    values="a file",
    default_words="no password",
    where=_APP,
    meaning="The hash of the visitors' shared password.",
)
METRICS: Setting[bool] = Setting(
    "MASKWISE_METRICS",
    _switch,
    False,
    values=_SWITCH,
    default_words="`0`",
    where=_APP,
    meaning="Streamlit's figures are at `/_stcore/metrics`, for everybody who is let in.",
)
FACES: Setting[Path | None] = Setting(
    "MASKWISE_FACES",
    Path,
    None,
    values="a folder",
    default_words="none",
    where=_APP,
    meaning="Default folder, for the owner, of the faces that `training.evaluate --faces` kept.",
)
CORRECTIONS_WITH_FACES: Setting[bool] = Setting(
    "MASKWISE_CORRECTIONS_WITH_FACES",
    _switch,
    False,
    values=_SWITCH,
    default_words="`0`",
    where=_APP,
    meaning="Corrections that visitors download from the photo page hold the faces, not the labels alone.",
)
SCENES: Setting[Path | None] = Setting(
    "MASKWISE_SCENES",
    Path,
    None,
    values="a folder",
    default_words="none",
    where=_APP,
    meaning="Default folder, for the owner, of the pictures that a detector was tested on.",
)
