"""Corrected labels reach every way to read data, and change its identity; what does not fit is named."""

import logging
from argparse import ArgumentParser

import cv2
import numpy as np
import pytest

from core.errors import RecordError
from core.runs.label_fixes import NO_FACE, BoxKey, LabelFix, to_csv
from training import pack
from training.data.options import add_data_options, data_root, read_data


@pytest.fixture
def folder(tmp_path):
    for path in ("data/with_mask/a.png", "data/with_mask/b.png", "data/without_mask/c.png"):
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        cv2.imwrite(str(tmp_path / path), np.random.default_rng(0).integers(0, 256, (60, 60, 3), np.uint8))
    return tmp_path / "data"


@pytest.fixture
def manifest(folder):
    (folder / "faces.csv").write_text(
        "path,label,x1,y1,x2,y2\n"
        "with_mask/a.png,with_mask,1,2,20,30.5\n"
        "with_mask/a.png,with_mask,30,2,50,30\n"
        "without_mask/c.png,without_mask,,,,\n"
    )
    return folder / "faces.csv"


def read(data, *fixes, images=None):
    parser = ArgumentParser()
    add_data_options(parser)
    command = ["--data", str(data)] + (["--images", str(images)] if images else [])
    if fixes:
        (data.parent / "fixes.csv").write_bytes(to_csv(fixes))
        command += ["--fixes", str(data.parent / "fixes.csv")]
    return read_data(parser.parse_args(command))


def labels(manifest):
    return [example.label for example in manifest.examples]


WRONG = "incorrect_mask"


def test_a_face_in_a_folder_is_called_what_it_is_and_another_is_left_out(folder, caplog):
    fixes = (
        LabelFix(BoxKey("with_mask/b.png"), "with_mask", WRONG),
        LabelFix(BoxKey("without_mask/c.png"), "without_mask", NO_FACE),
    )
    with caplog.at_level(logging.INFO):
        corrected = read(folder, *fixes)
    assert labels(corrected) == ["with_mask", WRONG]
    assert "1 labels corrected, 1 faces left out" in caplog.text
    assert corrected.sha256 != read(folder).sha256
    assert corrected.sha256 == read(folder, *fixes[::-1]).sha256  # whatever the order of lines


def test_in_a_manifest_the_box_tells_faces_of_one_photo_apart(manifest):
    box = LabelFix(BoxKey("with_mask/a.png", None, (30, 2, 50, 30)), "with_mask", WRONG)
    assert labels(read(manifest, box)) == ["with_mask", WRONG, "without_mask"]
    other_box = LabelFix(BoxKey("with_mask/a.png", None, (1, 2, 20, 30.5)), "", WRONG)
    assert labels(read(manifest, other_box)) == [WRONG, "with_mask", "without_mask"]


def test_paths_are_those_of_the_data_where_pictures_lie_elsewhere(manifest, folder, tmp_path):
    annotations = tmp_path / "elsewhere"
    annotations.mkdir()
    moved = manifest.rename(annotations / "faces.csv")
    fix = LabelFix(BoxKey("without_mask/c.png"), "without_mask", WRONG)
    assert labels(read(moved, fix, images=folder))[-1] == WRONG


def test_in_packed_data_the_row_tells(manifest, tmp_path):
    packed = tmp_path / "faces.h5"
    assert pack.main(["--data", str(manifest), "--output", str(packed), "--size", "32"]) == 0
    fix = LabelFix(BoxKey("faces.h5", 1), "with_mask", WRONG)
    corrected = read(packed, fix)
    assert labels(corrected) == ["with_mask", WRONG, "without_mask"]
    assert corrected.sha256 != read(packed).sha256


def test_lines_that_do_not_fit_change_nothing_and_are_named(folder, caplog):
    fixes = [
        LabelFix(BoxKey("with_mask/none.png"), "with_mask", WRONG),
        LabelFix(BoxKey("with_mask/a.png"), "without_mask", WRONG),
        LabelFix(BoxKey("with_mask/b.png"), WRONG, "with_mask"),  # done already
    ]
    with caplog.at_level(logging.WARNING):
        corrected = read(folder, *fixes)
    assert labels(corrected) == labels(read(folder)) and corrected.sha256 == read(folder).sha256
    assert "with_mask/none.png: is not in the data" in caplog.text
    assert "with_mask/a.png: the data says with_mask, not without_mask" in caplog.text
    assert "b.png" not in caplog.text


def test_many_lines_that_do_not_fit_are_counted(folder, caplog):
    with caplog.at_level(logging.WARNING):
        read(folder, *(LabelFix(BoxKey(f"\x1b[2J{i}.png"), "", WRONG) for i in range(30)))
    assert len(caplog.records) == 11 and "20 more" in caplog.text and "\x1b" not in caplog.text


def test_data_of_which_nothing_is_left_is_refused(folder):
    places = ("with_mask/a.png", "with_mask/b.png", "without_mask/c.png")
    with pytest.raises(RecordError, match="leaves no face"):
        read(folder, *(LabelFix(BoxKey(path), "", NO_FACE) for path in places))


def test_the_root_is_the_one_that_the_reader_takes(folder, manifest, tmp_path):
    parser = ArgumentParser()
    add_data_options(parser)
    for data in (folder, manifest):
        assert data_root(parser.parse_args(["--data", str(data)])) == folder
    given = parser.parse_args(["--data", str(manifest), "--images", str(tmp_path)])
    assert data_root(given) == tmp_path
