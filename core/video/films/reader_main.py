"""What a film's reader runs, see `core.video.films.reader`: one film, from its beginning to its end."""

from __future__ import annotations

import contextlib
import io
import os
import signal
import socket
import sys
from typing import BinaryIO, cast

import av.logging
import cv2

from core.errors import VideoError
from core.images import bound_process
from core.video.films.messages import receive, send
from core.video.films.reading import Reading, Wanted

MAX_MEMORY = 3000 * 2**20  # bytes of addresses, 600 MB of them libraries; 4K in HEVC takes 1.5 GB of them


class DescriptorFile(io.RawIOBase):
    """A file by its descriptor, with a place of its own: several readers may share the descriptor."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor, self._at = descriptor, 0
        self._size = os.fstat(descriptor).st_size

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def read(self, size: int = -1) -> bytes:
        data = os.pread(self._descriptor, self._size if size < 0 else size, self._at)
        self._at += len(data)
        return data

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        base = {os.SEEK_SET: 0, os.SEEK_CUR: self._at, os.SEEK_END: self._size}[whence]
        if base + offset < 0:
            raise OSError("before the beginning")
        self._at = base + offset
        return self._at

    def tell(self) -> int:
        return self._at


def main() -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the program, which then closes the socket
    av.logging.set_level(None)
    cv2.setNumThreads(1)
    bound_process(MAX_MEMORY)
    with socket.socket(fileno=sys.stdin.fileno()) as sock, contextlib.suppress(ConnectionError, EOFError):
        asked, _ = receive(sock)
        shown = asked["shown"]
        try:
            file = cast(BinaryIO, DescriptorFile(asked["descriptor"]))
            for header, payload in Reading(file, shown, Wanted(**asked["wanted"])).messages():
                send(sock, header, payload)
        except VideoError as problem:
            send(sock, {"is": "error", "message": str(problem)})
        except MemoryError:
            send(
                sock,
                {"is": "error", "message": f"{shown}: takes more memory than a film may. Save it smaller."},
            )


if __name__ == "__main__":
    main()
