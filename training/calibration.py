"""Temperature scaling (Guo et al. 2017): one number, fitted on pictures that the network never learned.

    python -m training.calibration RUN --by HELD_OUT_RUN

A network is less often right on photos from elsewhere than on the validation part, which is of the sources
that it learned from, so a temperature fitted there may leave it too sure. This command gives a run the
temperature of another one of its recipe that kept whole sources out (`training.train --hold-out SOURCE`).
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path

from core import terminal
from core.errors import RecordError
from core.runs import Calibration, read_calibration, read_config, write_calibration
from training.data import one_line_errors

SAME = (
    "backbone",
    "alpha",
    "body_ends_at",
    "size",
    "middle",
    "head",
    "label_smoothing",
    "label_share",
    "classes",
)
"""Settings by which two networks of a recipe are as sure as each other."""


def calibrate_by(run: Path, held_out: Path) -> Calibration:
    """Give `run` the temperature of `held_out`. Raises `RecordError` where that says nothing about `run`."""
    mine, other = read_config(run), read_config(held_out)
    if not other.settings.get("held_out_sources"):
        raise RecordError(f"{held_out.name} kept no source out. Train it with --hold-out SOURCE.")
    differ = [key for key in SAME if mine.settings.get(key) != other.settings.get(key)]
    differ += ["recipe"] if mine.recipe != other.recipe else []
    differ += ["labels"] if mine.labels != other.labels else []
    if differ:
        raise RecordError(
            f"{held_out.name} differs from {run.name} in {', '.join(differ)}: its temperature is not for it."
        )
    found = read_calibration(held_out).model_copy(update={"fitted_by": other.id})
    write_calibration(run, found)
    return found


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(
        prog="python -m training.calibration", description="Take over the temperature of a held-out run."
    )
    parser.add_argument("run", type=Path, metavar="RUN", help="whose temperature to replace")
    parser.add_argument("--by", type=Path, required=True, metavar="HELD_OUT_RUN")
    options = parser.parse_args(arguments)
    with one_line_errors(parser):
        found = calibrate_by(options.run, options.by)
    print(f"{options.run.name}: temperature {found.temperature:g}, fitted on {found.faces}.")
    return 0


if __name__ == "__main__":
    raise SystemExit(terminal.run(main))
