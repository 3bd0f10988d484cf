"""Asks public databases whether a package of the lock files has a known vulnerability.

python -m bench.supply.audit    exits with 1 when one has; without a database to reach it says so, and passes
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
from typing import Any

from bench.supply.lock import DEV_LOCK

# In the order in which they are asked, with pip-audit's options; the first that answers is believed.
DATABASES = {"PyPI": ["--vulnerability-service", "pypi"], "OSV": ["--vulnerability-service", "osv"]}
# By id: why it does not concern Maskwise. To be looked at again at every `make lock`.
IGNORED: dict[str, str] = {}
TIME_LIMIT_S = 600
_UNREACHABLE = re.compile(r"(Connection|Timeout|Proxy|SSL|HTTP)Error|\w+Timeout|ServiceError")


class UnreachableError(Exception):
    """A database gave no answer, and why."""


def query_databases(options: list[str]) -> list[dict[str, Any]]:
    """What a database knows of each package. Raises `UnreachableError`; `RuntimeError` if pip-audit fails."""
    command = [sys.executable, "-m", "pip_audit", *options, "--format", "json", "--progress-spinner", "off"]
    command += ["--requirement", str(DEV_LOCK), "--require-hashes", "--disable-pip"]
    command += [part for vulnerability in IGNORED for part in ("--ignore-vuln", vulnerability)]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=TIME_LIMIT_S)
    except subprocess.TimeoutExpired:
        raise UnreachableError(f"no answer within {TIME_LIMIT_S} s") from None
    try:
        known: list[dict[str, Any]] = json.loads(done.stdout)["dependencies"]
    except ValueError:
        last = done.stderr.strip().rpartition("\n")[2]
        if _UNREACHABLE.search(last):
            raise UnreachableError(last) from None
        raise RuntimeError(f"pip-audit failed: {done.stderr}") from None
    if all("skip_reason" in package for package in known):  # a mirror that has nothing but the files
        raise UnreachableError("it knows none of the packages")
    return known


def main() -> int:
    for name, options in DATABASES.items():
        try:
            known = query_databases(options)
        except UnreachableError as problem:
            print(f"{name} could not be asked: {problem}")
            continue
        if skipped := [package["name"] for package in known if "skip_reason" in package]:
            print(f"{name} does not know {', '.join(skipped)}.")
        found = [
            f"{package['name']} {package['version']}: {vulnerability['id']}, "
            f"mended in {', '.join(vulnerability['fix_versions']) or 'no version yet'}"
            for package in known
            for vulnerability in package.get("vulns", [])
        ]
        nothing = f"{name} knows no vulnerability of {len(known) - len(skipped)} packages."
        print("\n".join(found) or nothing)
        return 1 if found else 0
    print("NOT AUDITED: no database of vulnerabilities can be reached from here.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
