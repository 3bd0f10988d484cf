"""Which labels a training learns: all that the data has, and none that is not known."""

import os
import sys

import pytest

from core.errors import RecordError
from core.labels import MASK_2, MASK_3
from tests.training.data.formats import made
from training.data.layout import require_known_names, require_several_labels
from training.data.manifest import read_manifest
from training.fitting.train import with_labels
from training.pack import main as pack
from training.recipes import load_recipe
from training.split import main as split


def folders(root, *names):
    for name in names:
        made.photos(root / name)
    return read_manifest(root)


@pytest.mark.parametrize(
    ("recipe", "names", "labels"),
    [
        ("mobilenet_mask2", ("mask", "no mask", "improper"), MASK_3.labels),
        ("mobilenet_mask2", ("train/mask", "train/no mask", "test/mask", "test/improper"), MASK_2.labels),
        ("mobilenet_mask2", ("with_mask", "without_mask"), MASK_2.labels),
        ("mask3", ("with_mask", "without_mask"), MASK_3.labels),  # it draws masks worn incorrectly itself
        ("mobilenet_mask2", ("cat", "dog", "emu"), ("cat", "dog", "emu")),
    ],
)
def test_the_labels_that_the_folders_have_are_learned(recipe, names, labels, tmp_path):
    assert with_labels(load_recipe(recipe), folders(tmp_path, *names)).labels.labels == labels


def test_the_labels_that_were_asked_for_are_learned(tmp_path):
    manifest = folders(tmp_path, "mask", "no mask", "improper")
    assert with_labels(load_recipe("mobilenet_mask3"), manifest, "mask2").labels == MASK_2


def test_a_class_that_is_not_known_is_refused_by_name_beside_known_ones(tmp_path):
    manifest = folders(tmp_path, "mask", "no mask", "sans masque")
    with pytest.raises(
        RecordError, match=r"sans masque \(8 faces\).*--class 'sans masque=.*docs/training.md"
    ):
        with_labels(load_recipe("mobilenet_mask2"), manifest)
    with pytest.raises(RecordError, match="sans masque"):
        require_known_names(manifest, MASK_3)
    said = read_manifest(tmp_path, class_names={"sans masque": "without_mask"})
    assert with_labels(load_recipe("mobilenet_mask2"), said).labels == MASK_2
    assert len(said.examples) == 24


@pytest.mark.parametrize(
    ("names", "said"),
    [
        (("mask",), "the data has one label alone, with_mask"),
        (("train/mask", "train/no mask", "valid/mask"), "the part 'validation' has one label alone"),
        (("train/mask", "test/mask", "test/no mask"), "the part 'train' has one label alone"),
    ],
)
def test_a_part_with_one_label_alone_is_an_error_with_the_layout(names, said, tmp_path):
    manifest = folders(tmp_path, *names)
    with pytest.raises(RecordError) as raised:
        require_several_labels(manifest, tmp_path)
    assert said in str(raised.value) and f"  {names[0]}/  8 files" in str(raised.value)
    assert "wanted:" in str(raised.value)


def test_parts_with_several_labels_are_fine(tmp_path):
    require_several_labels(folders(tmp_path, "train/mask", "train/no mask", "test/mask"), tmp_path)


def test_split_refuses_a_class_that_is_not_known_and_takes_what_is_said_of_it(tmp_path, capsys):
    made.table(
        tmp_path,
        "filename,class,xmin,ymin,xmax,ymax",
        lambda name, label: (name, {"with_mask": "mask"}.get(label, "sans masque"), *made.BOX),
    )
    arguments = [
        str(tmp_path),
        str(tmp_path / "data.csv"),
        "50",
        "25",
        "25",
        "--output",
        str(tmp_path / "out"),
    ]
    with pytest.raises(SystemExit, match="1"):
        split(arguments)
    assert "sans masque (4 faces)" in capsys.readouterr().err and not (tmp_path / "out").exists()
    assert split([*arguments, "--class", "Sans_Masque=without_mask"]) == 0
    assert len(list((tmp_path / "out").rglob("no-mask/*.jpg"))) == 4


def test_split_cuts_data_of_one_label_and_says_what_it_lacks(tmp_path, capsys):
    """Semicolons, in the order of a data set that calls its columns otherwise."""
    made.table(
        tmp_path, "name,x1,x2,y1,y2,classname", lambda n, _: (n, *made.BOX, "face_with_mask"), separator=";"
    )
    output = tmp_path / "out"
    assert split([str(tmp_path), str(tmp_path / "data.csv"), "50", "25", "25", "--output", str(output)]) == 0
    assert len(list(output.rglob("mask/*.jpg"))) == 8
    assert "All faces are mask: a training needs another label beside it." in capsys.readouterr().out


@pytest.mark.skipif(sys.platform != "linux", reason="other systems refuse such names themselves")
def test_names_that_are_not_utf_8_are_cut_and_packed(tmp_path, capsys):
    folders(tmp_path / "set", "mask", "no mask")
    for folder in ("mask", "no mask"):
        (tmp_path / "set" / folder / "p0.png").rename(tmp_path / "set" / folder / os.fsdecode(b"\xe4.png"))
    data = str(tmp_path / "set")
    assert split([data, data, "50", "25", "25", "--output", str(tmp_path / "out")]) == 0
    assert len(list((tmp_path / "out").rglob("*.jpg"))) == 16
    assert pack(["--data", data, "--output", str(tmp_path / "faces.h5"), "--size", "32"]) == 0
    packed = read_manifest(tmp_path / "faces.h5")
    assert len(packed.examples) == 16 and packed.problems == ()
    assert any("\\udce4" in example.group for example in packed.examples)
