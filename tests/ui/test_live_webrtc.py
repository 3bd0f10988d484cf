"""The WebRTC way: which servers are asked, a callback that never raises, and a connection on loopback."""

from __future__ import annotations

import asyncio
import gc
import json
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from fractions import Fraction

import av
import numpy as np
import pytest
import streamlit as st
from aiortc import RTCConfiguration, RTCPeerConnection, RTCSessionDescription, VideoStreamTrack
from aiortc.contrib.media import MediaRelay
from streamlit import config

from core.errors import SettingsError
from ui import live_webrtc
from ui.live_webrtc import ICE_VARIABLE, Peer, _NewestOnly, ice_servers

TURN = {"urls": "turn:turn.example.org:3478", "username": "me", "credential": "secret"}


# --- STUN and TURN -------------------------------------------------------------------------------


@pytest.fixture(autouse=True)
def secrets(monkeypatch, tmp_path) -> Iterator[Callable[[str], object]]:
    """Writes secrets.toml; without a call there is none."""
    monkeypatch.delenv(ICE_VARIABLE, raising=False)
    file = tmp_path / "secrets.toml"
    before = config.get_option("secrets.files")
    config.set_option("secrets.files", [str(file)])
    st.secrets._reset()
    yield file.write_text
    config.set_option("secrets.files", before)
    st.secrets._reset()


def test_nobody_outside_is_asked_by_default(secrets):
    assert ice_servers() == []


def test_servers_from_the_environment(secrets, monkeypatch):
    monkeypatch.setenv(ICE_VARIABLE, json.dumps([TURN, {"urls": ["stun:a.example", "stun:b.example"]}]))
    assert ice_servers() == [TURN, {"urls": ["stun:a.example", "stun:b.example"]}]


def test_servers_from_the_secrets(secrets):
    secrets(
        '[[webrtc.ice_servers]]\nurls = "turn:turn.example.org:3478"\nusername = "me"\ncredential = "secret"'
    )
    assert ice_servers() == [TURN]


def test_the_environment_goes_before_the_secrets(secrets, monkeypatch):
    secrets('[[webrtc.ice_servers]]\nurls = "stun:a.example"')
    monkeypatch.setenv(ICE_VARIABLE, "[]")
    assert ice_servers() == []


def test_secrets_of_something_else_are_no_servers(secrets):
    secrets('[database]\npassword = "x"')
    assert ice_servers() == []


@pytest.mark.parametrize(
    "given",
    [
        "stun:stun.example.org",
        "[",
        "null",
        "5",
        '"stun:a.example"',
        json.dumps(TURN),
        '["stun:a.example"]',
        "[1]",
        "[{}]",
        '[{"url": "stun:a.example"}]',
        '[{"urls": 5}]',
        '[{"urls": "stun:a.example", "password": "x"}]',
    ],
)
def test_a_list_that_cannot_be_read_is_an_error_that_says_where(secrets, monkeypatch, given):
    monkeypatch.setenv(ICE_VARIABLE, given)
    with pytest.raises(SettingsError, match=f"{ICE_VARIABLE}.*secrets.toml"):
        ice_servers()


@pytest.mark.parametrize(
    "text",
    ['webrtc = "stun:a.example"', "[webrtc]\nservers = []", "[webrtc]\nice_servers = 5", "[[webrtc]]\na = 1"],
)
def test_secrets_that_cannot_be_read_are_an_error_too(secrets, text):
    secrets(text)
    with pytest.raises(SettingsError, match="secrets.toml"):
        ice_servers()


def test_an_error_never_shows_a_credential(secrets, monkeypatch):
    monkeypatch.setenv(ICE_VARIABLE, json.dumps([{**TURN, "extra": "secret2"}]))
    with pytest.raises(SettingsError) as problem:
        ice_servers()
    assert "secret2" not in str(problem.value) and problem.value.__cause__ is None


# --- pictures ------------------------------------------------------------------------------------


def answer(viewer, rgb: np.ndarray) -> np.ndarray:
    sent = av.VideoFrame.from_ndarray(rgb, format="rgb24")
    return live_webrtc._answer(viewer, sent).to_ndarray(format="rgb24")


def wait_for(condition) -> None:
    deadline = time.monotonic() + 5
    while not condition():
        assert time.monotonic() < deadline, "did not happen"
        time.sleep(0.002)


def test_the_video_comes_back_with_the_last_answers_on_it(viewer, frame):
    assert (answer(viewer, frame.rgb) == frame.rgb).all()  # nothing is known yet
    wait_for(lambda: viewer.state()["analysed"] == 1)
    answer(viewer, frame.rgb)
    wait_for(lambda: viewer.state()["analysed"] == 2)
    drawn = answer(viewer, frame.rgb)
    assert drawn.shape == frame.rgb.shape and (drawn != frame.rgb).any()
    assert (drawn[200:, :80] == frame.rgb[200:, :80]).all()


def test_colours_reach_the_analysis_in_their_order(viewer, monkeypatch):
    seen = []
    monkeypatch.setattr(viewer, "offer", lambda frame, t: seen.append(frame.rgb[0, 0].tolist()))
    red = np.zeros((48, 64, 3), np.uint8)
    red[..., 0] = 255
    yuv = av.VideoFrame.from_ndarray(red, format="rgb24").reformat(format="yuv420p")  # as VP8 is decoded
    live_webrtc._answer(viewer, yuv)
    assert seen[0] == pytest.approx([255, 0, 0], abs=8)


def test_a_size_that_changes_on_the_way_and_an_odd_one(viewer):
    for height, width in ((480, 640), (240, 320), (123, 211)):
        wall = np.full((height, width, 3), 90, np.uint8)
        assert answer(viewer, wall).shape == wall.shape
    assert viewer.state()["error"] is None


def test_slow_analysis_does_not_hold_the_video(viewer, scene, frame):
    begun, go_on = threading.Event(), threading.Event()
    scene.on_detect = lambda: (begun.set(), go_on.wait(5))
    answer(viewer, frame.rgb)
    assert begun.wait(5)
    for _ in range(9):
        answer(viewer, frame.rgb)
    assert viewer.state()["analysed"] == 0 and viewer.state()["camera_frames"] == 10
    go_on.set()
    wait_for(lambda: viewer.state()["analysed"] == 2)  # the first, and the newest then


def test_a_fault_while_drawing_is_said_and_the_picture_comes_back(viewer, frame, monkeypatch, caplog):
    def fault(*_):
        raise ZeroDivisionError("detail")

    monkeypatch.setattr(viewer, "drawn", fault)
    monkeypatch.setattr(viewer, "offer", lambda *_: None)  # an answer would take the words away
    assert (answer(viewer, frame.rgb) == frame.rgb).all()
    assert "ZeroDivisionError" in viewer.state()["error"] and "detail" not in viewer.state()["error"]
    assert "320 x 240" in caplog.text


# --- the connection ------------------------------------------------------------------------------


class Film(VideoStreamTrack):
    """Numbered grey pictures, 64 x 48, as soon as they are asked for."""

    def __init__(self) -> None:
        super().__init__()
        self.sent = 0

    async def recv(self) -> av.VideoFrame:
        await asyncio.sleep(0)
        self.sent += 1
        picture = av.VideoFrame.from_ndarray(np.full((48, 64, 3), 128, np.uint8), format="rgb24")
        picture.pts, picture.time_base = self.sent, Fraction(1, 30)
        return picture


@pytest.mark.parametrize(
    ("relay", "wish", "queues"),
    [(MediaRelay, (), True), (_NewestOnly, (), False), (_NewestOnly, (True,), False)],
    ids=["aiortc's", "ours", "ours, told to queue"],
)
def test_a_slow_reader_is_given_the_newest_picture(relay, wish, queues):
    async def second_picture() -> tuple[int, int]:
        """Number of the picture that a slow reader is given, and of the newest one then."""
        film = Film()
        reader = relay().subscribe(film, *wish)
        await reader.recv()
        await asyncio.sleep(0.02)
        given = (await reader.recv()).pts
        reader.stop()
        return given, film.sent

    with ThreadPoolExecutor(1) as beside:  # the browser tests leave a running loop in this thread
        given, newest = beside.submit(lambda: asyncio.run(second_picture())).result()
    assert newest > 10
    assert given == 2 if queues else given >= newest - 1


@pytest.fixture
def loop(monkeypatch) -> Iterator[asyncio.AbstractEventLoop]:
    """The server's event loop, on this machine's loopback alone."""
    monkeypatch.setattr("aioice.ice.get_host_addresses", lambda use_ipv4, use_ipv6: ["127.0.0.1"])
    running = asyncio.new_event_loop()
    monkeypatch.setattr("streamlit_webrtc.webrtc.get_global_event_loop", lambda: running)
    thread = threading.Thread(target=running.run_forever, daemon=True)
    thread.start()
    yield running
    running.call_soon_threadsafe(running.stop)
    thread.join(5)
    running.close()


@pytest.fixture
def peer(viewer, loop) -> Iterator[Peer]:
    """Made and stopped in a thread, as the live socket does."""
    with ThreadPoolExecutor(1) as thread:
        made = thread.submit(Peer, viewer, [TURN, {"urls": ["stun:127.0.0.1:9"]}]).result()
        yield made
        thread.submit(made.stop).result()
        thread.submit(made.stop).result()  # once more does no harm


def test_the_operators_servers_are_those_of_the_connection(peer):
    asked = peer._worker.pc._RTCPeerConnection__configuration.iceServers
    assert [(server.urls, server.username, server.credential) for server in asked] == [
        (TURN["urls"], TURN["username"], TURN["credential"]),
        (["stun:127.0.0.1:9"], None, None),
    ]


# streamlit-webrtc leaves the event loop of each picture thread to the garbage collector.
@pytest.mark.filterwarnings("ignore:unclosed:ResourceWarning")
def test_a_browsers_offer_is_answered_and_its_video_comes_back(viewer, loop):
    def there(work):
        return asyncio.run_coroutine_threadsafe(work, loop).result(20)

    async def browser_with_film() -> RTCPeerConnection:
        opened = RTCPeerConnection(RTCConfiguration([]))
        opened.addTrack(Film())
        await opened.setLocalDescription(await opened.createOffer())
        return opened

    async def first_picture(answer: str) -> av.VideoFrame:
        came = asyncio.get_running_loop().create_future()
        browser.on("track", came.set_result)
        await browser.setRemoteDescription(RTCSessionDescription(answer, "answer"))
        return await (await came).recv()

    browser = there(browser_with_film())
    with ThreadPoolExecutor(1) as thread:
        peer = thread.submit(Peer, viewer, []).result()
        try:
            answer = thread.submit(peer.connect, browser.localDescription.sdp).result()
            back = there(first_picture(answer))
            assert (back.width, back.height) == (64, 48)
            wait_for(lambda: viewer.state()["analysed"] > 0)
        finally:
            thread.submit(peer.stop).result()
            there(browser.close())
    wait_for(lambda: not [t for t in threading.enumerate() if t.name.startswith("async_media_processor")])
    gc.collect()


@pytest.mark.parametrize(
    "offer", ["v=x", "v=0\r\nm=video", "v=0\r\nm=video 9 UDP/TLS/RTP/SAVPF 96\r\nc=IN IP4 0.0.0.0"]
)
def test_an_offer_of_nonsense_raises(peer, offer):
    with pytest.raises((ValueError, AssertionError)):
        peer.connect(offer)
