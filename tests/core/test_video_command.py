"""`python -m core video`: its files, fields and exit codes, and what is left when it is stopped."""

import base64
import csv
import io
import json
import re
import resource
import signal
import subprocess
import sys
import time
from pathlib import Path

import av
import numpy as np
import pytest
from PIL import Image

from core.__main__ import main
from core.mask_rendering.samples import sample_frame
from core.video.films import gif
from tests.films import bytes_of, film_of, grey, noise, pictures_of, times_of

ROOT = Path(__file__).parents[2]
FACE = (175, 74, 271, 173)  # of the astronaut, pixels
FIELDS = ("video", "width", "height", "seconds", "frames", "analysed", "people", "counts", "ms")


@pytest.fixture(scope="module")
def film(tmp_path_factory):
    """The astronaut for a second, with sound."""
    path = tmp_path_factory.mktemp("films") / "me.mp4"
    film_of([sample_frame("no_mask").rgb[:300]] * 10, path, rate=10, sound=1.0, coder={"preset": "ultrafast"})
    return path


@pytest.fixture(scope="module")
def wall(tmp_path_factory):
    """A film of half an hour of nothing, a picture a second."""
    path = tmp_path_factory.mktemp("wall") / "wall.mp4"
    film_of([grey(i % 250, (64, 48)) for i in range(1800)], path, rate=1, coder={"preset": "ultrafast"})
    return path


def names(folder):
    return sorted(path.name for path in folder.iterdir())


def sharpness(rgb):
    return float(np.asarray(Image.fromarray(rgb).convert("L"), float)[::2, ::2].std())


def test_json_is_one_object_with_the_fields_that_scripts_rely_on(film, capsys):
    assert main(["video", str(film), "--json"]) == 0
    said = json.loads(capsys.readouterr().out)
    assert tuple(said)[: len(FIELDS)] == FIELDS
    assert (said["video"], said["width"], said["height"], said["seconds"]) == (str(film), 512, 300, 1.0)
    assert (said["frames"], said["analysed"], said["counts"]) == (10, 5, {"without_mask": 1})
    (person,) = said["people"]
    assert set(person) == {"id", "from", "to", "label", "seconds", "best"}
    assert (person["id"], person["from"], person["to"], person["label"]) == (1, 0.0, 1.0, "without_mask")
    assert person["seconds"] == {"without_mask": 1.0}
    assert set(person["best"]) == {"time", "box", "label", "probabilities"}
    assert np.allclose(person["best"]["box"], FACE, atol=12) and person["best"]["label"] == "without_mask"
    assert sum(person["best"]["probabilities"].values()) == pytest.approx(1, abs=0.01)
    assert said["ms"]["decode"] > 0 and said["ms"]["detect"] > 0


@pytest.mark.parametrize("blur", [False, True])
def test_all_files_are_written_and_faces_blurred_in_each_if_asked(film, blur, tmp_path, capsys):
    given = {"output": "o.mp4", "people": "p.csv", "frames": "f.csv", "gif": "o.gif", "report": "r.html"}
    given["chapters"] = "c.vtt"
    files = {option: tmp_path / name for option, name in given.items()}
    options = [part for option, path in files.items() for part in (f"--{option}", str(path))]
    assert main(["video", str(film), *options, *(["--blur"] if blur else [])]) == 0
    assert "1 person: 1 no mask" in capsys.readouterr().out
    assert sorted(tmp_path.iterdir()) == sorted(files.values())  # and nothing half-written

    inside = np.s_[FACE[1] + 20 : FACE[3] - 20, FACE[0] + 20 : FACE[2] - 20]
    real = sharpness(sample_frame("no_mask").rgb[inside])
    seen = [sharpness(pictures_of(files["output"])[5][inside])]
    report = files["report"].read_text()
    (jpeg,) = re.findall(r"data:image/jpeg;base64,([^\"' )]+)", report)
    with Image.open(io.BytesIO(base64.b64decode(jpeg))) as picture:
        side = picture.width
        seen.append(sharpness(np.array(picture)[side // 3 : -side // 3, side // 3 : -side // 3]))
    with Image.open(files["gif"]) as picture:
        assert picture.is_animated and files["gif"].stat().st_size <= 8_000_000
        scale = picture.width / 512
        seen.append(
            sharpness(np.array(picture.convert("RGB").crop([v * scale for v in FACE]))[20:-20, 20:-20])
        )
    assert [s < real / 2 for s in seen] == [blur] * 3, (real, seen)

    with av.open(str(files["output"])) as container:
        kinds = [stream.codec_context.name for stream in container.streams]
        assert kinds == ["h264", "aac"]
    with files["people"].open(encoding="utf-8-sig", newline="") as file:
        assert [(row["id"], row["label"]) for row in csv.DictReader(file)] == [("1", "without_mask")]
    with files["frames"].open(encoding="utf-8-sig", newline="") as file:
        assert len([row for row in csv.DictReader(file) if row["answer"] == "without_mask"]) == 5
    assert files["chapters"].read_text().startswith("WEBVTT") and "http" not in report.split("</style>")[-1]


def test_a_part_is_as_long_as_it_was_asked_for(film, tmp_path, capsys):
    assert (
        main(
            ["video", str(film), "--from", ".2", "--to", ".7", "--output", str(tmp_path / "o.mp4"), "--json"]
        )
        == 0
    )
    said = json.loads(capsys.readouterr().out)
    assert (said["from"], said["seconds"], said["frames"]) == (0.2, 0.5, 5)
    assert len(times_of(tmp_path / "o.mp4")) == 5


def test_exit_codes_are_those_of_check(film, tmp_path, capsys):
    (tmp_path / "no.mp4").write_bytes(b"no film")
    assert main(["video", str(tmp_path / "no.mp4")]) == 2
    assert "no.mp4: is not a film" in capsys.readouterr().out
    assert main(["video", str(tmp_path / "not there.mp4"), "--json"]) == 2
    said = json.loads(capsys.readouterr().out)
    assert set(said) == {"video", "error"} and "cannot be read" in said["error"]
    assert main(["video", "http://127.0.0.1/film.mp4"]) == 2  # a private address
    assert "error: " in capsys.readouterr().out
    for wrong in (
        ["--output", str(tmp_path / "no such folder" / "o.mp4")],
        ["--output", str(film)],
        ["--people", str(tmp_path / "a"), "--frames", str(tmp_path / "a")],
        ["--from", "3", "--to", "2"],
        ["--every", "-1"],
    ):
        assert main(["video", str(film), *wrong]) == 1
        said = capsys.readouterr()
        assert said.err.startswith("error: ") and not said.out
    with pytest.raises(SystemExit) as usage:
        main(["video"])
    assert usage.value.code == 2
    assert film.stat().st_size > 1000


def test_what_cannot_be_written_is_told_and_the_answer_still_comes(film, tmp_path, capsys):
    (tmp_path / "full.csv").symlink_to("/dev/full")
    files = ["--output", "/dev/full", "--frames", str(tmp_path / "full.csv")]
    files += ["--people", str(tmp_path / "p.csv")]
    assert main(["video", str(film), *files, "--json"]) == 1
    said = capsys.readouterr()
    assert json.loads(said.out)["counts"] == {"without_mask": 1}
    assert "the disk is full" in said.err and "No space left" in said.err
    assert (tmp_path / "p.csv").stat().st_size > 20 and Path("/dev/full").is_char_device()


def test_a_disk_that_fills_up_leaves_what_was_there_before(tmp_path):
    film_of([noise(i, (160, 120)) for i in range(20)], tmp_path / "noise.mp4", coder={"crf": "10"})
    output = tmp_path / "out" / "o.mp4"
    output.parent.mkdir()
    output.write_bytes(b"what was there before")

    def little_room():
        resource.setrlimit(resource.RLIMIT_FSIZE, (50_000, 50_000))

    run = started(str(tmp_path / "noise.mp4"), "--output", str(output), "--json", preexec_fn=little_room)
    out, err = run.communicate(timeout=120)
    assert run.returncode == 1 and json.loads(out)["frames"] == 20
    assert b"o.mp4: cannot be written (File too large)" in err
    assert output.read_bytes() == b"what was there before" and names(output.parent) == ["o.mp4"]


def started(*arguments, **options):
    command = [sys.executable, "-m", "core", "video", *arguments]
    return subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, **options)


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_stopped_it_leaves_a_film_that_plays_up_to_there(number, code, wall, tmp_path):
    output = tmp_path / "out" / "o.mp4"
    output.parent.mkdir()
    run = started(str(wall), "--output", str(output), "--json", "--every", "0")
    deadline = time.monotonic() + 60
    while not any(part.stat().st_size for part in output.parent.iterdir()):
        assert run.poll() is None and time.monotonic() < deadline
        time.sleep(0.05)
    run.send_signal(number)
    out, err = run.communicate(timeout=60)
    assert run.returncode == code and b"Traceback" not in err
    said = json.loads(out)
    assert not said["complete"] and 0 < said["seconds"] < 1790
    assert times_of(output)[-1] == pytest.approx(said["seconds"], abs=2.5)
    assert names(output.parent) == ["o.mp4"]


def test_a_second_ctrl_c_ends_it_and_leaves_nothing_half_written(wall, tmp_path):
    output = tmp_path / "out" / "o.mp4"
    output.parent.mkdir()
    run = started(str(wall), "--output", str(output), "--every", "0")
    while not names(output.parent):
        assert run.poll() is None
        time.sleep(0.05)
    for _ in range(2):
        run.send_signal(signal.SIGINT)
        time.sleep(0.02)
    _, err = run.communicate(timeout=60)
    assert run.returncode == 130 and b"Traceback" not in err
    assert names(output.parent) in ([], ["o.mp4"])


@pytest.mark.parametrize("count", [1, 2])
def test_ctrl_c_while_files_are_written_ends_that_and_keeps_the_answer(
    count, film, tmp_path, capsys, monkeypatch
):
    """Once with the answer there; after a first one, which ended the check, without."""

    def interrupted(*_, **__):
        signal.raise_signal(signal.SIGINT)

    monkeypatch.setattr("core.commands.film_files.to_gif", interrupted)
    if count == 2:
        monkeypatch.setattr("core.commands.video.FilmCheck.is_stopped", True)
    files = [("people", "p.csv"), ("gif", "o.gif"), ("report", "r.html")]
    options = [part for name, file in files for part in (f"--{name}", str(tmp_path / file))]
    assert main(["video", str(film), *options, "--json"]) == 130
    said = capsys.readouterr()
    if count == 1:
        assert json.loads(said.out)["counts"] == {"without_mask": 1}
        assert "o.gif: not written, as you ended it." in said.err and "r.html: not written" in said.err
    else:
        assert not said.out
    assert names(tmp_path) == ["p.csv"]


def test_a_gif_of_restless_pictures_is_made_small_enough(tmp_path, monkeypatch):
    assert gif.MAX_BYTES == 8_000_000
    film_of([noise(i, (320, 240)) for i in range(8)], tmp_path / "n.mp4", rate=8)
    sizes = []
    for most in (gif.MAX_BYTES, 300_000):
        monkeypatch.setattr(gif, "MAX_BYTES", most)
        made = tmp_path / f"{most}.gif"
        assert main(["video", str(tmp_path / "n.mp4"), "--every", "5", "--gif", str(made)]) == 0
        with Image.open(made) as picture:
            sizes.append((picture.size, made.stat().st_size <= most, picture.n_frames))
    assert sizes == [((320, 240), True, 8), ((140, 105), True, 8)]


def test_the_address_of_a_film_is_fetched(monkeypatch, capsys):
    fetched = bytes_of([grey(100)] * 5)
    monkeypatch.setattr("core.commands.video.fetch_film", lambda url, **bounds: fetched)
    assert main(["video", "https://example.org/a.mp4", "--json"]) == 0
    said = json.loads(capsys.readouterr().out)
    assert (said["video"], said["frames"], said["people"]) == ("https://example.org/a.mp4", 5, [])
