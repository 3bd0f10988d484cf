"""The command `maskwise`: every command of Maskwise by one name. Each is also a module of its own.

maskwise check PHOTO ...      as python -m core check
maskwise train RECIPE ...     as python -m training.train
"""

from __future__ import annotations

import importlib
import sys
from collections.abc import Sequence

from core import terminal
from core.commands import main as command_of_core

_TRAINING = {
    "train": "train a recipe and keep its record",
    "evaluate": "measure a model on the test part of data",
    "export": "make a model of a run, or of a network trained elsewhere",
    "split": "cut faces out of photos into train, valid and test",
    "pack": "pack a data set into one file",
    "audit": "count test pictures with a near-duplicate in training",
    "calibration": "give a run the temperature of one on held-out sources",
    "cross_source": "train on one source, test on the others",
    "gender_wear": "make data for the eight labels",
    "mine_false_faces": "keep a detector's false faces as pictures of not_a_face",
    "detection.teach": "have other detectors label what nobody did",
    "detection.operating_point": "choose the scores from which a detector's face counts",
}


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command that the first of `arguments`, or else of this process, names. The exit code."""
    given = list(sys.argv[1:] if arguments is None else arguments)
    named = {name.rpartition(".")[2].replace("_", "-"): name for name in _TRAINING}
    if given and (name := named.get(given[0].replace("_", "-"))):
        return terminal.run(_of(f"training.{name}"), given[1:])
    training = "\n".join(f"  {short:18} {_TRAINING[name]}" for short, name in named.items())
    return command_of_core(given, prog="maskwise", more=f"commands of training:\n{training}")


def _of(module: str) -> terminal.Command:
    """The command of a module; one that says what to install where its packages are not there."""

    def command(arguments: Sequence[str] | None) -> int:
        try:
            run = importlib.import_module(module).main
        except ModuleNotFoundError as problem:
            if (problem.name or "").partition(".")[0] in ("core", "training"):
                raise
            print(
                f"error: {problem.name} is not installed, which training needs. Install what it needs, in "
                "the folder of the code: pip install -r requirements-train.txt",
                file=sys.stderr,
            )
            return 1
        return int(run(arguments) or 0)

    return command


if __name__ == "__main__":
    raise SystemExit(main())
