import math
from collections import Counter
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from training.data.example import Example
from training.data.manifest import read_manifest
from training.split import PARTS, main, parts

HEADER = "name,x1,x2,y1,y2,classname"


def photo(seed, width=96, height=128):
    """A picture of blocks that no other seed resembles."""
    blocks = np.random.default_rng(seed).integers(0, 256, (8, 6, 3), np.uint8)
    return Image.fromarray(blocks).resize((width, height), Image.Resampling.BICUBIC)


@pytest.fixture
def dataset(tmp_path):
    """Twenty photos with a face each and, of four of them, a mirrored copy or the same photo once more."""
    images = tmp_path / "images"
    images.mkdir()
    lines = []
    for n in range(20):
        photo(n).save(images / f"{n}.png")
        lines.append(f"{n}.png,10,20,50,120,{('face_with_mask', 'face_no_mask')[n % 2]}")
    for n in range(4):
        twin = photo(n) if n % 2 else photo(n).transpose(Image.Transpose.FLIP_LEFT_RIGHT)
        twin.save(images / f"twin{n}.jpg", quality=90)
        lines.append(f"twin{n}.jpg,10,20,50,120,face_with_mask")
    return tmp_path, lines


def split(dataset, *options, train="50", valid="25", test="25", extra=()):
    folder, lines = dataset
    (folder / "train.csv").write_text("\n".join([HEADER, *lines, *extra]) + "\n")
    output = folder / "data"
    arguments = [folder / "images", folder / "train.csv", train, valid, test, "--output", output, *options]
    return main(list(map(str, arguments))), output


def crops(output):
    return {(p.parts[-3], p.parts[-2], p.stem.rsplit("_", 1)[0]) for p in output.rglob("*.jpg")}


def test_every_face_is_written_once_into_its_part_and_label(dataset, capsys):
    code, output = split(dataset)
    assert code == 0
    found = crops(output)
    assert len(found) == len(list(output.rglob("*.jpg"))) == 24
    assert {part for part, _, _ in found} == {"train", "valid", "test"}
    assert {label for _, label, _ in found} == {"mask", "no-mask"}
    assert Counter(label for _, label, _ in found) == {"mask": 14, "no-mask": 10}
    shares = Counter(part for part, _, _ in found)
    assert all(abs(shares[part] - n) <= 2 for part, n in (("train", 12), ("valid", 6), ("test", 6)))
    said = capsys.readouterr().out
    assert all(str(output / part) in said for part in PARTS) and "8 photos have a near-duplicate" in said


def test_near_duplicates_are_on_one_side(dataset):
    _, output = split(dataset)
    part_of = {name: part for part, _, name in crops(output)}
    assert all(part_of[f"twin{n}"] == part_of[str(n)] for n in range(4))


def test_what_was_written_is_read_back_as_a_folder(dataset):
    _, output = split(dataset)
    found = read_manifest(output)
    assert found.label_names == ("with_mask", "without_mask") and found.problems == ()
    assert {e.split for e in found.examples} == {"train", "validation", "test"}


def test_a_crop_is_the_box_and_wider_on_request(dataset):
    folder, _lines = dataset
    white = np.zeros((128, 96, 3), np.uint8)
    white[20:120, 10:50] = 255
    Image.fromarray(white).save(folder / "images" / "0.png")
    _, output = split(dataset)
    (path,) = output.rglob("0_*.jpg")
    with Image.open(path) as crop:
        assert crop.size == (40, 100) and np.asarray(crop).min() > 250
    _, output = split(dataset, "--crop-scale", "1.5", "--output", str(folder / "wide"))
    (path,) = (folder / "wide").rglob("0_*.jpg")
    with Image.open(path) as crop:
        assert crop.size == (150, 150)


@pytest.mark.parametrize(
    "percentages", [("80", "10", "5"), ("80", "30", "-10"), ("0.8", "0.1", "0.1"), ("nan", "50", "50")]
)
def test_percentages_that_do_not_add_to_100_are_refused(dataset, percentages, capsys):
    train, valid, test = percentages
    with pytest.raises(SystemExit) as stopped:
        split(dataset, train=train, valid=valid, test=test)
    assert stopped.value.code == 2 and "add to 100" in capsys.readouterr().err
    assert not (dataset[0] / "data").exists()


def test_thirds_add_to_100(dataset):
    code, _ = split(dataset, train="33.3", valid="33.3", test="33.4")
    assert code == 0


def test_a_part_of_nothing_stays_empty(dataset):
    _, output = split(dataset, train="100", valid="0", test="0")
    assert {part for part, _, _ in crops(output)} == {"train"}


def test_output_that_holds_something_is_left_alone(dataset, capsys):
    (dataset[0] / "data").mkdir()
    (dataset[0] / "data" / "mine.txt").write_text("mine")
    with pytest.raises(SystemExit) as stopped:
        split(dataset)
    assert stopped.value.code == 1 and "is there already" in capsys.readouterr().err
    assert [p.name for p in (dataset[0] / "data").iterdir()] == ["mine.txt"]


def test_things_and_broken_rows_are_said(dataset, capsys):
    (dataset[0] / "images" / "broken.jpg").write_bytes(b"\xff\xd8\xff and no more")
    extra = "0.png,1,2,30,40,hat", "1.png,1,2,300,40,face_no_mask", "broken.jpg,1,2,30,40,face_no_mask"
    code, output = split(dataset, extra=extra)
    said = capsys.readouterr().out
    assert code == 0 and len(crops(output)) == 24
    assert "Left out by class name: hat 1" in said
    assert "2 rows, files or photos could not be used" in said
    assert "train.csv line 27" in said and "broken.jpg" in said


@pytest.mark.parametrize(
    ("choice", "folder"),
    [
        ((), "no-mask"),
        (("--incorrect", "mask"), "mask"),
        (("--incorrect", "incorrect-mask"), "incorrect-mask"),
    ],
)
def test_masks_worn_wrong_go_where_asked(dataset, choice, folder, capsys):
    lines = dataset[1]
    lines[0] = "0.png,10,20,50,120,face_with_mask_incorrect"
    _, output = split(dataset, *choice)
    assert next(label for _, label, name in crops(output) if name == "0") == folder
    assert ("1 masks worn incorrectly" in capsys.readouterr().out) == (folder != "incorrect-mask")


def test_masks_worn_wrong_can_be_left_out(dataset, capsys):
    dataset[1][0] = "0.png,10,20,50,120,face_with_mask_incorrect"
    _, output = split(dataset, "--incorrect", "leave-out")
    assert "0" not in {name for _, _, name in crops(output)}
    assert "incorrect_mask 1" in capsys.readouterr().out


def test_rare_labels_come_into_all_parts():
    def example(n, label):
        return Example(Path(f"{n}.png"), label, "s", f"s/{n}")

    examples = [example(n, "rare" if n % 20 == 0 else "common") for n in range(200)]
    side = parts(examples, {e.path: n for n, e in enumerate(examples)}, (60, 20, 20))
    rare = Counter(side[e.path] for e in examples if e.label == "rare")
    assert rare == {"train": 6, "valid": 2, "test": 2}
    assert Counter(side.values()) == {"train": 120, "valid": 40, "test": 40}
    assert parts(examples[::-1], {e.path: n for n, e in enumerate(examples)}, (60, 20, 20)) == side


def test_groups_and_near_duplicates_chain_to_one_side():
    """a and b are near-duplicates, b and c of one group: a and c stay together too."""
    examples = [
        Example(Path(name), "a", "s", group)
        for name, group in (("a", "1"), ("b", "2"), ("c", "2"), ("d", "3"))
    ]
    group_of = {Path("a"): 0, Path("b"): 0, Path("c"): 1, Path("d"): 2}
    side = parts(examples, group_of, (75, 25, 0))
    assert side[Path("a")] == side[Path("b")] == side[Path("c")] == "train" and side[Path("d")] == "valid"
    assert math.isclose(sum(side[e.path] == "train" for e in examples), 3)
