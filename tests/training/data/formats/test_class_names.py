import pytest

from core.labels import GENDER_WEAR_8, MASK_3, WEAR_4
from training.data.formats.class_names import label_of

WOBOT = (
    "face_with_mask face_no_mask face_with_mask_incorrect face_other_covering mask_colorful mask_surgical "
    "face_shield gas_mask goggles hair_net hat helmet hijab_niqab hood scarf_bandana sunglasses eyeglasses "
    "turban balaclava_ski_mask other"
).split()


@pytest.mark.parametrize(
    ("names", "labels"),
    [
        (["mask", "no-mask"], ["with_mask", "without_mask"]),
        (["With Mask", "Without Mask"], ["with_mask", "without_mask"]),
        (["WithMask", "WithoutMask"], ["with_mask", "without_mask"]),
        (
            ["mask_weared_incorrect", "with_mask", "without_mask"],
            ["incorrect_mask", "with_mask", "without_mask"],
        ),
        (["CMFD", "IMFD"], ["with_mask", "incorrect_mask"]),
        (["a", "b"], ["a", "b"]),
        (["hat", "other"], ["hat", "other"]),  # a user's own classes, without faces of the wobot set beside
        (["mask_red", "Mask 2"], ["mask_red", "Mask 2"]),
        (["type1_female", "type4_male"], ["female_covers_nose_and_mouth", "male_no_mask"]),
    ],
)
def test_names_of_other_people_become_labels_and_own_names_stay(names, labels):
    found = label_of(names)
    assert [found[name] for name in names] == labels


@pytest.mark.parametrize("labels", [MASK_3, WEAR_4, GENDER_WEAR_8], ids=lambda s: s.name)
def test_our_own_labels_stay_what_they_are(labels):
    assert label_of(labels) == {label: label for label in labels}


def test_no_mask_alone_is_what_most_people_mean_by_it():
    assert label_of(["no_mask", "mask"])["no_mask"] == "without_mask"


def test_of_the_wobot_sets_twenty_names_three_are_faces():
    assert len(WOBOT) == 20
    found = label_of(iter(WOBOT))
    assert {name: label for name, label in found.items() if label} == {
        "face_with_mask": "with_mask",
        "face_no_mask": "without_mask",
        "face_with_mask_incorrect": "incorrect_mask",
    }
