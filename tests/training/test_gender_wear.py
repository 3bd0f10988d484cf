import csv
from collections import defaultdict

import cv2
import numpy as np
import pytest
from skimage import data

from core.errors import RecordError
from core.images.crops import to_input
from core.labels import GENDER_WEAR_8, WEAR_4
from core.mask_rendering import WEARINGS
from core.results import Detection
from training import gender_wear
from training.data.manifest import read_manifest
from training.gender_wear import COLUMNS, build, main

# The astronaut's face, 1.5 times its box, and its five points in pixels of the crop
FACE = to_input(np.ascontiguousarray(data.astronaut()[20:200, 130:310]), 96)
POINTS = tuple(
    ((x - 130) * 96 / 180, (y - 20) * 96 / 180)
    for x, y in ((203, 104), (242, 101), (226, 125), (209, 145), (243, 143))
)
SIZE = 96
PEOPLE = 30
HEADER = "path,label,split,source,group,gender,face_px"


class Detector:
    """Finds the astronaut's points in whatever it is shown, or nothing in pictures that are dark."""

    name = "fake"
    operating_point = 0.5

    def detect(self, frame, min_score=None):
        if frame.rgb.mean() < 20:
            return ()
        pad, scale = (frame.width - frame.width / 1.5) / 2, frame.width / 1.5 / 96
        points = tuple((x * scale + pad, y * scale + pad) for x, y in POINTS)
        return (Detection((pad, pad, frame.width - pad, frame.height - pad), 0.9, "fake", points),)


def write(path, rgb):
    path.parent.mkdir(parents=True, exist_ok=True)
    assert cv2.imwrite(str(path), rgb[..., ::-1])


def tinted(person):
    """The same face in a light of its own."""
    light = np.random.default_rng(person).uniform(0.6, 1.1, 3)
    return np.clip(FACE * light, 0, 255).astype(np.uint8)


def manifest(folder, lines, header=HEADER):
    path = folder / "faces.csv"
    path.write_text("\n".join([header, *lines]) + "\n")
    return path


@pytest.fixture(scope="module")
def people(tmp_path_factory):
    """Thirty people: a bare photo each and a masked one, which every third person has in another source."""
    folder = tmp_path_factory.mktemp("people")
    lines = []
    for person in range(PEOPLE):
        gender = ("female", "Male ")[person % 2]  # as people write it
        other = "elsewhere" if person % 3 == 0 else "portraits"
        write(folder / f"bare{person}.png", tinted(person))
        write(folder / f"masked{person}.png", tinted(person)[::-1])
        lines.append(f"bare{person}.png,without_mask,,portraits,{person},{gender},64")
        lines.append(f"masked{person}.png,with_mask,,{other},{person},{gender},")
    write(folder / "dark.png", np.zeros((96, 96, 3), np.uint8))
    lines += [
        f"dark.png,without_mask,train,portraits,{PEOPLE},male,64",
        "bare0.png,without_mask,test,portraits,tested,female,64",
        "bare1.png,without_mask,train,portraits,unknown,,64",
        "bare2.png,without_mask,train,portraits,other,unclear,64",
        "bare3.png,incorrect_mask,train,portraits,wrong,male,64",
    ]
    return manifest(folder, lines)


@pytest.fixture(scope="module")
def built(people, tmp_path_factory):
    output = tmp_path_factory.mktemp("built")
    return output, build(people, output, Detector(), variants=1, size=SIZE)


def rows(path):
    with path.open(newline="") as file:
        return list(csv.DictReader(file))


def all_rows(output):
    """Every picture once: the balanced manifest's and the real photos'."""
    return list({r["path"]: r for name in ("manifest.csv", "real.csv") for r in rows(output / name)}.values())


def test_training_reads_what_was_built(built):
    output, pictures = built
    found = read_manifest(output / "manifest.csv", GENDER_WEAR_8)
    assert found.problems == () and found.left_out == {} and found.label_names == tuple(sorted(GENDER_WEAR_8))
    assert {e.split for e in found.examples} == {"train", "validation", "test"}
    assert {(e.gender, e.synthetic) for e in found.examples} == {
        (g, d) for g in ("female", "male") for d in (0, 1)
    }
    assert list(rows(output / "manifest.csv")[0]) == list(COLUMNS)
    for example in found.examples:
        assert example.path.parent.name == example.label
        assert cv2.imread(str(example.path)).shape == (SIZE, SIZE, 3)
    assert len(list(output.rglob("*.jpg"))) == len(pictures) == len({p.path for p in pictures})


def test_bare_faces_are_drawn_on_at_each_height_and_masked_ones_are_kept_as_they_are(built):
    _, pictures = built
    shown = defaultdict(list)
    for p in pictures:
        gender, _, wearing = p.label.partition("_")
        assert gender == p.gender
        shown[p.group].append((wearing, p.synthetic))
    for person in range(PEOPLE):
        drawn = {(wearing, True) for wearing in WEARINGS}
        assert len(shown[str(person)]) == 5
        assert set(shown[str(person)]) == drawn | {(WEAR_4.labels[0], False), (WEAR_4.labels[3], False)}


def test_what_is_called_drawn_differs_from_the_photo_and_what_is_not_does_not(built):
    output, pictures = built
    for p in pictures[:40]:
        photo = cv2.resize(tinted(int(p.group)), (SIZE, SIZE)).astype(int)
        photo = photo[::-1] if p.label.endswith("covers_nose_and_mouth") and not p.synthetic else photo
        written = cv2.imread(str(output / p.path))[..., ::-1].astype(int)
        changed = (np.abs(written - photo).max(axis=2) > 40).mean()  # JPEG changes less
        assert changed > 0.01 if p.synthetic else changed < 0.01, p


def test_tested_unnamed_and_wrongly_worn_faces_are_left_out(built):
    _, pictures = built
    assert {p.group for p in pictures} == {str(person) for person in range(PEOPLE + 1)}


def test_a_face_without_points_is_only_bare(built):
    _, pictures = built
    assert [(p.label, p.synthetic) for p in pictures if p.group == str(PEOPLE)] == [("male_no_mask", False)]


def test_all_pictures_of_a_person_are_on_one_side_whatever_their_source(built):
    output, pictures = built
    sides = defaultdict(set)
    for p in pictures:
        sides[p.group].add(p.split)
    assert all(len(side) == 1 for side in sides.values())
    assert {p.source for p in pictures} == {"portraits", "elsewhere"}
    learned = {r["group"] for r in all_rows(output) if r["split"] != "test"}
    tested = {r["group"] for r in all_rows(output) if r["split"] == "test"}
    assert learned and tested and not learned & tested


def test_the_test_part_is_balanced_and_of_test_faces_only(built):
    output, pictures = built
    counted = defaultdict(int)
    for r in rows(output / "manifest.csv"):
        counted[r["label"]] += r["split"] == "test"
    assert set(counted) == set(GENDER_WEAR_8) and len(set(counted.values())) == 1
    available = defaultdict(int)
    for p in pictures:
        available[p.label] += p.split == "test"
    assert counted["male_no_mask"] == min(available.values()) > 0
    kept = [r for r in rows(output / "manifest.csv") if r["split"] != "test"]
    assert len(kept) == sum(p.split != "test" for p in pictures)


def test_real_photos_of_the_test_are_listed_apart_and_complete(built):
    output, pictures = built
    real = rows(output / "real.csv")
    assert real and all(r["drawn"] == "0" and r["split"] == "test" for r in real)
    assert {r["path"] for r in real} == {p.path for p in pictures if p.split == "test" and not p.synthetic}


def test_what_is_known_of_a_face_goes_along(built):
    output, _ = built
    found = {(r["group"], r["label"]): r for r in all_rows(output) if r["drawn"] == "0"}
    assert found["3", "male_no_mask"]["face_px"] == "64"
    assert found["3", "male_covers_nose_and_mouth"]["face_px"] == ""  # not known is not 0
    assert found["3", "male_covers_nose_and_mouth"]["source"] == "elsewhere"


def one(folder, *lines):
    write(folder / "a.png", tinted(0))
    return manifest(folder, lines or ["a.png,without_mask,,portraits,0,female,64"])


def contents(folder):
    return {p.relative_to(folder): p.read_bytes() for p in folder.rglob("*") if p.is_file()}


def test_the_same_seed_builds_the_same_and_another_seed_draws_other_masks(tmp_path):
    faces = one(tmp_path)
    for name, seed in (("first", 0), ("again", 0), ("other", 1)):
        build(faces, tmp_path / name, Detector(), variants=1, size=SIZE, seed=seed)
    first, again, other = (contents(tmp_path / name) for name in ("first", "again", "other"))
    assert first == again and first != other


def test_chunks_draw_as_different_masks_as_faces_do(tmp_path, monkeypatch):
    monkeypatch.setattr(gender_wear, "CHUNK", 1)
    faces = one(tmp_path, *(f"a.png,without_mask,,portraits,{group},female,64" for group in "ab"))
    pictures = build(faces, tmp_path / "out", Detector(), variants=1, size=SIZE)
    written = contents(tmp_path / "out")
    drawn = [
        written[(tmp_path / "out" / p.path).relative_to(tmp_path / "out")] for p in pictures if p.synthetic
    ]
    assert len(drawn) == 6 == len(set(drawn))


def test_variants_are_masks_of_each_height(tmp_path):
    pictures = build(one(tmp_path), tmp_path / "out", Detector(), variants=3, size=SIZE)
    assert sorted(p.label for p in pictures if p.synthetic) == sorted(f"female_{w}" for w in WEARINGS * 3)


def test_a_face_in_a_larger_photo_is_cut_out_as_recipes_do(tmp_path):
    photo = np.zeros((300, 300, 3), np.uint8)
    photo[100:196, 150:246] = tinted(0)  # the crop; the face's box has two thirds of its side
    write(tmp_path / "photo.png", photo)
    line = "photo.png,without_mask,,crowd,0,female,166,116,230,180"
    faces = manifest(tmp_path, [line], "path,label,split,source,group,gender,x1,y1,x2,y2")
    pictures = build(faces, tmp_path / "out", Detector(), variants=1, size=SIZE)
    (bare,) = (p for p in pictures if not p.synthetic)
    written = cv2.imread(str(tmp_path / "out" / bare.path))[..., ::-1]
    assert np.abs(written.astype(int) - tinted(0)).mean() < 5
    assert bare.face_px == 64


def test_a_picture_that_cannot_be_read_is_named_and_the_rest_kept(tmp_path, caplog):
    (tmp_path / "broken.png").write_bytes(b"no picture")
    faces = one(
        tmp_path,
        "broken.png,without_mask,,portraits,1,male,64",
        "a.png,without_mask,,portraits,0,female,64",
    )
    pictures = build(faces, tmp_path / "out", Detector(), variants=1, size=SIZE)
    assert {p.gender for p in pictures} == {"female"}
    assert "broken.png" in caplog.text


def test_too_few_faces_for_a_test_part_is_said(tmp_path, caplog):
    build(one(tmp_path), tmp_path / "out", Detector(), variants=1, size=SIZE)
    assert "No test part" in caplog.text
    assert all(r["split"] != "test" for r in rows(tmp_path / "out" / "manifest.csv"))


@pytest.mark.parametrize(
    ("header", "line"),
    [
        ("path,label", "a.png,without_mask"),
        ("path,label,gender", "a.png,without_mask,"),
        ("path,label,gender", "a.png,with_mask,female"),
        ("path,label,gender,split", "a.png,without_mask,male,test"),
    ],
    ids=["no column", "empty", "none bare", "kept for testing"],
)
def test_data_without_a_bare_face_of_known_gender_is_refused_before_anything_is_written(
    tmp_path, header, line
):
    write(tmp_path / "a.png", tinted(0))
    with pytest.raises(RecordError, match="gender"):
        build(manifest(tmp_path, [line], header), tmp_path / "out", Detector(), size=SIZE)
    assert not (tmp_path / "out").exists()


def test_nothing_is_overwritten(tmp_path):
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "mine.txt").write_text("mine")
    with pytest.raises(RecordError, match="not empty"):
        build(one(tmp_path), tmp_path / "out", Detector(), size=SIZE)
    assert contents(tmp_path / "out") == {
        (tmp_path / "out" / "mine.txt").relative_to(tmp_path / "out"): b"mine"
    }


def test_an_output_that_is_a_file_is_refused(tmp_path):
    (tmp_path / "out").write_text("a file")
    with pytest.raises(RecordError, match="no folder"):
        build(one(tmp_path), tmp_path / "out", Detector(), size=SIZE)


def test_the_command_says_how_many_are_real_and_how_many_drawn(people, tmp_path, capsys, monkeypatch):
    monkeypatch.setattr(gender_wear, "load_detector", lambda name, *, yunet_path: Detector())
    options = ["--data", people, "--output", tmp_path / "out", "--variants", "1", "--size", SIZE]
    assert main(list(map(str, options))) == 0
    said = capsys.readouterr().out
    counted = defaultdict(lambda: [0, 0])
    part = ""
    for line in said.splitlines():
        match line.split():
            case [("train" | "validation" | "test") as part]:
                pass
            case [label, real, "real", drawn, "drawn"]:
                counted[label][0] += int(real)
                counted[label][1] += int(drawn)
    assert set(counted) == set(GENDER_WEAR_8) and part == "test"
    assert counted["female_no_mask"] == [15, 0] and counted["male_no_mask"] == [16, 0]
    assert counted["male_below_mouth"] == [0, 15] and counted["male_covers_nose_and_mouth"] == [15, 15]
    assert str(tmp_path / "out" / "manifest.csv") in said


def test_the_command_says_what_is_missing(tmp_path, capsys):
    arguments = ["--data", one(tmp_path), "--output", tmp_path / "out", "--yunet", tmp_path / "none.onnx"]
    with pytest.raises(SystemExit) as stopped:
        main(list(map(str, arguments)))
    assert stopped.value.code == 1
    assert capsys.readouterr().err.startswith("error: ")
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(("option", "value"), [("--variants", "0"), ("--size", "8"), ("--size", "100000")])
def test_numbers_that_make_no_sense_are_refused(tmp_path, option, value):
    with pytest.raises(SystemExit) as stopped:
        main(["--data", str(one(tmp_path)), "--output", str(tmp_path / "out"), option, value])
    assert stopped.value.code == 2
