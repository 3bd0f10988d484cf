"""What a decoding process runs, see `core.images.decoder_process`: pictures in turn, until nobody asks.

Each picture is decoded in a child of its own, forked from a process that has loaded the libraries: nothing
of a picture stays in a memory once it is answered.
"""

from __future__ import annotations

import contextlib
import json
import os
import signal
import socket
import sys

import pillow_heif
from PIL import Image

from core.errors import ImageError
from core.images.bounds import bound_process
from core.images.decode import decode_here
from core.images.decoder_process import LENGTH, MAX_SECONDS, NO_ROOM, READY

MAX_MEMORY = 1000 * 2**20  # bytes of addresses, 150 MB of them libraries; a WebP of 50 megapixels takes 900


def bound() -> None:
    """This process, for good."""
    bound_process(MAX_MEMORY)


def receive(sock: socket.socket, count: int) -> bytearray:
    """`count` bytes. Raises `EOFError` when the other end has gone."""
    data = bytearray(count)
    view = memoryview(data)
    while view:
        received = sock.recv_into(view)
        if not received:
            raise EOFError
        view = view[received:]
    return data


def answer(sock: socket.socket) -> None:
    """Receive one picture and send its pixels, or what is wrong with it."""
    request = receive(sock, LENGTH.unpack(receive(sock, LENGTH.size))[0])
    shown, max_pixels, max_side, count = json.loads(request)
    data = bytes(receive(sock, count))
    signal.setitimer(signal.ITIMER_PROF, MAX_SECONDS)  # ends the process, also where nobody waits any more
    pixels, error = None, None
    try:
        pixels = decode_here(data, shown, max_pixels, max_side)
    except ImageError as problem:
        error = str(problem)
    signal.setitimer(signal.ITIMER_PROF, 0)
    said = json.dumps([None if pixels is None else pixels.shape, error]).encode()
    sock.sendall(LENGTH.pack(len(said)) + said)
    if pixels is not None:
        sock.sendall(pixels.data.cast("B"))


def in_a_child(sock: socket.socket) -> None:
    """`answer` in a process that is gone afterwards. Where that breaks down, so does this one, likewise."""
    try:
        child = os.fork()
    except OSError:
        os._exit(NO_ROOM)  # at once, so that the socket does not close before
    if not child:
        how = 1
        try:
            answer(sock)
            how = 0
        except (EOFError, ConnectionError):  # nobody waits any more
            how = 0
        except MemoryError:
            how = NO_ROOM
        finally:
            os._exit(how)
    _, status = os.waitpid(child, 0)
    if os.WIFSIGNALED(status):
        signal.signal(os.WTERMSIG(status), signal.SIG_DFL)
        os.kill(os.getpid(), os.WTERMSIG(status))
    elif status:
        os._exit(os.WEXITSTATUS(status))


def main() -> None:
    signal.signal(signal.SIGPROF, signal.SIG_DFL)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the program, which then closes the socket
    bound()
    Image.init()  # loads what each child would have to
    pillow_heif.register_heif_opener()
    with socket.socket(fileno=sys.stdin.fileno()) as sock, contextlib.suppress(ConnectionError):
        sock.sendall(READY)
        while sock.recv(1, socket.MSG_PEEK):
            in_a_child(sock)


if __name__ == "__main__":
    main()
