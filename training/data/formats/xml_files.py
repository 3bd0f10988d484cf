"""Annotations in XML, from strangers."""

from __future__ import annotations

from pathlib import Path
from xml.etree import ElementTree

from core.records import read_bytes


class _WithoutDoctype(ElementTree.TreeBuilder):
    """A DOCTYPE may declare entities that grow a small file beyond any memory. No annotation needs one."""

    def doctype(self, name: str, pubid: str | None, system: str | None) -> None:
        raise ValueError("has a DOCTYPE, which annotations do not need. It is not read")


def parse(path: Path, max_bytes: int) -> ElementTree.Element:
    """Raises `RecordError`, `ValueError`, `LookupError` or `ElementTree.ParseError`."""
    content = read_bytes(path, max_bytes, linked=True)
    parser = ElementTree.XMLParser(target=_WithoutDoctype())  # noqa: S314 - so nothing unfolds
    return ElementTree.fromstring(content, parser)  # noqa: S314 - as above
