from __future__ import annotations

import asyncio
from types import SimpleNamespace

import pytest
from starlette.exceptions import HTTPException
from starlette.formparsers import MultiPartParser

from ui.server import uploads
from ui.server.memory import Held
from ui.server.uploads import PATH, UploadRoom, Uploads, keep_in_memory


def test_uploads_never_spill(monkeypatch):
    monkeypatch.setattr(MultiPartParser, "spool_max_size", 2**20)
    keep_in_memory()
    assert MultiPartParser.spool_max_size == 0


def test_a_server_without_the_switch_is_not_started(monkeypatch):
    monkeypatch.delattr(MultiPartParser, "spool_max_size")
    with pytest.raises(RuntimeError, match=r"requirements\.txt"):
        keep_in_memory()


# --- room ----------------------------------------------------------------------------------------


class Arriving:
    """A request whose body comes in pieces, to an application that reads it all."""

    def __init__(self, monkeypatch, room: int) -> None:
        self.uploads = Uploads(lambda visit: True)
        self.held = Held(a_visit=room, in_all=10 * room)
        self.read = 0
        here = SimpleNamespace(uploaded_file_mgr=self.uploads, get_app_session=lambda visit: None)
        monkeypatch.setattr(uploads.runtime, "get_instance", lambda: here)
        monkeypatch.setattr(uploads, "HELD", self.held)

    def send(self, pieces: list[bytes], headers: tuple[tuple[bytes, bytes], ...] = ()) -> None:
        left = list(pieces)
        scope = {
            "type": "http",
            "method": "PUT",
            "path": f"{PATH}/visit/file",
            "headers": headers,
        }

        async def receive():
            return {"type": "http.request", "body": left.pop(0), "more_body": bool(left)}

        async def app(scope, receive, send):
            more = True
            while more:
                message = await receive()
                self.read += len(message["body"])
                more = message["more_body"]
            self.most = self.held.total()

        asyncio.run(UploadRoom(app)(scope, receive, None))


def test_a_body_of_unknown_length_is_ended_where_the_room_ends(monkeypatch):
    arriving = Arriving(monkeypatch, room=1000)
    with pytest.raises(HTTPException) as refused:
        arriving.send([b"x" * 400] * 10)
    assert refused.value.status_code == 413 and arriving.read == 800
    assert arriving.held.total() == 0 and "one visit may hold" in arriving.uploads.refusal("visit")


def test_a_body_that_is_announced_too_long_is_ended_before_it_is_kept(monkeypatch):
    arriving = Arriving(monkeypatch, room=1000)
    with pytest.raises(HTTPException):
        arriving.send([b"x" * 400] * 3, ((b"content-length", b"1200"),))
    assert arriving.read == 0


def test_what_fits_is_counted_while_it_arrives_and_no_longer(monkeypatch):
    arriving = Arriving(monkeypatch, room=1000)
    arriving.send([b"x" * 400, b"x" * 600])
    assert (arriving.read, arriving.most, arriving.held.total()) == (1000, 1000, 0)
