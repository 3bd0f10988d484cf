"""CSV files of other people: whatever separates their cells, and in whatever text their program wrote."""

from __future__ import annotations

import codecs
import csv
import errno
import io
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import chain
from pathlib import Path
from typing import BinaryIO

from core.files.regular import open_regular_file

MAX_LINE = 2**20  # characters; a row of a data set has a hundred
SEPARATORS = ",;\t|"
_CHUNK = 2**20  # bytes
_UTF_16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
_NAMED = "sep="  # Excel's own first line, which names the separator


@contextmanager
def open_table(path: Path) -> Iterator[Iterator[str]]:
    """Its lines, as `csv` wants them: UTF-8, UTF-16 with its mark, or else Windows' cp1252.

    Raises `OSError`, also for a line without end, and `UnicodeDecodeError`.
    """
    with open_regular_file(path) as raw:
        encoding = _encoding(raw)
        with io.TextIOWrapper(raw, encoding=encoding, newline="") as file:
            yield _bounded(file)


def table_rows(lines: Iterator[str]) -> csv.DictReader[str]:
    """The rows by column, whose names are in lower case and without spaces around.

    The separator is the one of `SEPARATORS` that the header has most of.
    """
    header = next(filter(str.strip, lines), "")
    if header.lower().startswith(_NAMED) and len(header.strip()) == len(_NAMED) + 1:
        separator, header = header[len(_NAMED)], next(lines, "")
    else:
        separator = max(SEPARATORS, key=header.count)
    reader = csv.DictReader(chain([header], lines), delimiter=separator)
    names = [name.strip().lower() for name in reader.fieldnames or ()]
    reader.fieldnames = [name.removeprefix("#") for name in names[:1]] + names[1:]  # VIA 1 writes #filename
    return reader


def number(cell: str) -> float:
    """Also one that is written with a decimal comma. Raises `ValueError`."""
    return float(cell.replace(",", ".") if cell.count(",") == 1 and "." not in cell else cell)


def _encoding(raw: BinaryIO) -> str:
    start = raw.read(2)
    raw.seek(0)
    if start in _UTF_16:
        return "utf-16"
    decoder = codecs.getincrementaldecoder("utf-8")()
    chunk = b""
    try:
        while chunk := raw.read(_CHUNK):
            decoder.decode(chunk)
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return "utf-8-sig" if b"\0" in chunk else "cp1252"  # zero bytes are in no text, and opening it fails
    finally:
        raw.seek(0)
    return "utf-8-sig"


def _bounded(file: io.TextIOWrapper) -> Iterator[str]:
    while line := file.readline(MAX_LINE + 1):
        if len(line) > MAX_LINE:
            raise OSError(errno.EFBIG, f"it has a line of more than {MAX_LINE:,} characters")
        yield line
