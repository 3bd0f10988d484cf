"""Decoding in processes of its own, which may be ended: a picture's maker decides what decoding it costs.

A decoder is native code with untrusted input. In a process apart it has bounded time and memory, no file to
write; one that breaks down takes nobody with it, and all give way to live video. Processes are kept, as one
takes 0.4 s to start, but hold no picture: each is decoded in a child of theirs. What they run is
`core.images.decoder_main`.
"""

from __future__ import annotations

import atexit
import contextlib
import json
import logging
import os
import signal
import socket
import struct
import threading
import time
from collections.abc import Callable, Iterator

import numpy as np

from core.errors import ImageError
from core.images.child import start_child
from core.scheduling import Turns, checkpoint, cores

log = logging.getLogger(__name__)

MAX_SECONDS = 4.0  # of a core's time for one picture; the largest usual ones take 2
PATIENCE_S = 12.0  # for one picture, where others keep the cores busy
TURN_S = 60.0  # longest wait for a turn
LENGTH = struct.Struct("!I")
READY = b"\x06"
NO_ROOM = 71  # how a decoder ends where the machine has no process or memory left
_START_S = 30.0  # a busy machine starts a process slowly, which is no picture's fault
_ASK_EVERY = 0.1  # seconds
_AGAIN = "Save it again with another program, as JPEG or PNG, and try that."


class _TooSlowError(Exception):
    pass


class _KilledError(Exception):
    """By somebody else, or by a machine that has no memory left: none of our bounds ends a process so."""


def _ask_and_look_at_the_clock(deadline: float) -> None:
    checkpoint()
    if time.monotonic() > deadline:
        raise _TooSlowError


def _patience(seconds: float) -> Callable[[int], None]:
    """What is done while waiting for a turn."""
    end = time.monotonic() + seconds

    def wait(_: int) -> None:
        checkpoint()
        if time.monotonic() > end:
            raise TimeoutError

    return wait


class Decoder:
    """One process. Not safe between threads: whoever takes it from the pool has it alone.

    Raises `OSError` when it cannot be started.
    """

    def __init__(self) -> None:
        self._sock, theirs = socket.socketpair()
        self._sock.settimeout(_ASK_EVERY)
        try:
            with theirs:
                self._process = start_child("core.images.decoder_main", theirs)
        except BaseException:
            self._sock.close()
            raise
        try:
            self._receive(memoryview(bytearray(READY)), time.monotonic() + _START_S)
        except (EOFError, _TooSlowError):
            ended = self.close()
            if ended == -signal.SIGKILL:
                raise _KilledError from None
            raise OSError(f"a decoding process does not start: it ended with {ended}") from None
        except BaseException:
            self.close()
            raise

    @property
    def pid(self) -> int:
        return self._process.pid

    @property
    def is_alive(self) -> bool:
        return self._process.poll() is None

    def decode(self, data: bytes, shown: str, max_pixels: int, max_side: int | None) -> np.ndarray:
        """As `core.images.decode.decode_here`. After any other error than `ImageError` it must be closed."""
        deadline = time.monotonic() + PATIENCE_S
        asked = json.dumps([shown, max_pixels, max_side, len(data)]).encode()
        self._send(LENGTH.pack(len(asked)) + asked, deadline)
        self._send(data, deadline)
        length = bytearray(LENGTH.size)
        self._receive(memoryview(length), deadline)
        said = bytearray(LENGTH.unpack(length)[0])
        self._receive(memoryview(said), deadline)
        shape, error = json.loads(said)
        if error is not None:
            raise ImageError(error)
        pixels = np.empty(shape, np.uint8)
        self._receive(pixels.data.cast("B"), deadline)
        pixels.setflags(write=False)
        return pixels

    def _send(self, data: bytes, deadline: float) -> None:
        view = memoryview(data)
        while view:
            _ask_and_look_at_the_clock(deadline)
            try:
                view = view[self._sock.send(view) :]
            except TimeoutError:
                continue

    def _receive(self, view: memoryview, deadline: float) -> None:
        while view:
            _ask_and_look_at_the_clock(deadline)
            try:
                count = self._sock.recv_into(view)
            except TimeoutError:
                continue
            if not count:
                raise EOFError
            view = view[count:]

    def close(self) -> int:
        """End the process, unless it has ended. The signal that did, as a negative number."""
        self._sock.close()
        if self._process.returncode is None:  # not waited for, so the number is still its own
            with contextlib.suppress(ProcessLookupError, PermissionError):  # macOS: a group of the dead
                os.killpg(self._process.pid, signal.SIGKILL)
        return self._process.wait()

    def disown(self) -> None:
        """In a process that was forked: the decoder belongs to the parent."""
        self._sock.close()
        self._process.returncode = 0  # else Python complains that it still runs


class DecoderPool:
    """At most `count` pictures at once, each in a process of its own. Safe from any thread."""

    def __init__(self, count: int) -> None:
        self._turns = Turns(count)
        self._lock = threading.Lock()
        self._idle: list[Decoder] = []

    def decode(self, data: bytes, shown: str, max_pixels: int, max_side: int | None) -> np.ndarray:
        """As `core.images.decode.decode_here`. Comes to a `checkpoint` ten times a second, waiting or not.

        Raises `ImageError`, also when the picture takes too long, breaks its decoder, or gets no turn.
        """
        try:
            with self._turns.turn(_patience(TURN_S)):
                try:
                    return self._decode(data, shown, max_pixels, max_side)
                except _KilledError:
                    return self._decode(data, shown, max_pixels, max_side)
        except TimeoutError:
            raise ImageError(f"{shown}: waited for {TURN_S:g} s behind other pictures. Try again.") from None
        except _TooSlowError:
            raise ImageError(f"{shown}: takes more than {MAX_SECONDS:g} s to open. {_AGAIN}") from None
        except (EOFError, ConnectionError):
            raise ImageError(f"{shown}: is built so that it cannot be opened safely. {_AGAIN}") from None
        except (OSError, _KilledError):
            log.exception("no picture can be decoded")
            raise ImageError(
                f"{shown}: cannot be opened now, as this machine has no memory or processes left. "
                "Try again in a minute."
            ) from None

    def _decode(self, data: bytes, shown: str, max_pixels: int, max_side: int | None) -> np.ndarray:
        with self._one() as decoder:
            return decoder.decode(data, shown, max_pixels, max_side)

    @contextlib.contextmanager
    def _one(self) -> Iterator[Decoder]:
        """A process to oneself. One that was left in the middle of its work is ended."""
        decoder = self._take()
        try:
            yield decoder
        except ImageError:
            self._keep(decoder)
            raise
        except BaseException as problem:
            ended = decoder.close()
            if isinstance(problem, (EOFError, ConnectionError)):
                if ended == -signal.SIGPROF:
                    raise _TooSlowError from None
                if ended == -signal.SIGKILL:
                    raise _KilledError from None
                if ended == NO_ROOM:
                    raise OSError("a decoding process has no room for a picture") from None
            raise
        self._keep(decoder)

    def _take(self) -> Decoder:
        with self._lock:
            while self._idle:
                decoder = self._idle.pop()
                if decoder.is_alive:
                    return decoder
                decoder.close()
        return Decoder()

    def _keep(self, decoder: Decoder) -> None:
        with self._lock:
            self._idle.append(decoder)

    def close(self) -> None:
        """End the processes that wait. They start again when they are needed."""
        with self._lock:
            idle, self._idle = self._idle, []
        for decoder in idle:
            decoder.close()

    def disown(self) -> None:
        """In a process that was forked: begin anew, as the locks may have been held by other threads."""
        for decoder in self._idle:
            decoder.disown()
        self.__init__(self._turns.count)  # type: ignore[misc]  # of this very class


DECODERS = DecoderPool(cores())
atexit.register(DECODERS.close)
os.register_at_fork(after_in_child=DECODERS.disown)
