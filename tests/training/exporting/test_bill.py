"""The bill of data that export writes into a card, from records of now and of before."""

from __future__ import annotations

import json

import pytest

from core.errors import RecordError
from core.runs.training import CONFIG_FILE
from tests.conftest import ROOT
from training.exporting.bill import bill_of

BACKBONE = "mobilenet_v2_weights_tf_dim_ordering_tf_kernels_1.0_224_no_top.h5"


def recorded(folder, run="mask3-v4", drawn=0, **settings):
    """A copy of a shipped run's record with other settings."""
    config = json.loads((ROOT / "runs" / run / CONFIG_FILE).read_text())
    config["settings"] |= settings
    if run.startswith("mask3"):
        config["split_sizes"]["drawn"] = drawn
    folder.mkdir(exist_ok=True)
    (folder / CONFIG_FILE).write_text(json.dumps(config))
    return folder


def said(bill):
    return {(row.role, row.name): (row.licence, row.use, row.pictures, row.faces) for row in bill}


def test_a_classifier_of_free_pictures_may_be_used_for_anything(tmp_path):
    run = recorded(
        tmp_path / "run",
        drawn=7,
        source_labels={"rmanaem": {"with_mask": 5, "without_mask": 2}, "synthetic": {"incorrect_mask": 7}},
    )
    bill, use = bill_of(run)
    assert use == "any"
    assert said(bill) == {
        ("pictures", "rmanaem"): ("MIT", "any", 7, {"with_mask": 5, "without_mask": 2}),
        ("pictures", "synthetic"): (
            "drawn by Maskwise on pictures of the other sources",
            "any",
            7,
            {"incorrect_mask": 7},
        ),
        ("teacher", "yunet"): ("MIT", "any", None, {}),
        ("backbone", BACKBONE): ("Apache-2.0", "any", None, {}),
    }


@pytest.mark.parametrize("source", ["utkface", "jolignier", "holiday photos"])
def test_one_source_that_allows_less_or_is_not_known_makes_it_research(tmp_path, source):
    bill, use = bill_of(
        recorded(tmp_path / "run", source_labels={"rmanaem": {"with_mask": 5}, source: {"with_mask": 1}})
    )
    assert use == "research" and [row.use for row in bill][:2].count("research") == 1


def test_a_body_whose_origin_is_not_known_makes_it_research(tmp_path):
    run = recorded(tmp_path / "run", backbone_weights="body.h5", source_labels={"rmanaem": {"with_mask": 5}})
    bill, use = bill_of(run)
    assert use == "research" and said(bill)["backbone", "body.h5"][0] == "not known"


def test_a_detector_names_pictures_faces_and_teachers(tmp_path):
    run = recorded(
        tmp_path / "run",
        "face_fpn-v4",
        sources={"andrewmvd": 3},
        source_labels={"andrewmvd": {"with_mask": 20, "no label": 4}},
        teachers={"centerface": 12, "scrfd": 2},
        started_from=None,
    )
    bill, use = bill_of(run)
    rows = said(bill)
    assert use == "research"
    assert rows["pictures", "andrewmvd"][2:] == (3, {"with_mask": 20, "no label": 4})
    assert rows["teacher", "centerface"] == ("MIT", "any", 12, {})
    assert rows["teacher", "scrfd"] == ("for non-commercial research", "research", 2, {})


def test_what_earlier_runs_learned_from_counts_too(tmp_path):
    first = {"utkface": {"without_mask": 9}, "rmanaem": {"with_mask": 8}}
    recorded(tmp_path / "first", source_labels=first, started_from=None)
    second = recorded(tmp_path / "second", source_labels={"rmanaem": {"with_mask": 5}}, started_from="first")
    bill, use = bill_of(second)
    rows = said(bill)
    assert use == "research" and rows["pictures", "utkface"][2] == 9
    assert rows["pictures", "rmanaem"][2:] == (8, {"with_mask": 8})
    assert ("backbone", BACKBONE) in rows


@pytest.mark.parametrize("before", ["gone", "../gone", "run"])
def test_an_earlier_run_that_is_not_there_or_never_ends_makes_it_research(tmp_path, before):
    run = recorded(tmp_path / "run", source_labels={"rmanaem": {"with_mask": 5}}, started_from=before)
    bill, use = bill_of(run)
    assert use == "research" and any("whose record is not here" in row.name for row in bill)


def test_records_of_before_name_what_they_can_and_are_for_research(tmp_path):
    bill, use = bill_of(recorded(tmp_path / "run", drawn=11, sources={"rmanaem": 40}))
    assert use == "research"  # pictures that others drew on were not counted then
    assert [(row.name, row.pictures) for row in bill][:2] == [("drawn masks", 11), ("rmanaem", 40)]
    bill, use = bill_of(ROOT / "runs/face_fpn-v4")
    names = [row.name for row in bill if row.role == "pictures"]
    assert use == "research" and {"andrewmvd", "karan_unmasked"} <= set(names)
    assert [row.name for row in bill if row.role == "teacher"] == ["ultraface", "yunet"]


@pytest.mark.parametrize("counts", [5, [], {"a": 3}, {"a": {"b": -1}}, {"a": {"b": "x"}}])
def test_a_strangers_counts_are_none(tmp_path, counts):
    assert bill_of(recorded(tmp_path / "run", source_labels=counts, sources={"rmanaem": 1}))[1] == "research"


def test_more_sources_than_a_card_holds_are_refused(tmp_path):
    many = {f"s{i}": {"with_mask": 1} for i in range(300)}
    with pytest.raises(RecordError, match="more than a card holds"):
        bill_of(recorded(tmp_path / "run", source_labels=many))
