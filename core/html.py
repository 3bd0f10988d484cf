"""Templates of HTML (Jinja2): every value is escaped in them, unless it is said to be safe."""

from __future__ import annotations

import base64
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from core.drawing import ink_on
from core.labels import appearance


def environment(templates: Path) -> Environment:
    """That of a folder. A value that is missing is an error. Pictures in bytes have a filter `base64`."""
    found = Environment(
        loader=FileSystemLoader(templates),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    found.filters["base64"] = lambda picture: base64.b64encode(picture).decode()
    found.globals |= {"appearance": appearance, "ink_on": ink_on}
    return found
