import re
from pathlib import Path

import pytest

from core.errors import RecordError
from training.data.formats import READERS, detect, read_rows, root_of
from training.data.manifest import read_manifest

ROOT = Path(__file__).parents[4]


def files(folder: Path, *names: str) -> Path:
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text('{"images": []}' if name.endswith("json") else "")
    return folder


@pytest.mark.parametrize(
    ("names", "format"),
    [
        ((), "folders"),
        (("a/1.jpg", "b/1.jpg"), "folders"),
        (("train/a/1.jpg", "train/a/labels.txt"), "folders"),
        (("images/1.jpg", "labels/1.txt"), "yolo"),
        (("obj/1.jpg", "obj/1.txt", "obj.names"), "yolo"),
        (("a/1.jpg", "a/1.txt", "b/1.jpg", "b/1.txt"), "folders"),  # captions
        (("images/1.jpg", "annotations/1.xml"), "voc"),
        (("train/1.jpg", "train/1.xml"), "voc"),
        (("a/1.jpg", "b/1.jpg", "settings.xml"), "folders"),
        (("images/1.jpg", "annotations/instances.json"), "coco"),
        (("1_1_7_MALE_30.jpg", "x.jpg"), "file-names"),
        (("1_1_7_MALE_30.jpg", "a/x.jpg", "b/y.jpg"), "folders"),
    ],
)
def test_a_folder_is_told_by_what_is_in_it(tmp_path, names, format):
    assert detect(files(tmp_path, *names)) == format


@pytest.mark.parametrize(
    ("name", "content", "format"),
    [
        ("faces.csv", "path,label\n", "manifest"),
        ("train.csv", "name,x1,x2,y1,y2,classname\n", "boxes"),
        ("faces.json", "{}", "coco"),
        ("data.yaml", "names: [a]", "yolo"),
        ("faces.H5", "", "packed"),
    ],
)
def test_a_file_is_told_by_suffix_and_header(tmp_path, name, content, format):
    (tmp_path / name).write_text(content)
    assert detect(tmp_path / name) == format


def test_nothing_there_is_said(tmp_path):
    with pytest.raises(RecordError, match="nowhere"):
        detect(tmp_path / "nowhere")


def test_a_format_that_does_not_fit_is_refused(tmp_path):
    (tmp_path / "faces.csv").write_text("path,label\n")
    with pytest.raises(RecordError, match="read from a file"):
        read_rows(tmp_path, tmp_path, "manifest")
    with pytest.raises(RecordError, match="read from a folder"):
        read_rows(tmp_path / "faces.csv", tmp_path, "voc")
    with pytest.raises(RecordError, match="Unknown format 'tfrecord'"):
        read_manifest(tmp_path, format="tfrecord")


def test_pictures_lie_beside_the_folder_of_annotations(tmp_path):
    (tmp_path / "annotations").mkdir()
    assert root_of(tmp_path / "annotations") == root_of(tmp_path) == tmp_path


def test_every_format_is_described():
    import training.data.formats

    described = training.data.formats.__doc__ or ""
    assert all(name in described for name in READERS if name not in ("manifest", "boxes", "boxes-by-name"))


def test_the_page_on_training_tells_of_every_format_and_by_which_tests():
    page = (ROOT / "docs/training.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| (`[\w-]+`(?:, `[\w-]+`)*) \| (.+) \| (.+) \| (.+) \|$", page, re.MULTILINE)
    told = {name for names, *_ in rows for name in re.findall(r"`([\w-]+)`", names)}
    assert set(READERS) <= told
    of_formats = [row for row in rows if set(re.findall(r"`([\w-]+)`", row[0])) & set(READERS)]
    for names, read, refused, tests in of_formats:
        assert read.strip() and refused.strip(), names
        for test in re.findall(r"`(\w+\.py)`", tests):
            assert Path(__file__).with_name(test).is_file(), test
        assert "test_" in tests, names
