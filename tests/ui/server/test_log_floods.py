"""What is said again and again is counted."""

from __future__ import annotations

import logging

import pytest

from ui.server import log_floods
from ui.server.log_floods import MANY, Dam


@pytest.fixture
def said(monkeypatch) -> list[str]:
    """Messages that a handler with a dam lets pass. `clock` is the time."""
    passed: list[str] = []
    handler = logging.Handler()
    handler.emit = lambda record: passed.append(record.getMessage())  # type: ignore[method-assign]  # of one handler
    handler.addFilter(Dam())
    logger = logging.getLogger("tests.floods")
    logger.addHandler(handler)
    monkeypatch.setattr(logger, "propagate", False)
    yield passed
    logger.removeHandler(handler)


def flood(times: int) -> None:
    for number in range(times):
        logging.getLogger("tests.floods").warning("%s has gone wrong", number)


def test_a_flood_is_told_a_few_times_then_counted(said, monkeypatch):
    now = [0.0]
    monkeypatch.setattr(log_floods.time, "monotonic", lambda: now[0])
    flood(1000)
    assert said == [f"{number} has gone wrong" for number in range(MANY)]
    logging.getLogger("tests.floods").warning("something else")
    assert said[-1] == "something else"
    now[0] = 61
    flood(1)
    assert said[-1] == f"0 has gone wrong ({1000 - MANY} more like this since the last one shown)"
    flood(MANY)
    assert len(said) == 2 * MANY + 1


def test_what_is_remembered_is_bounded(said, monkeypatch):
    monkeypatch.setattr(log_floods, "KINDS", 3)
    dam = Dam()
    for line in range(100):
        record = logging.LogRecord("it", logging.INFO, "a.py", line, "said", None, None)
        assert dam.filter(record)
    assert len(dam._kinds) == 3


def test_strangers_cannot_flood_the_log(small_server):
    for _ in range(3 * MANY):
        small_server.ask("GET", "/_stcore/health", Upgrade="h2c", Connection="Upgrade")
    assert 0 < small_server.log().count("Unsupported upgrade request") <= MANY


def test_nor_by_errors_of_the_script(small_server, visit):
    visitor = visit()
    visitor.send(rerun_script={})
    came = visitor.until("script_finished")
    uploader = next(
        m.delta.new_element.file_uploader.id for m in came if m.delta.new_element.file_uploader.id
    )
    before = small_server.log()
    for _ in range(2 * MANY):
        visitor.send(
            rerun_script={"widget_states": {"widgets": [{"id": uploader, "string_value": "no file"}]}}
        )
        visitor.until("script_finished")
    told = small_server.log().removeprefix(before)
    assert 0 < told.count("AttributeError") <= MANY


def test_addresses_of_pictures_stay_out_of_the_log_when_the_settings_change():
    """Streamlit then reads its file again, and tells each request from there on."""
    log_floods.stop()
    access = logging.getLogger("uvicorn.access")
    before = access.level
    try:
        access.setLevel(logging.INFO)
        told = logging.LogRecord(access.name, logging.INFO, "a.py", 1, "GET /media/x.jpg", None, None)
        assert not access.filter(told)
        told.levelno = logging.WARNING
        assert access.filter(told)
    finally:
        access.setLevel(before)
        access.removeFilter(log_floods._is_told)
