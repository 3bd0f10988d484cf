from pathlib import Path

from training.data.example import Example
from training.data.partition import validates, with_near_duplicates


def faces(groups: int, source: str = "a", each: int = 3) -> list[Example]:
    return [
        Example(Path(f"{g}-{i}.jpg"), "with_mask", source, f"{source}/{g}")
        for g in range(groups)
        for i in range(each)
    ]


def partition(examples, share, held_out=()):
    chosen = [validates(e, share, held_out) for e in examples]
    return [[e for e, c in zip(examples, chosen, strict=True) if c is side] for side in (False, True)]


def test_no_group_is_on_both_sides_and_no_face_is_lost():
    examples = faces(300)
    training, validation = partition(examples, 0.2)
    assert not {e.group for e in training} & {e.group for e in validation}
    assert len(training) + len(validation) == len(examples)
    # 300 groups at .2: 60 expected, standard deviation 7
    assert 32 <= len({e.group for e in validation}) <= 88


def test_a_held_out_source_validates_as_a_whole():
    training, validation = partition(faces(50) + faces(20, "b"), 0.1, ["b"])
    assert all(e.source == "a" for e in training)
    assert sum(e.source == "b" for e in validation) == 60


def test_a_group_stays_on_its_side_when_other_data_comes():
    few, many = faces(100), faces(100) + faces(100, "b")
    before = {e.path.name for e in partition(few, 0.3)[1]}
    after = {e.path.name for e in partition(many, 0.3)[1] if e.source == "a"}
    assert before == after


def test_a_share_of_nothing_and_of_all():
    assert partition(faces(5), 0)[1] == []
    assert partition(faces(5), 1)[0] == []


def test_near_duplicates_join_groups_and_groups_join_near_duplicates():
    """Faces 0 and 1 are of one group, 1 and 2 look the same, 2 and 3 are of one group, 4 is alone."""
    examples = [Example(Path(f"{i}.jpg"), "with_mask", "a", f"a/{g}") for i, g in enumerate("BBAAC")]
    assert [e.group for e in with_near_duplicates(examples, [0, 1, 1, 2, 3])] == ["a/A"] * 4 + ["a/C"]
    assert with_near_duplicates(examples, range(5)) == examples  # without near-duplicates nothing changes
    assert with_near_duplicates([], []) == []
