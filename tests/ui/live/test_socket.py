"""The live socket against browsers that mean well and others, on the server that Streamlit uses."""

from __future__ import annotations

import json
import math
import socket
import struct
import threading
import time
from contextlib import suppress

import numpy as np
import pytest
from streamlit import config
from websockets.exceptions import ConnectionClosed, InvalidStatus

from core.images.encode import to_jpeg
from core.results import Frame
from core.video import session
from core.video.session import LiveSession
from tests.ui.live_visits import WAIT, ask, closed_with, encoded, picture
from tests.waiting import wait_for
from ui.live import limits
from ui.live import socket as live_socket
from ui.live.limits import BURST, MAX_RATE, Allowance
from ui.live.socket import PROTOCOL
from ui.server.message_size import MAX_BYTES

# --- who may come in -----------------------------------------------------------------------------


def test_a_picture_is_answered_with_the_people_on_it(visit, viewer, frame):
    jpeg = to_jpeg(frame.rgb)
    with visit(viewer) as connection:
        assert connection.subprotocol == PROTOCOL
        assert ask(connection)["captured"] is None
        for n in range(3):
            state = ask(connection, picture(jpeg, captured=1000.25 + n, latency=30 + n, frames=2))
    assert state["captured"] == 1002.25 and state["error"] is None
    assert (state["width"], state["height"]) == (320, 240)
    assert [person["label"] for person in state["people"]] == ["with_mask"]
    assert (state["camera_frames"], state["analysed"], state["figures"]["skipped"]) == (6, 3, 3)
    assert state["ms"].keys() >= {"detect", "classify"}
    assert viewer.figures()["latency_ms"] == 31 and viewer.figures()["ms"]["decode"] > 0


@pytest.mark.parametrize(
    "origin",
    [
        None,
        "",
        "null",
        "http://evil.example",
        "http://127.0.0.1",
        "http://127.0.0.1:1",
        "http://127.0.0.1.evil",
    ],
)
def test_a_page_of_another_origin_is_refused(visit, viewer, origin):
    with pytest.raises(InvalidStatus) as refused, visit(viewer, origin=origin):
        pass
    assert refused.value.response.status_code == 403


def test_an_origin_that_only_looks_like_this_one_is_refused(visit, viewer, host):
    for origin in (
        f"http://{host}@evil.example",
        f"http://{host}.evil.example",
        f"http://evil.example/{host}",
    ):
        with pytest.raises(InvalidStatus), visit(viewer, origin=origin):
            pass


def test_an_origin_that_the_operator_trusts_may_come_in(visit, viewer):
    config.set_option("server.corsAllowedOrigins", ["https://masks.example"])
    try:
        with visit(viewer, origin="https://masks.example") as connection:
            assert ask(connection)["people"] == []
        with pytest.raises(InvalidStatus), visit(viewer, origin="https://other.example"):
            pass
    finally:
        config.set_option("server.corsAllowedOrigins", [])


@pytest.mark.parametrize(
    "offered",
    [
        None,
        [PROTOCOL],
        [PROTOCOL, "guess"],
        ["other.protocol", "{token}"],
        ["{token}", PROTOCOL],
        ["{token}"],
        [PROTOCOL, "{token}", "more"],
        [PROTOCOL, "{token}x"],
    ],
)
def test_without_the_visits_token_nobody_comes_in(visit, viewer, offered):
    given = offered and [word.format(token=viewer.token) for word in offered]
    with pytest.raises(InvalidStatus) as refused, visit(viewer, subprotocols=given):
        pass
    assert refused.value.response.status_code == 403


def test_the_token_of_an_ended_visit_opens_nothing(visit, viewer):
    viewer.close()
    with pytest.raises(InvalidStatus), visit(viewer):
        pass


# --- messages ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("message", "code"),
    [
        ("", 1003),
        ("stat", 1003),
        ("state ", 1003),
        ('{"state": 1}', 1003),
        ('{"offer": 1}', 1003),
        ('["offer"]', 1003),
        ("null", 1003),
        ("{", 1003),
        (json.dumps({"offer": "x" * live_socket.MAX_OFFER}), 1003),
        (b"", 1003),
        (b"state", 1003),
        (bytes(15), 1003),
        (bytes(16), 1003),  # a header without a picture
        (bytes(MAX_BYTES + 1), 1009),
        ("x" * (MAX_BYTES + 1), 1009),
        ("x" * MAX_BYTES, 1003),
    ],
    ids=lambda value: f"{type(value).__name__}{len(value)}" if isinstance(value, str | bytes) else None,
)
def test_a_message_that_no_page_of_ours_sends_ends_the_connection(visit, viewer, slots, message, code):
    with visit(viewer) as connection:
        with suppress(ConnectionClosed):  # of too large a one already while it is sent
            connection.send(message)
        assert closed_with(connection) == code
    wait_for(lambda: len(slots) == 0)
    assert viewer.state()["analysed"] == 0


def test_the_largest_message_is_still_read(visit, viewer, frame):
    jpeg = to_jpeg(frame.rgb)
    with visit(viewer) as connection:
        state = ask(connection, picture(jpeg).ljust(MAX_BYTES, b"\0"))
    assert state["error"] is None and state["analysed"] == 1


@pytest.mark.parametrize("nonsense", [math.nan, math.inf, -math.inf, -1.0, 1e30])
def test_a_header_of_nonsense_spoils_no_figure(visit, viewer, frame, nonsense):
    jpeg = to_jpeg(frame.rgb)
    with visit(viewer) as connection:
        state = ask(connection, picture(jpeg, captured=nonsense, latency=nonsense, frames=2**32 - 1))
    assert state["captured"] == (nonsense if math.isfinite(nonsense) else 0)
    assert state["analysed"] == 1 and state["camera_frames"] == 1000
    assert viewer.figures()["latency_ms"] is None


def bomb() -> bytes:
    """Says that it has 60000 x 60000 pixels."""
    jpeg = bytearray(encoded(np.zeros((8, 8, 3), np.uint8), "JPEG"))
    size = jpeg.index(b"\xff\xc0") + 5
    jpeg[size : size + 4] = struct.pack(">HH", 60_000, 60_000)
    return bytes(jpeg)


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (encoded(np.zeros((60, 80, 3), np.uint8), "PNG"), "not a JPEG"),
        (encoded(np.zeros((60, 80, 3), np.uint8), "GIF"), "not a JPEG"),
        (b"\0", "not a JPEG"),
        (b"\xff\xd8\xff", "not a picture"),
        (b"\xff\xd8\xff" + bytes(1000), "not a picture"),
        (encoded(np.zeros((60, 80, 3), np.uint8), "JPEG")[:-200], "damaged"),
        (encoded(np.zeros((1100, 1921, 3), np.uint8), "JPEG"), "pixels, more than the 2,073,600 allowed"),
        (bomb(), "pixels, more than the 2,073,600 allowed"),
    ],
    ids=["png", "gif", "byte", "start", "zeros", "cut", "large", "bomb"],
)
def test_a_bad_picture_is_told_and_the_next_one_is_answered(visit, viewer, frame, data, said):
    jpeg = to_jpeg(frame.rgb)
    with visit(viewer) as connection:
        state = ask(connection, picture(data))
        assert said in state["error"] and state["analysed"] == 0 and state["captured"] == 1234.5
        state = ask(connection, picture(jpeg))
        assert state["error"] is None and state["analysed"] == 1


def test_an_analysis_that_fails_is_told_and_the_connection_stays(visit, viewer, scene, frame):
    jpeg = to_jpeg(frame.rgb)

    def fault():
        raise OSError(28, "No space left on device: '/secret/path'")

    scene.on_detect = fault
    with visit(viewer) as connection:
        state = ask(connection, picture(jpeg))
        assert "fault of Maskwise (OSError)" in state["error"] and "secret" not in state["error"]
        scene.on_detect = lambda: None
        assert ask(connection, picture(jpeg))["error"] is None


# --- how much and how long -----------------------------------------------------------------------


def test_who_floods_is_cut_off(visit, viewer, slots, monkeypatch):
    monkeypatch.setattr(limits, "BURST", 5.0)
    monkeypatch.setattr(limits, "MAX_RATE", 0.001)
    with visit(viewer) as connection:
        for _ in range(5):
            ask(connection)
        connection.send("state")
        assert closed_with(connection) == 4008
    with visit(viewer) as connection:  # a new connection starts no new count
        connection.send("state")
        assert closed_with(connection) == 4008
    wait_for(lambda: len(slots) == 0)


def test_the_allowance_fills_again_but_never_overflows():
    allowance = Allowance(MAX_RATE, BURST)
    now = time.monotonic()
    spent = sum(allowance.spend(now) for _ in range(200))
    assert spent == BURST
    assert sum(allowance.spend(now + 0.5) for _ in range(200)) <= MAX_RATE / 2
    assert sum(allowance.spend(now + 3600) for _ in range(200)) == BURST


def test_a_camera_of_sixty_pictures_a_second_is_never_too_fast():
    allowance = Allowance(MAX_RATE, BURST)
    start = time.monotonic()
    assert all(allowance.spend(start + n / 60) for n in range(3600))


def test_a_full_server_says_so_and_lets_the_next_in_later(visit, viewer, frame):
    late = LiveSession()
    with visit(viewer) as first:
        ask(first, picture(to_jpeg(frame.rgb)))
        with visit(late) as second:
            second.send("state")
            assert closed_with(second) == 4003
        assert ask(first)["error"] is None  # who sits is not disturbed
    wait_for(lambda: len(session.SESSION_SLOTS) == 0)
    with visit(late) as second:
        assert ask(second)["people"] == []
    late.close()


def test_a_browser_that_says_nothing_has_gone(visit, viewer, slots, frame, monkeypatch):
    monkeypatch.setattr(live_socket, "SILENCE", 0.1)
    with visit(viewer) as connection:
        ask(connection, picture(to_jpeg(frame.rgb)))
        with pytest.raises(ConnectionClosed):
            connection.recv(WAIT)
    wait_for(lambda: len(slots) == 0)
    assert viewer.snapshot() is None


def test_a_reloaded_page_goes_on_when_its_old_connection_ends(visit, viewer, slots, frame):
    jpeg = to_jpeg(frame.rgb)
    with visit(viewer) as old:
        ask(old, picture(jpeg))
        with visit(viewer) as new:
            ask(new, picture(jpeg))
            old.close()
            assert ask(new, picture(jpeg))["analysed"] == 3
            assert len(slots) == 1 and viewer.snapshot() is not None
    wait_for(lambda: len(slots) == 0)
    assert viewer.snapshot() is None


def test_a_tab_closed_while_its_picture_is_analysed_leaves_nothing(visit, viewer, scene, slots, frame):
    begun, go_on = threading.Event(), threading.Event()
    scene.on_detect = lambda: (begun.set(), go_on.wait(WAIT))
    with visit(viewer) as connection:
        connection.send(picture(to_jpeg(frame.rgb)))
        assert begun.wait(WAIT)
        connection.socket.shutdown(socket.SHUT_RDWR)  # without a word
        go_on.set()
    wait_for(lambda: viewer.state()["analysed"] == 1)
    wait_for(lambda: len(slots) == 0 and viewer.snapshot() is None)


def test_a_slow_analysis_keeps_nobody_else_waiting(visit, viewer, scene, frame, slots):
    slots.count = 2
    begun, go_on = threading.Event(), threading.Event()
    scene.on_detect = lambda: (begun.set(), go_on.wait(WAIT))
    other = LiveSession()
    with visit(viewer) as slow, visit(other) as quick:
        slow.send(picture(to_jpeg(frame.rgb)))
        assert begun.wait(WAIT)
        assert ask(quick)["people"] == []
        go_on.set()
        assert json.loads(slow.recv(WAIT))["analysed"] == 1
    other.close()


# --- the route -----------------------------------------------------------------------------------


def test_the_route_lies_below_the_apps_base_path():
    assert live_socket.path() == "/live-socket"
    config.set_option("server.baseUrlPath", "/masks/")
    try:
        assert [route.path for route in live_socket.routes()] == ["/masks/live-socket"]
    finally:
        config.set_option("server.baseUrlPath", "")


def test_an_http_request_is_not_answered(host):
    with socket.create_connection(host.split(":"), WAIT) as plain:
        plain.sendall(f"GET /live-socket HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n".encode())
        assert plain.recv(100).startswith(b"HTTP/1.1 404")


def test_frames_are_told_in_pixels_of_the_picture_that_came(visit, viewer):
    tall = Frame(np.random.default_rng(1).integers(0, 256, (640, 360, 3), np.uint8))
    with visit(viewer) as connection:
        state = ask(connection, picture(to_jpeg(tall.rgb)))
    assert (state["width"], state["height"]) == (360, 640)


# --- who may not connect, once more -------------------------------------------------------------------------


def test_a_deeply_nested_offer_is_a_bad_message(visit, viewer):
    with visit(viewer) as connection:
        connection.send("[" * 100_000)
        assert closed_with(connection) == live_socket.BAD_MESSAGE


def test_an_origin_that_is_no_address_is_refused(visit, viewer):
    with pytest.raises(InvalidStatus) as refused, visit(viewer, origin="http://["):
        pass
    assert refused.value.response.status_code == 403


def test_an_ended_visit_is_not_answered_and_keeps_no_slot(visit, viewer, slots):
    with visit(viewer) as connection:
        ask(connection)
        viewer.close()
        connection.send("state")
        assert closed_with(connection) == live_socket.REPLACED
    assert len(slots) == 0


def test_only_the_newest_connection_of_a_visit_is_served(visit, viewer):
    with visit(viewer) as old, visit(viewer) as new:
        ask(new)
        assert closed_with(old) == live_socket.REPLACED
        assert ask(new)["analysed"] == 0


def test_the_past_is_told_once(visit, viewer, frame):
    with visit(viewer) as connection:
        assert "history" in ask(connection)
        assert "history" not in ask(connection)
