"""The WebRTC way: which servers are asked, a callback that never raises, and a connection on loopback."""

from __future__ import annotations

import asyncio
import gc
import json
import platform
import re
import socket
import struct
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from fractions import Fraction
from types import SimpleNamespace

import av
import numpy as np
import pytest
import streamlit as st
from aioice import stun
from aiortc import RTCConfiguration, RTCPeerConnection, RTCSessionDescription, VideoStreamTrack
from aiortc.codecs import get_decoder
from aiortc.contrib.media import MediaRelay
from aiortc.jitterbuffer import JitterFrame
from aiortc.sdp import SessionDescription
from streamlit import config

from core import settings
from core.errors import SettingsError
from tests.ui.live_visits import resident
from tests.waiting import wait_for
from ui.live import webrtc
from ui.live.reach import THIS_MACHINE, NetworkReach
from ui.live.vp8 import BoundedVp8Decoder, key_frame_size
from ui.live.webrtc import MAX_PACKETS, Peer, _LatestOnly, confine, ice_servers

TURN = {"urls": "turn:turn.example.org:3478", "username": "me", "credential": "secret"}


# --- STUN and TURN -------------------------------------------------------------------------------


@pytest.fixture(autouse=True)
def secrets(monkeypatch, tmp_path) -> Iterator[Callable[[str], object]]:
    """Writes secrets.toml; without a call there is none."""
    monkeypatch.delenv(settings.ICE_SERVERS.name, raising=False)
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
    monkeypatch.setenv(
        settings.ICE_SERVERS.name, json.dumps([TURN, {"urls": ["stun:a.example", "stun:b.example"]}])
    )
    assert ice_servers() == [TURN, {"urls": ["stun:a.example", "stun:b.example"]}]


def test_servers_from_the_secrets(secrets):
    secrets(
        '[[webrtc.ice_servers]]\nurls = "turn:turn.example.org:3478"\nusername = "me"\ncredential = "secret"'
    )
    assert ice_servers() == [TURN]


def test_the_environment_goes_before_the_secrets(secrets, monkeypatch):
    secrets('[[webrtc.ice_servers]]\nurls = "stun:a.example"')
    monkeypatch.setenv(settings.ICE_SERVERS.name, "[]")
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
    monkeypatch.setenv(settings.ICE_SERVERS.name, given)
    with pytest.raises(SettingsError, match=f"{settings.ICE_SERVERS.name}.*secrets.toml"):
        ice_servers()


@pytest.mark.parametrize(
    "text",
    ['webrtc = "stun:a.example"', "[webrtc]\nservers = []", "[webrtc]\nice_servers = 5", "[[webrtc]]\na = 1"],
)
def test_secrets_that_cannot_be_read_are_an_error_too(secrets, text):
    secrets(text)
    with pytest.raises(SettingsError, match=r"secrets\.toml"):
        ice_servers()


def test_an_error_never_shows_a_credential(secrets, monkeypatch):
    monkeypatch.setenv(settings.ICE_SERVERS.name, json.dumps([{**TURN, "extra": "secret2"}]))
    with pytest.raises(SettingsError) as problem:
        ice_servers()
    assert "secret2" not in str(problem.value) and problem.value.__cause__ is None


# --- pictures ------------------------------------------------------------------------------------


def answer(viewer, rgb: np.ndarray) -> np.ndarray:
    sent = av.VideoFrame.from_ndarray(rgb, format="rgb24")
    return webrtc._answer_frame(viewer, sent).to_ndarray(format="rgb24")


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
    webrtc._answer_frame(viewer, yuv)
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
    [(MediaRelay, (), True), (_LatestOnly, (), False), (_LatestOnly, (True,), False)],
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


@dataclass
class Call:
    """A browser's connection to a peer, on loopback."""

    loop: asyncio.AbstractEventLoop
    browser: RTCPeerConnection
    peer: Peer

    def there(self, work):
        return asyncio.run_coroutine_threadsafe(work, self.loop).result(20)

    def answer(self, offer: str) -> str:
        """Made in a thread, as the live socket does."""
        with ThreadPoolExecutor(1) as thread:
            return thread.submit(self.peer.connect, offer).result()

    def first_picture(self, answer: str) -> av.VideoFrame:
        async def wait() -> av.VideoFrame:
            came = asyncio.get_running_loop().create_future()
            self.browser.on("track", came.set_result)
            await self.browser.setRemoteDescription(RTCSessionDescription(answer, "answer"))
            return await (await came).recv()

        return self.there(wait())


@pytest.fixture
def call(viewer, loop) -> Iterator[Callable[..., Call]]:
    """Begins one, of a film in place of a camera."""
    begun: list[Call] = []

    async def browser_with_film() -> RTCPeerConnection:
        opened = RTCPeerConnection(RTCConfiguration([]))
        opened.addTrack(Film())
        await opened.setLocalDescription(await opened.createOffer())
        return opened

    def begin(reach: NetworkReach = THIS_MACHINE) -> Call:
        made = asyncio.run_coroutine_threadsafe(browser_with_film(), loop).result(20)
        with ThreadPoolExecutor(1) as thread:
            begun.append(Call(loop, made, thread.submit(Peer, viewer, [], reach).result()))
        return begun[-1]

    yield begin
    for one in begun:
        with ThreadPoolExecutor(1) as thread:
            thread.submit(one.peer.stop).result()
        one.there(one.browser.close())
    wait_for(lambda: not [t for t in threading.enumerate() if t.name.startswith("async_media_processor")])
    gc.collect()


# streamlit-webrtc leaves the event loop of each picture thread to the garbage collector.
leaves_loops = pytest.mark.filterwarnings("ignore:unclosed:ResourceWarning")


@leaves_loops
def test_a_browsers_offer_is_answered_and_its_video_comes_back(viewer, call):
    begun = call()
    started = begun.peer.latest_at
    back = begun.first_picture(begun.answer(begun.browser.localDescription.sdp))
    assert (back.width, back.height) == (64, 48)
    wait_for(lambda: viewer.state()["analysed"] > 0)
    assert begun.peer.latest_at > started


class Listener:
    """What comes to a UDP port of 127.0.0.2, where no visitor of these tests is."""

    def __init__(self) -> None:
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.bind(("127.0.0.2", 0))
        self.address, self.port = self.socket.getsockname()

    @property
    def candidate(self) -> str:
        return f"a=candidate:9 1 udp 2130706431 {self.address} {self.port} typ host\r\n"

    def heard(self, seconds: float) -> bytes:
        self.socket.settimeout(seconds)
        try:
            return self.socket.recv(2000)
        except TimeoutError:
            return b""


@pytest.fixture
def listener() -> Iterator[Listener]:
    opened = Listener()
    yield opened
    opened.socket.close()


WIDER = NetworkReach(frozenset({"127.0.0.1", "127.0.0.2"}), ("127.0.0.1",))


@leaves_loops
@pytest.mark.parametrize(("reach", "knocked"), [(THIS_MACHINE, False), (WIDER, True)])
def test_an_address_that_is_not_the_visitors_is_not_knocked_at(call, listener, reach, knocked):
    begun = call(reach)
    begun.answer(begun.browser.localDescription.sdp + listener.candidate)
    assert bool(listener.heard(2 if knocked else 0.5)) is knocked


@leaves_loops
def test_no_name_of_an_offer_is_looked_up(call, monkeypatch):
    asked: list[object] = []
    monkeypatch.setattr("aioice.ice.get_or_create_mdns_protocol", asked.append)
    begun = call()
    offer = begun.browser.localDescription.sdp + "a=candidate:9 1 udp 1 abc.local 5000 typ host\r\n"
    assert begun.first_picture(begun.answer(offer)) and not asked


@leaves_loops
@pytest.mark.parametrize(("reach", "answered"), [(THIS_MACHINE, False), (WIDER, True)])
def test_who_knocks_from_elsewhere_is_not_answered_though_he_knows_the_password(
    call, listener, reach, answered
):
    begun = call(reach)
    answer = begun.answer(begun.browser.localDescription.sdp)
    (video,) = SessionDescription.parse(answer).media
    request = stun.Message(stun.Method.BINDING, stun.Class.REQUEST)
    request.attributes["USERNAME"] = f"{video.ice.usernameFragment}:abcd"
    request.attributes["PRIORITY"] = 1
    request.attributes["ICE-CONTROLLING"] = 1
    request.add_message_integrity(video.ice.password.encode())
    listener.socket.sendto(bytes(request), ("127.0.0.1", video.ice_candidates[0].port))
    assert bool(listener.heard(2 if answered else 0.5)) is answered


@leaves_loops
def test_the_answer_tells_the_one_address_that_the_visitor_came_to(call, monkeypatch):
    monkeypatch.setattr(
        "aioice.ice.get_host_addresses", lambda use_ipv4, use_ipv6: ["127.0.0.1", "127.0.0.3"]
    )
    begun = call()
    answer = begun.answer(begun.browser.localDescription.sdp)
    assert set(re.findall(r"\d+\.\d+\.\d+\.\d+", answer)) == {"127.0.0.1", "0.0.0.0"}
    assert platform.node() not in answer
    hidden = NetworkReach(THIS_MACHINE.peers, THIS_MACHINE.own, told=False)
    begun = call(hidden)
    answer = begun.answer(begun.browser.localDescription.sdp)
    assert set(re.findall(r"\d+\.\d+\.\d+\.\d+", answer)) == {"0.0.0.0"}


def test_a_flood_is_passed_over():
    taken: list[bytes] = []
    connection = SimpleNamespace(
        get_component_candidates=None, request_received=None, data_received=lambda data, n: taken.append(data)
    )
    confine(connection, THIS_MACHINE)
    for _ in range(5000):
        connection.data_received(b"x", 1)
    assert MAX_PACKETS <= len(taken) < 1.5 * MAX_PACKETS


# --- the decoder ---------------------------------------------------------------------------------


def encoded_vp8(width: int, height: int, count: int = 1) -> list[bytes]:
    codec = av.CodecContext.create("libvpx", "w")
    codec.width, codec.height, codec.pix_fmt = width, height, "yuv420p"
    codec.time_base = Fraction(1, 30)
    codec.options = {"deadline": "realtime", "cpu-used": "-6", "lag-in-frames": "0"}
    pictures = []
    for n in range(count):
        grey = av.VideoFrame.from_ndarray(np.full((height, width, 3), 128, np.uint8), format="rgb24")
        grey.pts, grey.time_base = n, codec.time_base
        pictures += [bytes(packet) for packet in codec.encode(grey)]
    return pictures


def test_a_picture_is_asked_for_its_size_before_it_is_decoded():
    decoder = BoundedVp8Decoder()
    first, second = encoded_vp8(320, 240, 2)
    assert key_frame_size(first) == (320, 240) and key_frame_size(second) is None
    (picture,) = decoder.decode(JitterFrame(first, 0))
    assert (picture.width, picture.height) == (320, 240)
    huge = bytearray(first)
    huge[6:10] = struct.pack("<HH", 16383, 16383)
    assert key_frame_size(bytes(huge)) == (16383, 16383)
    before = resident()
    with pytest.raises(av.FFmpegError, match="16383 x 16383"):
        decoder.decode(JitterFrame(bytes(huge), 3000))
    assert resident() - before < 10_000_000
    assert decoder.decode(JitterFrame(second, 6000))  # the video goes on


def test_more_pictures_than_a_camera_makes_are_passed_over():
    decoder = BoundedVp8Decoder()
    (first,) = encoded_vp8(64, 48)
    decoded = sum(len(decoder.decode(JitterFrame(first, n))) for n in range(300))
    assert 60 <= decoded < 150


@pytest.mark.parametrize("data", [b"\0", b"\0" * 9, b"\0\0\0\x9d\x01\x2b" + b"\xff" * 9])
def test_what_is_no_picture_has_no_size_and_is_refused(data):
    assert key_frame_size(data) is None
    with pytest.raises(av.FFmpegError):
        BoundedVp8Decoder().decode(JitterFrame(data, 0))


def test_aiortc_decodes_by_it(peer):
    assert isinstance(get_decoder(SimpleNamespace(mimeType="video/VP8")), BoundedVp8Decoder)


@pytest.mark.parametrize(
    "offer", ["v=x", "v=0\r\nm=video", "v=0\r\nm=video 9 UDP/TLS/RTP/SAVPF 96\r\nc=IN IP4 0.0.0.0"]
)
def test_an_offer_of_nonsense_raises(peer, offer):
    with pytest.raises((ValueError, AssertionError)):
        peer.connect(offer)
