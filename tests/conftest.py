"""What every test relies on: warnings are errors, no cache outlives a test, and AppTest starts at once."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pylibsrtp  # noqa: F401 - before TensorFlow, as in `ui.server.stack`
import pytest

ROOT = Path(__file__).parent.parent

# A warning that is not named here fails the test that raised it.
WARNINGS = ("error",)


def pytest_configure(config: pytest.Config) -> None:
    for rule in WARNINGS:
        config.addinivalue_line("filterwarnings", rule)


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What a browser or a clock watches is tried twice: a busy machine fails it now and then."""
    for item in items:
        if item.get_closest_marker("e2e") or item.get_closest_marker("alone"):
            item.add_marker(pytest.mark.flaky(reruns=1))


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say what failed the first time and how: twice in a row is a failure, now and then is a test to mend."""
    for report in terminalreporter.stats.get("rerun", []):
        terminalreporter.section(f"passed or failed at the second try: {report.nodeid}", sep="_")
        terminalreporter.line(report.longreprtext)


@pytest.fixture(autouse=True)
def _fresh_caches(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """What a page loaded and kept for all visitors is not carried into the next test."""
    if not {"pages", "ui"} & set(request.path.relative_to(ROOT).parts):
        yield
        return
    import streamlit as st
    from streamlit.components.v2 import manifest_scanner

    # AppTest looks for components in every installed package, for a third of these tests' time.
    monkeypatch.setattr(manifest_scanner, "scan_component_manifests", lambda: [])
    # AppTest puts its script there, which processes that later tests start would run
    monkeypatch.setitem(sys.modules, "__main__", sys.modules["__main__"])
    if keras := sys.modules.get("keras"):  # of other tests: Streamlit clears its session after every script
        monkeypatch.setattr(keras.backend, "clear_session", lambda: None)
    yield
    st.cache_resource.clear()
    st.cache_data.clear()
