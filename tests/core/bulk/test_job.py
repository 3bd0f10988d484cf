"""A job from its sources to its files: what is written, what is gone on with, what is refused."""

import csv
import io
import json
import os
import threading
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from core.bulk.entries import CheckOptions
from core.bulk.job import Job, part_size, run_job
from core.bulk.parts import PartsFolder
from core.bulk.tables import METADATA
from core.errors import JobError
from tests.core.bulk.in_process import NO_FACE, ONE_FACE, OPTIONS, InProcess, rows_in, sha256


@pytest.fixture
def photos(tmp_path):
    folder = tmp_path / "photos"
    (folder / "b").mkdir(parents=True)
    for name in ("a.jpg", "b/c.jpg", "b/d.jpg"):
        (folder / name).write_bytes(ONE_FACE)
    (folder / "none.jpg").write_bytes(NO_FACE)
    (folder / "broken.jpg").write_bytes(b"not a picture")
    (folder / "empty.jpg").write_bytes(b"")
    (folder / "film.mp4").write_bytes(b"")
    (folder / "notes.txt").write_bytes(b"")
    return folder


def run(photos, output, engine=None, **options):
    job = Job([str(photos)], output, options.pop("options", OPTIONS), recursive=True, **options)
    said = io.StringIO()
    summary = run_job(job, lambda asked: engine or InProcess(asked), said=said)
    return summary, said.getvalue()


def test_a_face_a_picture_without_and_one_that_cannot_be_read_each_have_their_row(photos, tmp_path):
    summary, said = run(photos, tmp_path / "results.parquet")
    rows = rows_in(tmp_path / "results.parquet")
    assert [(Path(row["picture"]).relative_to(photos).as_posix(), row["face"]) for row in rows] == [
        ("a.jpg", 1),
        ("b/c.jpg", 1),
        ("b/d.jpg", 1),
        ("none.jpg", None),
    ]
    face, none = rows[0], rows[3]
    assert (face["label"], face["answer"], face["model"]) == ("without_mask", "without_mask", "mask3")
    assert (face["detector"], face["width"], face["height"]) == ("haar", 240, 240)
    assert face["sha256"] == sha256(ONE_FACE) and none["sha256"] == sha256(NO_FACE)
    assert 50 < face["box"][0] < 125 < face["box"][2] < 220
    assert set(face["probabilities"]) == {"with_mask", "incorrect_mask", "without_mask"}
    assert face["cannot_tell"] is None and face["operating_point"]["min_margin"] == pytest.approx(0.4)
    assert none["box"] is None and none["label"] is None and none["probabilities"] is None
    failures = rows_in(tmp_path / "results.failures.parquet")
    assert [Path(row["picture"]).name for row in failures] == ["broken.jpg", "empty.jpg"]
    assert "is not a picture" in failures[0]["reason"] and "is empty" in failures[1]["reason"]
    assert "film.mp4: is a video. Check it with: python -m core video" in said
    assert "6 pictures; passed over 1 other files" in said
    assert (summary["pictures"], summary["faces"], summary["failures"], summary["videos"]) == (6, 3, 2, 1)


def test_the_facts_of_the_run_are_in_the_metadata(photos, tmp_path):
    run(photos, tmp_path / "r.parquet")
    for name in ("r.parquet", "r.failures.parquet"):
        facts = json.loads(pq.read_schema(tmp_path / name).metadata[METADATA])
        assert facts["model"] == "mask3" and facts["detector"] == "haar" and len(facts["model_sha256"]) == 64
        assert facts["labels"] == ["with_mask", "incorrect_mask", "without_mask"]


def test_csv_and_json_lines_say_the_same(photos, tmp_path):
    for output in ("p.parquet", "r.csv", "l.jsonl"):
        run(photos, tmp_path / output)
    rows = rows_in(tmp_path / "p.parquet")
    lines = [json.loads(line) for line in (tmp_path / "l.jsonl").read_text().splitlines()]
    assert lines == rows
    with (tmp_path / "r.csv").open(newline="") as file:
        cells = list(csv.DictReader(file))
    assert len(cells) == len(rows)
    for cell, row in zip(cells, rows, strict=True):
        assert (cell["picture"], cell["label"]) == (row["picture"], row["label"] or "")
        if row["face"]:
            assert [float(cell[x]) for x in ("x1", "y1", "x2", "y2")] == row["box"]
            assert float(cell["probability_without_mask"]) == row["probabilities"]["without_mask"]
            assert cell["worn_properly"] == "no" and float(cell["min_score"]) > 0
    assert (tmp_path / "l.failures.jsonl").read_text().count("\n") == 2
    assert (tmp_path / "r.failures.csv").read_text().count("\n") == 3


@pytest.mark.parametrize("parts", [0, 1])
def test_a_run_that_was_stopped_goes_on_and_repeats_nothing(photos, tmp_path, parts):
    run(photos, tmp_path / "whole.parquet")
    output = tmp_path / "r.parquet"
    first = InProcess(parts=parts)
    with pytest.raises(KeyboardInterrupt):
        run(photos, output, first)
    assert first.answered == list(range(parts)) and not output.exists()
    second = InProcess()
    run(photos, output, second, resume=True)
    assert second.answered == list(range(parts, 2))
    assert rows_in(output) == rows_in(tmp_path / "whole.parquet")
    assert rows_in(tmp_path / "r.failures.parquet") == rows_in(tmp_path / "whole.failures.parquet")
    assert sorted(path.name for path in tmp_path.glob("r.*")) == [
        *("r.failures.parquet", "r.parquet", "r.report.html", "r.summary.json")
    ]


def test_what_is_whole_is_not_done_again(photos, tmp_path):
    before, _ = run(photos, tmp_path / "r.csv")
    engine = InProcess()
    after, said = run(photos, tmp_path / "r.csv", engine, resume=True)
    assert engine.answered == [] and "nothing is left to do" in said and after == before
    assert not (tmp_path / "r.csv.parts").exists()


def test_the_last_word_of_a_run_that_is_stopped_is_how_to_go_on(photos, tmp_path):
    job, said = Job([str(photos)], tmp_path / "r.csv", OPTIONS, recursive=True), io.StringIO()
    with pytest.raises(KeyboardInterrupt):
        run_job(job, lambda asked: InProcess(asked, parts=1), said=said)
    assert said.getvalue().endswith("Stopped. 4 of 6 pictures are kept: add --resume to go on.\n")


def test_so_it_is_while_the_files_are_written(photos, tmp_path, monkeypatch):
    def stopped(*_, **__):
        raise KeyboardInterrupt

    monkeypatch.setattr("core.bulk.outcome.html_of", stopped)
    said = io.StringIO()
    with pytest.raises(KeyboardInterrupt):
        run_job(Job([str(photos)], tmp_path / "r.csv", OPTIONS, recursive=True), InProcess, said=said)
    assert said.getvalue().endswith("Stopped. 6 of 6 pictures are kept: add --resume to go on.\n")
    monkeypatch.undo()
    engine = InProcess()
    run(photos, tmp_path / "r.csv", engine, resume=True)
    assert engine.answered == []


def test_resume_without_anything_begun_begins(photos, tmp_path):
    summary, _ = run(photos, tmp_path / "r.csv", resume=True)
    assert summary["pictures"] == 6


def test_results_that_are_there_stay_unless_they_are_gone_on_with(photos, tmp_path):
    (tmp_path / "r.csv").write_text("mine")
    with pytest.raises(JobError, match="is there already"):
        run(photos, tmp_path / "r.csv")
    assert (tmp_path / "r.csv").read_text() == "mine"
    with pytest.raises(JobError, match=r"r.summary.json, which says what it is of, cannot be read"):
        run(photos, tmp_path / "r.csv", resume=True)
    assert (tmp_path / "r.csv").read_text() == "mine"


def test_what_belongs_to_another_run_is_not_written_over(photos, tmp_path):
    run(photos, tmp_path / "r.csv")
    before = {path: path.read_bytes() for path in tmp_path.glob("r.*")}
    for resume in (False, True):
        with pytest.raises(JobError, match=r"r.summary.json is there already.* not of r.parquet"):
            run(photos / "b", tmp_path / "r.parquet", resume=resume)
    assert {path: path.read_bytes() for path in tmp_path.glob("r.*")} == before
    begin(photos, tmp_path / "s.csv")  # and its summary is to come
    with pytest.raises(JobError, match=r"s.csv.parts is of a run whose summary would be s.summary.json, too"):
        run(photos, tmp_path / "s.jsonl")
    (tmp_path / "mine.report.html").write_text("mine")
    with pytest.raises(JobError, match=r"mine.report.html is there already"):
        run(photos, tmp_path / "mine.csv")
    (tmp_path / "r.csv").unlink()  # as a script does that has it made anew
    summary, _ = run(photos / "b", tmp_path / "r.csv")
    assert summary["pictures"] == 2


@pytest.mark.parametrize("length", [247, 251, 300])
def test_a_name_that_is_too_long_for_one_of_the_files_is_said_before_any_work(photos, tmp_path, length):
    with pytest.raises(JobError, match=r"cannot be written \(File name too long\). Name another output"):
        run(photos, tmp_path / ("x" * (length - 4) + ".csv"), InProcess(parts=0))


@pytest.mark.parametrize("suffix", ["csv", "parquet", "jsonl"])
def test_no_folder_or_output_need_be_utf8(photos, tmp_path, suffix, monkeypatch):
    folder = tmp_path / os.fsdecode(b"\xff")
    folder.mkdir()
    monkeypatch.chdir(folder)
    options = CheckOptions(detector="haar", annotate=str(folder / "drawn"))
    output = Path(os.fsdecode(b"\xfe." + suffix.encode()))
    summary, _ = run(photos, output, InProcess(options), options=options)
    again, said = run(photos, output, InProcess(options), options=options, resume=True)
    assert again == summary and "nothing is left to do" in said
    assert output.stat().st_size and len(list((folder / "drawn").iterdir())) == 4
    assert "\\udcfe.failures" in Path(os.fsdecode(b"\xfe.report.html")).read_text()


def begin(photos, output, **options):
    with pytest.raises(KeyboardInterrupt):
        run(photos, output, InProcess(options.get("options", OPTIONS), parts=1), **options)


def test_what_was_begun_is_not_begun_again_without_a_word(photos, tmp_path):
    begin(photos, tmp_path / "r.csv")
    with pytest.raises(JobError, match="Add --resume to go on"):
        run(photos, tmp_path / "r.csv")


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"options": CheckOptions(detector="haar", margin=0.9)}, "another operating point"),
        (
            {"options": CheckOptions(detector="haar", model="gender_wear8")},
            "another model: mask3, not gender",
        ),
        ({"options": CheckOptions(detector="haar", annotate="elsewhere")}, "other annotate"),
    ],
)
def test_another_model_does_not_go_on_with_it(photos, tmp_path, changed, words, monkeypatch):
    monkeypatch.chdir(tmp_path)
    begin(photos, tmp_path / "r.csv")
    engine = InProcess(changed["options"])
    with pytest.raises(JobError, match=words):
        run(photos, tmp_path / "r.csv", engine, resume=True, **changed)
    assert engine.answered == []
    run(photos, tmp_path / "r.csv", resume=True)  # and what was begun is kept


def test_results_of_another_model_are_not_taken_for_whole(photos, tmp_path):
    run(photos, tmp_path / "r.csv")
    other = CheckOptions(detector="haar", margin=0.9)
    with pytest.raises(JobError, match="another operating point"):
        run(photos, tmp_path / "r.csv", resume=True, options=other)


def test_results_of_other_pictures_are_not_taken_for_whole(photos, tmp_path, monkeypatch):
    run(photos, tmp_path / "r.csv")
    with pytest.raises(JobError, match="started with other sources"):
        run(photos / "b", tmp_path / "r.csv", resume=True)
    monkeypatch.chdir(photos)
    with pytest.raises(JobError, match="started with other folder"):
        run(photos, tmp_path / "r.csv", resume=True)


def test_another_version_does_not_go_on_with_it(photos, tmp_path):
    begin(photos, tmp_path / "r.csv")
    begun = tmp_path / "r.csv.parts/job.json"
    begun.write_text(json.dumps(json.loads(begun.read_text()) | {"schema": 1}))
    with pytest.raises(JobError, match="another version of Maskwise began"):
        run(photos, tmp_path / "r.csv", resume=True)


def test_other_sources_do_not_go_on_with_it(photos, tmp_path):
    begin(photos, tmp_path / "r.csv")
    with pytest.raises(JobError, match="started with other sources"):
        run(photos / "b", tmp_path / "r.csv", resume=True)


def test_another_folder_that_names_are_meant_from_does_not_go_on_with_it(photos, tmp_path, monkeypatch):
    begin(photos, tmp_path / "r.csv")
    monkeypatch.chdir(photos)
    with pytest.raises(JobError, match="started with other folder"):
        run(photos, tmp_path / "r.csv", resume=True)


def test_two_runs_on_one_output_are_refused(photos, tmp_path):
    folder = PartsFolder(tmp_path / "r.csv.parts")
    with folder.locked():
        refused = []

        def other():
            with pytest.raises(JobError, match="another run is writing it"):
                run(photos, tmp_path / "r.csv", resume=True)
            refused.append(True)

        thread = threading.Thread(target=other)
        thread.start()
        thread.join()
        assert refused
    run(photos, tmp_path / "r.csv", resume=True)


@pytest.mark.parametrize(
    ("name", "words"),
    [("r.txt", "ends with .parquet"), ("absent/r.csv", "its folder is not there")],
)
def test_what_cannot_be_written_is_said_before_any_work(photos, tmp_path, name, words):
    with pytest.raises(JobError, match=words):
        run(photos, tmp_path / name, InProcess(parts=0))


def test_a_folder_that_may_not_be_written_is_said_before_any_work(photos, tmp_path, monkeypatch):
    monkeypatch.setattr(os, "access", lambda path, mode: False)  # root may write anywhere
    with pytest.raises(JobError, match="no right to write"):
        run(photos, tmp_path / "r.csv", InProcess(parts=0))


def test_a_folder_for_drawn_pictures_that_cannot_be_made_is_said_before_any_work(photos, tmp_path):
    options = CheckOptions(detector="haar", annotate=str(photos / "a.jpg/drawn"))
    with pytest.raises(JobError, match=r"a.jpg/drawn: cannot be made \(Not a directory\)"):
        run(photos, tmp_path / "r.csv", InProcess(options, parts=0), options=options)
    assert list(tmp_path.glob("r.*")) == []


def test_a_disk_without_room_is_said_before_any_work(photos, tmp_path, monkeypatch):
    monkeypatch.setattr("shutil.disk_usage", lambda path: type("Usage", (), {"free": 5_000})())
    with pytest.raises(JobError, match=r"0.0 MB are free, and 6 pictures may need 0.1 MB. Make room"):
        run(photos, tmp_path / "r.csv", InProcess(parts=0))
    assert list(tmp_path.glob("r.*")) == []


def test_a_disk_that_fills_up_stops_the_run_and_keeps_what_there_is(photos, tmp_path, monkeypatch):
    output = tmp_path / "r.parquet"
    real = PartsFolder.write

    def full(self, number, table):
        if number == 1:
            raise OSError(28, "No space left on device")
        real(self, number, table)

    monkeypatch.setattr(PartsFolder, "write", full)
    with pytest.raises(JobError, match=r"No space left on device.*is kept.*--resume"):
        run(photos, output)
    monkeypatch.undo()
    engine = InProcess()
    run(photos, output, engine, resume=True)
    assert engine.answered == [1] and len(rows_in(output)) == 4


@pytest.mark.parametrize("recursive", [False, True])
def test_a_run_among_its_pictures_does_not_see_itself(photos, recursive):
    said = io.StringIO()
    run_job(Job([str(photos)], photos / "r.csv", OPTIONS, recursive=recursive), InProcess, said=said)
    first = said.getvalue().partition("\n")[0]
    assert first.startswith("6 pictures" if recursive else "4 pictures; passed over 1 folders inside")
    assert first.endswith("passed over 1 other files")


def test_a_source_without_pictures_leaves_empty_tables(tmp_path):
    (tmp_path / "photos").mkdir()
    summary, _ = run(tmp_path / "photos", tmp_path / "r.parquet")
    assert summary["pictures"] == 0 and rows_in(tmp_path / "r.parquet") == []


def test_drawn_pictures_are_written_and_not_checked_in_turn(photos, tmp_path):
    drawn = photos / "drawn"
    options = CheckOptions(detector="haar", annotate=str(drawn), blur=True)
    run(photos, tmp_path / "r.csv", InProcess(options), options=options)
    names = sorted(path.name.rpartition("-")[0] for path in drawn.iterdir())
    assert names == ["a", "c", "d", "none"]
    begin(photos, tmp_path / "again.csv", options=options)
    summary, _ = run(photos, tmp_path / "again.csv", InProcess(options), options=options, resume=True)
    assert summary["pictures"] == 6


def test_a_fault_of_ours_is_one_pictures_and_the_others_are_answered(photos, tmp_path, monkeypatch):
    real = InProcess()
    check = type(real._checker.pipeline).check

    def faulty(self, frame, **options):
        if frame.height == 100:
            raise ZeroDivisionError
        return check(self, frame, **options)

    monkeypatch.setattr(type(real._checker.pipeline), "check", faulty)
    summary, _ = run(photos, tmp_path / "r.jsonl", real)
    assert summary["failures"] == 3 and summary["faces"] == 3
    assert "by a fault of Maskwise (ZeroDivisionError)" in (tmp_path / "r.failures.jsonl").read_text()


def test_so_is_one_of_drawing(photos, tmp_path, monkeypatch):
    def faulty(frame, faces):
        raise ZeroDivisionError

    monkeypatch.setattr("core.bulk.checking.annotate", faulty)
    options = CheckOptions(detector="haar", annotate=str(tmp_path / "drawn"))
    summary, _ = run(photos, tmp_path / "r.csv", InProcess(options), options=options)
    assert summary["failures"] == 6 and list((tmp_path / "drawn").iterdir()) == []


def test_what_a_name_does_to_a_terminal_is_not_said(photos, tmp_path):
    (photos / "\x1b[2J.mp4").touch()
    _, said = run(photos, tmp_path / "r.csv")
    assert "[2J.mp4: is a video" in said and "\x1b" not in said


def test_parts_are_small_for_few_pictures_and_few_for_many():
    assert part_size(10, 2) == 4 and part_size(400, 2) == 12
    assert part_size(10**5, 2) == 16 and part_size(10**8, 1000) == 500
