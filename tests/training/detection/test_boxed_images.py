import dataclasses
from pathlib import Path

import pytest

from core.errors import RecordError
from training.data.manifest import read_manifest
from training.detection.boxed_images import LEARNED, key, read_boxed_images, single_faces, tell_apart


@pytest.fixture
def manifest(tmp_path, image, boxed_images_file):
    two, one = image([(1, 2, 11, 14), (20, 20, 30, 32)], 40, 40), image([(5, 5, 20, 20)], 30, 30, "there")
    parts = [("train", two), ("val", one), ("test", one), ("", one)]
    return read_manifest(boxed_images_file(tmp_path, parts, ("with_mask", "without_mask")))


def test_an_image_has_all_faces_of_its_picture(manifest, tmp_path):
    images = read_boxed_images(manifest, LEARNED)
    assert [s.path.name for s in images] == ["0.png", "1.png", "3.png"]  # 2.png is of the test part
    first = images[0]
    assert first.boxes == ((1, 2, 11, 14), (20, 20, 30, 32))
    assert first.labels == ("with_mask", "without_mask")
    assert (first.source, first.group, first.split) == ("drawn", "drawn/0", "train")
    assert images[1].split == "validation"
    assert [s.path.name for s in read_boxed_images(manifest, ("test",))] == ["2.png"]


def test_data_without_boxes_is_refused(manifest):
    bare = dataclasses.replace(
        manifest, examples=tuple(dataclasses.replace(e, box=None) for e in manifest.examples)
    )
    with pytest.raises(RecordError, match="no boxes"):
        read_boxed_images(bare, LEARNED)


@pytest.fixture
def faces(tmp_path):
    """30 pictures of one source, 3 of another, and one of the test part."""
    rows = ["path,label,split,source,group"]
    for source, count, split in (("large", 30, "train"), ("small", 3, ""), ("last", 1, "test")):
        for n in range(count):
            (tmp_path / f"{source}-{n}.png").write_bytes(b"")
            rows.append(f"{source}-{n}.png,with_mask,{split},{source},{n}")
    (tmp_path / "faces.csv").write_text("\n".join(rows) + "\n")
    return tmp_path / "faces.csv"


def test_single_faces_are_drawn_from_every_source_alike(faces):
    drawn = single_faces(faces, 6)
    assert sorted(f.source for f in drawn) == ["large"] * 3 + ["small"] * 3
    assert len({f.path for f in drawn}) == 6
    assert [f.path for f in drawn] != sorted(f.path for f in drawn)  # by chance
    assert [f.path for f in single_faces(faces, 6)] == [f.path for f in drawn]


def test_fewer_single_faces_are_some_of_more(faces):
    """So that what is known of many serves a training with some of them."""
    assert {f.path for f in single_faces(faces, 4)} < {f.path for f in single_faces(faces, 20)}


def test_single_faces_may_be_none(faces):
    assert single_faces(None, 10) == [] and single_faces(faces, 0) == []
    assert len(single_faces(faces, 1000)) == 33


def test_pictures_are_told_apart_by_name_and_folder():
    assert key(Path("data/here/1.png")) == "here/1.png"
    tell_apart([Path("a/here/1.png"), Path("a/there/1.png"), Path("a/here/1.png")])
    with pytest.raises(RecordError, match="same name"):
        tell_apart([Path("train/images/1.png"), Path("valid/images/1.png")])
