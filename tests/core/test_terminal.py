"""What is around every command: which commands it is around, and what of TensorFlow's lines comes through."""

from __future__ import annotations

import ast
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import ROOT

COMMANDS = [
    path
    for part in ("core", "training")
    for path in sorted((ROOT / part).rglob("*.py"))
    if "__main__" in path.read_text() and not path.stem.endswith("_main") and path.stem != "__main__"
]


def test_there_are_many_commands():
    assert {"train", "export", "split", "teach", "operating_point", "label_check"} < {
        p.stem for p in COMMANDS
    }


@pytest.mark.parametrize("path", COMMANDS, ids=lambda path: path.stem)
def test_it_is_around_every_command(path):
    *_, last = ast.parse(path.read_text()).body
    assert ast.unparse(last) == "if __name__ == '__main__':\n    raise SystemExit(terminal.run(main))"


def spoken(code: str, **options) -> subprocess.CompletedProcess[str]:
    """A process that runs `code` as a command."""
    script = f"import os, sys\nfrom core import terminal\ndef command(_):\n    {code}\n"
    script += "sys.exit(terminal.run(command))"
    left_out = ("TF_CPP", "PYTHONUNBUFFERED")
    environment = {name: value for name, value in os.environ.items() if not name.startswith(left_out)}
    command = [sys.executable, "-c", script]
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    return subprocess.run(command, cwd=ROOT, env=environment, text=True, **pipes | options)


def test_no_file_gets_the_number_of_a_stream_that_is_closed(tmp_path):
    """Else a library's warnings would be written into it, by this process or one that it starts."""
    script = f"""if True:
        import os, subprocess, sys
        from core import terminal
        def command(_):
            with open({str(tmp_path / "numbers")!r}, "w") as file:
                file.write(str(file.fileno()))
            return subprocess.call([sys.executable, "-c", "import os; list(map(os.fstat, range(3)))"])
        sys.exit(terminal.run(command))"""
    closing = ["sh", "-c", 'exec "$@" <&- >&- 2>&-', "sh"]
    done = subprocess.run([*closing, sys.executable, "-c", script], cwd=ROOT)
    assert done.returncode == 0 and int((tmp_path / "numbers").read_text()) > 2


@pytest.fixture
def unread():
    """A pipe that whoever reads has closed."""
    reads, writes = os.pipe()
    os.close(reads)
    yield writes
    os.close(writes)


@pytest.mark.parametrize(
    ("code", "expected"),
    [("print('said'); return 3", 3), ("[print('said', flush=True) for _ in range(9)]; return 3", 0)],
)
def test_a_closed_pipe_ends_a_command_that_writes_and_leaves_its_code_to_one_that_has(code, expected, unread):
    done = spoken(code, stdout=unread)
    assert (done.returncode, done.stderr) == (expected, "")


def test_a_full_disk_is_a_line_and_no_traceback():
    with Path("/dev/full").open("w") as full:
        done = spoken("print('said'); return 0", stdout=full)
    assert done.returncode == 1
    assert done.stderr == "error: the disk that is written to is full. Make room and try again.\n"


@pytest.mark.parametrize("closed", ["stdout", "stderr"])
def test_what_nobody_listens_to_does_not_end_what_goes_on(closed, unread):
    say = f"speaker = terminal.Speaker(sys.{closed}); [speaker.say('word') for _ in range(9)]"
    done = spoken(f"{say}; terminal.Speaker(None).say('word'); return 3", **{closed: unread})
    assert (done.returncode, done.stdout or "", done.stderr or "") == (3, "", "")


def test_tensorflow_says_nothing_of_itself():
    done = spoken("import tensorflow; return int(tensorflow.zeros(3).shape[0])")
    assert (done.returncode, done.stdout, done.stderr) == (3, "", "")


NOISE = (
    "WARNING: All log messages before absl::InitializeLog() is called are written to STDERR",
    "I0000 00:00:1796129891.91 1 cudart_stub.cc:31] Could not find cuda drivers on your machine, ...",
    "I0000 00:00:1796162693.154817    9258 port.cc:153] oneDNN custom operations are on. You may see ...",
)


def library(tmp_path, code: str) -> None:
    """A TensorFlow that runs `code` when it is imported."""
    (tmp_path / "tensorflow").mkdir()
    lines = "".join(f"os.write(2, {line!r}.encode() + b'\\n')\n" for line in NOISE)
    (tmp_path / "tensorflow/__init__.py").write_text(f"import os, sys\n{lines}{code}\n")


IMPORT = "sys.path.insert(0, {!r}); import tensorflow; print('after', file=sys.stderr); return 0"


def test_what_else_it_says_while_it_is_loaded_comes_through_and_before_what_follows(tmp_path):
    error = "E0000 00:00:1796162693.1 9 port.cc:153] it is broken\n"
    library(tmp_path, f"os.write(2, {error.encode()!r}); print('I warn you', file=sys.stderr)")
    done = spoken(IMPORT.format(str(tmp_path)))
    assert (done.returncode, done.stderr) == (0, f"{error}I warn you\nafter\n")


def test_the_last_words_of_one_that_crashes_come_through(tmp_path):
    library(tmp_path, "os.write(2, b'compiled to use AVX\\n'); os.abort()")
    done = spoken(IMPORT.format(str(tmp_path)))
    assert done.returncode < 0 and done.stderr == "compiled to use AVX\n"


def test_one_that_cannot_be_imported_is_an_error_as_ever(tmp_path):
    library(tmp_path, "raise ImportError('no such symbol')")
    done = spoken(IMPORT.format(str(tmp_path)))
    assert done.returncode == 1 and "ImportError: no such symbol" in done.stderr
    assert all(line not in done.stderr for line in NOISE)


def test_with_no_place_for_errors_it_is_loaded_all_the_same(tmp_path):
    (tmp_path / "tensorflow.py").write_text("seven = 7")
    code = f"sys.path.insert(0, {str(tmp_path)!r}); os.close(2); import tensorflow; return tensorflow.seven"
    assert spoken(code).returncode == 7
