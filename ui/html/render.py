"""Templates (Jinja2, in `templates/`): every value is escaped in them, unless it is said to be safe."""

from __future__ import annotations

import base64
import hashlib
from functools import cache
from pathlib import Path
from typing import Any

import streamlit as st
from jinja2 import Environment

from core.html import environment
from core.labels import Appearance


def render(template: str, **values: Any) -> str:
    return _environment().get_template(template).render(values)


def chip(look: Appearance) -> str:
    """The plate that shows an answer."""
    return render("chip.html.j2", look=look)


@cache
def hash_of(script: str) -> str:
    """As a content security policy names an inline script."""
    return f"'sha256-{base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()}'"


@cache
def _environment() -> Environment:
    found = environment(Path(__file__).parent / "templates")
    found.globals |= {"hash_of": hash_of, "option": st.get_option}
    return found
