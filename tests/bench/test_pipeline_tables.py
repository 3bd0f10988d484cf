"""Slopes, starts and memory beside the rows of whole programs."""

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from bench.pipeline import __main__ as command
from bench.pipeline import families, starts
from bench.pipeline.comparison import Row, spread
from bench.pipeline.growth import growth
from bench.pipeline.one_start import peak_mb
from bench.pipeline.programs import Family
from bench.pipeline.scenes import wall
from bench.pipeline.starts import Start, Starts, start

OURS = Family("Maskwise", "bench.pipeline.ours:ours")


def row(faces, megapixels, ms):
    return Row(f"{faces} at {megapixels}", "a", (ms,), faces, 1, None, 0, megapixels)


def walls(faces, sizes, step=0.0):
    """5 ms, 2 a face and 10 a megapixel; with a step where the most faces meet the most pixels."""
    return [
        row(f, m, (5 + 2 * f + 10 * m) * (1 + step * (f == faces[-1] and m == sizes[-1])))
        for m in sizes
        for f in faces
    ]


def test_slopes_are_those_of_faces_and_pixels():
    (told,) = growth([*walls((1, 8, 32), (1, 4, 12)), Row("real", "a", (9999.0,), 131, 111, 89, 33)])
    assert (told.fixed, told.a_face, told.a_megapixel) == pytest.approx((5, 2, 10))
    assert told.off == pytest.approx(0) and (told.found, told.faces) == (9, 123)
    assert told.cells()[1:4] == ["5.00", "2.00", "10.00"]


def test_a_step_is_seen_where_it_is():
    (told,) = growth(walls((1, 8, 32), (1, 4, 12), step=1.0))
    assert told.off < -0.2 and told.cells()[4].endswith("% at 32 at 12")


@pytest.mark.parametrize("of", [((1, 8, 32), (1,)), ((8,), (1, 4, 12)), ((1,), (1,))])
def test_no_slopes_are_told_that_the_pictures_do_not_tell_apart(of):
    assert growth(walls(*of)) == []


def test_a_spread_is_the_median_between_quartiles():
    assert spread([1, 2, 3, 4, 100], 1) == "3.0 (1.5 to 52.0)" and spread([2], 2) == "2.00 (2.00 to 2.00)"


def test_starts_are_compared_with_the_first_and_memory_that_is_not_told_is_said():
    first = Starts("a", (Start(1.0, 0.5, 0.5, 100.0, 300.0), Start(1.0, 0.5, 0.5, 120.0, 300.0)))
    other = Starts("b", (Start(4.0, 1.0, 1.0, None, None),))
    assert first.cells(first)[4:] == ["2.00 (2.00 to 2.00)", "1.00", "110", "300"]
    assert other.cells(first)[4:] == ["6.00 (6.00 to 6.00)", "3.00", "not told", "not told"]


@pytest.mark.skipif(sys.platform == "win32", reason="Windows does not tell a process its peak of memory")
def test_a_start_is_timed_step_by_step_and_its_memory_is_its_own(tmp_path):
    picture = tmp_path / "wall.jpg"
    picture.write_bytes(wall(2, (640, 480)).content)
    held = np.ones(100 * 2**20, np.uint8)  # of this process: getrusage would have the child begin with it
    told = start(OURS, picture, picture)
    assert min(told.imported, told.loaded, told.answered) > 0
    assert 50 < told.mb <= told.large_mb < peak_mb() and held.all()


def test_what_does_not_start_says_why(tmp_path):
    missing = tmp_path / "missing.onnx"
    family = Family("UltraFace", "bench.pipeline.ultraface:ultraface", (missing,))
    with pytest.raises(RuntimeError, match=r"(?s)UltraFace does not start: .*missing\.onnx: cannot be read"):
        start(family, missing, missing)


def test_ours_starts_without_tensorflow():
    script = "import bench.pipeline.one_start, bench.pipeline.ours, sys; print('tensorflow' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", script], capture_output=True).stdout.strip() == b"False"


def test_programs_that_are_not_at_hand_are_named(monkeypatch, capsys):
    def no_network(folder):
        raise RuntimeError("no network")

    monkeypatch.setattr(families, "fetch", no_network)
    found = families.families(None, None, Path("ultra.onnx"), Path())
    assert [one.name for one in found] == ["Maskwise", "Haar + InceptionV3", "UltraFace"]
    said = capsys.readouterr().out.splitlines()
    assert said == [
        "res10 + MobileNetV2 is left out: no network",
        "AIZOO is left out: its weights are given by --aizoo FILE.",
    ]


def test_the_command_prints_and_keeps_rows_growth_and_starts(monkeypatch, capsys, tmp_path):
    monkeypatch.setattr(command, "SIZES", ((320, 240), (640, 480)))
    monkeypatch.setattr(command, "print_limits", lambda: None)
    monkeypatch.setattr(starts, "LARGE", (2, (640, 480)))
    broken = Family("UltraFace", "bench.pipeline.ultraface:ultraface", (tmp_path / "missing.onnx",))
    monkeypatch.setattr(families, "families", lambda *asked: [OURS, broken])
    kept = tmp_path / "kept.json"
    command.main(["--repeat", "2", "--faces", "1", "2", "--starts", "1", "--json", str(kept)])
    rows, grown, began = capsys.readouterr().out.split("\n\n")
    assert rows.startswith("UltraFace is left out: ")
    assert [len(table.splitlines()) for table in (rows, grown, began)] == [1 + 2 + 4 * 3, 2 + 3, 2 + 1]
    told = json.loads(kept.read_text())
    assert [len(told[name]) for name in ("rows", "growth", "starts")] == [12, 3, 1]
    assert told["starts"][0]["each"][0]["answered"] > 0
