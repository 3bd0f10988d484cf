"""A shared password for a small site, of which the server keeps a hash.

    .venv/bin/python -m ui.server.password > maskwise.password

asks for the password and writes the file that `MASKWISE_PASSWORD_FILE` names.
"""

from __future__ import annotations

import base64
import binascii
import functools
import getpass
import hashlib
import hmac
import secrets
import sys
import unicodedata
from dataclasses import dataclass

from core import settings
from core.errors import SettingsError

SHORTEST, LONGEST = 12, 1024  # characters of a password
_N, _R, _P = 2**15, 8, 3  # as OWASP advises for scrypt: 32 MiB, about a quarter of a second
_MAX_MEMORY = 256 * 2**20


@dataclass(frozen=True, slots=True)
class Hash:
    """Of a password, by scrypt with these costs."""

    n: int
    r: int
    p: int
    salt: bytes
    digest: bytes

    def __str__(self) -> str:
        salt, digest = (base64.b64encode(part).decode() for part in (self.salt, self.digest))
        return f"scrypt:{self.n}:{self.r}:{self.p}:{salt}:{digest}"

    def fits(self, password: str) -> bool:
        """In constant time, whatever is wrong with it."""
        return hmac.compare_digest(_digest(password, self.salt, self.n, self.r, self.p), self.digest)


def _digest(password: str, salt: bytes, n: int, r: int, p: int) -> bytes:
    said = unicodedata.normalize("NFKC", password[:LONGEST]).encode("utf-8", "surrogatepass")
    return hashlib.scrypt(said, salt=salt, n=n, r=r, p=p, maxmem=_MAX_MEMORY, dklen=32)


def hash_of(password: str) -> Hash:
    """Raises `SettingsError` where it is too short or too long to be one."""
    if not SHORTEST <= len(password) <= LONGEST:
        raise SettingsError(
            f"A password has {SHORTEST} to {LONGEST} characters. Several words are easy to say."
        )
    salt = secrets.token_bytes(16)
    return Hash(_N, _R, _P, salt, _digest(password, salt, _N, _R, _P))


def read_hash(text: str) -> Hash:
    """Raises `ValueError` where it is none that this machine can compare with."""
    kind, n, r, p, salt, digest = text.strip().split(":")
    read = Hash(int(n), int(r), int(p), *(base64.b64decode(part, validate=True) for part in (salt, digest)))
    if kind != "scrypt" or len(read.salt) < 16 or len(read.digest) != 32 or 128 * read.n * read.r < 2**23:
        raise ValueError
    read.fits("")  # raises where the costs are none
    return read


def is_wanted() -> bool:
    return settings.PASSWORD_FILE.get() is not None


@functools.cache
def wanted() -> Hash:
    """The hash in the file that the environment names, read once. Raises `SettingsError`."""
    name, file = settings.PASSWORD_FILE.name, settings.PASSWORD_FILE.get()
    if file is None:
        raise SettingsError(f"{name} is not set, so there is no password.")
    try:
        return read_hash(file.read_text(encoding="ascii"))
    except OSError as problem:
        raise SettingsError(f"{name} names {file}, which cannot be read: {problem.strerror}.") from None
    except (ValueError, binascii.Error, MemoryError):
        raise SettingsError(
            f"{file} ({name}) holds no hash of a password, and the password itself is not to be there. "
            "Write it by: .venv/bin/python -m ui.server.password > FILE"
        ) from None


def check_settings() -> None:
    """Raises `SettingsError` where a password is wanted and none could fit."""
    if is_wanted():
        wanted()


def _main() -> None:
    if sys.stdin.isatty():
        password = getpass.getpass("Password for visitors: ", stream=sys.stderr)
        if password != getpass.getpass("Once more: ", stream=sys.stderr):
            sys.exit("These are two different passwords. Nothing was written.")
    else:
        password = sys.stdin.readline().rstrip("\r\n")
    try:
        print(hash_of(password))
    except SettingsError as problem:
        sys.exit(str(problem))


if __name__ == "__main__":
    _main()
