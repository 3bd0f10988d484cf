import pytest
from PIL import Image

from core.errors import RecordError
from training.data.manifest import read_manifest


def photo(path):
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.new("RGB", (8, 8)).save(path)


def test_own_class_names_stay(tmp_path):
    photo(tmp_path / "a" / "1.png")
    photo(tmp_path / "b" / "1.JPEG")
    photo(tmp_path / "b" / "deeper" / "2.png")
    found = read_manifest(tmp_path)
    assert [(e.label, e.path.name, e.split) for e in found.examples] == [
        ("a", "1.png", ""),
        ("b", "1.JPEG", ""),
        ("b", "2.png", ""),
    ]
    assert found.label_names == ("a", "b") and found.problems == ()


@pytest.mark.parametrize("validation", ["valid", "val", "Validation"])
def test_parts_within_parts_set_the_split(tmp_path, validation):
    for part in ("Train", validation, "test"):
        for label in ("mask", "no-mask"):
            photo(tmp_path / part / label / "1.png")
    found = read_manifest(tmp_path)
    assert {(e.split, e.label) for e in found.examples} == {
        (split, label) for split in ("train", "validation", "test") for label in ("with_mask", "without_mask")
    }


def test_what_lies_elsewhere_is_named(tmp_path):
    photo(tmp_path / "train" / "a" / "1.png")
    photo(tmp_path / "train" / "loose.png")
    photo(tmp_path / "more" / "a" / "1.png")
    found = read_manifest(tmp_path)
    assert len(found.examples) == 1
    assert {p.split(":")[0] for p in found.problems} == {"train/loose.png", "more/a/1.png"}


def test_what_is_no_picture_is_named_but_not_what_computers_leave_behind(tmp_path):
    photo(tmp_path / "a" / "1.png")
    (tmp_path / "README.md").write_text("about")
    (tmp_path / "a" / "clip.mp4").write_bytes(b"")
    (tmp_path / "a" / ".DS_Store").write_bytes(b"")
    (tmp_path / "a" / "Thumbs.db").write_bytes(b"")
    photo(tmp_path / "__MACOSX" / "a" / "1.png")
    assert read_manifest(tmp_path).problems == ("a/clip.mp4: is not a picture",)


def test_an_empty_folder_is_an_error(tmp_path):
    with pytest.raises(RecordError, match="It is empty"):
        read_manifest(tmp_path)


def test_linked_folders_are_read_and_loops_end(tmp_path):
    photo(tmp_path / "elsewhere" / "1.png")
    (tmp_path / "set" / "b").mkdir(parents=True)
    (tmp_path / "set" / "a").symlink_to(tmp_path / "elsewhere")
    (tmp_path / "set" / "b" / "loop").symlink_to(tmp_path / "set")
    assert [e.label for e in read_manifest(tmp_path / "set").examples] == ["a"]
