"""`python -m core`, see `core.commands`."""

from __future__ import annotations

import sys

from core.commands import main

__all__ = ["main"]

if __name__ == "__main__":
    sys.exit(main())
