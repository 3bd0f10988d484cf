"""`python -m core`: names, fields and exit codes that scripts rely on."""

import csv
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from PIL import Image

from core import settings
from core.__main__ import main
from core.commands.words import answered
from core.decision import OperatingPoint
from core.detection import face_fpn
from core.images.decode import read_image
from core.images.encode import to_jpeg
from core.labels import MASK_3
from core.mask_rendering.samples import SAMPLES, sample_frame
from core.models.card import read_card
from core.models.detector_card import DetectorCard, write_detector_card
from core.models.installed import SHIPPED
from core.models.operating_points import OPERATING_POINT_FILE, save_operating_point
from core.models.weights import sha256_of
from core.results import Prediction

ROOT = Path(__file__).parents[2]


def started(*arguments: str, **options) -> subprocess.Popen:
    command = [sys.executable, "-m", "core", *arguments]
    return subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, **options)


@pytest.fixture
def photo(tmp_path):
    path = tmp_path / "astronaut.jpg"
    path.write_bytes(to_jpeg(sample_frame(next(iter(SAMPLES))).rgb))
    return str(path)


OF_THE_MASK = {
    *("label", "answer", "probabilities", "worn_properly", "worn_properly_probability", "unclear_between"),
    "subtype",
}


def lines(capsys):
    return [json.loads(line) for line in capsys.readouterr().out.splitlines()]


def test_one_picture_loads_nothing_of_films_workers_and_tables(photo):
    """They take as long as the answer."""
    script = (
        "import sys; from core.commands import main; main(sys.argv[1:]); "
        "print({'av', 'pyarrow', 'jinja2', 'multiprocessing.pool', 'core.video.session', 'core.bulk.job'} "
        "& set(sys.modules))"
    )
    command = [sys.executable, "-c", script, "check", photo, "--json"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    answer, loaded = done.stdout.splitlines()
    assert len(json.loads(answer)["faces"]) == 1 and loaded == "set()"


def test_check_prints_a_line_of_json_a_picture(photo, capsys):
    assert main(["check", photo, photo, "--detector", "haar", "--json"]) == 0
    first, second = lines(capsys)
    assert first["image"] == second["image"] == photo
    assert (first["width"], first["height"]) == (512, 512)
    assert set(first) == {"image", "width", "height", "faces", "dropped", "ms"}
    assert set(first["ms"]) == {"decode", "detect", "classify"}
    (face,) = first["faces"]
    assert set(face) == {"box", "score", "confidence", "cannot_tell", *OF_THE_MASK}
    assert list(face["probabilities"]) == ["with_mask", "incorrect_mask", "without_mask"]
    assert face["label"] == "without_mask" and sum(face["probabilities"].values()) == pytest.approx(
        1, abs=1e-3
    )
    x1, y1, x2, y2 = face["box"]
    assert 150 < x1 < 225 < x2 < 320 and 40 < y1 < 120 < y2 < 230


def test_an_unreadable_picture_has_its_error_and_the_others_still_come(photo, tmp_path, capsys):
    broken = tmp_path / "broken.jpg"
    broken.write_bytes(b"not a picture")
    arguments = ["check", str(broken), photo, str(tmp_path / "absent.png"), "--detector", "haar", "--json"]
    assert main(arguments) == 2
    first, second, third = lines(capsys)
    assert first["image"] == str(broken) and "broken.jpg" in first["error"]
    assert len(second["faces"]) == 1
    assert "absent.png" in third["error"]


@pytest.mark.parametrize("command", ["check", "classify"])
def test_a_picture_that_is_built_to_cost_has_its_error_and_the_others_still_come(
    command, photo, tmp_path, capsys
):
    strip, endless = tmp_path / "strip.png", tmp_path / "endless.jpg"
    Image.new("1", (50_000_000, 1)).save(strip)
    endless.write_bytes(b"\xff\xd8" + b"\xff\xfe\0\2" * 10_000_000)
    assert main([command, str(strip), str(endless), photo, "--json"]) == 2
    first, second, third = lines(capsys)
    assert set(first) == set(second) == {"image", "error"} and "error" not in third
    assert "50,000,000 pixels long" in first["error"] and "Cut it" in first["error"]
    assert "built to take minutes" in second["error"] and "Save it again" in second["error"]


def test_min_score_moves_what_counts_as_a_face(photo, capsys):
    main(["check", photo, "--detector", "haar", "--min-score", "0.999", "--json"])
    assert lines(capsys)[0]["faces"] == []


@pytest.mark.parametrize("option", ["--min-score", "--margin"])
@pytest.mark.parametrize("value", ["1.01", "-0.1", "nan", "inf", "much"])
def test_a_score_or_margin_outside_of_0_to_1_is_refused_before_anything_is_read(option, value, capsys):
    with pytest.raises(SystemExit, match="2"):
        main(["check", "photo.jpg", option, value])
    assert f"argument {option}: {value!r}: give a number from 0 to 1" in capsys.readouterr().err


@pytest.fixture
def folder(photo, tmp_path):
    """With a photo under two names, one of them without a suffix, and what else lies in such folders."""
    folder = tmp_path / "photos"
    (folder / "inside").mkdir(parents=True)
    for name in ("b.JPG", "a photo"):
        shutil.copy(photo, folder / name)
    for name in ("notes.txt", ".DS_Store", "._b.JPG", "Thumbs.db"):
        (folder / name).write_bytes(b"no picture")
    return folder


def test_check_answers_the_pictures_of_a_folder(folder, capsys):
    assert main(["check", str(folder), "--detector", "haar", "--json", "--margin", "1"]) == 0
    said = capsys.readouterr()
    found = [json.loads(line) for line in said.out.splitlines()]
    assert [line["image"] for line in found] == [str(folder / "a photo"), str(folder / "b.JPG")]
    assert "passed over 1 other files, 1 folders inside, 3 files that systems leave behind" in said.err
    for line in found:  # no margin is as wide as 1
        (face,) = line["faces"]
        assert face["cannot_tell"]["reason"] == "low_margin"
        assert (face["label"], face["answer"]) == ("without_mask", "cannot_tell")


def test_a_folder_without_pictures_is_an_error_of_its_own(folder, photo, capsys):
    assert main(["check", str(folder / "inside"), photo, "--detector", "haar", "--json"]) == 2
    first, second = lines(capsys)
    assert "holds no picture" in first["error"] and len(second["faces"]) == 1


def test_check_writes_csv_and_the_pictures_drawn_on(folder, tmp_path, capsys):
    (folder / "broken.png").write_bytes(b"no picture")
    out = tmp_path / "out"
    out.mkdir()
    (out / "b.jpg").write_bytes(b"was there before")
    assert main(["check", str(folder), "--detector", "haar", "--csv", "--output", str(out)]) == 2
    first, second, third = csv.DictReader(capsys.readouterr().out.splitlines())
    assert (first["image"], first["face"], first["answer"]) == (str(folder / "a photo"), "1", "without_mask")
    assert (third["image"], second["face"]) == (str(folder / "broken.png"), "1")
    assert "broken.png" in third["error"] and first["error"] == second["error"] == third["label"] == ""
    assert sorted(path.name for path in out.iterdir()) == ["a photo.jpg", "b (2).jpg", "b.jpg"]
    assert (out / "b.jpg").read_bytes() == b"was there before"
    plain, drawn = (read_image(path).rgb.astype(int) for path in (folder / "b.JPG", out / "b (2).jpg"))
    assert plain.shape == drawn.shape and abs(plain - drawn).max() > 100


def test_a_folder_that_cannot_be_written_is_said_before_anything_is_checked(photo, capsys):
    assert main(["check", photo, "--output", photo]) == 1
    said = capsys.readouterr()
    assert "pictures cannot be written there" in said.err and "--output" in said.err and not said.out


def test_models_as_json_is_one_document(capsys):
    assert main(["models", "--json"]) == 0
    (found,) = lines(capsys)
    first = found["models"][0]
    assert first["name"] == "mask3" and first["labels"] == list(MASK_3)
    assert first["operating_point"]["note"] == "the card's" and first["not_offered"] is None
    assert {detector["name"] for detector in found["detectors"]} >= {"face_fpn", "haar"}


def test_a_face_that_is_not_clear_does_not_read_as_a_label_when_it_is_classified(photo, capsys):
    assert main(["classify", photo, "--json", "--margin", "1"]) == 0
    (line,) = lines(capsys)
    assert line["label"] in MASK_3 and line["answer"] == "cannot_tell"


@pytest.mark.parametrize("arguments", [["--help"], ["check", "--help"], ["models"], ["models", "--json"]])
def test_neither_a_closed_pipe_nor_a_terminal_of_windows_gets_a_traceback(arguments):
    program = started(*arguments, env=os.environ | {"PYTHONIOENCODING": "cp1252"})
    program.stdout.close()
    assert program.stderr.read() == b""
    program.stderr.close()
    assert program.wait(60) == 0


def test_check_for_people(photo, capsys):
    assert main(["check", photo, "--detector", "haar"]) == 0
    text = capsys.readouterr().out
    assert "1 face(s)" in text and "No mask" in text


def test_an_answer_for_people_says_between_which_ways_it_is_not_clear():
    even = Prediction(MASK_3, (0.01, 0.51, 0.48), OperatingPoint(0.4))
    assert answered(even) == "! Not worn properly 99% (worn incorrectly or no mask)"
    assert answered(Prediction(MASK_3, (0.8, 0.1, 0.1), OperatingPoint(0.4))) == "✓ Mask on 80%"


def test_a_private_address_is_refused_like_an_unreadable_picture(capsys):
    assert main(["check", "http://127.0.0.1/a.jpg", "--detector", "haar", "--json"]) == 2
    assert "127.0.0.1" in lines(capsys)[0]["error"]


def test_classify_takes_the_picture_as_the_face(photo, capsys):
    assert main(["classify", photo, "--json"]) == 0
    (line,) = lines(capsys)
    reserved = set(read_card(SHIPPED / "mask3").class_set.reserved)
    assert set(line) == {"image", *OF_THE_MASK} | reserved
    assert line["label"] == max(line["probabilities"], key=line["probabilities"].get)


def test_models_tells_card_facts_and_detectors(capsys):
    assert main(["models"]) == 0
    text = capsys.readouterr().out
    for fact in ("mask3:", "with_mask, incorrect_mask, without_mask", "95% interval", "detector haar"):
        assert fact in text


def test_models_tells_the_facts_of_our_own_detector(capsys, tmp_path, monkeypatch):
    folder = tmp_path / face_fpn.NAME
    folder.mkdir()
    (folder / "model.onnx").write_bytes(b"weights")
    score = {
        "way": "photo",
        "source": "crowds",
        "pictures": 9,
        "n": 80,
        "found": 70,
        "false": 3,
        "ap50": 0.875,
    }
    card = {
        "name": face_fpn.NAME,
        "summary": "finds faces",
        "architecture": "a small net",
        "parameters": 250_000,
        "weights": {"onnx": {"file": "model.onnx", "sha256": sha256_of(folder / "model.onnx")}},
        "min_score": {"photo": {"value": 0.4, "reason": ""}, "live": {"value": 0.55, "reason": ""}},
        "intended_use": "",
        "limits": [],
        "licence": "for tests",
        "licence_notes": [],
        "trained_by": "face_fpn-v7",
        "test": [score],
    }
    write_detector_card(folder, DetectorCard.model_validate(card))
    monkeypatch.setenv(settings.MODELS.name, str(tmp_path))
    assert main(["models"]) == 0
    text = capsys.readouterr().out
    for fact in (
        "detector face_fpn: ",
        "a small net, 250,000 parameters, run face_fpn-v7",
        "a face from a score of 0.4 (photo), 0.55 (live)   licence: for tests",
        "test crowds, photo: 70 of 80 found, 3 false in 9 pictures, AP50 0.875",
    ):
        assert fact in text


def test_models_tells_whose_operating_point_is_in_use(capsys, tmp_path, monkeypatch):
    folder = shutil.copytree(SHIPPED / "mask3", tmp_path / "mask3")
    monkeypatch.setenv(settings.MODELS.name, str(tmp_path))
    main(["models"])
    assert (
        "operating point, the card's: the more probable answer, a lead of 40 points"
        in capsys.readouterr().out
    )
    save_operating_point(folder, read_card(folder), OperatingPoint(0.5, 0.1), "2026-01-01T00:00:00+00:00")
    main(["models"])
    assert "a user's, beside the card: an alarm from 10%, a lead of 50 points" in capsys.readouterr().out
    (folder / OPERATING_POINT_FILE).write_text("{}")
    main(["models"])
    assert "The card's own is used." in capsys.readouterr().out


def test_an_address_of_another_scheme_is_refused_as_one(capsys):
    assert main(["check", "ftp://example.org/b.jpg", "--detector", "haar"]) == 2
    assert "ftp://example.org/b.jpg: is not a web address. It must look like https://" in said_of(capsys)


def said_of(capsys) -> str:
    captured = capsys.readouterr()
    return captured.out + captured.err


def test_an_unknown_model_is_one_clear_line(photo, capsys):
    assert main(["check", photo, "--model", "nothing", "--detector", "haar"]) == 1
    said = capsys.readouterr().err
    assert "No model named 'nothing'" in said and "python -m core models" in said


def test_who_has_read_enough_gets_no_traceback(monkeypatch):
    """As `python -m core models | head -1` has."""
    reading, writing = os.pipe()
    os.close(reading)
    with os.fdopen(writing, "w") as pipe:
        monkeypatch.setattr(sys, "stdout", pipe)
        assert main(["models"]) == 0


def test_ctrl_c_ends_it_at_once_without_a_traceback(photo):
    def as_at_a_terminal():
        signal.signal(signal.SIGINT, signal.default_int_handler)

    program = started("check", *[photo] * 2_000, "--detector", "haar", preexec_fn=as_at_a_terminal)
    assert photo.encode() in program.stdout.readline()
    program.send_signal(signal.SIGINT)
    start = time.monotonic()
    _, said = program.communicate(timeout=30)
    assert program.returncode == 130 and said == b"" and time.monotonic() - start < 10


@pytest.mark.skipif(os.name != "posix", reason="names elsewhere are text")
def test_names_and_signs_that_a_terminal_cannot_show_end_nothing(photo, tmp_path):
    strange = tmp_path / os.fsdecode(b"a\xff\x1b[2J\n.jpg")
    shutil.copy(photo, strange)
    program = started(
        "check", str(strange), "--detector", "haar", env=os.environ | {"PYTHONIOENCODING": "ascii"}
    )
    said, problem = program.communicate(timeout=60)
    assert program.returncode == 0 and problem == b"" and b"\x1b" not in said
    assert said.count(b"\n") == 2 and b"a[2J.jpg: 1 face(s)" in said


def test_too_little_memory_is_said_in_words(photo, capsys, monkeypatch):
    def none_left(*_, **__):
        raise MemoryError

    monkeypatch.setattr("core.pipeline.load_classifier", none_left)
    assert main(["check", photo]) == 1
    assert "error: there is too little memory free." in capsys.readouterr().err
