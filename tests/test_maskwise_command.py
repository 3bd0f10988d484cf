"""`maskwise`, the one command for all: as it is called in the folder of the code, and installed by pip."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

import maskwise
from core.images import to_jpeg
from core.mask_rendering import sample_frame
from tests.conftest import ROOT
from tests.test_requirements import required

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
COMMANDS = (
    *("check", "classify", "models", "train", "evaluate", "export", "split", "pack", "audit", "calibration"),
    *("cross-source", "gender-wear", "mine-false-faces", "teach", "operating-point"),
)


def test_its_help_names_every_command(capsys):
    with pytest.raises(SystemExit, match="0"):
        maskwise.main(["--help"])
    said = capsys.readouterr().out
    assert said.startswith("usage: maskwise ")
    assert [name for name in COMMANDS if not re.search(rf"^ +{name} ", said, re.MULTILINE)] == []


@pytest.mark.parametrize("name", ["split", "cross-source", "cross_source", "teach"])
def test_a_command_of_training_is_the_module_of_its_name(name, capsys):
    with pytest.raises(SystemExit, match="0"):
        maskwise.main([name, "--help"])
    assert name.replace("-", "_") in capsys.readouterr().out.splitlines()[0]


def test_an_error_is_one_line(tmp_path, capsys):
    with pytest.raises(SystemExit, match="1"):
        maskwise.main(["split", str(tmp_path), str(tmp_path / "absent.csv"), "50", "25", "25"])
    assert capsys.readouterr().err.splitlines()[-1].startswith("error: ")


def test_without_what_training_needs_it_says_what_to_install(monkeypatch, capsys):
    def absent(module):
        raise ModuleNotFoundError(f"No module named 'tqdm' ({module})", name="tqdm")

    monkeypatch.setattr(maskwise.importlib, "import_module", absent)
    assert maskwise.main(["split"]) == 1
    assert "tqdm is not installed" in capsys.readouterr().err


def test_pip_installs_what_the_requirements_name():
    listed = dict(re.fullmatch(r"([\w-]+)(.*)", line).groups() for line in PROJECT["dependencies"])
    assert listed == required("requirements.txt") | required("requirements-train.txt")


@pytest.fixture(scope="module")
def installed(tmp_path_factory):
    """Where `pip install .` put it, from a copy of the code, without the network."""
    source, target = tmp_path_factory.mktemp("source"), tmp_path_factory.mktemp("installed")
    for name in ("core", "training", "models", "runs"):
        shutil.copytree(
            ROOT / name, source / name, ignore=shutil.ignore_patterns("__pycache__", "checkpoints")
        )
    for name in ("maskwise.py", "pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(ROOT / name, source)
    install = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--no-build-isolation"]
    subprocess.run([*install, "--target", str(target), str(source)], check=True, capture_output=True)
    return target


def run(installed: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """From a folder that knows nothing of the code, by the script that pip wrote."""
    environment = os.environ | {"PYTHONPATH": str(installed)}
    command = [sys.executable, str(installed / "bin/maskwise"), *arguments]
    return subprocess.run(command, cwd=installed.parent, env=environment, capture_output=True, text=True)


def test_installed_it_answers_from_any_folder(installed, tmp_path):
    photo = tmp_path / "photo.jpg"
    photo.write_bytes(to_jpeg(sample_frame("worn_right").rgb))
    done = run(installed, "check", str(photo), "--json")
    assert done.returncode == 0, done.stderr
    assert [face["answer"] for face in json.loads(done.stdout)["faces"]] == ["with_mask"]
    models = json.loads(run(installed, "models", "--json").stdout)["models"]
    assert models[0]["name"] == "mask3" and "error" not in models[0]


def test_installed_it_has_training(installed):
    done = run(installed, "split", "--help")
    assert done.returncode == 0 and "percentage of the faces" in done.stdout
