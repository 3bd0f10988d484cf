"""What a visitor may send: what Maskwise's pages send, whatever else Streamlit would take."""

from __future__ import annotations

import asyncio
import random
import time
from collections import Counter
from pathlib import Path
from types import SimpleNamespace

import pytest
from streamlit.proto.BackMsg_pb2 import BackMsg
from uvicorn.protocols.utils import ClientDisconnected
from websockets.exceptions import ConnectionClosed

from ui.server import messages
from ui.server.messages import MAX_BESIDES, MAX_NAMES, MAX_WIDGETS, AllowedMessages, Pace, is_allowed

LEFT = {
    "rerun_script": {},
    "stop_script": True,
    "app_heartbeat": True,
    "file_urls_request": {"file_names": ["photo.jpg"]},
    "backend_operation_request": {"deferred_file": {"file_id": "it"}},
}
CLOSED = {
    "clear_cache": True,
    "load_git_info": True,
    "set_run_on_save": True,
    "debug_disconnect_websocket": True,
    "debug_shutdown_runtime": True,
}
STRANGE = {
    "no kind": {},
    "skills for agents": {"backend_operation_request": {"install_skills": {}}},
    "no more about skills": {"backend_operation_request": {"dismiss_skills_nudge": {}}},
    "an operation of no kind": {"backend_operation_request": {"request_id": "1"}},
    "too many names": {"file_urls_request": {"file_names": ["a"] * (MAX_NAMES + 1)}},
    "too many widgets": {"rerun_script": {"widget_states": {"widgets": [{"id": "a"}] * (MAX_WIDGETS + 1)}}},
    "an endless address": {"rerun_script": {"query_string": "a" * MAX_BESIDES}},
    "a page with an endless name": {"rerun_script": {"page_name": "a" * MAX_BESIDES}},
    "an endless time zone": {"rerun_script": {"context_info": {"timezone": "a" * MAX_BESIDES}}},
    "a line for the log": {"rerun_script": {"fragment_id": "a\nERROR the server is on fire"}},
    "a page of no hash": {"rerun_script": {"page_script_hash": "../../etc/passwd"}},
}


def test_every_kind_of_message_is_left_or_closed():
    """A version of Streamlit that adds one fails here, by its name."""
    kinds = {field.name for field in BackMsg.DESCRIPTOR.oneofs_by_name["type"].fields}
    assert kinds == set(LEFT) | set(CLOSED)


@pytest.mark.parametrize("kind", LEFT)
def test_what_the_pages_send_is_let_through(kind):
    assert is_allowed(BackMsg(**{kind: LEFT[kind]}))


@pytest.mark.parametrize("kind", CLOSED)
def test_what_only_the_server_may_do_is_refused(kind):
    assert not is_allowed(BackMsg(**{kind: CLOSED[kind]}))


@pytest.mark.parametrize("strange", STRANGE)
def test_an_allowed_kind_that_carries_what_no_page_sends_is_refused(strange):
    assert not is_allowed(BackMsg(**STRANGE[strange]))


def test_a_kind_that_is_still_to_be_invented_is_refused():
    invented = BackMsg.FromString(b"\xf2\x07\x02hi")  # field 126
    assert not is_allowed(invented)


def test_whatever_comes_is_allowed_refused_or_unreadable():
    """3,000 messages with bytes changed, cut and added: no other outcome."""
    chance = random.Random(19)
    known = [BackMsg(**{kind: said}).SerializeToString() for kind, said in {**LEFT, **CLOSED}.items()]
    known += [BackMsg(**strange).SerializeToString() for strange in STRANGE.values()]
    outcomes = Counter()
    for _ in range(3000):
        message = bytearray(chance.choice(known) or b"0")
        if chance.random() < 0.2:
            message = message[: chance.randrange(1, 9)] + chance.randbytes(3)
        for _ in range(chance.randrange(3)):
            message[chance.randrange(len(message))] = chance.randrange(256)
        try:
            outcomes[is_allowed(BackMsg.FromString(bytes(message)))] += 1
        except Exception as problem:
            assert type(problem).__name__ == "DecodeError"
            outcomes["unreadable"] += 1
    assert min(outcomes[True], outcomes[False], outcomes["unreadable"]) > 100, outcomes


# --- on the server -------------------------------------------------------------------------------


def test_one_visitor_cannot_empty_anothers_caches(visit):
    one, other = visit(), visit()
    secret = one.run()
    assert secret.startswith("secret-")
    other.run()
    other.send(clear_cache=True)
    other.said_before()
    assert one.run() == secret


@pytest.mark.parametrize("kind", CLOSED)
def test_what_is_refused_is_not_answered_and_the_visit_goes_on(kind, visit):
    visitor = visit()
    visitor.run()
    visitor.said_before()
    visitor.send(**{kind: CLOSED[kind]})
    assert visitor.said_before() == []
    assert visitor.run()


def test_what_is_refused_is_logged_once_a_connection(visit, small_server):
    before = small_server.log().count("Refused a browser's message: load_git_info")
    visitor = visit()
    for _ in range(20):
        visitor.send(load_git_info=True)
    visitor.said_before()
    assert small_server.log().count("Refused a browser's message: load_git_info") == before + 1


@pytest.mark.parametrize("sent", [b"\xff\xff\xff", "text"], ids=["no protobuf", "text"])
def test_what_cannot_be_read_ends_the_connection_without_a_traceback(sent, visit, small_server):
    visitor, before = visit(), small_server.log()
    visitor.connection.send(sent)
    with pytest.raises(ConnectionClosed) as ending:  # noqa: PT012 - after what was under way
        while True:
            visitor.connection.recv(5)
    assert ending.value.rcvd.code == messages.UNREADABLE
    assert visit().run()  # others are served
    assert "Traceback" not in small_server.log().removeprefix(before)


def test_a_browser_that_goes_while_it_is_answered_leaves_no_traceback():
    received = asyncio.Event()

    async def app(scope, receive, send):
        await send({"type": "websocket.send", "bytes": b"too late"})
        assert (await receive())["type"] == "websocket.disconnect"
        received.set()

    async def receive():
        return {"type": "websocket.disconnect", "code": 1006}

    async def send(message):
        raise ClientDisconnected

    asyncio.run(AllowedMessages(app)({"type": "websocket", "path": "/_stcore/stream"}, receive, send))
    assert received.is_set()


def test_addresses_for_uploads_are_still_given(visit):
    visitor = visit()
    visitor.send(file_urls_request={"request_id": "1", "file_names": ["a.jpg", "b.jpg"]})
    urls = visitor.until("file_urls_response")[-1].file_urls_response.file_urls
    assert len({url.upload_url for url in urls}) == 2


def test_no_folder_and_no_system_of_the_server_is_told(visit):
    visitor = visit()
    visitor.send(rerun_script={})
    told = next(
        m.new_session for m in visitor.until("script_finished") if m.WhichOneof("type") == "new_session"
    )
    assert told.main_script_path == "small_app.py"
    assert told.initialize.environment_info.python_version == ""
    assert told.initialize.environment_info.server_os == ""
    assert str(Path(__file__).parent).encode() not in told.SerializeToString()


def test_a_download_is_still_made_when_it_is_asked_for(visit, small_server):
    visitor = visit()
    visitor.send(rerun_script={})
    came = visitor.until("script_finished")
    button = next(m.delta.new_element.download_button for m in came if m.delta.new_element.download_button.id)
    session = next(m.new_session.initialize.session_id for m in came if m.WhichOneof("type") == "new_session")
    visitor.send(
        backend_operation_request={
            "request_id": "1",
            "session_id": session,
            "deferred_file": {"file_id": button.deferred_file_id},
        }
    )
    answer = visitor.until("backend_operation_response")[-1].backend_operation_response
    assert small_server.ask("GET", answer.deferred_file.url).data == b"made when asked for"


def test_nobody_has_anothers_download_made(visit):
    sessions, downloads = [], []
    for visitor in (visit(), asking := visit()):
        visitor.send(rerun_script={})
        came = visitor.until("script_finished")
        sessions += [
            m.new_session.initialize.session_id for m in came if m.WhichOneof("type") == "new_session"
        ]
        shown = (m.delta.new_element.download_button for m in came)
        downloads.append(next(button.deferred_file_id for button in shown if button.id))
    anothers, own = ({"file_id": download} for download in downloads)
    for request_id, whose, file in (("1", 0, anothers), ("2", 1, anothers), ("3", 1, own)):
        asking.send(
            backend_operation_request={
                "request_id": request_id,
                "session_id": sessions[whose],
                "deferred_file": file,
            }
        )
    answers = {}
    while "3" not in answers:
        answer = asking.until("backend_operation_response")[-1].backend_operation_response
        answers[answer.request_id] = answer.deferred_file.url
    assert answers.pop("3") and not any(answers.values())


# --- silence -------------------------------------------------------------------------------------


def silent(monkeypatch, is_visit: bool) -> tuple[list, list]:
    """What the app is told and what is sent, when a browser says something too late."""
    monkeypatch.setattr(messages, "TO_SPEAK", 0.02)
    monkeypatch.setattr(messages, "_is_visit", lambda session: is_visit and session == "the visit")
    told, sent = [], []

    async def app(scope, receive, send):
        told.append(await receive())
        await send({"type": "websocket.send", "bytes": b"too late, or not"})

    async def receive():
        await asyncio.sleep(0.1)
        return {"type": "websocket.receive", "bytes": BackMsg(stop_script=True).SerializeToString()}

    async def send(message):
        sent.append(message)

    scope = {"type": "websocket", "path": "/_stcore/stream", "subprotocols": ["streamlit", "", "the visit"]}
    asyncio.run(AllowedMessages(app)(scope, receive, send))
    return told, sent


def test_who_connects_and_says_nothing_is_sent_away(monkeypatch):
    told, sent = silent(monkeypatch, is_visit=False)
    assert told == [{"type": "websocket.disconnect", "code": messages.SILENT}]
    assert sent == [{"type": "websocket.close", "code": messages.SILENT}]


def test_a_visit_that_comes_back_may_have_nothing_to_say(monkeypatch):
    told, sent = silent(monkeypatch, is_visit=True)
    assert told[0]["type"] == "websocket.receive"
    assert sent[0]["type"] == "websocket.send"


def test_a_visit_is_one_that_the_server_knows(monkeypatch):
    assert not messages._is_visit("the visit")
    known = SimpleNamespace(is_active_session={"the visit", ""}.__contains__)
    monkeypatch.setattr(messages, "runtime", SimpleNamespace(exists=lambda: True, get_instance=lambda: known))
    assert messages._is_visit("the visit")
    assert not messages._is_visit("another")
    assert not messages._is_visit("")


# --- how fast ------------------------------------------------------------------------------------


def test_whoever_sends_too_fast_waits_and_loses_nothing():
    async def timed() -> tuple[float, float]:
        pace, start = Pace(rate=100, burst=10), time.monotonic()
        for _ in range(10):
            await pace.wait()
        burst = time.monotonic() - start
        for _ in range(20):
            await pace.wait()
        return burst, time.monotonic() - start

    burst, whole = asyncio.run(timed())
    assert burst < 0.1 < 0.19 < whole


def test_other_sockets_are_left_alone(monkeypatch):
    came = []

    async def app(scope, receive, send):
        came.append(await receive())

    async def receive():
        return {"type": "websocket.receive", "bytes": BackMsg(clear_cache=True).SerializeToString()}

    asyncio.run(AllowedMessages(app)({"type": "websocket", "path": "/live-socket"}, receive, None))
    assert came
