"""What runs before a commit and on GitHub is what `make check` and `.ci/run` do."""

from pathlib import Path

import yaml

ROOT = Path(__file__).parent.parent


def test_the_workflow_calls_the_one_script():
    workflow = yaml.safe_load((ROOT / ".github/workflows/ci.yml").read_text())
    steps = workflow["jobs"]["test"]["steps"]
    assert [
        step["run"] for step in steps if "make " in step.get("run", "") or ".ci" in step.get("run", "")
    ] == [".ci/run"]
    assert workflow["permissions"] == {"contents": "read"}


def test_the_hooks_are_the_checks_of_make_check():
    config = yaml.safe_load((ROOT / ".pre-commit-config.yaml").read_text())
    hooks = [
        hook["entry"].removeprefix(".venv/bin/python -m ")
        for repo in config["repos"]
        for hook in repo["hooks"]
    ]
    recipe = (ROOT / "Makefile").read_text().partition("\ncheck:")[2].partition("\n\n")[0]
    checks = [line.strip().removeprefix("$(IN_VENV) ") for line in recipe.splitlines()[1:]]
    for hook in hooks:
        assert any(check.startswith(hook.replace(" --force-exclude", "")) for check in checks), hook
