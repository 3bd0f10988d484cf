"""Names of files and pictures in every export: safe on any disk, each its own."""

from __future__ import annotations

import io
import json
import posixpath
import zipfile

import pytest

from core.exports.archive import zip_of
from core.exports.coco import to_coco
from core.exports.names import file_name
from core.exports.tables import to_csv, to_json
from tests.core.exports.made import (
    NONE,
    TWO,
    rows_of,
    voc_of,
)


def test_pictures_of_one_stem_keep_an_annotation_each():
    files = voc_of([("a.jpg", TWO), ("a.png", NONE)])
    assert {name: root.findtext("filename") for name, root in files.items()} == {
        "a.xml": "a.jpg",
        "a (2).xml": "a.png",
    }


def test_a_name_that_occurs_twice_gets_a_number_everywhere():
    same = [("a.jpg", NONE), ("a.jpg", TWO), ("A.JPG", NONE), ("a (2).jpg", NONE)]
    expected = ["a.jpg", "a (2).jpg", "A (3).JPG", "a (2) (2).jpg"]
    assert [picture["image"] for picture in json.loads(to_json(same))] == expected
    assert list(dict.fromkeys(row["image"] for row in rows_of(to_csv(same)))) == expected
    assert [image["file_name"] for image in json.loads(to_coco(same))["images"]] == expected
    assert [root.findtext("filename") for root in voc_of(same).values()] == expected
    with zipfile.ZipFile(io.BytesIO(zip_of((name, b"") for name, _ in same))) as archive:
        assert archive.namelist() == expected


@pytest.mark.parametrize("named", [[], [("none.jpg", NONE)], [("\udcff.jpg", TWO)], [("", TWO)]])
def test_nothing_found_and_odd_names_are_still_files(named):
    assert len(rows_of(to_csv(named).encode().decode())) == sum(max(1, len(r.faces)) for _, r in named)
    assert len(json.loads(to_json(named).encode())) == len(named)
    assert len(json.loads(to_coco(named).encode())["images"]) == len(named)
    assert len(voc_of(named)) == len(named)


FILE_NAMES = {
    "a.jpg": "a.jpg",
    "../../etc/passwd": "passwd",
    "/etc/passwd": "passwd",
    "..\\..\\windows\\system.ini": "system.ini",
    "C:\\pictures\\a.jpg": "a.jpg",
    "C:a.jpg": "C_a.jpg",
    "..": "picture",
    ".": "picture",
    "": "picture",
    "///": "picture",
    ".htaccess": "htaccess",
    "a.jpg...  ": "a.jpg",
    'what? "why" <how>|*.jpg': "what_ _why_ _how___.jpg",
    "line\nbreak\x00\x1b.jpg": "linebreak.jpg",
    "evil\u202egpj.exe": "evilgpj.exe",
    "con": "_con",
    "NUL.jpg": "_NUL.jpg",
    "com1.tar.gz": "_com1.tar.gz",
    "console.jpg": "console.jpg",
    "https://example.org/photos/b.jpg?token=secret#x": "b.jpg",
    "https://example.org/": "picture",
    "e\u0301.jpg": "\u00e9.jpg",
    "日本.jpg": "日本.jpg",
}


@pytest.mark.parametrize("name", FILE_NAMES)
def test_names_in_a_zip_are_flat_and_safe(name, tmp_path):
    assert file_name(name) == FILE_NAMES[name]
    with zipfile.ZipFile(io.BytesIO(zip_of([(name, b"x")]))) as archive:
        assert archive.namelist() == [FILE_NAMES[name]]
        archive.extractall(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == [FILE_NAMES[name]]


def test_a_long_name_fits_every_disk():
    name = file_name("🌍" * 400 + ".jpeg")
    assert len(name.encode()) <= 250 and posixpath.splitext(name)[1] == ".jpeg"
    assert len(file_name("a." + "b" * 400)) <= 62
