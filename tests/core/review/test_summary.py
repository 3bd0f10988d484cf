"""The summary's numbers: counted by hand."""

from pathlib import Path

from core.review import summary
from core.runs import SHIPPED_RUNS, catalog, read_evaluation
from tests.shipped import DEFAULT_RUN


def test_the_weakest_label_and_what_it_is_taken_for():
    found = summary.weakest(read_evaluation(SHIPPED_RUNS / "mask3-v1"))
    assert (found.label, found.hits, found.n) == ("incorrect_mask", 76, 159)
    assert found.mistaken_for == "with_mask" and found.interval[0] < found.recall < found.interval[1]


def test_every_face_is_counted_once():
    evaluation = read_evaluation(SHIPPED_RUNS / "mask3-v1")
    assert summary.hits(evaluation) == 1856
    assert sum(one.n for one in summary.by_label(evaluation)) == evaluation.n == 1976


def test_the_version_before_is_the_newest_that_was_measured_on_the_same_faces():
    runs = {
        name: catalog.read_run(name, SHIPPED_RUNS / name) for name in ("mask3-v1", "mask3-v2", "mask3-v3")
    }
    assert summary.version_before(runs["mask3-v3"], runs) is runs["mask3-v2"]
    assert summary.version_before(runs["mask3-v3"], {}) is None
    assert summary.version_before(runs["mask3-v1"], runs) is None
    assert DEFAULT_RUN not in runs and isinstance(SHIPPED_RUNS, Path)
