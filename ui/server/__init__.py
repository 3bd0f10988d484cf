"""The server around the script: what it lets in, what it keeps and for how long, and who may do what."""

from ui.server import login, media, memory, owner, password_form, stack, vp8
from ui.server.endpoints import served_at
from ui.server.keras_session import keep_keras_session
from ui.server.media import MEDIA, for_visit, visit
from ui.server.memory import HELD
from ui.server.origins import is_trusted
from ui.server.uploads import Uploads

__all__ = [
    "HELD",
    "MEDIA",
    "Uploads",
    "for_visit",
    "is_trusted",
    "keep_keras_session",
    "login",
    "media",
    "memory",
    "owner",
    "password_form",
    "served_at",
    "stack",
    "visit",
    "vp8",
]
