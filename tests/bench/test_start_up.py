"""Starts, once each: figures that are told are those of an answer that came."""

from __future__ import annotations

import re
import sys

import pytest

from bench import start_up

pytestmark = pytest.mark.e2e


def test_a_command_a_page_and_an_answer_are_waited_for(monkeypatch, capsys):
    monkeypatch.setattr(sys, "argv", ["start_up", "--repeat", "1"])
    start_up.main()
    told = dict(re.findall(r"^(.+): ([\d.]+)$", capsys.readouterr().out, re.MULTILINE))
    names = ["core check", "server answers", "first page", "first answer", "memory, MB"]
    assert list(told) == [*names, "first page, smallest app"]
    server, page, answer = (float(told[name]) for name in ("server answers", "first page", "first answer"))
    assert 0 < server < page < answer
    assert 0 < float(told["first page, smallest app"]) < page
