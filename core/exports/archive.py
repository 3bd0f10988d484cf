"""Files in one ZIP."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterable

from core.exports.names import file_name, unused_name

_COMPRESSED = (".jpg", ".png", ".webp")  # deflating these again costs time and saves nothing


def zip_of(files: Iterable[tuple[str, bytes]]) -> bytes:
    """A zip of names and contents. Names are made flat, safe and unique; contents are taken one at a time."""
    buffer = io.BytesIO()
    taken: set[str] = set()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, content in files:
            # Dated 1980: the same files, the same zip
            member = zipfile.ZipInfo(unused_name(file_name(name), taken))
            packed = member.filename.lower().endswith(_COMPRESSED)
            member.compress_type = zipfile.ZIP_STORED if packed else zipfile.ZIP_DEFLATED
            archive.writestr(member, content)
    return buffer.getvalue()
