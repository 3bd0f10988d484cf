"""The commands that crowd a server, with small crowds; what they promise of large ones takes longer."""

from __future__ import annotations

import pytest

from bench import soak
from bench.app_server import Usage, served_app
from bench.crowded_server import HEALTHY_S, Seen, crowd, verdict
from core import settings


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    with pytest.MonkeyPatch.context() as patched:
        patched.setenv("XDG_CACHE_HOME", str(tmp_path_factory.mktemp("cache")))
        patched.setenv(settings.OFFLINE.name, "1")
        patched.setenv(settings.MAX_VIEWERS.name, "2")
        with served_app() as running:
            yield running


def test_all_photos_are_answered_and_the_set_number_is_watched(server):
    seen = crowd(server, visitors=4, viewers=4, seconds=4, size=(1200, 900))
    assert [wrong for wrong in verdict(seen, 4, 4, 2) if not wrong.startswith("health")] == []
    assert min(seen.watched) > 0.5 and len(seen.health) > 5


def test_visits_of_every_kind_come_and_go(server, monkeypatch, capsys):
    monkeypatch.setattr(soak, "PAUSE_S", (0.1, 0.3))
    monkeypatch.setattr(soak, "STAY_S", (0.5, 1.0))
    rests, counts, problems = soak.soak(server, minutes=9 / 60, rows=1, rest_s=0.1)
    assert problems == [] and counts.keys() == {kind.__name__ for kind in soak.KINDS}
    assert len(rests) == soak.PARTS and capsys.readouterr().out.count("at rest") == soak.PARTS


def reading(**changed: float) -> Usage:
    return Usage(**{"at": 0.0, "cpu_s": 0.0, "rss_mb": 500.0, "threads": 20, "files": 50, **changed})


def test_growth_is_told():
    assert soak.growth([reading(rss_mb=100), reading(), reading(rss_mb=530)]) == []
    assert soak.growth([reading(), reading(), reading(rss_mb=560)]) == ["rss_mb +60"]
    grown = reading(threads=30, files=70)
    assert soak.growth([reading(), reading(), grown]) == ["threads +10", "files +20"]


def test_what_is_not_as_promised_is_told():
    seen = Seen(health=[0.01, HEALTHY_S + 0.1], uploads=[1.0], watched=[5.0], full=0, problems=["live: lost"])
    assert verdict(seen, 2, 3, 2) == [
        "live: lost",
        "1 of 2 photos were answered",
        "1 viewers were watched and 0 told that it is full",
        "health took 0.40 s",
    ]
