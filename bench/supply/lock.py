"""The lock files: which version of each package, for which Pythons, with which hashes."""

from __future__ import annotations

import re
import sys
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path

from packaging.markers import Marker
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[2]
APP_LOCK = ROOT / "requirements.lock"
LOGIN_LOCK = ROOT / "requirements-login.lock"
DEV_LOCK = ROOT / "requirements-dev.lock"
_HASH = re.compile(r"--hash=sha256:([0-9a-f]{64})")


@dataclass(frozen=True, slots=True)
class Locked:
    """One version of a package. `hashes` are the sha256 of each file of that release."""

    name: str
    version: str
    marker: Marker | None
    hashes: tuple[str, ...]

    @property
    def applies(self) -> bool:
        """Whether it is what this Python installs on this machine."""
        return self.marker is None or self.marker.evaluate()


def read_lock(path: Path) -> list[Locked]:
    """In the order of the file, which is that of names; a package has a line for each group of Pythons."""
    text = re.sub(r"^#.*\n", "", path.read_text(), flags=re.M).replace("\\\n", "")
    return [_locked(line) for line in text.splitlines() if line.strip()]


def _locked(line: str) -> Locked:
    required = Requirement(line.partition(" --hash")[0])
    (version,) = required.specifier
    if version.operator != "==":
        raise ValueError(f"{line}: no single version")
    name = canonicalize_name(required.name)
    return Locked(name, version.version, required.marker, tuple(_HASH.findall(line)))


def locked_app() -> list[Locked]:
    """What the app is made of. Ends the command, with the differences, where something else is installed."""
    packages = read_lock(APP_LOCK)
    if others := not_installed(packages):
        sys.exit(f"Not what {APP_LOCK.name} names, which make test installs: {'; '.join(others)}.")
    return packages


def not_installed(packages: list[Locked]) -> list[str]:
    """Of the packages that apply here: which are missing, or there in another version, and which that is."""
    return [
        f"{package.name} {found or 'is missing'}, locked {package.version}"
        for package in packages
        if package.applies and (found := installed_version(package.name)) != package.version
    ]


def required(file: str) -> list[Requirement]:
    """Lines of a requirements file and of those that it includes."""
    lines = [line.partition("#")[0].strip() for line in (ROOT / file).read_text().splitlines()]
    included = [line.removeprefix("-r ") for line in lines if line.startswith("-r ")]
    own = [Requirement(line) for line in lines if line and not line.startswith("-r ")]
    return own + [requirement for other in included for requirement in required(other)]


def installed_version(name: str) -> str | None:
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return None
