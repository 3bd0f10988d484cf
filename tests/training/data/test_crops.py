import tracemalloc
from dataclasses import replace

import cv2
import numpy as np
import pytest

from core.errors import ImageError
from core.results import Frame
from training.data import crops
from training.data.crops import load_crop, load_crops, read_crops
from training.data.example import Example
from training.data.manifest import read_manifest


def picture(seed, side=40):
    return np.random.default_rng(seed).integers(0, 256, (side, side, 3), np.uint8)


def write(folder, *names):
    for seed, name in enumerate(names):
        cv2.imwrite(str(folder / name), picture(seed)[..., ::-1])


def examples(folder, *lines, header="path,label"):
    (folder / "faces.csv").write_text("\n".join([header, *lines]) + "\n")
    return read_manifest(folder / "faces.csv").examples


def test_crops_of_many_batches_keep_their_order(tmp_path, monkeypatch):
    monkeypatch.setattr(crops, "_FILES", 3)
    names = [f"{n}.png" for n in range(10)]
    write(tmp_path, *names)
    (tmp_path / "4.png").write_bytes(b"no picture")
    faces = examples(tmp_path, *(f"{name},with_mask" for name in names))
    loaded, kept, unreadable = load_crops(faces, 40, 1.5)
    assert [e.path.name for e in kept] == [name for name in names if name != "4.png"]
    for crop, example in zip(loaded, kept, strict=True):
        assert np.array_equal(crop, picture(int(example.path.stem)))
    assert len(unreadable) == 1 and "4.png" in unreadable[0]


def test_faces_of_one_photo_take_one_reading_and_each_its_own_box(tmp_path, monkeypatch):
    write(tmp_path, "a.png", "b.png")
    boxes = [f"{name},with_mask,{n},5,{n + 10},15" for name in ("a.png", "b.png") for n in (5, 10, 20)]
    faces = examples(tmp_path, *boxes, header="path,label,x1,y1,x2,y2")
    alone = [load_crop(face, 1.0) for face in faces]
    read = []
    monkeypatch.setattr(
        crops, "read_image", lambda path, real=crops.read_image: read.append(path) or real(path)
    )
    loaded, _, _ = load_crops(faces, 10, 1.0)
    assert sorted(path.name for path in read) == ["a.png", "b.png"]
    assert np.array_equal(loaded, alone)


def test_a_wrong_box_leaves_the_other_faces_of_its_photo(tmp_path):
    write(tmp_path, "a.png")
    (whole,) = examples(tmp_path, "a.png,with_mask")
    faces = [replace(whole, box=box) for box in ((5, 5, 15, 15), (90, 90, 99, 99), (0, 0, 1e9, 9))]
    loaded, kept, unreadable = load_crops(faces, 10, 1.0)
    assert kept == [faces[0]] and len(loaded) == 1
    assert "outside" in unreadable[0] and "larger than the picture" in unreadable[1]


def test_an_unreadable_photo_is_told_of_each_of_its_faces(tmp_path):
    (tmp_path / "a.png").write_bytes(b"no picture")
    faces = examples(tmp_path, "a.png,with_mask", "a.png,without_mask")
    loaded, kept, unreadable = load_crops(faces, 12, 1.5)
    assert loaded.shape == (0, 12, 12, 3) and loaded.dtype == np.uint8
    assert kept == [] and len(unreadable) == 2
    with pytest.raises(ImageError, match=r"a\.png"):
        load_crop(faces[0], 1.5)


def test_no_examples_make_no_crops():
    loaded, kept, unreadable = load_crops([], 12, 1.5)
    assert loaded.shape == (0, 12, 12, 3) and kept == unreadable == []


def test_a_picture_that_is_not_square_is_padded_not_squeezed(tmp_path):
    half = np.zeros((20, 40, 3), np.uint8)
    half[:, 20:] = 255
    cv2.imwrite(str(tmp_path / "wide.png"), half)
    (crop,) = read_crops(examples(tmp_path, "wide.png,with_mask"), 40, 1.5)
    assert (crop[:, :20] == 0).all() and (crop[:, 20:] == 255).all()


def test_crops_are_in_memory_once(tmp_path, monkeypatch):
    frame = Frame(picture(0))
    monkeypatch.setattr(crops, "read_image", lambda path: frame)  # a reading sets 64 MB aside for a moment
    monkeypatch.setattr(crops, "_FILES", 4)
    faces = [Example(tmp_path / f"{n}.png", "with_mask", "a", "a/1") for n in range(200)]
    tracemalloc.start()
    try:
        loaded, _, _ = load_crops(faces, 160, 1.5)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert loaded.nbytes < peak < 1.5 * loaded.nbytes
