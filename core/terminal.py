"""Around every command: it ends with an exit code and words for whoever typed it, never with a traceback."""

from __future__ import annotations

import errno
import io
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from importlib.machinery import ModuleSpec, PathFinder
from types import FrameType, ModuleType
from typing import TextIO

from core.errors import MaskwiseError

_COLUMNS = 80  # of a terminal that does not say
Command = Callable[[Sequence[str] | None], int]
SignalHandler = Callable[[int, FrameType | None], object] | signal.Handlers
INTERRUPTED = 130  # as shells number SIGINT
# Hands on what TensorFlow's libraries write while they are loaded, but for mere information: which they give
# differs by processor, and the level that the environment sets comes too late for it
_SIFT = r"""
import os, re, sys
noise = re.compile(rb"WARNING: All log messages before absl::|I\d{4} \S+ +\d+ [\w./-]+:\d+\] ")
for line in sys.stdin.buffer:
    if not noise.match(line):
        os.write(2, line)
"""


def run(command: Command, arguments: Sequence[str] | None = None) -> int:
    """The exit code of `command`, given `arguments` or else those of this process.

    1 for a `MaskwiseError`, a full disk or too little memory, each in a line on stderr; 130 for Ctrl-C; when
    whoever reads has closed the pipe the command's own, or 0 where that ended it. Signs that the terminal
    lacks are written as escapes. TensorFlow, where the command loads it, keeps to itself what it says of
    itself.
    """
    _fill_closed()
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
    code = 0
    try:
        try:
            with _tensorflow_quiet():
                code = command(arguments)
        finally:
            print(end="", flush=True)  # here, since at the end of Python nobody could catch a closed pipe
    except BrokenPipeError:  # whoever reads has seen enough, as `| head` has
        _silence(sys.stdout)
    except OSError as problem:
        if problem.errno != errno.ENOSPC:
            raise
        _silence(sys.stdout)
        code = _failed("the disk that is written to is full. Make room and try again.")
    except MaskwiseError as problem:
        code = _failed(str(problem))
    except MemoryError:
        code = _failed("there is too little memory free. Close other programs and try again.")
    except KeyboardInterrupt:
        code = INTERRUPTED
    return code


def _fill_closed() -> None:
    """No file of ours gets the number of a stream that was closed: libraries write their warnings to it."""
    for number in range(3):
        try:
            os.fstat(number)
        except OSError:
            os.set_inheritable(os.open(os.devnull, os.O_RDWR), True)  # the lowest number that is free


def _failed(words: str) -> int:
    print(f"error: {words}", file=sys.stderr)
    return 1


def _silence(stream: TextIO) -> None:
    """Nothing more of it is written, and what is held back does not fail again at the end of Python."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())


@contextmanager
def signals_handled(handlers: Mapping[int, SignalHandler]) -> Iterator[None]:
    """Each signal by its handler, and then by what it was before. For the main thread."""
    before = {number: signal.signal(number, handler) for number, handler in handlers.items()}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


class Speaker:
    """Tells people how something goes, for as long as they listen: where they do not, it goes on."""

    def __init__(self, stream: TextIO | None) -> None:
        self._stream = stream
        self.is_terminal = stream is not None and stream.isatty()

    @property
    def columns(self) -> int:
        """How many characters fit beside each other, where it is a terminal that says so."""
        try:
            return os.get_terminal_size(self._stream.fileno()).columns or _COLUMNS  # type: ignore[union-attr]  # None has none
        except (AttributeError, OSError):
            return _COLUMNS

    def say(self, text: str, end: str = "\n") -> None:
        if self._stream is None:  # as of a process that began with it closed
            return
        try:
            print(text, end=end, file=self._stream, flush=True)
        except OSError:  # a closed pipe, a log on a full disk
            _silence(self._stream)
            self._stream = None


@contextmanager
def _tensorflow_quiet() -> Iterator[None]:
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    finder = _QuietTensorflow()
    sys.meta_path.insert(0, finder)
    try:
        yield
    finally:
        sys.meta_path.remove(finder)


class _QuietTensorflow:
    """Finds TensorFlow where Python would, to be loaded with its lines sifted. Nothing else can be found."""

    def find_spec(self, name: str, path: object = None, target: object = None) -> ModuleSpec | None:
        spec = PathFinder.find_spec(name) if name == "tensorflow" else None
        if spec is None or spec.loader is None:
            return None
        load = spec.loader.exec_module

        def quietly(module: ModuleType) -> None:
            with _sifted_errors():
                load(module)

        spec.loader.exec_module = quietly  # type: ignore[method-assign]  # of this import alone
        return spec


@contextmanager
def _sifted_errors() -> Iterator[None]:
    """What is written to file descriptor 2 passes `_SIFT`: a process, so that the last words of one that
    crashes get through, too.
    """
    try:
        here = os.dup(2)
    except OSError:  # there is nowhere to write to
        yield
        return
    reads, writes = os.pipe()
    sift = [sys.executable, "-S", "-E", "-c", _SIFT]
    with subprocess.Popen(sift, stdin=reads, start_new_session=True):  # noqa: S603 - this Python and the above
        os.dup2(writes, 2)
        os.close(reads)
        os.close(writes)
        try:
            yield
        finally:  # the last that writes to the pipe, so that the process ends
            os.dup2(here, 2)
            os.close(here)
