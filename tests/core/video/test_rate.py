"""Events a second, over the last two."""

from core.video.rate import MOST_EVENTS, EventRate


def test_of_nothing_it_is_zero():
    assert EventRate().at(5.0) == 0


def test_it_counts_what_came_within_two_seconds():
    rate = EventRate()
    for t in (0.0, 0.5, 1.0, 1.5, 2.0):
        rate.add(t)
    assert rate.at(2.0) == 4 / 2  # the first came two seconds ago
    assert rate.at(3.2) == 2 / 2
    assert rate.at(9.0) == 0


def test_it_keeps_no_more_than_it_needs():
    rate = EventRate()
    for n in range(10 * MOST_EVENTS):
        rate.add(n / 10_000)
    assert rate.at(0.3) == MOST_EVENTS / 2
