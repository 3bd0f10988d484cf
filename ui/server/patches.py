"""What Maskwise changes in the libraries that serve it, each change with a name, a reason and a proof.

A change lives in the module that it serves. Here stands the list, so that the next version of a library is
met in one place: a target that has gone stops the start, and `tests/ui/server/test_patches.py` names each
patch whose target reads differently. `docs/patches.md` lists them for people.
"""

from __future__ import annotations

import hashlib
import importlib
import inspect
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Patch:
    """A change of a library: of `target`, "module:attribute", for `reason`.

    `source` is the start of the sha256 of the target's source as it was when the patch was written.
    """

    name: str
    target: str
    source: str
    reason: str

    def found(self) -> Any:
        """What is to be changed. Raises `RuntimeError` where it no longer is."""
        module, _, path = self.target.partition(":")
        try:
            found: Any = importlib.import_module(module)
            for part in path.split("."):
                found = inspect.getattr_static(found, part)
        except (ImportError, AttributeError):
            raise RuntimeError(
                f"The installed libraries have no {self.target}, which Maskwise changes ({self.name}: "
                f"{self.reason}), so it does not start. Install the versions that requirements.txt names."
            ) from None
        return found

    def source_now(self) -> str:
        """As `source`, of the installed version. Only before the patch is applied."""
        return hashlib.sha256(inspect.getsource(self.found()).encode()).hexdigest()[:12]


PATCHES: dict[str, Patch] = {}


def declare(name: str, target: str, source: str, reason: str) -> Patch:
    """Write a patch into the list."""
    if name in PATCHES:
        raise ValueError(f"{name} is declared twice")
    PATCHES[name] = patch = Patch(name, target, source, reason)
    return patch
