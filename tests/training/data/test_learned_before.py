"""Whatever weights a training begins from, a test knows what they have seen."""

import logging

from core.models import SHIPPED, read_card
from core.runs import SHIPPED_RUNS, group_hash, read_groups, write_groups
from training.data import groups_before, run_of


def test_a_checkpoint_is_of_the_run_around_it_and_an_installed_model_of_the_run_on_its_card(tmp_path):
    assert run_of(tmp_path / "one/checkpoints/best.keras") == tmp_path / "one"
    named = read_card(SHIPPED / "mask3").trained_by
    assert named and run_of(SHIPPED / "mask3/model.keras") == SHIPPED_RUNS / named
    assert run_of(SHIPPED / "face_fpn/model.keras").name.startswith("face_fpn-")


def test_groups_of_all_networks_are_joined_and_what_is_not_known_is_said(tmp_path, caplog):
    for name in ("one", "other"):
        (tmp_path / name).mkdir()
        write_groups(tmp_path / name, [name, "both"])
    networks = [tmp_path / name / "checkpoints/best.keras" for name in ("one", "other")]
    assert groups_before(networks) == {group_hash(name) for name in ("one", "other", "both")}
    assert groups_before([SHIPPED / "mask3/model.keras"]) == read_groups(
        run_of(SHIPPED / "mask3/model.keras")
    )
    assert not caplog.records
    with caplog.at_level(logging.WARNING):
        assert groups_before([tmp_path / "third/checkpoints/best.keras"]) == frozenset()
    assert "cannot tell whether these weights saw its pictures" in caplog.text
