"""The GNU C library's heap: bounded, and without what was freed. Elsewhere this does nothing."""

from __future__ import annotations

import ctypes
import gc
import os
import sys
from contextlib import suppress
from pathlib import Path
from typing import Any

_ARENAS, _MMAP_FROM, _TRIM_FROM = -8, -3, -1  # M_ARENA_MAX, M_MMAP_THRESHOLD, M_TRIM_THRESHOLD of malloc.h
_ONE = "MALLOC_ARENA_MAX"
_PAGE = 4096
_SIZES = (2**20, 2**18, 2**16, 2**14, 2**12, 2**10, 2**8, 2**6)  # bytes, of what fills the heap's holes
_LARGEST = 2**36  # bytes, of a heap: what lies further from its end is none of it
_SMALL = range(2, 480, 16)  # bytes of what Python keeps in pools of its own, one of each pool's size
_MANY = 4000  # of each: more than are free
_OFTEN = 3  # times that the heap may grow before its holes of a size count as filled: others ask it too


def _library() -> Any:
    """Called without letting go of the interpreter: a call takes less than that."""
    library = ctypes.PyDLL(None)
    if not all(hasattr(library, name) for name in ("mallopt", "malloc_trim", "sbrk")):
        return None
    library.malloc.restype = library.sbrk.restype = ctypes.c_void_p
    library.malloc.argtypes = library.malloc_trim.argtypes = (ctypes.c_size_t,)
    library.free.argtypes = (ctypes.c_void_p,)
    library.sbrk.argtypes = (ctypes.c_ssize_t,)
    return library


_C = _library()


def begin_with_one() -> None:
    """One heap for all threads: each heap keeps for itself what is free in it, and `_wipe` reaches one alone.

    Streamlit and libraries have threads before the app is asked, so this program begins anew, in the same
    process, unless whoever started it has set MALLOC_ARENA_MAX=1.
    """
    of_streamlit = any(Path(word).name == "streamlit" for word in sys.orig_argv[1:3])
    if _C is not None and of_streamlit and _ONE not in os.environ:
        os.environ[_ONE] = "1"
        with suppress(OSError):  # then there are several, and what is free lies longer in them
            for file in Path("/proc/self/fd").iterdir():
                with suppress(OSError):
                    os.set_inheritable(
                        int(file.name), int(file.name) < 3
                    )  # Streamlit has taken the port already
            os.execv(sys.executable, sys.orig_argv)  # noqa: S606 - itself, as it was started


def bound() -> None:
    """Call before there are threads.

    What is larger than 4 MB, as a photo's pixels are, is the machine's again at once. A video's pictures stay
    below, and the heap keeps 32 MB for them: with less, a fifth of the live answers was lost.
    """
    if _C is not None:
        _C.mallopt(_ARENAS, 1)
        _C.mallopt(_MMAP_FROM, 4 * 2**20)
        _C.mallopt(_TRIM_FROM, 32 * 2**20)


def give_back() -> None:
    """Free what nobody refers to any more, give free pages to the machine, and wipe the rest of what is free.

    A closed visit's objects refer to each other, and nothing else would free them for long. Without the wipe,
    pieces of a picture would stay in memory until others are written over them. Called on the main thread,
    whose heap is the one that `bound` has others use: 0.1 s.
    """
    gc.collect()
    for size in _SMALL:
        [bytes(size) for _ in range(_MANY)]  # into what is free of Python's own pools
    if _C is not None:
        _C.malloc_trim(0)
        _wipe()
        _C.malloc_trim(0)


def _wipe() -> None:
    """Fill the heap's holes, the large ones first, and free them again.

    Whole pages in a hole are empty after a trim, so of a filling only the ends are written.
    """
    filled: list[int] = []
    for size in _SIZES:
        grown, end = 0, _C.sbrk(0)
        while grown < _OFTEN:
            filling = _C.malloc(size)
            if not filling:
                break
            filled.append(filling)
            if not end - _LARGEST < filling < _C.sbrk(0):  # not of this heap: there is no end to that
                break
            ctypes.memset(filling, 0, min(size, _PAGE))
            if size > _PAGE:
                ctypes.memset(filling + size - _PAGE, 0, _PAGE)
            now = _C.sbrk(0)
            grown, end = grown + (now != end), now
    for filling in filled:
        _C.free(filling)
