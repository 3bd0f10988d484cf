import pytest
from PIL import Image

from core.errors import RecordError
from core.labels import GENDER_WEAR_8
from training.data.manifest import read_manifest


@pytest.fixture
def dataset(tmp_path):
    for number in (1, 2, 3, 4):
        Image.new("RGB", (8, 8)).save(tmp_path / f"00{number}_{number}_000007_FEMALE_31.jpg")
    Image.new("RGB", (8, 8)).save(tmp_path / "005_4_000008_male_40.JPG")
    return tmp_path


def test_the_label_is_read_in_the_corrected_order(dataset):
    found = read_manifest(dataset, GENDER_WEAR_8)
    assert [e.label for e in found.examples] == [
        "female_covers_nose_and_mouth",
        "female_covers_mouth_only",
        "female_below_mouth",
        "female_no_mask",
        "male_no_mask",
    ]
    assert [e.gender for e in found.examples] == ["female"] * 4 + ["male"]


def test_all_pictures_of_a_person_are_one_group(dataset):
    groups = [e.group for e in read_manifest(dataset).examples]
    assert len(set(groups[:4])) == 1 and groups[4] != groups[0]


def test_the_published_order_is_an_option(dataset):
    labels = [e.label for e in read_manifest(dataset, type_order="4321").examples]
    assert labels[0] == "female_no_mask" and labels[3] == "female_covers_nose_and_mouth"


@pytest.mark.parametrize("order", ["", "123", "1233", "01234", "abcd", "12345"])
def test_an_order_that_is_none_is_refused(dataset, order):
    with pytest.raises(RecordError, match="each of the digits 1 to 4 once"):
        read_manifest(dataset, type_order=order)


def test_what_is_no_picture_or_not_so_named_is_listed(dataset):
    (dataset / "df_part_1.csv").write_text("ID,TYPE\n")
    (dataset / "006_1_000009_MALE_20.jpg").write_bytes(b"<html>not found</html>")
    for name in ("007_5_000009_MALE_20.jpg", "008_1_000009_OTHER_20.jpg", "holiday.jpg"):
        Image.new("RGB", (8, 8)).save(dataset / name)
    found = read_manifest(dataset)
    assert len(found.examples) == 5
    assert {p.split(":")[0] for p in found.problems} == {
        "df_part_1.csv",
        "006_1_000009_MALE_20.jpg",
        "007_5_000009_MALE_20.jpg",
        "008_1_000009_OTHER_20.jpg",
        "holiday.jpg",
    }
