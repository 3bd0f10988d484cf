"""What a page says over the live socket, and what comes back."""

from __future__ import annotations

import io
import json
import os
import struct
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import ClientConnection

WAIT = 5  # seconds


def picture(jpeg: bytes, captured: float = 1234.5, latency: float = 20.0, frames: int = 1) -> bytes:
    return struct.pack("<dfI", captured, latency, frames) + jpeg


def encoded(rgb: np.ndarray, kind: str) -> bytes:
    file = io.BytesIO()
    Image.fromarray(rgb).save(file, kind)
    return file.getvalue()


def ask(connection: ClientConnection, message: str | bytes = "state") -> dict[str, Any]:
    connection.send(message)
    answer: dict[str, Any] = json.loads(
        connection.recv(WAIT), parse_constant=lambda name: pytest.fail(f"{name} is no JSON")
    )
    return answer


def closed_with(connection: ClientConnection) -> int:
    with pytest.raises(ConnectionClosed) as ending:  # noqa: PT012 - after what was under way
        while True:
            connection.recv(WAIT)
    assert ending.value.rcvd is not None
    return ending.value.rcvd.code


def resident() -> int:
    """Bytes of this process, in which the server runs."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")
