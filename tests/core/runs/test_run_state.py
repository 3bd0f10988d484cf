"""What a training says of itself, and what is made of it when its process has gone."""

import json
import os
import subprocess
import sys
import time

import pytest

from core.errors import RecordError
from core.runs import catalog
from core.runs.run_state import STATE_FILE, RunState, read_state, still_runs, write_state
from core.runs.training import write_config
from tests.conftest import ROOT
from tests.records import run_config


@pytest.fixture
def run(tmp_path):
    write_config(tmp_path / "mine", run_config("mine"))
    return tmp_path / "mine"


def state_of(run):
    return catalog.state(catalog.read_run(run.name, run))


def begun_elsewhere(run):
    """A process of its own that says that it trains, and waits."""
    script = (
        "import sys, time; from pathlib import Path; from core.runs.run_state import write_state; "
        f"write_state(Path({str(run)!r}), 'in progress'); print('begun', flush=True); time.sleep(600)"
    )
    process = subprocess.Popen([sys.executable, "-c", script], cwd=ROOT, stdout=subprocess.PIPE, text=True)
    assert process.stdout.readline() == "begun\n"
    return process


def test_a_training_that_was_killed_is_told_at_once_from_one_that_lives(run):
    process = begun_elsewhere(run)
    try:
        assert state_of(run) == "in progress"
        process.kill()
        deadline = time.monotonic() + 30
        while state_of(run) == "in progress":  # not even waited for: it stays a zombie until `wait`
            assert time.monotonic() < deadline
            time.sleep(0.01)
        assert state_of(run) == "interrupted"
    finally:
        process.kill()
        process.wait()
        process.stdout.close()
    assert state_of(run) == "interrupted"


def test_a_number_that_was_given_again_is_another_process(run):
    write_state(run, "in progress")
    assert still_runs(read_state(run)) is True
    said = read_state(run)
    assert said.pid == os.getpid() and said.began
    assert still_runs(said.model_copy(update={"began": said.began - 1})) is False


def test_of_another_machine_the_record_alone_tells(run):
    write_state(run, "in progress")
    said = json.loads((run / STATE_FILE).read_text())
    (run / STATE_FILE).write_text(json.dumps(said | {"machine": "elsewhere", "pid": 2**31 - 1}))
    assert still_runs(read_state(run)) is None
    assert state_of(run) == "in progress"  # its config.json is new
    old = time.time() - catalog.QUIET_S - 60
    os.utime(run / "config.json", (old, old))
    assert state_of(run) == "interrupted"


def test_a_training_that_failed_says_why(run):
    write_state(run, "failed", "The loss became nan.\x1b[31m " + "long " * 1000)
    found = catalog.read_run(run.name, run)
    assert catalog.state(found) == "failed"
    assert found.said.reason.startswith("The loss became nan.") and "\x1b" not in found.said.reason
    assert len(found.said.reason) <= 1000


def test_a_state_that_changes_changes_the_fingerprint(run):
    before = catalog.fingerprint(run)
    write_state(run, "in progress")
    assert catalog.fingerprint(run) != before


def test_no_name_of_the_machine_is_in_the_record(run):
    write_state(run, "in progress")
    assert os.uname().nodename not in json.loads((run / STATE_FILE).read_text()).values()


@pytest.mark.parametrize("change", [{"state": "dreaming"}, {"pid": 0}, {"pid": 2**40}, {"pid": -1}, {"x": 1}])
def test_a_state_of_a_stranger_is_refused_and_the_rest_kept(run, change):
    (run / STATE_FILE).write_text(json.dumps({"schema": 1, "state": "in progress"} | change))
    with pytest.raises(RecordError, match=r"state\.json"):
        read_state(run)
    found = catalog.read_run(run.name, run)
    assert found.said is None and any(STATE_FILE in problem for problem in found.problems)
    assert catalog.state(found) == "in progress"


def test_a_record_of_before_has_no_state(run):
    assert catalog.read_run(run.name, run).said is None
    assert RunState(schema=1, state="finished").pid is None
