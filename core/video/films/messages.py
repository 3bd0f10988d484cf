"""What a film's reader and whoever asked it say to each other: a header in JSON, then bytes."""

from __future__ import annotations

import json
import socket
import struct
from collections.abc import Callable, Sequence
from typing import Any

MAX_HEADER = 2**16  # bytes
MAX_PAYLOAD = 64 * 2**20  # bytes; a picture has 28 MB at most
BUFFER = 4 * 2**20  # bytes that may wait in the socket: the reader is a picture or two ahead
_LENGTHS = struct.Struct("!II")
Payload = Sequence[bytes | memoryview]  # of bytes, in pieces: nobody puts them together to send them


class BrokenMessageError(Exception):
    """What came is no message: its sender broke down, or is not ours any more."""


def send(sock: socket.socket, header: dict[str, Any], payload: Payload = ()) -> None:
    """Blocks until the other end has room."""
    said = json.dumps(header).encode()
    sock.sendall(_LENGTHS.pack(len(said), sum(map(len, payload))) + said)
    for piece in payload:
        sock.sendall(piece)


def receive(
    sock: socket.socket, waiting: Callable[[], object] = lambda: None
) -> tuple[dict[str, Any], bytearray]:
    """The next message. `waiting` is called whenever the socket's timeout has passed without a byte.

    Raises `EOFError` when the other end has gone, and `BrokenMessageError`.
    """
    lengths = _exactly(sock, _LENGTHS.size, waiting)
    in_header, in_payload = _LENGTHS.unpack(lengths)
    if in_header > MAX_HEADER or in_payload > MAX_PAYLOAD:
        raise BrokenMessageError(f"{in_header} and {in_payload} bytes")
    try:
        header = json.loads(_exactly(sock, in_header, waiting))
    except ValueError as problem:
        raise BrokenMessageError(str(problem)) from None
    if not isinstance(header, dict):
        raise BrokenMessageError("no header")
    return header, _exactly(sock, in_payload, waiting)


def _exactly(sock: socket.socket, count: int, waiting: Callable[[], object]) -> bytearray:
    data = bytearray(count)
    view = memoryview(data)
    while view:
        try:
            received = sock.recv_into(view)
        except TimeoutError:
            waiting()
            continue
        if not received:
            raise EOFError
        view = view[received:]
    return data
