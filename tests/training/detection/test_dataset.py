import dataclasses
from concurrent.futures import ThreadPoolExecutor

import cv2
import numpy as np
import pytest

from core.errors import RecordError
from core.labels import MASK_3
from training.data.manifest import read_manifest
from training.data.partition import place
from training.detection import dataset
from training.detection.dataset import DetectionData, TrainingTiles, load_detection_data
from training.detection.pseudo_labels import PseudoLabel, write_pseudo_labels
from training.detection.rows import FACE, IGNORED, POINTS, ROW, TARGET, UNKNOWN
from training.recipes.face_fpn import RECIPE

SMALL = dataclasses.replace(
    RECIPE, size=96, batch=3, pictures_per_epoch=8, most_px=60.0, validation_share=0.4
)
BOXES = [(10, 12, 30, 37), (50, 20, 70, 44)]
FIVE = tuple((float(x), float(y)) for x, y in ((15, 20), (25, 20), (20, 25), (16, 31), (24, 31)))


@pytest.fixture
def here(image):
    return image(BOXES, 100, 80)


@pytest.fixture
def manifest(tmp_path, here, boxed_images_file):
    labels = ("with_mask", "no label of ours")
    return read_manifest(boxed_images_file(tmp_path, [("train", here)] * 12 + [("test", here)] * 4, labels))


def test_the_test_part_is_never_read(manifest):
    """Its pictures are no pictures."""
    images = load_detection_data(SMALL, manifest)
    assert len(images.training) + len(images.validation) == 12
    assert not images.groups & {f"drawn/{n}" for n in range(12, 16)}


def test_a_share_of_the_groups_validates(manifest):
    images = load_detection_data(SMALL, manifest)
    chosen = sum(place(f"drawn/{n}") < 0.4 for n in range(12))
    assert 0 < chosen < 12 and len(images.validation) == chosen
    assert len(images.groups) == 12


def test_a_validation_part_that_the_data_names_is_taken(tmp_path, here, boxed_images_file):
    parts = [("train", here)] * 8 + [("valid", here)] * 2
    images = load_detection_data(SMALL, read_manifest(boxed_images_file(tmp_path, parts)))
    assert (len(images.training), len(images.validation)) == (8, 2)


def test_too_few_pictures_are_refused(manifest):
    with pytest.raises(RecordError, match="too few"):
        load_detection_data(SMALL, manifest, limit=1)


def test_without_pseudo_labels_rows_are_the_labels(manifest, here):
    annotated = load_detection_data(SMALL, manifest).training[0]
    assert (annotated.rgb == here.rgb).all()
    assert annotated.rows[:, :4].tolist() == [list(box) for box in BOXES]
    assert annotated.rows[:, 5].tolist() == [MASK_3.labels.index("with_mask"), -1]
    assert (annotated.rows[:, POINTS] == UNKNOWN).all()
    assert (annotated.rows[:, TARGET] == 1).all()


def test_pseudo_labels_give_points_and_faces_and_regions_to_ignore(tmp_path, manifest):
    labels = [
        PseudoLabel("points", BOXES[0], FIVE),
        PseudoLabel("face", (80, 5, 90, 15), FIVE, 0.625, ("one", "other")),
        PseudoLabel("ignored", (0, 60, 20, 80)),
    ]
    names = [f"pictures/{n}.png" for n in range(12)]
    write_pseudo_labels(tmp_path / "taught.csv", [(name, label) for name in names for label in labels])
    annotated = load_detection_data(SMALL, manifest, pseudo_labels=tmp_path / "taught.csv").training[0]
    assert annotated.rows[:, 4].tolist() == [FACE, FACE, FACE, IGNORED]
    assert annotated.rows[:2, :4].tolist() == [list(box) for box in BOXES]  # not as teachers see it
    assert annotated.rows[:, 5].tolist() == [0, -1, -1, -1]
    assert annotated.rows[0, POINTS].tolist() == list(np.ravel(FIVE)) == annotated.rows[2, POINTS].tolist()
    assert (annotated.rows[[1, 3], POINTS] == UNKNOWN).all()
    assert annotated.rows[:3, TARGET].tolist() == [1, 1, 0.625]  # as sure as teachers were


def test_single_faces_need_a_pseudo_label(tmp_path, manifest):
    (tmp_path / "faces").mkdir()
    for n in range(2):
        cv2.imwrite(str(tmp_path / "faces" / f"{n}.png"), np.full((60, 50, 3), 40 + n, np.uint8))
    (tmp_path / "faces.csv").write_text(
        "path,label,split,source,group\n"
        "faces/0.png,without_mask,train,alone,a\nfaces/1.png,without_mask,train,alone,b\n"
    )
    write_pseudo_labels(
        tmp_path / "taught.csv", [("faces/1.png", PseudoLabel("points", (5, 5, 45, 55), FIVE))]
    )
    images = load_detection_data(
        SMALL, manifest, pseudo_labels=tmp_path / "taught.csv", faces=tmp_path / "faces.csv"
    )
    (face,) = images.faces
    assert face.rgb[0, 0, 0] == 41
    assert face.rows[0, :6].tolist() == [5, 5, 45, 55, FACE, MASK_3.labels.index("without_mask")]
    assert "alone/b" in images.groups and "alone/a" not in images.groups


def test_photos_without_a_face_are_learned_from_and_some_are_chosen_by(tmp_path, manifest):
    folder = tmp_path / "things"
    folder.mkdir()
    for n in range(12):
        cv2.imwrite(str(folder / f"{n}.png"), np.full((60, 50, 3), n, np.uint8))
    images = load_detection_data(SMALL, manifest, face_free=folder)
    chosen_by = [image for image in images.validation if image.source == dataset.FACE_FREE]
    assert len(chosen_by) == sum(place(f"{n}.png") < 0.4 for n in range(12)) > 0
    assert len(images.face_free) == 12 - len(chosen_by) > 0
    assert all(not len(image.rows) for image in (*chosen_by, *images.face_free))
    pictures, rows = TrainingTiles(dataclasses.replace(SMALL, empty_share=1.0), images).batch(0, 0)
    assert not rows.any() and len(np.unique(pictures)) > 1


def learned_from(pictures, faces=()):
    return DetectionData(tuple(pictures), (), tuple(faces), frozenset())


@pytest.fixture
def tiles(here, image):
    pictures = [here, image([(5, 5, 60, 70)], 90, 120)]
    return TrainingTiles(SMALL, learned_from(pictures, [image([(18, 15, 42, 45)], 60, 60)]))


def test_an_epoch_is_batches_of_tiles_and_rows(tiles):
    assert len(tiles) == 3  # 8 pictures, 3 at a time
    pictures, rows = tiles.batch(0, 0)
    assert pictures.shape == (3, 96, 96, 3) and pictures.dtype == np.uint8
    assert rows.shape == (3, 16, ROW) and rows.dtype == np.float32  # no more rows than such batches need
    assert (rows[:, :, 4] == FACE).any(axis=1).all()


def test_tiles_follow_from_seed_epoch_and_place(tiles):
    first = tiles.batch(2, 1)
    with ThreadPoolExecutor(3) as threads:
        again = list(threads.map(lambda n: tiles.batch(*n), [(0, 0), (2, 1), (3, 1), (2, 1), (2, 2)]))
    for same in (again[1], again[3]):
        assert all(np.array_equal(a, b) for a, b in zip(first, same, strict=True))
    for other in (again[0], again[2], again[4]):
        assert not np.array_equal(first[0], other[0]) and not np.array_equal(first[1], other[1])


def test_another_seed_gives_other_tiles(tiles, here):
    other = TrainingTiles(dataclasses.replace(SMALL, seed=1), learned_from([here]))
    mine = TrainingTiles(SMALL, learned_from([here]))
    assert not np.array_equal(other.batch(0, 0)[0], mine.batch(0, 0)[0])


def test_of_too_many_faces_the_smallest_are_left_out(monkeypatch, image):
    crowd = image(
        [(x, y, x + 4 + x // 9, y + 5 + x // 9) for x in range(0, 90, 9) for y in (0, 20, 40)], 110, 60
    )
    plain = dataclasses.replace(SMALL, mosaic_share=0, turned_share=0)
    whole = TrainingTiles(plain, learned_from([crowd])).batch(0, 0)[1]
    monkeypatch.setattr(dataset, "MOST_FACES", 2)
    few = TrainingTiles(plain, learned_from([crowd])).batch(0, 0)[1]
    for all_of_them, largest in zip(whole, few, strict=True):
        heights = all_of_them[:, 3] - all_of_them[:, 1]
        expected = np.sort(heights[all_of_them[:, 4] > 0])[::-1][:2]
        kept = largest[largest[:, 4] > 0]
        assert len(expected) == 2 and (kept[:, 3] - kept[:, 1]).tolist() == expected.tolist()


def test_small_sources_and_crowds_are_drawn_oftener(image):
    """Four pictures of a source weigh as two of sources of one; a picture of four faces as two of one."""
    alone = [image([(1, 1, 5, 5)], 10, 10, source) for source in ("many",) * 4 + ("one",)]
    np.testing.assert_allclose(dataset.odds_of(alone), [1 / 6] * 4 + [2 / 6])
    crowd = image([(1, 1, 5, 5), (6, 1, 9, 5), (1, 6, 5, 9), (6, 6, 9, 9)], 10, 10)
    np.testing.assert_allclose(dataset.odds_of([crowd, image([(1, 1, 5, 5)], 10, 10)]), [2 / 3, 1 / 3])
