"""The commands are read by the parser that they are for, and give the recipe that was recorded."""

import argparse
import shlex
from pathlib import Path

import pytest

from core.reports.retrain import commands
from core.runs.catalog import folders
from core.runs.training import phases_of, read_config
from training.data.options import add_data_options
from training.recipes._options import add_recipe_options, changed_any

CONFIGS = {name: read_config(folder) for name, folder in folders().items()}
HOSTILE = ("; rm -rf ~", "$(id)", "`id`", "a b", "--output=/etc/x", "-x", "a\nb", "'", "x" * 101, "é")


def parsed(line: str) -> argparse.Namespace:
    parser = argparse.ArgumentParser()
    for option in ("--output", "--start-from", "--faces", "--taught"):
        parser.add_argument(option, type=Path)
    parser.add_argument("--limit", type=int)
    parser.add_argument("--labels")
    for option in ("--only", "--hold-out"):
        parser.add_argument(option, action="append", default=[])
    add_recipe_options(parser)
    add_data_options(parser)
    return parser.parse_args(shlex.split(line)[3:])


def training_line(config) -> str:
    return next(line for line in commands(config) if line.startswith("python -m training.train "))


@pytest.mark.parametrize("name", CONFIGS)
def test_every_shipped_run_can_be_asked_for_again(name):
    config = CONFIGS[name]
    options = parsed(training_line(config))
    recipe = changed_any(options)
    settings = config.settings
    assert (recipe.name, recipe.seed) == (config.recipe, config.seed)
    if config.task == "classify":
        assert options.labels == config.labels.set
        assert options.hold_out == settings["held_out_sources"]
        assert recipe.patience == settings["patience"]
    else:
        assert bool(options.faces) == bool(options.taught) == bool(settings["taught"])
    assert (recipe.size, recipe.batch) == (settings["size"], settings["batch"])
    assert recipe.pictures_per_epoch == settings["pictures_per_epoch"]
    recorded = phases_of(settings)
    assert sum(phase.epochs for phase in recipe.phases) == sum(phase["epochs"] for phase in recorded)
    if len(recipe.phases) != len(recorded):  # at the commit that it names the recipe had one phase
        (only,) = recorded
        every = {field: value for field, value in only.items() if field not in ("name", "epochs")}
        recorded = [every] * len(recipe.phases)
    for phase, said in zip(recipe.phases, recorded, strict=True):
        assert {field: getattr(phase, field) for field in said} == said
    assert options.limit == settings.get("limit")
    assert options.only == settings.get("only_sources", [])
    if started := settings.get("started_from"):
        assert options.start_from == Path("runs") / started / "checkpoints" / "best.keras"
    assert f"git checkout {config.git_commit}" in commands(config)


def test_phases_that_differ_are_left_to_the_recipe():
    line = training_line(CONFIGS["inception_two_phase-v2"])
    assert "--epochs=" in line and "--optimizer" not in line


def test_labels_of_somebodys_own_are_named():
    config = CONFIGS["mask3-v1"]
    own = config.labels.model_copy(update={"set": "own", "names": ("cat", "dog")})
    assert "--labels=cat,dog" in training_line(config.model_copy(update={"labels": own}))
    own = own.model_copy(update={"names": ("cat", "a b")})
    assert "--labels" not in training_line(config.model_copy(update={"labels": own}))


@pytest.mark.parametrize("hostile", HOSTILE)
def test_nothing_of_a_strangers_that_a_shell_would_read_comes_into_a_command(hostile):
    config = CONFIGS["gender_wear8-v3"]
    assert commands(config.model_copy(update={"recipe": hostile})) == ()
    changes = dict.fromkeys(config.settings, hostile) | {
        "phases": [{"epochs": hostile, "optimizer": hostile, "trains": [hostile]}, hostile],
        "only_sources": [hostile, "fine"],
    }
    lines = commands(config.model_copy(update={"settings": changes, "git_commit": hostile}))
    assert not any(hostile in line for line in lines)
    assert not any("git checkout" in line for line in lines)
    assert parsed(lines[1]).only == ["fine"]


@pytest.mark.parametrize(
    "settings", [{}, {"phases": 3}, {"phases": []}, {"phases": [{}]}, {"only_sources": "x"}]
)
def test_a_record_that_says_little_gives_a_short_command(settings):
    config = CONFIGS["mask3-v1"].model_copy(update={"settings": settings})
    assert training_line(config) == (
        "python -m training.train mask3 --data=DATA --output=runs/mask3-v1-again --seed=0 --labels=mask3"
    )
