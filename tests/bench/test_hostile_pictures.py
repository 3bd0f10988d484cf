"""The short version of `python -m bench.hostile_pictures`: every kind of damage, a bomb of each family."""

from __future__ import annotations

import itertools
import os
from pathlib import Path

import pytest

from bench.bombs import FAMILIES
from bench.hostile_pictures import Outcome, bombs, measure, mutations, row, whole

pytestmark = pytest.mark.skipif(
    not Path("/proc/self/clear_refs").exists(), reason="measures with Linux's /proc"
)
SECONDS = 20.0


def test_hostile_pictures_are_read_or_refused_in_words_within_time_and_memory():
    damaged = measure(mutations(300, seed=int(os.environ.get("MASKWISE_FUZZ_SEED", "1"))), SECONDS / 2)
    built = measure(bombs(every=100), SECONDS)
    for kind, outcomes in (damaged | built).items():
        line, kept = row(kind, outcomes)
        assert kept, line
    assert len(damaged) == len(whole()) and len(built) > 10
    said = {outcome.said for outcome in itertools.chain(*damaged.values())}
    assert None in said and any(words and "is damaged" in words for words in said)


def test_the_table_counts_what_breaks_a_promise():
    fine, refused = Outcome(None, 1.0, 1.0, 2**20), Outcome("It: is damaged. Try another.", 1.0, 1.0, 2**20)
    assert row("it", [fine, refused])[1]
    for bad in (
        None,
        Outcome("", 1, 1, 1),
        Outcome("damaged", 1, 1, 1),
        Outcome(None, 6, 6, 1),
        Outcome(None, 1, 1, 2**31),
    ):
        assert not row("it", [fine, bad])[1]


def test_damage_is_the_same_for_a_seed_and_there_are_as_many_bombs_as_told():
    assert list(mutations(40, 7)) == list(mutations(40, 7)) != list(mutations(40, 8))
    assert sum(FAMILIES.values()) >= 500
