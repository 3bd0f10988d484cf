"""HTML of ours: templates, and what fills them."""

from ui.html.render import chip, hash_of, render

__all__ = [
    "chip",
    "hash_of",
    "render",
]
