"""`python -m core check ... --output FILE`: options, exit codes, and what is printed."""

import io
import os
import signal
import sys

import pytest

from core.commands import main
from tests.core.bulk.in_process import NO_FACE, ONE_FACE, InProcess, rows_in


@pytest.fixture(autouse=True)
def photos(tmp_path, monkeypatch):
    """The working folder: a face in `p`, another in `p/sub`. Parts are answered in this process."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("core.commands.bulk.LocalEngine", lambda options, workers: InProcess(options))
    (tmp_path / "p/sub").mkdir(parents=True)
    (tmp_path / "p/a.jpg").write_bytes(ONE_FACE)
    (tmp_path / "p/none.jpg").write_bytes(NO_FACE)
    (tmp_path / "p/sub/b.jpg").write_bytes(ONE_FACE)
    return tmp_path


def check(*arguments):
    return main(["check", *arguments, "--detector", "haar"])


def test_a_folder_becomes_a_table_and_a_summary_is_printed(photos, capsys):
    assert check("p", "--output", "r.parquet") == 0
    assert [row["picture"] for row in rows_in(photos / "r.parquet")] == ["p/a.jpg", "p/none.jpg"]
    printed = capsys.readouterr()
    assert "2 pictures: 1 face, 1 without one, 0 that could not be read" in printed.out
    assert "No mask: 1 (100.0%)" in printed.out and "r.report.html" in printed.out
    assert "passed over 1 folders inside" in printed.err
    assert check("p", "--recursive", "--output", "s.csv") == 0
    assert "3 pictures: 2 faces" in capsys.readouterr().out


def test_what_cannot_be_read_gives_2_and_fail_on_gives_3(photos, capsys):
    (photos / "p/broken.jpg").write_bytes(b"")
    assert check("p", "--output", "r.csv") == 2
    assert check("p", "--output", "r.csv", "--resume", "--fail-on", "incorrect_mask,without_mask") == 3
    assert "--fail-on names the answer of 1 face." in capsys.readouterr().err
    assert check("p/none.jpg", "--output", "s.csv", "--fail-on", "without_mask") == 0
    assert check("p", "--output", "t.csv", "--fail-on", "no_mask") == 1
    assert "no_mask: mask3 has no such answer" in capsys.readouterr().err


def test_fail_on_serves_single_pictures_too(capsys):
    assert check("p/a.jpg", "p/none.jpg", "--fail-on", "without_mask") == 3
    assert check("p/a.jpg", "--fail-on", "with_mask,cannot_tell") == 0
    assert check("p/a.jpg", "--fail-on", "no_mask") == 1
    assert "has no such answer" in capsys.readouterr().err


def test_an_output_that_is_there_is_refused(photos, capsys):
    (photos / "r.csv").write_text("mine")
    assert check("p", "--output", "r.csv") == 1
    assert "is there already" in capsys.readouterr().err and (photos / "r.csv").read_text() == "mine"


def test_a_list_comes_on_standard_input(photos, monkeypatch):
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(b"p/a.jpg\np/sub\n")))
    assert check("-", "--output", "r.parquet") == 0
    assert [row["picture"] for row in rows_in(photos / "r.parquet")] == ["p/a.jpg", "p/sub/b.jpg"]


def test_standard_input_may_be_closed(photos, monkeypatch):
    monkeypatch.setattr("sys.stdin", None)
    assert check("p", "--output", "r.csv") == 0
    assert check("-", "--output", "s.parquet") == 2
    (failure,) = rows_in(photos / "s.failures.parquet")
    assert failure["reason"].startswith("-: cannot be read")


def test_a_closed_pipe_stops_no_table_and_takes_no_exit_code(photos, monkeypatch):
    for name in ("stdout", "stderr"):
        reads, writes = os.pipe()
        os.close(reads)
        with open(writes, "w") as unread, monkeypatch.context() as patch:  # noqa: PTH123 - a pipe
            patch.setattr(sys, name, unread)
            output = f"{name}.parquet"
            assert check("p", "--output", output, "--fail-on", "without_mask") == 3
        assert len(rows_in(photos / output)) == 2


def test_a_terminal_that_is_closed_ends_no_run(photos, monkeypatch):
    seen = []

    class Seeing(InProcess):
        def run(self, *arguments):
            seen.append(signal.getsignal(signal.SIGHUP))
            return super().run(*arguments)

    monkeypatch.setattr("core.commands.bulk.LocalEngine", lambda options, workers: Seeing(options))
    before = signal.getsignal(signal.SIGHUP)
    assert check("p", "--output", "r.csv") == 0
    assert seen == [signal.SIG_IGN] and signal.getsignal(signal.SIGHUP) is before


def test_drawn_pictures_may_be_blurred(photos):
    assert check("p", "--output", "r.csv", "--annotate", "drawn") == 0
    assert check("p", "--output", "s.csv", "--annotate", "blurred", "--blur") == 0
    names = [sorted(path.name for path in (photos / folder).iterdir()) for folder in ("drawn", "blurred")]
    assert names[0] == names[1] and len(names[0]) == 2
    assert (photos / "drawn" / names[0][0]).read_bytes() != (photos / "blurred" / names[0][0]).read_bytes()


@pytest.mark.parametrize(
    "options",
    [["--recursive"], ["--resume"], ["--workers", "2"], ["--annotate", "d"], ["--blur"], ["--engine", "ray"]],
)
def test_options_of_a_table_need_one(options, capsys):
    assert check("p/a.jpg", *options) == 1
    assert f"{options[0]} needs --output with a file that ends with .parquet" in capsys.readouterr().err


def test_the_address_of_a_cluster_needs_its_engine(photos, capsys):
    assert check("p", "--output", "r.csv", "--address", "auto") == 1
    assert "--address needs --engine ray" in capsys.readouterr().err
    assert not list(photos.glob("r.*"))


def test_a_table_that_is_not_written_is_no_folder_for_drawn_pictures(photos, capsys):
    assert check("p", "--output", "results.json") == 1
    assert "results.json: name a file that ends with .parquet" in capsys.readouterr().err
    assert not (photos / "results.json").exists()


@pytest.mark.parametrize("name", [".parquet", ".CSV"])
def test_a_table_needs_a_name_before_its_end(photos, capsys, name):
    assert check("p", "--output", name) == 1
    assert "name a file that ends with .parquet" in capsys.readouterr().err and not (photos / name).exists()


@pytest.mark.parametrize("form", ["--json", "--csv"])
def test_what_is_printed_has_a_form_and_a_table_its_name(photos, capsys, form):
    assert check("p", "--output", "r.csv", form) == 1
    assert f"{form} is for answers that are printed" in capsys.readouterr().err


@pytest.mark.parametrize("answers", ["", " , "])
def test_fail_on_nothing_is_refused(capsys, answers):
    with pytest.raises(SystemExit):
        check("p", "--output", "r.csv", "--fail-on", answers)
    assert "name at least one answer" in capsys.readouterr().err


def test_a_working_folder_that_is_gone_is_said(photos, capsys, monkeypatch):
    (photos / "gone").mkdir()
    monkeypatch.chdir(photos / "gone")
    (photos / "gone").rmdir()
    assert check(str(photos / "p"), "--output", "r.csv", "--annotate", "d") == 1
    assert "The working folder is gone" in capsys.readouterr().err


@pytest.mark.parametrize("workers", ["0", "-1", "x", "1000"])
def test_a_number_of_workers_that_cannot_be_is_refused(workers, capsys):
    with pytest.raises(SystemExit):
        check("p", "--output", "r.csv", "--workers", workers)
    assert "give a number from 1 to 512" in capsys.readouterr().err
