"""What a training's curves say, in words and by rules: over-fitted, still improving, diverged.

Epochs are counted from 1 here, as people count. Names in what is said may be untrusted.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from textwrap import shorten
from typing import Any

import numpy as np

from core.labels import appearance
from core.metrics import wilson
from core.review.curves import EpochSeries, accuracy_interval, validation_faces
from core.review.slices import LEAST
from core.runs import Epoch, phases_of

CLEAR = 0.05  # a loss that moved by less, relative to itself, has hardly moved
SIGMAS = 3.0  # of noise, as the best of noisy epochs lies below its neighbours even where nothing moves
FALLING = 0.02  # what a loss moves over its last three epochs that is worth going on for
GAP = 0.05  # of training's accuracy over validation's: more than the chance of which faces validate


def diagnose_loss(curve: EpochSeries) -> str:
    """Whether the training diverged, over-fitted, was spoiled by a phase, was still improving or done."""
    training, validation, best = curve.values("loss"), curve.values("val_loss"), curve.best
    if best is None:
        return "Diverged from the start: validation loss is never a number. A lower learning rate may help."
    n, least = len(validation), float(validation[best])
    said = [f"Best at epoch {best + 1} of {n}, with a validation loss of {least:.3g}."]
    if (broken := np.isnan(training) | np.isnan(validation)).any():
        said.append(
            f"Diverged at epoch {int(broken.argmax()) + 1}: a loss is not a number. A lower learning rate "
            "may help."
        )
        return " ".join(said)
    labels = len({_label_of(cell) for cell in curve.epochs[best].validation})
    if labels > 1 and least > (1 - CLEAR) * (chance := math.log(labels)):
        said.append(f"Equal odds for {labels} labels give {chance:.3g}, so it has learned little.")
    return " ".join([*said, *_since_the_best(curve, training, validation, best)])


def _since_the_best(
    curve: EpochSeries, training: np.ndarray, validation: np.ndarray, best: int
) -> Iterator[str]:
    n = len(validation)
    near, end = slice(max(0, best - 1), best + 2), slice(max(0, n - 3), n)
    for start, phase in curve.phases[1:]:
        before, after = slice(max(0, start - 3), start), slice(start, start + 3)
        if _moved(training, before, after) > 0 and _moved(validation, before, after) > 0:
            yield (
                f"Both losses rose when phase “{_short(phase)}” began at epoch {start + 1}: its learning "
                "rate may be too high for what was learned before."
            )
            return
    if n - best > 3 and _moved(validation, near, end) > 0:
        risen = f"{np.median(validation[end]):.3g}"
        if _moved(training, near, end) < 0:
            yield (
                f"Over-fitting since epoch {best + 1}: training loss still falls, validation loss has "
                f"risen to {risen}."
            )
        else:
            yield f"Validation loss has risen since to {risen}, and training loss does not fall either."
    elif best < n - 1:
        yield f"The {'next' if n - best == 2 else f'{n - 1 - best}'} after it brought nothing better."
    elif curve.ended and n > 2:
        yield from _at_the_end(curve, validation[-3:])


def _at_the_end(curve: EpochSeries, last: np.ndarray) -> Iterator[str]:
    if np.ptp(last) < FALLING * np.abs(last).max():
        yield "It had nearly levelled off when it ended."
        return
    if not (np.diff(last) < 0).all():
        yield "It ended there: more epochs may help."
        return
    rates = curve.values("learning_rate")
    spent = np.isfinite(rates).all() and rates[-1] < CLEAR * rates.max()
    longer = ", in a longer schedule: its learning rate had run out" if spent else ""
    yield f"Still improving when it ended: more epochs may help{longer}."


def _moved(values: np.ndarray, before: slice, after: slice) -> int:
    """1 where the median rose, -1 where it fell, 0 where noise or too small a change may explain it."""
    old, new = float(np.median(values[before])), float(np.median(values[after]))
    if abs(new - old) <= max(SIGMAS * _noise(values), CLEAR * min(abs(old), abs(new))):
        return 0
    return 1 if new > old else -1


def _noise(values: np.ndarray) -> float:
    """Standard deviation about a smooth curve, from second differences (Gasser et al. 1986).

    By their median, so that a jump from phase to phase is not taken for noise.
    """
    bends = np.abs(np.diff(values, 2))
    return 1.4826 * float(np.median(bends)) / math.sqrt(6) if len(bends) else 0.0


def diagnose_accuracy(curve: EpochSeries) -> str:
    """How right the best epoch is, why validation may be above training, and what is weak."""
    if curve.best is None:
        return "No epoch has a validation loss, so none is best."
    epoch = curve.epochs[curve.best]
    low, high = accuracy_interval(epoch)
    _, n = validation_faces(epoch)
    of = "" if math.isnan(low) else f" of {n:,} validation faces"
    between = "" if math.isnan(low) else f" ({low:.1%} to {high:.1%})"
    said = [
        f"Epoch {curve.best + 1}, the best by validation loss: {epoch.val_accuracy:.1%}{of} correct{between}."
    ]
    if epoch.val_accuracy > epoch.accuracy:
        said.append(f"Validation is above training's {epoch.accuracy:.1%}: {_only_in_training(curve)}.")
    elif epoch.accuracy - epoch.val_accuracy > GAP:
        points = 100 * (epoch.accuracy - epoch.val_accuracy)
        said.append(
            f"Training's {epoch.accuracy:.1%} is {points:.0f} points above: it knows its own pictures better "
            "than new ones, so more or more varied data may help."
        )
    return " ".join([*said, *_weak(epoch)])


def _only_in_training(curve: EpochSeries) -> str:
    if number_in(curve.settings, "dropout") > 0:
        return "dropout and augmentation act only in training"
    return "augmentation acts only in training"


def _weak(epoch: Epoch) -> Iterator[str]:
    """The labels that are never found, or else the label of one source that is found least."""
    found: dict[str, tuple[int, int]] = {}
    for cell, (hits, n) in epoch.validation.items():
        hits_before, n_before = found.get(_label_of(cell), (0, 0))
        found[_label_of(cell)] = hits_before + hits, n_before + n
    if never := [(label, n) for label, (hits, n) in found.items() if not hits and n >= LEAST]:
        more = f" and {len(never) - 3} more" if len(never) > 3 else ""
        named = ", ".join(f"“{_shown(label)}” (n = {n:,})" for label, n in never[:3])
        yield f"It finds no face of {named}{more}."
        return
    cells = {cell: (hits, n) for cell, (hits, n) in epoch.validation.items() if n >= LEAST}
    if not cells:
        return
    cell, (hits, n) = min(cells.items(), key=lambda item: item[1][0] / item[1][1])
    low, high = wilson(hits, n)
    if high < epoch.val_accuracy:
        yield (
            f"Weakest: “{_shown(_label_of(cell))}” of {_short(cell.rpartition('/')[0])}, {hits / n:.1%} of "
            f"{n:,} ({low:.1%} to {high:.1%})."
        )


def diagnose_learning_rate(curve: EpochSeries) -> str:
    """From where to where it goes, and by which phases."""
    rates = curve.values("learning_rate")
    known = rates[np.isfinite(rates)]
    if not len(known):
        return "The learning rate is not a number."
    way = f"stays at {known[0]:.2g}"
    if not math.isclose(known.min(), known.max(), rel_tol=0.01):
        way = f"goes from {known[0]:.2g} to {known[-1]:.2g}"
        if not math.isclose(known.max(), max(known[0], known[-1]), rel_tol=0.01):
            way = f"goes from {known[0]:.2g} by way of {known.max():.2g} to {known[-1]:.2g}"
    begin = [f"“{_short(phase)}” begins at epoch {start + 1}" for start, phase in curve.phases[1:4]]
    return f"It {way}{'; ' if begin else ''}{', '.join(begin)}."


def why_losses_differ(curves: Sequence[EpochSeries]) -> str:
    """Training and validation loss are not on one scale; the settings tell by what."""
    makes = ["dropout"] * any(number_in(curve.settings, "dropout") > 0 for curve in curves)
    if any(number_in(curve.settings, "label_smoothing") > 0 for curve in curves):
        makes.append("label smoothing, which keeps it above 0")
    return (
        "The two losses are not on one scale: training loss is of augmented pictures"
        f"{', with ' if makes else ''}{' and '.join(makes)}; validation loss is of pictures as they are, a "
        "mean in which each source and label counts alike."
    )


def averages(curves: Sequence[EpochSeries]) -> str:
    """Which phases were validated with averaged weights, and what their curves look like; "" without any."""
    named = {
        f"“{_short(str(phase.get('name')))}”": None
        for curve in curves
        for phase in phases_of(curve.settings)
        if number_in(phase, "ema_span") > 0
    }
    if not named:
        return ""
    return (
        f"In {', '.join([*named][:3])} what is validated and kept is an average of the weights over much of "
        "the phase. At first it lies between the weights before and after, where the loss may rise; then the "
        "loss falls while the average forgets its start."
    )


def number_in(settings: Mapping[str, Any], name: str) -> float:
    """A setting, 0 where it is absent or no number."""
    value = settings.get(name)
    return float(value) if isinstance(value, int | float) and math.isfinite(value) else 0.0


def _label_of(cell: str) -> str:
    return cell.rpartition("/")[2]


def _shown(label: str) -> str:
    return _short(appearance(label).short)


def _short(text: str) -> str:
    return shorten(text, 40, placeholder="…") or "…"
