"""What a process and its children ask of the system, by strace: native code hides nothing from it."""

from __future__ import annotations

import ipaddress
import os
import re
import shutil
import socket
import subprocess
from dataclasses import dataclass
from pathlib import Path

import pytest

_OPENS = ("open", "openat", "openat2")
_MAKES = ("creat", "mkdir", "mkdirat", "mknod", "mknodat", "rename", "renameat", "renameat2")
_LINKS = ("link", "linkat", "symlink", "symlinkat")
_CHANGES = (*_MAKES, *_LINKS, "truncate", "io_uring_setup")  # the last: past strace
_SENDS = ("connect", "sendto", "sendmsg", "sendmmsg")

_CALL = re.compile(r"^\d+ +(\w+)\((.*)", re.M)
_WRITING = re.compile(r"\bO_(WRONLY|RDWR|CREAT|TMPFILE)\b")
_PATH = re.compile(r'"((?:[^"\\]|\\.)*)"')
# No files: what is written there is gone, or tells the kernel the name of a thread.
_DEVICE = re.compile(r"/dev/(null|zero|tty|u?random)|/proc/(self|\d+)/task/\d+/comm")
_ADDRESS = re.compile(r'(?:inet_addr\(|inet_pton\(AF_INET6, )"([^"]+)"')
# A name is looked up by a server on this machine too, which then asks others.
_NAME_SERVER = re.compile(r"sin6?_port=htons\((53|853|5353|5355)\)|io\.systemd\.Resolve")


@dataclass(frozen=True)
class Trace:
    """What a command does that is run below the prefix `under`: to be asked once it has ended."""

    file: Path

    @property
    def under(self) -> list[str]:
        # -D: what is started is the command, not strace. -s 0: nothing that is sent gets into the record.
        options = ["-f", "-D", "--seccomp-bpf", "-s", "0", "-e", "signal=none", "-o", str(self.file)]
        return ["strace", *options, "-e", f"trace={','.join((*_OPENS, *_CHANGES, *_SENDS))}"]

    def calls(self, *names: str) -> list[tuple[str, str]]:
        """Calls of these names, each with its arguments as strace writes them."""
        return [call for call in _CALL.findall(self.file.read_text(errors="replace")) if call[0] in names]

    def written(self) -> list[str]:
        """Files and folders that were made, moved or opened for writing."""
        opened = [(name, said) for name, said in self.calls(*_OPENS) if _WRITING.search(said)]
        return [f"{name}({said}" for name, said in (*opened, *self.calls(*_CHANGES)) if not _of_device(said)]

    def sent(self) -> list[str]:
        """What was sent to, or connected with, another machine or a server of names."""
        return [f"{name}({said}" for name, said in self.calls(*_SENDS) if _leaves(said)]


def _of_device(said: str) -> bool:
    path = _PATH.search(said)
    return path is not None and _DEVICE.fullmatch(path[1]) is not None


def _leaves(said: str) -> bool:
    return _NAME_SERVER.search(said) is not None or not all(map(_of_this_machine, _ADDRESS.findall(said)))


def _of_this_machine(address: str) -> bool:
    """Whether it is a loopback address or one of an interface, as those are that WebRTC speaks to."""
    ip = ipaddress.ip_address(address)
    if ip.is_loopback or ip.is_unspecified or ip.is_multicast:
        return ip.is_loopback
    try:
        with socket.socket(
            socket.AF_INET if ip.version == 4 else socket.AF_INET6, socket.SOCK_DGRAM
        ) as probe:
            probe.bind((address, 0))
    except OSError:
        return False
    return True


def skip_unless_traceable() -> None:
    """Skip the test where strace is not installed or may not watch a process."""
    if not shutil.which("strace"):
        pytest.skip("needs strace. Debian and Ubuntu: apt-get install strace")
    tried = subprocess.run([*Trace(Path(os.devnull)).under, "true"], capture_output=True, text=True)
    if re.search("Operation not permitted|Permission denied", tried.stderr):
        pytest.skip(f"strace may not watch a process here: {tried.stderr.strip()}")
    assert (tried.returncode, tried.stderr) == (0, "")
