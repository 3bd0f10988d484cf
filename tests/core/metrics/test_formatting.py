import math

from core.metrics.formatting import format_interval, percent


def test_rates_have_one_decimal_and_nothing_counted_is_said():
    assert percent(0.9345) == "93.5%" and percent(0) == "0.0%" and percent(1) == "100.0%"
    assert percent(math.nan) == "no examples"


def test_an_interval_with_an_end_that_is_not_known_is_none():
    assert format_interval((0.1, 0.25)) == "10.0% to 25.0%"
    assert format_interval((math.nan, 0.5)) == format_interval((0.5, math.nan)) == "no interval"
