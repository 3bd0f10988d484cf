import pytest
from PIL import Image

from core.errors import RecordError
from training.data.manifest import read_manifest


def photo(path):
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.new("RGB", (100, 200)).save(path)


def text(path, content):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(content)


@pytest.mark.parametrize(
    ("picture", "lines", "split"),
    [
        ("images/a.png", "labels/a.txt", ""),
        ("images/train/a.png", "labels/train/a.txt", "train"),
        ("valid/images/a.png", "valid/labels/a.txt", "validation"),
        ("obj/a.png", "obj/a.txt", ""),
        ("images/a.JPG", "labels/a.txt", ""),
    ],
)
def test_shares_become_pixels_in_every_usual_layout(tmp_path, picture, lines, split):
    photo(tmp_path / picture)
    text(tmp_path / lines, "1 0.2 0.85 0.2 0.2\r\n\r\n0 0.5 0.5 1 1\n")
    text(tmp_path / "classes.txt", "no-mask\nmask\n")
    first, second = read_manifest(tmp_path).examples
    assert first.box == pytest.approx((10, 150, 30, 190)) and first.label == "with_mask"
    assert second.box == (0, 0, 100, 200) and second.label == "without_mask"
    assert first.split == split and first.group == second.group


@pytest.mark.parametrize("content", ["names: [no, own class]\n", "nc: 2\nnames:\n  0: no\n  1: own class\n"])
def test_names_in_data_yaml(tmp_path, content):
    photo(tmp_path / "train" / "images" / "a.png")
    text(tmp_path / "train" / "labels" / "a.txt", "0 .5 .5 .1 .1\n1 .5 .5 .1 .1")
    text(tmp_path / "data.yaml", content)
    for data in (tmp_path, tmp_path / "data.yaml"):
        assert read_manifest(data).label_names == ("no", "own class")  # and not False


@pytest.mark.parametrize("content", ["names: [", "names: 5", "- a\n- b", "names: !!python/name:os.system"])
def test_a_yaml_without_usable_names_is_an_error(tmp_path, content):
    photo(tmp_path / "images" / "a.png")
    text(tmp_path / "labels" / "a.txt", "0 .5 .5 .1 .1")
    text(tmp_path / "data.yaml", content)
    with pytest.raises(RecordError, match=r"data\.yaml|names of the classes are missing"):
        read_manifest(tmp_path)


def test_broken_lines_and_files_are_named_and_the_rest_kept(tmp_path):
    photo(tmp_path / "images" / "a.png")
    text(tmp_path / "classes.txt", "mask\n")
    text(
        tmp_path / "labels" / "a.txt",
        "0 .5 .5 .1 .1\n1 .5 .5 .1 .1\n0 .5 .5 .1\n0 .9 .5 .5 .1\nx .5 .5 .1 .1\n0 .5 nan .1 .1\n",
    )
    text(tmp_path / "labels" / "gone.txt", "0 .5 .5 .1 .1\n")
    (tmp_path / "labels" / "a2.txt").write_bytes(b"\xff\xfe")
    photo(tmp_path / "images" / "a2.png")
    found = read_manifest(tmp_path)
    assert len(found.examples) == 1
    assert [p.split(":")[0] for p in found.problems] == [
        *(f"labels/a.txt line {n}" for n in range(2, 7)),
        "labels/a2.txt",
        "labels/gone.txt",
    ]
    assert "leaves a.png" in found.problems[2]
