import csv
from collections import Counter

import cv2
import numpy as np
import pytest
from skimage import data

from core.errors import RecordError
from core.labels import GENDER_WEAR_8
from core.results import Detection
from training import gender_wear
from training.gender_wear import build

FACE = np.ascontiguousarray(data.astronaut()[20:200, 130:310])
POINTS = np.array([(203, 104), (242, 101), (226, 125), (209, 145), (243, 143)], float) - (130, 20)


class Detector:
    """Knows where the astronaut's points are in a padded crop of any size."""

    name = "fake"

    def detect(self, frame):
        side = frame.width / 1.5  # a quarter is padded at each side
        points = tuple((x * side / 180 + side / 4, y * side / 180 + side / 4) for x, y in POINTS)
        return (Detection((0, 0, frame.width, frame.height), 0.9, self.name, points),)


@pytest.fixture(scope="module")
def people(tmp_path_factory):
    """60 bare and 30 masked faces of both genders; twins of a person in two sources share a group."""
    folder = tmp_path_factory.mktemp("people")
    rows = ["path,label,source,group,gender,face_px"]
    for i in range(90):
        picture = np.clip(FACE * (0.6 + i / 150), 0, 255).astype(np.uint8)
        cv2.imwrite(str(folder / f"{i}.png"), picture)
        label = "without_mask" if i < 60 else "with_mask"
        rows.append(f"{i}.png,{label},{'ab'[i % 2]},{i // 2},{'female' if i % 4 < 2 else 'male'},120")
    rows.append("0.png,without_mask,a,900,,120")  # of unknown gender
    rows.append("0.png,incorrect_mask,a,901,male,120")
    (folder / "people.csv").write_text("\n".join(rows) + "\n")
    return folder / "people.csv"


@pytest.fixture(scope="module")
def built(people, tmp_path_factory):
    output = tmp_path_factory.mktemp("built") / "eight"
    return output, build(people, output, Detector(), variants=2, size=96)


def rows(path):
    with path.open(newline="") as file:
        return list(csv.DictReader(file))


def test_bare_faces_are_drawn_on_at_three_heights_beside_the_real_ones(built):
    _, pictures = built
    counts = Counter((p.label.partition("_")[2], p.drawn) for p in pictures)
    assert counts == {
        ("no_mask", False): 60,
        ("covers_nose_and_mouth", False): 30,
        ("covers_nose_and_mouth", True): 120,
        ("covers_mouth_only", True): 120,
        ("below_mouth", True): 120,
    }
    assert {p.label for p in pictures} == set(GENDER_WEAR_8)
    assert all(p.label.startswith(p.gender) for p in pictures)


def test_all_pictures_of_a_person_are_on_one_side_in_whatever_source(built):
    sides = {}
    for picture in built[1]:
        sides.setdefault(picture.group, set()).add(picture.split)
    assert len(sides) == 45 and all(len(side) == 1 for side in sides.values())
    assert {side for found in sides.values() for side in found} == {"train", "validation", "test"}


def test_the_test_part_is_balanced_and_the_real_photos_have_a_list_of_their_own(built):
    output, pictures = built
    listed = rows(output / "manifest.csv")
    counts = Counter(row["label"] for row in listed if row["split"] == "test")
    assert set(counts) == set(GENDER_WEAR_8) and len(set(counts.values())) == 1
    assert len(listed) - sum(counts.values()) == sum(p.split != "test" for p in pictures)
    real = rows(output / "real.csv")
    assert {row["split"] for row in real} == {"test"} and {row["drawn"] for row in real} == {"0"}
    assert len(real) == sum(p.split == "test" and not p.drawn for p in pictures)


def test_pictures_are_written_as_they_are_named(built):
    output, pictures = built
    for row in rows(output / "manifest.csv"):
        assert cv2.imread(str(output / row["path"])).shape == (96, 96, 3)
    assert len(list(output.glob("*/*.jpg"))) == len(pictures)
    bare, masked = (
        cv2.imread(str(output / next(p.path for p in pictures if p.label.endswith(w) and p.drawn is d)))
        for w, d in (("no_mask", False), ("covers_nose_and_mouth", True))
    )
    mouth = slice(60, 75), slice(35, 60)
    assert np.abs(bare[mouth].astype(int) - masked[mouth]).mean() > 10


def test_the_same_seed_draws_the_same(people, built, tmp_path):
    build(people, tmp_path / "again", Detector(), variants=2, size=96)
    one, again = built[0], tmp_path / "again"
    assert (one / "manifest.csv").read_bytes() == (again / "manifest.csv").read_bytes()
    for path in sorted(one.glob("*/*.jpg"))[::50]:
        assert path.read_bytes() == (again / path.relative_to(one)).read_bytes()


def test_nothing_is_overwritten_and_data_without_gender_is_named(people, built, tmp_path):
    with pytest.raises(RecordError, match="is not empty"):
        build(people, built[0], Detector())
    (tmp_path / "faces.csv").write_text(f"path,label\n{people.parent / '0.png'},without_mask\n")
    with pytest.raises(RecordError, match="column gender"):
        build(tmp_path / "faces.csv", tmp_path / "out", Detector())


def test_the_summary_says_how_many_are_real_and_how_many_drawn(people, tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(gender_wear, "load_detector", lambda *_, **__: Detector())
    arguments = ["--data", str(people), "--output", str(tmp_path / "o"), "--variants", "1", "--size", "48"]
    assert gender_wear.main(arguments) == 0
    said = capsys.readouterr().out
    assert "female_covers_mouth_only            0 real" in said and "Train on" in said
