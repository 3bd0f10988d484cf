import math

import numpy as np
import pytest

from core.review.curves import EpochSeries, curves_of, smoothed
from core.runs.catalog import SHIPPED_RUNS, read_run
from core.runs.training import Epoch
from ui.figures.curves import ACCURACY, LEARNING_RATE, LOSS, MAX_CURVES, MAX_POINTS, by_epoch

EVIL = "<a href='https://example.org'>x</a>"


def epoch(number: int, **changes) -> Epoch:
    plain = {
        "epoch": number,
        "phase": "head" if number < 2 else EVIL,
        "learning_rate": 1e-3,
        "loss": 1 / (number + 1),
        "accuracy": 0.8,
        "val_loss": 0.5 / (number + 1),
        "val_accuracy": 0.9,
        "score": math.nan,
        "validation": {"toy/x": (9, 10)},
        "seconds": 90.0,
    }
    return Epoch(**plain | changes)


def curve(n: int = 4, name: str = "toy", **changes) -> EpochSeries:
    return EpochSeries(name, tuple(epoch(i, **changes) for i in range(n)), {})


def named(figure, name):
    return [trace for trace in figure.data if trace.name == name]


@pytest.mark.parametrize("quantity", [LOSS, ACCURACY, LEARNING_RATE])
def test_lines_are_the_records_over_epochs_counted_from_1(quantity):
    run = read_run("mask3-v1", SHIPPED_RUNS / "mask3-v1")
    figure = by_epoch(quantity, curves_of(run))
    for line in quantity.lines:
        (trace,) = named(figure, line.name)
        assert list(trace.x) == list(range(1, 10))
        assert list(trace.y) == [getattr(e, line.field) for e in run.epochs]
    assert figure.layout.title.text == f"{quantity.title} by epoch"
    assert figure.layout.xaxis.title.text == "epoch" and figure.layout.yaxis.title.text == quantity.axis


def test_the_best_epoch_is_a_star_where_it_is():
    figure = by_epoch(
        LOSS,
        [
            curve(val_loss=0.5),
        ][:1],
    )
    (star,) = named(figure, "best epoch")
    assert (list(star.x), list(star.y), star.marker.symbol) == ([1], [0.5], "star")
    assert not named(by_epoch(LOSS, [curve(val_loss=math.nan)]), "best epoch")


def test_over_minutes():
    figure = by_epoch(LOSS, [curve()], minutes=True)
    assert list(named(figure, "validation")[0].x) == [1.5, 3, 4.5, 6]
    assert figure.layout.xaxis.title.text == "minutes trained"


def test_smoothed_lines_lie_on_the_faint_raw_ones():
    one = curve()
    figure = by_epoch(LOSS, [one], smoothing=0.8, log=True)
    raw = one.values("val_loss")
    (line,) = named(figure, "validation")
    assert np.allclose(line.y, smoothed(raw, 0.8)) and list(line.customdata) == list(raw)
    faint = [trace for trace in figure.data if trace.opacity == 0.25]
    assert len(faint) == 2 and list(faint[0].y) == list(raw)
    assert figure.layout.yaxis.type == "log" and "logarithmic" in figure.layout.yaxis.title.text


def test_a_phase_is_a_line_where_one_curve_is_drawn_and_a_bar_on_it_among_several():
    alone = by_epoch(LOSS, [curve()])
    assert [shape.x0 for shape in alone.layout.shapes] == [2.5]
    assert alone.layout.annotations[0].text.endswith("begins")
    several = by_epoch(LOSS, [curve(), curve(name="other")])
    assert not several.layout.shapes
    bars = [trace for trace in several.data if trace.marker.symbol == "line-ns-open"]
    assert [list(bar.x) for bar in bars] == [[3], [3]]


def test_several_curves_differ_in_more_than_colour_and_training_in_its_dash():
    figure = by_epoch(LOSS, [curve(name=f"run {i}") for i in range(MAX_CURVES + 3)])
    entries = [trace for trace in figure.data if trace.showlegend and trace.name.startswith("run")]
    assert len(entries) == MAX_CURVES
    assert len({trace.marker.symbol for trace in entries}) == MAX_CURVES
    dashes = {trace.line.dash for trace in figure.data if trace.name == "run 0" and trace.line.dash}
    assert dashes == {"solid", "dot"}
    assert [trace.name for trace in figure.data[-2:]] == ["validation", "training"]


def test_what_a_stranger_wrote_is_shown_as_it_is():
    figure = by_epoch(ACCURACY, [curve(name=EVIL), curve(name="b")])
    assert "<a" not in figure.to_json().replace("\\u003c", "<")
    assert "&lt;a href" in figure.to_json()


def test_numbers_that_are_none_are_gaps():
    figure = by_epoch(ACCURACY, [curve(loss=math.inf)])
    assert np.isnan(named(figure, "score")[0].y).all()
    assert "Infinity" not in by_epoch(LOSS, [curve(loss=math.inf)]).to_json()
    assert not by_epoch(LOSS, []).data


def test_hovering_says_n_and_the_interval():
    (line,) = named(by_epoch(ACCURACY, [curve()]), "validation")
    assert "n = 10 faces" in line.text[0] and "59.6% to 98.2%" in line.text[0]
    assert "90 s" in line.text[0] and "phase head" in line.text[0]


def test_long_trainings_are_thinned_and_keep_their_best_epoch():
    epochs = [epoch(0, val_loss=0.5)] * 5000
    epochs[1234] = epoch(0, val_loss=0.1)
    line = by_epoch(LOSS, [EpochSeries("long", tuple(epochs), {})]).data[0]
    assert len(line.x) <= MAX_POINTS + 1
    assert {1, 1235, 5000} <= set(line.x.tolist())


def test_ticks_tell_close_accuracies_apart():
    close = by_epoch(ACCURACY, [curve(accuracy=0.91)])
    assert close.layout.yaxis.tickformat == ".1%"
    assert by_epoch(ACCURACY, [curve()]).layout.yaxis.tickformat == ".0%"
