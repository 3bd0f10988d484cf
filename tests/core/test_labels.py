import pytest

from core.errors import RecordError
from core.labels import (
    CANNOT_TELL,
    DEPICTION,
    GENDER_WEAR_8,
    LABEL_SETS,
    MASK_3,
    NOT_A_FACE,
    SUBTYPES,
    WEAR_4,
    ClassSet,
    LabelSet,
    appearance,
    either,
    wearing_of,
)


def test_index_is_the_output_unit():
    assert MASK_3.labels == ("with_mask", "incorrect_mask", "without_mask")
    assert [MASK_3.index(label) for label in MASK_3] == [0, 1, 2]


def test_female_comes_before_male():
    assert len(GENDER_WEAR_8) == 8
    assert GENDER_WEAR_8.index("female_no_mask") == 3
    assert GENDER_WEAR_8.index("male_covers_nose_and_mouth") == 4


def test_unknown_label_is_named_with_the_known_ones():
    with pytest.raises(RecordError, match=r"'masked'.*with_mask"):
        MASK_3.index("masked")


@pytest.mark.parametrize("labels", [(), ("one",), ("same", "same")])
def test_a_label_set_needs_two_different_labels(labels):
    with pytest.raises(RecordError):
        LabelSet("bad", labels)


def test_every_label_has_icon_word_and_sentence():
    labels = {label for label_set in LABEL_SETS.values() for label in label_set} | {
        CANNOT_TELL,
        "some_stranger",
    }
    for label in labels:
        look = appearance(label)
        assert look.icon and look.short and look.sentence.endswith(".") and look.colour.startswith("#")


def test_answers_of_a_set_differ_in_icon_and_colour():
    looks = [appearance(label) for label in (*MASK_3, CANNOT_TELL)]
    assert len({look.icon for look in looks}) == len({look.colour for look in looks}) == 4


@pytest.mark.parametrize(
    ("label", "worn"),
    [
        ("with_mask", "properly"),
        ("incorrect_mask", "wrongly"),
        ("without_mask", "not"),
        ("covers_nose_and_mouth", "properly"),
        ("covers_mouth_only", "wrongly"),
        ("below_mouth", "wrongly"),
        ("no_mask", "not"),
        ("female_no_mask", "not"),
        ("male_covers_nose_and_mouth", "properly"),
        (CANNOT_TELL, None),
        ("some_stranger", None),
        ("female_stranger", None),
        ("unknown_no_mask", None),
    ],
)
def test_a_label_says_how_the_mask_is_worn_or_nothing(label, worn):
    assert appearance(label).worn == worn


def test_a_wearing_is_a_label_without_its_gender():
    assert [wearing_of(label) for label in GENDER_WEAR_8] == [*WEAR_4] * 2
    assert [wearing_of(label) for label in ("with_mask", "female_stranger", "male_", "x")] == [
        "with_mask",
        "female_stranger",
        "male_",
        "x",
    ]


def test_one_of_several_labels_in_words():
    assert either(["no_mask"]) == "no mask"
    assert either(["incorrect_mask", "without_mask"]) == "worn incorrectly or no mask"
    assert either(["covers_mouth_only", "below_mouth", "no_mask"]) == "nose out, below mouth or no mask"


def test_every_set_of_ours_knows_proper_and_missing_masks():
    for labels in LABEL_SETS.values():
        worn = {appearance(label).worn for label in labels}
        assert {"properly", "not"} <= worn <= {"properly", "wrongly", "not"}


FINER = ClassSet(
    MASK_3, ("without_mask", "incorrect_mask/under_chin", NOT_A_FACE, "with_mask", "incorrect_mask/nose_out")
)


def test_finer_classes_amount_to_labels_whatever_their_order():
    assert FINER.groups == ("with_mask", "incorrect_mask", "without_mask", NOT_A_FACE)
    assert FINER.reserved == (NOT_A_FACE,) and FINER.subtypes == ("nose_out", "under_chin")
    assert FINER.group_table().argmax(axis=1).tolist() == [2, 1, 3, 0, 1]
    assert FINER.group_table().sum(axis=1).tolist() == [1] * 5
    assert FINER.subtype_table().tolist() == [[0, 0], [0, 1], [0, 0], [0, 0], [1, 0]]


def test_what_is_known_of_a_face_says_which_classes_it_may_be():
    def may_be(label, subtype=""):
        return [
            FINER.names[i] for i in FINER.annotation_table()[FINER.annotation(label, subtype)].nonzero()[0]
        ]

    assert may_be("with_mask") == ["with_mask"] and may_be(NOT_A_FACE) == [NOT_A_FACE]
    assert may_be("incorrect_mask") == ["incorrect_mask/under_chin", "incorrect_mask/nose_out"]
    assert may_be("incorrect_mask", "nose_out") == ["incorrect_mask/nose_out"]
    assert may_be("incorrect_mask", "elsewhere") == may_be("incorrect_mask")  # the network does not tell
    assert [FINER.groups[i] for i in FINER.annotation_groups()] == [
        *FINER.groups,
        "incorrect_mask",
        "incorrect_mask",
    ]
    with pytest.raises(RecordError, match="depiction"):
        FINER.annotation(DEPICTION)


def test_without_finer_classes_they_are_the_labels():
    plain = ClassSet(MASK_3, MASK_3.labels)
    assert plain.groups == plain.annotations == MASK_3.labels
    assert (
        plain.group_table().tolist() == plain.annotation_table().tolist() == [[1, 0, 0], [0, 1, 0], [0, 0, 1]]
    )
    assert plain.subtype_table().shape == (3, 0) and plain.reserved == plain.subtypes == ()


def test_a_label_of_somebodys_own_is_theirs_whatever_it_is_called():
    labels = LabelSet("own", ("a/nose_out", NOT_A_FACE))
    own = ClassSet(labels, labels.labels)
    assert own.groups == labels.labels and own.reserved == own.subtypes == ()


@pytest.mark.parametrize(
    ("names", "problem"),
    [
        (("with_mask", "without_mask"), "none is incorrect_mask"),
        (("with_mask", "incorrect_mask", "without_mask", "helmet"), "helmet is none of them"),
        (("with_mask/nose_out", "with_mask", "incorrect_mask", "without_mask"), "with_mask/nose_out"),
        (("with_mask", "incorrect_mask/sideways", "without_mask"), "incorrect_mask/sideways"),
        (("with_mask", "with_mask", "incorrect_mask", "without_mask"), "twice"),
    ],
)
def test_other_classes_are_refused(names, problem):
    with pytest.raises(RecordError, match=problem):
        ClassSet(MASK_3, names)


def test_every_subtype_says_what_is_wrong_and_what_to_do():
    for sentence in SUBTYPES.values():
        assert sentence.count(".") == 2 and sentence.endswith(".") and "ncover" not in sentence
    assert len(set(SUBTYPES.values())) == len(SUBTYPES) == 5
