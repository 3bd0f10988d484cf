"""Nothing that a visitor shows touches the disk."""

from __future__ import annotations

from starlette.formparsers import MultiPartParser

NEVER = 0  # as `tempfile.SpooledTemporaryFile` has it: no size at which to move to the disk


def keep_uploads_in_memory() -> None:
    """Stop Streamlit's server from spilling uploads to a temporary file, which it does above 1 MB.

    Memory stays bounded: the server refuses a body above `server.maxUploadSize` while it arrives.
    Raises `RuntimeError` when the installed Starlette has no such switch.
    """
    if not isinstance(getattr(MultiPartParser, "spool_max_size", None), int):
        raise RuntimeError(
            "This version of Starlette does not say when it writes uploads to the disk, so the app does not "
            "start. Install the versions that requirements.txt names."
        )
    MultiPartParser.spool_max_size = NEVER
