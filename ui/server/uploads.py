"""Nothing that a visitor uploads touches the disk."""

from __future__ import annotations

from starlette.formparsers import MultiPartParser

from ui.server.patches import declare

NEVER = 0  # as `tempfile.SpooledTemporaryFile` has it: no size at which to move to the disk

_PARSER = declare(
    "uploads-in-memory",
    "starlette.formparsers:MultiPartParser",
    "e33a3e235ef1",
    "Starlette writes an upload of more than 1 MB to a temporary file",
)


def keep_in_memory() -> None:
    """Stop the server from spilling uploads to a temporary file.

    Memory stays bounded: the server refuses a body above `server.maxUploadSize` while it arrives.
    Raises `RuntimeError` when the installed Starlette has no such switch.
    """
    if not isinstance(getattr(_PARSER.found(), "spool_max_size", None), int):
        raise RuntimeError(
            "This version of Starlette does not say when it writes uploads to the disk, so the app does not "
            "start. Install the versions that requirements.txt names."
        )
    MultiPartParser.spool_max_size = NEVER
