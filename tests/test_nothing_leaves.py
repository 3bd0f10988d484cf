"""The command line writes no file and speaks to no other machine; for the app see `tests/e2e`."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from core.images.encode import to_jpeg
from core.mask_rendering.samples import sample_frame
from tests.conftest import ROOT
from tests.films import bytes_of
from tests.system_calls import Trace, skip_unless_traceable


@pytest.fixture
def watched(tmp_path):
    """Runs Python with HOME and a temporary folder of its own: `watched("-m", "core", …)` gives the trace."""
    skip_unless_traceable()
    (tmp_path / "home").mkdir()
    trace = Trace(tmp_path / "trace")
    given = os.environ | {"HOME": str(tmp_path / "home"), "TMPDIR": str(tmp_path / "home")}
    given |= {"XDG_CACHE_HOME": "", "PYTHONDONTWRITEBYTECODE": "1"}

    def run(*arguments, **env) -> Trace:
        command = [*trace.under, sys.executable, *arguments]
        done = subprocess.run(command, cwd=ROOT, env=given | env, capture_output=True, text=True, timeout=300)
        assert done.returncode == 0, done.stderr
        return trace

    return run


def left_in(folder):
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*"))


@pytest.mark.parametrize("command", ["check", "classify", "video", "models"])
def test_the_command_line_writes_nothing_and_speaks_to_nobody(command, watched, tmp_path):
    (tmp_path / "photo.jpg").write_bytes(to_jpeg(sample_frame("no_mask").rgb))
    (tmp_path / "film.mp4").write_bytes(bytes_of([sample_frame("no_mask").rgb[:300]] * 3))
    given = {"models": []}.get(command, [str(tmp_path / ("film.mp4" if command == "video" else "photo.jpg"))])
    trace = watched("-m", "core", command, *given)
    read = [said for _, said in trace.calls("openat")]
    assert any(("card.json" if command == "models" else "model.onnx") in said for said in read)
    assert (trace.written(), trace.sent(), left_in(tmp_path / "home")) == ([], [], [])


def test_keras_speaks_to_nobody_and_leaves_only_its_own_settings(watched, tmp_path):
    """Keras writes its defaults where there are none, TensorFlow what it compiles."""
    (tmp_path / "photo.jpg").write_bytes(to_jpeg(sample_frame("no_mask").rgb))
    trace = watched("-m", "core", "classify", str(tmp_path / "photo.jpg"), MASKWISE_ENGINE="keras")
    assert any("model.keras" in said for _, said in trace.calls("openat"))
    assert trace.sent() == []
    assert left_in(tmp_path / "home") == [".keras", ".keras/keras.json"]


CASES = {
    "open(here / 'a', 'w')": "written",
    "os.open(here, os.O_TMPFILE | os.O_RDWR)": "written",
    "(here / 'a').mkdir()": "written",
    "os.rename(here / 'home', here / 'b')": "written",
    "os.system('echo > a')": "written",  # a child
    "ctypes.CDLL(None).open(os.fsencode(here / 'a'), 0o101, 0o600)": "written",  # native code
    "open('/dev/null', 'w'); open(core.__file__)": "",
    "socket.socket(type=socket.SOCK_DGRAM).connect(('198.51.100.1', 443))": "sent",  # no packet is sent
    "socket.socket(socket.AF_INET6, socket.SOCK_DGRAM).connect(('2001:db8::1', 443))": "sent",
    "socket.socket(type=socket.SOCK_DGRAM).sendto(b'', ('127.0.0.53', 53))": "sent",
    "socket.socket(type=socket.SOCK_DGRAM).sendmsg([b''], [], 0, ('127.0.0.1', 53))": "sent",
    "socket.socket(type=socket.SOCK_DGRAM).sendto(b'', ('127.0.0.1', 9))": "",
    "socket.getaddrinfo('localhost', 80)": "",
}


@pytest.mark.parametrize("deed", CASES)
def test_what_is_looked_for_is_found(deed, watched, tmp_path):
    if "AF_INET6" in deed and not Path("/proc/net/if_inet6").exists():
        pytest.skip("this machine has no IPv6")
    script = (
        f"import core, ctypes, os, pathlib, socket; here = pathlib.Path({str(tmp_path)!r}); os.chdir(here)"
    )
    trace = watched("-c", f"import contextlib; {script}\nwith contextlib.suppress(OSError): {deed}")
    found = {"written": bool(trace.written()), "sent": bool(trace.sent())}
    assert found == {name: name == CASES[deed] for name in found}
