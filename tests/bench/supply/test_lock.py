"""The lock files hold what the requirements ask for, whole, and are what `make` installs."""

import re
import subprocess
import sys

import pytest
from packaging.utils import canonicalize_name

from bench.supply.lock import APP_LOCK, DEV_LOCK, LOGIN_LOCK, ROOT, installed_version, read_lock, required
from bench.supply.sbom import needs

PYTHONS = ("3.11", "3.12", "3.13")
REQUIREMENTS = {
    APP_LOCK: "requirements.txt",
    LOGIN_LOCK: "requirements-login.txt",
    DEV_LOCK: "requirements-dev.txt",
}
LOCKS = pytest.mark.parametrize("lock", REQUIREMENTS, ids=lambda path: path.stem)


def versions(lock, python):
    """By package: the versions that a Python on Linux would install, of which there is to be one."""
    system = {"python_version": python, "python_full_version": f"{python}.9", "sys_platform": "linux"}
    found = {}
    for package in read_lock(lock):
        if package.marker is None or package.marker.evaluate(system):
            found.setdefault(package.name, []).append(package.version)
    return found


@pytest.mark.parametrize("python", PYTHONS)
@LOCKS
def test_every_requirement_is_locked_to_one_version_within_its_range(lock, python):
    locked = versions(lock, python)
    assert {name: found for name, found in locked.items() if len(found) > 1} == {}
    for requirement in required(REQUIREMENTS[lock]):
        (version,) = locked[canonicalize_name(requirement.name)]
        assert requirement.specifier.contains(version), (
            f"{requirement}, but {version} is locked: run make lock"
        )


@LOCKS
def test_what_the_locked_packages_need_is_locked_too(lock):
    """Else pip refuses the file. Asked of those that are installed here."""
    names = {package.name for package in read_lock(lock)}
    present = [name for name in sorted(names) if installed_version(name)]
    assert len(present) > 0.9 * len(names)
    assert {name: lacking for name in present if (lacking := set(needs(name)) - names)} == {}


@LOCKS
def test_every_package_has_hashes_and_comes_from_nowhere_special(lock):
    assert [package.name for package in read_lock(lock) if not package.hashes] == []
    told = re.sub(r"--hash=sha256:[0-9a-f]{64}", "", lock.read_text())
    assert not re.search(r"--|://|file:|@", told)


@pytest.mark.parametrize("lock", [APP_LOCK, LOGIN_LOCK], ids=lambda path: path.stem)
def test_the_app_is_tested_with_what_it_is_used_with(lock):
    used, tested = (
        {(package.name, package.version, package.hashes) for package in read_lock(path)}
        for path in (lock, DEV_LOCK)
    )
    assert used <= tested


def installs(*arguments: str) -> str:
    """What `make` would ask pip for, and say."""
    command = ["make", "--dry-run", "--always-make", f"PYTHON={sys.executable}", *arguments]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout


@pytest.mark.parametrize(("target", "lock"), [("app", APP_LOCK), ("test", DEV_LOCK)])
def test_make_installs_from_the_lock_where_it_fits_else_by_ranges_and_says_so(target, lock):
    locked = installs(target, "LOCKED=yes")
    assert f"--require-hashes --only-binary :all: --requirement {lock.name}\n" in locked
    free = installs(target, "LOCKED=")
    assert f"--requirement {REQUIREMENTS[lock]}\n" in free and "hashes" not in free
    assert "Without the lock files" in free and "Without the lock files" not in locked
