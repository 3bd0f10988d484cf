"""Writes the tables of docs/licences.md from the lock file and from what the installed packages say.

python -m bench.supply.licences
"""

from __future__ import annotations

from importlib import metadata

from packaging.utils import canonicalize_name

from bench.supply.bundled import bundled
from bench.supply.lock import ROOT, Locked, locked_app

DOCUMENT = ROOT / "docs" / "licences.md"
MADE = "<!-- Written by: make licences -->\n"
# By package that states none in its metadata: what its licence file says.
STATED_IN_FILE = {"namex": "Apache-2.0"}
_HOMEPAGE = ("homepage", "home", "repository", "source", "source code", "github", "documentation")


def licence_of(name: str) -> str:
    """As the package states it: an SPDX expression where it has one. Raises `LookupError`."""
    about = metadata.metadata(name)
    classified = [
        line.rpartition(" :: ")[2]
        for line in about.get_all("Classifier", [])
        if line.startswith("License :: ") and line != "License :: OSI Approved"
    ]
    stated = _said(about, "License-Expression") or " AND ".join(classified) or _said(about, "License")
    if not (first := stated.strip().partition("\n")[0] or STATED_IN_FILE.get(canonicalize_name(name), "")):
        raise LookupError(
            f"{name} states no licence: write what its licence file says into supply/licences.py"
        )
    return first


def homepage_of(name: str) -> str:
    """Where the package says it lives, else its page on PyPI."""
    about = metadata.metadata(name)
    pairs = (url.partition(",") for url in about.get_all("Project-URL", []))
    urls = {label.strip().lower(): url.strip() for label, _, url in pairs}
    named = (urls[label] for label in _HOMEPAGE if label in urls)
    return _said(about, "Home-page") or next(named, f"https://pypi.org/project/{canonicalize_name(name)}/")


def _said(about: metadata.PackageMetadata, field: str) -> str:
    return str((about.get_all(field) or [""])[0])


def tables(packages: list[Locked]) -> str:
    """Markdown: the wheels that have copyleft libraries inside, then every package."""
    names = dict.fromkeys(package.name for package in packages if package.applies)
    inside = [row for name in names if (row := copyleft_row(name))]
    return "\n".join(
        [
            "## Wheels with copyleft libraries inside",
            "",
            "| wheel | GPL | LGPL, or its choice | GPL with GCC's exception |",
            "|---|---|---|---|",
            *inside,
            "",
            "## Every package of the app",
            "",
            "| package | version | licence, as the package states it | libraries inside its wheel |",
            "|---|---|---|---|",
            *(package_row(name, packages) for name in names),
            "",
        ]
    )


def copyleft_row(name: str) -> str:
    """ "" for a wheel with none."""
    inside = {library: licence for library, licence in bundled(name).items() if "GPL-" in licence}
    groups: tuple[list[str], ...] = ([], [], [])
    for library, licence in inside.items():
        if "WITH" in licence:
            groups[2].append(library)
        elif "LGPL" in licence:
            groups[1].append(library)
        elif " OR " not in licence:
            groups[0].append(library)
    return f"| `{name}` | {' | '.join(', '.join(group) for group in groups)} |" if any(groups) else ""


def package_row(name: str, packages: list[Locked]) -> str:
    versions = ", ".join(package.version for package in packages if package.name == name)
    inside = ", ".join(f"{library} ({licence})" for library, licence in bundled(name).items())
    return f"| [{name}]({homepage_of(name)}) | {versions} | {licence_of(name)} | {inside} |"


def main() -> None:
    packages = locked_app()
    before = DOCUMENT.read_text(encoding="utf-8").partition(MADE)[0]
    DOCUMENT.write_text(f"{before}{MADE}\n{tables(packages)}", encoding="utf-8")
    print(f"{DOCUMENT.relative_to(ROOT)}: {len({package.name for package in packages})} packages")


if __name__ == "__main__":
    main()
