"""Who means no good at the live socket: slots without pictures, messages without end."""

from __future__ import annotations

import io
import json
import struct
import threading
import time
from contextlib import ExitStack
from types import SimpleNamespace

import numpy as np
import pytest
from PIL import Image
from websockets.exceptions import ConnectionClosed
from websockets.frames import Frame as Message
from websockets.frames import Opcode

from core.decision import OperatingPoint
from core.images.decoder_process import DECODERS
from core.images.encode import to_jpeg
from core.video.capacity import KEPT_FOR, SessionSlots
from core.video.session import LiveSession
from core.video.session_settings import SessionSettings
from tests.ui.live_visits import WAIT, ask, closed_with, picture, resident
from tests.waiting import wait_for
from ui.live import socket
from ui.live.limits import MAX_UNREADABLE
from ui.server.message_size import MAX_BYTES

JUNK = b"\xff\xd8\xff" + bytes(1000)


@pytest.fixture
def other(scene):
    """Another visitor."""
    came = LiveSession()
    came.configure(SessionSettings(scene.pipeline, OperatingPoint(0.1)))
    yield came
    came.close()


@pytest.fixture
def clock(slots: SessionSlots) -> SimpleNamespace:
    """Of the slots."""
    told = SimpleNamespace(now=1000.0)
    slots._clock = lambda: told.now
    return told


# --- slots -----------------------------------------------------------------------------------------


def test_questions_take_no_slot(visit, viewer, other, slots, frame):
    with visit(viewer) as asking, visit(other) as filming:
        for _ in range(5):
            ask(asking)
        assert len(slots) == 0
        assert ask(filming, picture(to_jpeg(frame.rgb)))["analysed"] == 1
        asking.send("state")
        assert closed_with(asking) == socket.FULL


@pytest.mark.parametrize("message", ["state", picture(JUNK), json.dumps({"offer": "v=0"})])
def test_nothing_but_pictures_keeps_a_slot(visit, viewer, other, slots, clock, frame, message):
    jpeg = to_jpeg(frame.rgb)
    with visit(viewer) as silent:
        ask(silent, picture(jpeg))
        for _ in range(3):
            clock.now += KEPT_FOR / 3 + 0.1
            ask(silent, message)
        with visit(other) as late:
            assert ask(late, picture(jpeg))["analysed"] == 1
            silent.send(picture(jpeg))
            assert closed_with(silent) == socket.FULL


def test_pictures_keep_a_slot(visit, viewer, other, clock, frame):
    jpeg = to_jpeg(frame.rgb)
    with visit(viewer) as filming, visit(other) as late:
        for _ in range(4):
            clock.now += KEPT_FOR - 1
            ask(filming, picture(jpeg))
        late.send(picture(jpeg))
        assert closed_with(late) == socket.FULL


def test_pictures_that_cannot_be_read_take_no_slot_and_end_the_connection(visit, viewer, slots):
    with visit(viewer) as connection:
        for _ in range(MAX_UNREADABLE - 1):
            assert "picture" in ask(connection, picture(JUNK))["error"]
            assert len(slots) == 0
        connection.send(picture(JUNK))
        assert closed_with(connection) == socket.BAD_MESSAGE


def test_who_has_no_slot_keeps_no_thread_from_those_who_do(visit, viewer, other, slots, frame, monkeypatch):
    slots.count = 2
    jpeg, read, go_on = to_jpeg(frame.rgb), socket.read_live, threading.Event()

    def slow_for_junk(data):
        if data == JUNK:
            go_on.wait(WAIT)
        return read(data)

    others = [LiveSession() for _ in range(4)]
    with visit(other) as filming, ExitStack() as opened:
        ask(filming, picture(jpeg))
        monkeypatch.setattr(socket, "read_live", slow_for_junk)
        for another in others:
            opened.enter_context(visit(another)).send(picture(JUNK))
        start = time.monotonic()
        assert ask(filming, picture(jpeg))["analysed"] == 2
        assert time.monotonic() - start < WAIT / 2
        go_on.set()


def test_a_picture_read_after_its_visit_ended_takes_no_slot(viewer, slots):
    viewer.pause()
    assert not viewer.take_slot() and len(slots) == 0


# --- sizes -----------------------------------------------------------------------------------------


def masked(data: bytes, opcode: Opcode, *, fin: bool = True) -> bytes:
    return Message(opcode, data, fin=fin).serialize(mask=True)


@pytest.mark.parametrize("announced", [MAX_BYTES + 1, 100_000_000, 2**62])
def test_a_message_too_large_is_refused_by_its_header(visit, viewer, announced):
    with visit(viewer) as connection:
        before = resident()
        connection.socket.sendall(struct.pack(">BBQ", 0x82, 0x80 | 127, announced) + bytes(4))
        assert closed_with(connection) == 1009
        assert resident() - before < 8_000_000


def test_fragments_count_together(visit, viewer):
    part = bytes(MAX_BYTES // 4)
    with visit(viewer) as connection:
        connection.socket.sendall(masked(part, Opcode.BINARY, fin=False))
        for _ in range(3):
            connection.socket.sendall(masked(part, Opcode.CONT, fin=False))
        connection.socket.sendall(masked(b"x", Opcode.CONT, fin=False))
        assert closed_with(connection) == 1009


def test_a_compressed_message_counts_by_what_it_unfolds_to(visit, viewer):
    with visit(viewer, compression="deflate") as connection:
        assert connection.protocol.extensions
        connection.send(bytes(50_000_000))  # as 50 kB
        assert closed_with(connection) == 1009


def test_a_message_that_never_ends_is_not_waited_for(visit, viewer, slots, monkeypatch):
    monkeypatch.setattr(socket, "SILENCE", 0.3)
    with visit(viewer) as connection:
        connection.socket.sendall(struct.pack(">BBQ", 0x82, 0x80 | 127, MAX_BYTES) + bytes(4))
        with pytest.raises(OSError):  # noqa: PT011, PT012 - some sends later, in one of its kinds
            for _ in range(100):
                connection.socket.sendall(bytes(10))
                time.sleep(0.05)
    wait_for(lambda: not viewer.is_open(connection) and len(slots) == 0)


def test_a_picture_of_noise_within_the_size_is_answered(visit, viewer):
    noise = to_jpeg(np.random.default_rng(0).integers(0, 256, (600, 800, 3), np.uint8))
    assert 300_000 < len(noise) < MAX_BYTES
    with visit(viewer) as connection:
        try:
            assert ask(connection, picture(noise))["error"] is None
        except ConnectionClosed as closed:
            pytest.fail(str(closed))


def test_a_picture_built_to_take_long_is_not_decoded(visit, viewer, slots):
    rgb = np.random.default_rng(0).integers(0, 256, (1080, 1920, 3), np.uint8)
    file = io.BytesIO()
    Image.fromarray(rgb).save(file, "JPEG", quality=5, progressive=True)
    assert file.getvalue().count(b"\xff\xda") > 4 and file.tell() < MAX_BYTES
    with visit(viewer) as connection:
        start = time.monotonic()
        assert "not built as a browser builds it" in ask(connection, picture(file.getvalue()))["error"]
        assert time.monotonic() - start < 0.5 and len(slots) == 0


def segment(marker: int, data: bytes) -> bytes:
    return struct.pack(">BBH", 0xFF, marker, len(data) + 2) + data


@pytest.mark.parametrize(
    "segments",
    [
        segment(0xE1, bytes(60_000)) * 14,
        segment(0xE2, b"MPF\0" + bytes(1000)),
        segment(0xFE, b"") * 4_900,
        segment(0xFE, b"") * 200_000,
    ],
    ids=["long", "several pictures", "many parts", "too many parts"],
)
def test_a_picture_of_odd_parts_keeps_nobody_waiting(visit, viewer, frame, monkeypatch, segments):
    monkeypatch.setattr(DECODERS, "decode", lambda *_: pytest.fail("waits for other visitors' photos"))
    jpeg = to_jpeg(frame.rgb)
    with visit(viewer) as connection:
        start = time.monotonic()
        state = ask(connection, picture(jpeg[:2] + segments + jpeg[2:]))
        assert time.monotonic() - start < 1
    assert state["analysed"] == 1 or state["error"]
