"""Which WebRTC offers are answered, and when a connection ends. The connections themselves are played."""

from __future__ import annotations

import json
import time

import pytest

from core.decision import OperatingPoint
from core.video.session import LiveSession
from core.video.session_settings import SessionSettings
from tests.ui.live_visits import ask, closed_with
from tests.waiting import wait_for
from ui.live import limits, socket, webrtc


class FakePeer:
    """Answers an offer with its name, unless it is "bad"."""

    def __init__(self, viewer: LiveSession, servers, reach) -> None:
        self.viewer, self.servers, self.reach, self.stopped = viewer, servers, reach, 0
        self.latest_at = time.monotonic()
        peers.append(self)

    def connect(self, offer: str) -> str:
        if offer == "bad":
            raise ValueError("secret detail")
        return f"answer to {offer}"

    def stop(self) -> None:
        self.stopped += 1


peers: list[FakePeer] = []
STUN = [{"urls": "stun:a.example"}]


@pytest.fixture
def calls(monkeypatch, viewer, scene) -> list[FakePeer]:
    """Every server's end of a WebRTC connection that was made, of a visitor who chose WebRTC."""
    viewer.configure(SessionSettings(scene.pipeline, OperatingPoint(0.1), ice_servers=STUN, webrtc=True))
    monkeypatch.setattr(webrtc, "Peer", FakePeer)
    peers.clear()
    return peers


def test_an_offer_is_answered_and_its_connection_ends_with_the_socket(visit, viewer, calls):
    with visit(viewer) as connection:
        assert ask(connection)["answer"] is None
        assert ask(connection, json.dumps({"offer": "one"}))["answer"] == "answer to one"
        assert ask(connection)["answer"] is None
        assert calls[0].viewer is viewer and calls[0].servers == STUN and not calls[0].stopped
        assert ask(connection, json.dumps({"offer": "two"}))["answer"] == "answer to two"
        assert [peer.stopped for peer in calls] == [1, 0]  # another offer ends the one before
    wait_for(lambda: [peer.stopped for peer in calls] == [1, 1])


def test_an_offer_that_cannot_be_answered_leaves_the_connection(visit, viewer, calls, caplog):
    with visit(viewer) as connection:
        state = ask(connection, json.dumps({"offer": "bad"}))
        assert state["answer"] == "" and "secret" not in json.dumps(state)
        assert calls[0].stopped and "could not be answered (ValueError)" in caplog.text
        assert "secret" not in caplog.text
        assert ask(connection, json.dumps({"offer": "good"}))["answer"] == "answer to good"


def test_no_offer_is_answered_where_another_way_was_chosen(visit, viewer, scene, calls):
    viewer.configure(SessionSettings(scene.pipeline, OperatingPoint(0.1)))  # Direct
    with visit(viewer) as connection:
        assert ask(connection, json.dumps({"offer": "one"}))["answer"] == ""
        viewer.configure(None)  # snapshots
        assert ask(connection, json.dumps({"offer": "two"}))["answer"] == ""
    assert not calls


def test_a_connection_ends_when_the_visitor_chooses_another_way(visit, viewer, scene, calls, monkeypatch):
    monkeypatch.setattr(socket, "WATCH_EVERY", 0.01)
    with visit(viewer) as connection:
        ask(connection, json.dumps({"offer": "one"}))
        viewer.configure(SessionSettings(scene.pipeline, OperatingPoint(0.1)))
        wait_for(lambda: calls[0].stopped == 1)


def test_a_connection_by_which_no_picture_comes_ends(visit, viewer, calls, monkeypatch):
    monkeypatch.setattr(socket, "WATCH_EVERY", 0.01)
    monkeypatch.setattr(socket, "KEPT_FOR", 0.2)
    with visit(viewer) as connection:
        ask(connection, json.dumps({"offer": "one"}))
        start = time.monotonic()
        while time.monotonic() < start + 0.4:  # pictures come
            calls[0].latest_at = time.monotonic()
            time.sleep(0.02)
        assert not calls[0].stopped
        wait_for(lambda: calls[0].stopped == 1)
        assert ask(connection)["error"] is None


def test_offers_are_answered_a_few_at_a_time_whatever_the_connection(visit, viewer, calls, monkeypatch):
    monkeypatch.setattr(limits, "OFFERS_BURST", 3.0)
    monkeypatch.setattr(limits, "OFFERS_RATE", 0.001)
    offer = json.dumps({"offer": "one"})
    with visit(viewer) as connection:
        assert [ask(connection, offer)["answer"] for _ in range(2)] == ["answer to one"] * 2
    with visit(viewer) as connection:
        assert [ask(connection, offer)["answer"] for _ in range(3)] == ["answer to one", "", ""]


def test_a_visit_has_one_connection_however_many_sockets(visit, viewer, calls):
    with visit(viewer) as old, visit(viewer) as new:
        assert closed_with(old) == socket.REPLACED
        ask(new, json.dumps({"offer": "one"}))
        with visit(viewer) as newest:
            ask(newest, json.dumps({"offer": "two"}))
            wait_for(lambda: [peer.stopped for peer in calls] == [1, 0])


def test_all_visits_together_have_a_set_number_of_connections(visit, viewer, scene, calls, monkeypatch):
    monkeypatch.setattr(socket, "CALLS_PER_SLOT", 1)
    other = LiveSession()
    other.configure(SessionSettings(scene.pipeline, OperatingPoint(0.1), webrtc=True))
    offer = json.dumps({"offer": "one"})
    with visit(other) as second:
        with visit(viewer) as first:
            assert ask(first, offer)["answer"] == "answer to one"
            assert ask(second, offer)["answer"] == ""
        wait_for(lambda: calls[0].stopped)
        wait_for(lambda: ask(second, offer)["answer"] == "answer to one")
    other.close()


def test_behind_a_proxy_that_hides_the_visitor_the_page_goes_on_without_webrtc(visit, viewer, calls, caplog):
    """One who asks for this machine by another name than its own has come by a proxy on it."""
    with visit(viewer, additional_headers={"X-Forwarded-For": "not told"}) as connection:
        assert ask(connection, json.dumps({"offer": "one"}))["answer"] == ""
        assert ask(connection)["error"] is None
    assert not calls and "needs a TURN server" in caplog.text
