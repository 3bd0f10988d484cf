"""Pictures that would take the machine, or break their decoder, cost one process and not the program."""

from __future__ import annotations

import io
import os
import signal
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from core.errors import ImageError
from core.images import decoder_process
from core.images.decode import MAX_PIXELS
from core.images.decoder_main import MAX_MEMORY
from core.images.decoder_process import Decoder, DecoderPool
from core.scheduling.cancellation import cancellable
from tests import process_memory

ROOT = Path(__file__).parents[3]
pytestmark = pytest.mark.skipif(os.name != "posix", reason="decoders of their own need POSIX")


def saved(kind: str, size: tuple[int, int] = (64, 48), mode: str = "RGB", **options: object) -> bytes:
    buffer = io.BytesIO()
    Image.new(mode, size, "orange").save(buffer, kind, **options)
    return buffer.getvalue()


def slow_bmp() -> bytes:
    """50 megapixels in runs of one pixel: each costs a step of an interpreter, minutes in all."""
    width = height = 7000
    head = b"BM" + bytes(8) + (54 + 1024).to_bytes(4, "little")
    head += (40).to_bytes(4, "little") + width.to_bytes(4, "little") + height.to_bytes(4, "little")
    head += b"\x01\0\x08\0" + (1).to_bytes(4, "little") + bytes(12) + (256).to_bytes(4, "little") + bytes(4)
    return head + bytes(1024) + b"\x01\x07" * 20_000_000


@pytest.fixture
def pool():
    pool = DecoderPool(2)
    yield pool
    pool.close()


def decode(pool: DecoderPool, data: bytes, max_side: int | None = None) -> np.ndarray:
    return pool.decode(data, "it", MAX_PIXELS, max_side)


def pids(pool: DecoderPool) -> list[int]:
    return [decoder.pid for decoder in pool._idle]


def children_of(pid: int) -> list[int]:
    try:
        return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    except FileNotFoundError:
        pytest.skip("no /proc here that tells the children of a process")


def child_of(pid: int) -> int:
    (child,) = children_of(pid)
    return child


def wait_until_ended(pid: int) -> None:
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline:
        try:
            os.kill(pid, 0)
        except ProcessLookupError:
            return
        time.sleep(0.05)
    pytest.fail("still there")


def test_a_process_is_kept_for_the_next_picture(pool):
    assert decode(pool, saved("WEBP")).shape == (48, 64, 3)
    first = pids(pool)
    assert decode(pool, saved("GIF", mode="P"), 32).shape == (24, 32, 3)
    with pytest.raises(ImageError, match="it: is damaged"):
        decode(pool, saved("TIFF")[:900])
    assert pids(pool) == first != []


def spent_by_children() -> float:
    """Seconds of a core, of those that have ended."""
    return os.times().children_user + os.times().children_system


def test_a_picture_that_takes_too_long_is_refused_in_words_and_ended(pool, monkeypatch):
    monkeypatch.setattr(decoder_process, "PATIENCE_S", 60)  # so that it is the core's time that ends it
    used = spent_by_children()
    with pytest.raises(ImageError, match=r"it: takes more than 4 s to open\. Save it again") as raised:
        decode(pool, slow_bmp())
    assert 3 < spent_by_children() - used < 6  # systems count by ticks, some of which others had
    assert raised.value.__suppress_context__ and not pids(pool)
    assert decode(pool, saved("WEBP")).shape == (48, 64, 3)


def test_where_others_keep_the_cores_busy_there_is_more_patience_but_an_end(pool, monkeypatch):
    monkeypatch.setattr(decoder_process, "PATIENCE_S", 0.5)
    with pytest.raises(ImageError, match="takes more than"):
        decode(pool, slow_bmp())


BOUNDED = """
from core.images.decoder_main import MAX_MEMORY, bound
bound()
for what in (lambda: bytearray(MAX_MEMORY), lambda: print("x" * 9000, file=open("PATH", "w"), flush=True)):
    try:
        what()
    except (MemoryError, OSError) as problem:
        print(type(problem).__name__)
"""


def test_a_decoder_has_less_than_a_gigabyte_and_no_file(tmp_path):
    path = tmp_path / "file"
    done = subprocess.run(
        [sys.executable, "-c", BOUNDED.replace("PATH", str(path))], cwd=ROOT, capture_output=True, text=True
    )
    assert done.stdout.split() == ["MemoryError", "OSError"], done.stderr
    assert path.read_bytes() == b"" and MAX_MEMORY < 2**30


def test_a_decoder_that_breaks_down_takes_nobody_with_it(pool, monkeypatch):
    decode(pool, saved("WEBP"))
    (pid,) = pids(pool)
    threading.Timer(0.5, lambda: os.kill(child_of(pid), signal.SIGSEGV)).start()
    with pytest.raises(ImageError, match=r"it: is built so that it cannot be opened safely\. Save it again"):
        decode(pool, slow_bmp())
    assert decode(pool, saved("WEBP")).shape == (48, 64, 3)


def test_nothing_of_a_picture_stays_with_its_decoder(pool):
    mark = b"a mark that stands in no other picture"
    picture = saved("WEBP", exif=b"Exif\0\0II*\0" + mark)
    decode(pool, picture)
    with pytest.raises(ImageError, match="it: is"):
        decode(pool, b"a damaged picture, " + mark)
    (pid,) = pids(pool)
    if not Path(f"/proc/{pid}/mem").exists():
        pytest.skip("no /proc here")
    assert process_memory.count(pid, b"Image.transpose") > 0  # it can be searched
    assert process_memory.count(pid, mark) == 0
    assert not children_of(pid)


WITHOUT_ROOM = """#!PYTHON
import os
from core.images import decoder_main
def fork():
    raise BlockingIOError(11, "Resource temporarily unavailable")
os.fork = fork
decoder_main.main()
"""


def test_a_decoder_without_room_for_a_process_is_no_fault_of_the_picture(pool, monkeypatch, tmp_path):
    program = tmp_path / "python"
    program.write_text(WITHOUT_ROOM.replace("PYTHON", sys.executable))
    program.chmod(0o700)
    monkeypatch.setattr(sys, "executable", str(program))
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    with pytest.raises(ImageError, match=r"it: cannot be opened now.* Try again in a minute"):
        decode(pool, saved("WEBP"))


@pytest.mark.parametrize("often", [1, 2])
def test_a_picture_whose_decoder_is_killed_is_decoded_by_another_once(pool, monkeypatch, often):
    """As by a machine without memory: no fault of the picture."""
    receive, killed = Decoder._receive, []

    def receive_from_the_dead(self, view, deadline):
        if len(killed) < often:
            killed.append(self.pid)
            os.kill(self.pid, signal.SIGKILL)
        receive(self, view, deadline)

    decode(pool, saved("WEBP"))
    monkeypatch.setattr(Decoder, "_receive", receive_from_the_dead)
    if often == 1:
        assert decode(pool, saved("WEBP")).shape == (48, 64, 3)
    else:
        with pytest.raises(ImageError, match="it: cannot be opened now"):
            decode(pool, saved("WEBP"))
    assert len(set(killed)) == often


def test_a_decoder_that_ended_while_it_waited_is_replaced(pool):
    decode(pool, saved("WEBP"))
    (pid,) = pids(pool)
    os.kill(pid, signal.SIGKILL)
    time.sleep(0.2)
    assert decode(pool, saved("WEBP")).shape == (48, 64, 3)
    assert pids(pool) != [pid]


def test_who_does_not_want_it_any_more_does_not_wait(pool):
    class Gone(BaseException):
        pass

    decode(pool, saved("WEBP"))
    (pid,) = pids(pool)
    children = []

    def ask():
        children.extend(children_of(pid))
        if children:
            raise Gone

    with pytest.raises(Gone), cancellable(ask):
        decode(pool, slow_bmp())
    for process in (pid, *children):
        wait_until_ended(process)


def test_no_more_at_once_than_the_pool_has_and_who_waits_too_long_is_told(monkeypatch):
    monkeypatch.setattr(decoder_process, "TURN_S", 0.3)
    monkeypatch.setattr(decoder_process, "PATIENCE_S", 1.5)
    pool = DecoderPool(1)
    with ThreadPoolExecutor(2) as threads:
        first = threads.submit(decode, pool, slow_bmp())
        time.sleep(0.5)
        with pytest.raises(ImageError, match=r"it: waited for 0\.3 s behind other pictures\. Try again\."):
            decode(pool, saved("WEBP"))
        assert isinstance(first.exception(), ImageError)
    pool.close()


def test_a_machine_without_processes_says_so(pool, monkeypatch, caplog):
    def none_left(*_, **__):
        raise BlockingIOError(11, "Resource temporarily unavailable")

    monkeypatch.setattr(subprocess, "Popen", none_left)
    with pytest.raises(ImageError, match=r"it: cannot be opened now.* Try again in a minute"):
        decode(pool, saved("WEBP"))
    assert "no picture can be decoded" in caplog.text


def test_a_decoder_that_does_not_start_is_no_fault_of_the_picture(pool, monkeypatch):
    monkeypatch.setattr(sys, "executable", "/bin/false")
    with pytest.raises(ImageError, match="it: cannot be opened now"):
        decode(pool, saved("WEBP"))


PROGRAM = """
import io, os, sys, time
from PIL import Image
from core.images.decode import read_image
from core.images.decoder_process import DECODERS
file = io.BytesIO(); Image.new("RGB", (9, 9)).save(file, "WEBP")
read_image(file.getvalue())
print(DECODERS._idle[0].pid, flush=True)
if sys.argv[1] == "fork":
    child = os.fork()
    read_image(file.getvalue())
    if child:
        sys.exit(os.waitpid(child, 0)[1])
elif sys.argv[1] == "kill":
    os.kill(os.getpid(), 9)
"""


def test_a_program_without_standard_streams_decodes_all_the_same(tmp_path):
    """As a service may be started: sockets then get their numbers."""
    picture = tmp_path / "a.webp"
    picture.write_bytes(saved("WEBP"))
    program = (
        "from core.images.decode import read_image; from pathlib import Path; import os; "
        "os.closerange(0, 3); "
        f"os._exit(read_image(Path({str(picture)!r})).width)"
    )
    assert subprocess.run([sys.executable, "-c", program], cwd=ROOT, timeout=60).returncode == 64


@pytest.mark.parametrize("how", ["leave", "kill", "fork"])
def test_no_decoder_outlives_its_program(how):
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", PROGRAM, how],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.returncode == (-9 if how == "kill" else 0) and not done.stderr
    wait_until_ended(int(done.stdout))


def test_a_decoder_loads_no_framework_and_knows_no_secret(pool, monkeypatch):
    monkeypatch.setenv("MASKWISE_PASSWORD_FILE", "secret")
    decode(pool, saved("WEBP"))
    process = Path(f"/proc/{pids(pool)[0]}")
    if not process.exists():
        pytest.skip("no /proc here")
    assert "MASKWISE" not in (process / "environ").read_text()
    loaded = (process / "maps").read_text()
    assert "PIL" in loaded
    assert not any(name in loaded for name in ("tensorflow", "onnxruntime", "cv2", "pyarrow"))
    limits = (process / "limits").read_text().splitlines()
    assert any(line.split()[:5] == ["Max", "file", "size", "0", "0"] for line in limits)
    assert any(line.split()[:6] == ["Max", "core", "file", "size", "0", "0"] for line in limits)
