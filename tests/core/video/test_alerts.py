import pytest

from core.video.alerts import Alert, AlertRule
from tests.core.video.people import EVEN, OWN, person

RULE = AlertRule(people=2, seconds=1.0, cooldown=10.0)
BARE, WRONG = person(1, "without_mask"), person(2, "incorrect_mask")
FINE, UNTOLD = person(3), person(4, "without_mask", reason="dark")


@pytest.fixture
def alert():
    return Alert()


def watch(alert, people, start, end, rule=RULE, step=0.1):
    """Show the same people from `start` to `end`; the times at which the alert went off."""
    fired = []
    for i in range(round((end - start) / step) + 1):
        before, t = alert.number, start + i * step
        alert.update(rule, people, t)
        if alert.number != before:
            fired.append(t)
    return fired


def test_off_until_the_rule_has_held_for_its_seconds(alert):
    assert (alert.number, alert.is_shown(0)) == (0, False)
    assert watch(alert, [BARE, WRONG], 5.0, 6.5) == [pytest.approx(6.0, abs=0.11)]
    assert alert.number == 1


@pytest.mark.parametrize(
    "people", [[], [BARE], [BARE, FINE], [BARE, UNTOLD], [BARE, person(5, "helmet", labels=OWN)]]
)
def test_too_few_who_surely_wear_it_wrong_are_no_alert(alert, people):
    assert watch(alert, people, 0, 60) == []


def test_who_surely_wears_it_wrong_or_not_counts_though_it_is_not_clear_which(alert):
    assert watch(alert, [BARE, person(7, probabilities=EVEN)], 0, 2)


def test_more_people_than_asked_are_an_alert_too(alert):
    assert watch(alert, [BARE, WRONG, person(6, "without_mask"), FINE], 0, 2)


def test_the_seconds_count_from_anew_when_it_was_fine_meanwhile(alert):
    watch(alert, [BARE, WRONG], 0, 0.9)
    watch(alert, [BARE, FINE], 1.0, 1.0)
    assert watch(alert, [BARE, WRONG], 1.1, 2.9) == [pytest.approx(2.1, abs=0.11)]


def test_it_rests_for_its_cooldown_then_goes_off_again_while_the_rule_holds(alert):
    fired = watch(alert, [BARE, WRONG], 0, 25)
    assert fired == [pytest.approx(t, abs=0.25) for t in (1, 11, 21)]


def test_a_new_case_within_the_cooldown_is_not_announced_twice(alert):
    assert len(watch(alert, [BARE, WRONG], 0, 2)) == 1
    watch(alert, [], 2, 4)
    assert watch(alert, [BARE, WRONG], 4, 9) == []


def test_at_once_and_without_rest(alert):
    rule = AlertRule(people=1, seconds=0, cooldown=0)
    assert len(watch(alert, [BARE], 0, 0.4, rule)) == 5


def test_shown_for_some_seconds(alert):
    (fired,) = watch(alert, [BARE, WRONG], 0, 2)
    assert alert.is_shown(fired) and alert.is_shown(fired + Alert.SHOWN - 0.01)
    assert not alert.is_shown(fired + Alert.SHOWN)


def test_no_longer_shown_than_it_is_true(alert):
    (fired,) = watch(alert, [BARE, WRONG], 0, 2)
    alert.update(RULE, [person(1, "with_mask")], fired + 0.1)
    assert not alert.is_shown(fired + 0.2)


def test_a_clock_that_stands_still_rings_no_alarm(alert):
    for _ in range(100):
        alert.update(RULE, [BARE, WRONG], 7.0)
    assert alert.number == 0


def test_visitors_have_their_own_alerts(alert):
    watch(alert, [BARE, WRONG], 0, 2)
    assert Alert().number == 0 and not Alert().is_shown(2)


def test_time_that_nobody_saw_does_not_count(alert):
    alert.update(RULE, [person(1, "without_mask")], 0)
    alert.update(RULE, [person(1, "without_mask")], 600)
    assert alert.number == 0


def test_another_rule_counts_from_anew(alert):
    people = [person(1, "without_mask"), person(2, "without_mask")]
    watch(alert, people, 0, 50, AlertRule(1, 60))
    alert.update(AlertRule(2, 10), people, 50)
    assert alert.number == 0
