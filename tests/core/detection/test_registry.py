"""Which detectors there are and which one answers. Each one's own tests are elsewhere."""

import pytest

from core.detection import registry as detectors
from core.detection.registry import DETECTOR_NAMES, load_detector, offers
from core.detection.yunet import NotFetchedError
from core.errors import DetectorError


class Kind:
    """A detector that counts how often it is loaded."""

    def __init__(self, problem=None):
        self.summary, self.problem, self.loaded = "finds faces", problem, 0

    def check(self, path):
        if self.problem:
            raise self.problem

    def load(self, path):
        self.loaded += 1
        if self.problem and not isinstance(self.problem, NotFetchedError):
            raise self.problem
        return self


@pytest.fixture
def kinds(monkeypatch):
    """Replaces what there is: `kinds(name=problem or None)`, in order of preference."""

    def there(**problems):
        found = {name: Kind(problem) for name, problem in problems.items()}
        monkeypatch.setattr(detectors, "_KINDS", found)
        return found

    return there


def test_our_own_comes_first():
    assert DETECTOR_NAMES == ("face_fpn", "face_fpn_open", "yunet", "haar")


def test_the_default_is_the_first_that_loads_and_no_other_is_loaded(kinds):
    there = kinds(a=DetectorError("a is broken."), b=None, c=None)
    assert load_detector() is there["b"]
    assert [kind.loaded for kind in there.values()] == [1, 1, 0]


def test_where_ours_is_not_installed_the_next_is_fetched(kinds):
    there = kinds(a=DetectorError("a is missing."), b=NotFetchedError("fetched later"), c=None)
    assert load_detector() is there["b"]


def test_by_name_it_is_loaded_even_where_it_must_be_fetched(kinds):
    there = kinds(a=None, b=NotFetchedError("fetched later"))
    assert load_detector("b") is there["b"] and there["a"].loaded == 0


def test_without_any_all_reasons_are_given(kinds):
    kinds(a=DetectorError("a is broken."), b=DetectorError("b as well."))
    with pytest.raises(DetectorError, match=r"a is broken\. b as well\."):
        load_detector()


def test_an_unknown_name_is_told_the_known_ones():
    with pytest.raises(
        DetectorError, match=r"'opencv'\. Choose one of: face_fpn, face_fpn_open, yunet, haar"
    ):
        load_detector("opencv")


def test_listing_loads_none_and_begins_with_what_is_at_hand(kinds):
    there = kinds(a=None, b=NotFetchedError("Fetched later."), c=DetectorError("c is broken."), d=None)
    listed = offers()
    assert [offer.name for offer in listed] == ["a", "d", "b", "c"]
    assert [offer.unavailable for offer in listed] == [None, None, None, "c is broken."]
    assert listed[2].summary == "finds faces. Fetched later."
    assert not any(kind.loaded for kind in there.values())


def test_listing_fetches_where_nothing_better_is_at_hand(kinds):
    there = kinds(a=DetectorError("a is missing."), b=NotFetchedError("fetched later"), c=None)
    listed = offers()
    assert [offer.name for offer in listed] == ["b", "c", "a"] and there["b"].loaded == 1
    assert listed[0].unavailable is None and listed[0].summary == "finds faces"


def test_what_cannot_be_fetched_gives_way(kinds, monkeypatch):
    there = kinds(a=NotFetchedError("fetched later"), b=None)

    def fails(path):
        raise DetectorError("no network.")

    monkeypatch.setattr(there["a"], "load", fails)
    assert [(offer.name, offer.unavailable) for offer in offers()] == [("b", None), ("a", "no network.")]
    assert load_detector() is there["b"]


@pytest.mark.parametrize("name", ["haar"])
def test_what_is_offered_can_be_loaded_and_has_its_operating_points(name):
    assert next(offer for offer in offers() if offer.name == name).unavailable is None
    loaded = load_detector(name)
    assert loaded.name == name
    assert 0 < loaded.operating_point < 1 and 0 < loaded.live_operating_point < 1
