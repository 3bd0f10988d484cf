"""Object stores by fsspec, whose packages are in requirements-storage.txt: the one place that imports it."""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator
from functools import cache
from typing import Any, BinaryIO, cast

from core.errors import JobError
from core.text import printable

_PACKAGES = {"s3": "s3fs", "gs": "gcsfs", "gcs": "gcsfs", "az": "adlfs", "abfs": "adlfs", "abfss": "adlfs"}
_ADDRESS = re.compile(rf"({'|'.join(_PACKAGES)})://")
_MAGIC = re.compile(r"[*?[]")


def is_address(name: str) -> bool:
    """Whether a name is one of an object store."""
    return _ADDRESS.match(name) is not None


def find(address: str, recursive: bool) -> Iterator[tuple[str, int]]:
    """Objects by address and size in bytes: those that a pattern meets, those under a folder, or the one.

    Nothing where there is none. Raises `OSError` with words for what the store says, or `JobError`.
    """
    store, path = _open(address)
    try:
        if _MAGIC.search(path):
            found = store.glob(path, detail=True).values()
        elif not path.rstrip("/"):
            found = []
        elif store.isfile(path):
            found = [store.info(path)]
        elif recursive:
            found = (
                info
                for _, _, files in store.walk(path, detail=True, on_error="raise")
                for info in files.values()
            )
        else:
            found = store.ls(path, detail=True)
        for info in found:
            if info["type"] == "file":
                yield store.unstrip_protocol(info["name"]), int(info["size"] or 0)
    except Exception as problem:  # each store has exceptions of its own
        raise _said(problem) from None


def read(address: str, max_bytes: int) -> bytes | None:
    """A whole object, or None where it has more than `max_bytes`. Raises as `find`."""
    store, path = _open(address)
    try:
        if int(store.info(path)["size"] or 0) > max_bytes:
            return None
        return bytes(store.cat_file(path))
    except Exception as problem:
        raise _said(problem) from None


def open_object(address: str) -> BinaryIO:
    """An object that can be sought in: what is read of it is fetched. Raises as `find`."""
    store, path = _open(address)
    try:
        return cast(BinaryIO, store.open(path, "rb"))
    except Exception as problem:
        raise _said(problem) from None


def _open(address: str) -> tuple[Any, str]:
    scheme, _, path = address.partition("://")
    return _store(scheme), path


@cache
def _store(scheme: str) -> Any:
    logging.getLogger(_PACKAGES[scheme]).setLevel(logging.CRITICAL)  # what it says becomes a row, once
    try:
        import fsspec

        return fsspec.filesystem(scheme, use_listings_cache=False, skip_instance_cache=True)
    except ImportError:
        raise JobError(
            f"{scheme}:// needs {_PACKAGES[scheme]}, which is not installed. "
            "Install it: pip install -r requirements-storage.txt"
        ) from None
    except Exception as problem:
        raise JobError(f"{scheme}:// cannot be reached: {_said(problem).strerror}.") from None


def _said(problem: Exception) -> OSError:
    if isinstance(problem, FileNotFoundError):
        words = "there is nothing of that name"
    elif isinstance(problem, PermissionError):
        words = "no right to read it"
    else:
        words = printable(str(problem) or type(problem).__name__, 300).rstrip(".")
    return OSError(0, words)
