"""A script that begins while an upload is being prepared does not lose the upload."""

from __future__ import annotations

import pytest
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.runtime.forward_msg_queue import ForwardMsgQueue

from ui.server import kept_answers


@pytest.fixture(autouse=True)
def _patched(monkeypatch):
    monkeypatch.setattr(ForwardMsgQueue, "clear", ForwardMsgQueue.clear)  # as it was, afterwards
    kept_answers.install()


@pytest.fixture
def queue():
    waiting = ForwardMsgQueue()
    for kind in ("file_urls_response", "script_finished", "delta", "backend_operation_response"):
        message = ForwardMsg()
        if kind == "script_finished":
            message.script_finished = ForwardMsg.FINISHED_SUCCESSFULLY
        else:
            getattr(message, kind).SetInParent()
        waiting.enqueue(message)
    return waiting


def kinds(messages):
    return [message.WhichOneof("type") for message in messages]


def test_answers_are_kept_once_and_what_a_script_drew_is_not(queue):
    queue.clear(retain_lifecycle_msgs=True)
    assert sorted(kinds(queue.flush())) == [
        "backend_operation_response",
        "file_urls_response",
        "script_finished",
    ]


def test_nor_are_they_doubled_where_a_fragment_begins(queue):
    queue.clear(retain_lifecycle_msgs=True, fragment_ids_this_run=["a"])
    sent = kinds(queue.flush())
    assert sent.count("file_urls_response") == sent.count("backend_operation_response") == 1


def test_what_is_drawn_afterwards_is_sent_too(queue):
    queue.clear(retain_lifecycle_msgs=True)
    drawn = ForwardMsg()
    drawn.delta.new_element.text.body = "new"
    queue.enqueue(drawn)
    assert kinds(queue.flush())[-1] == "delta"


def test_a_connection_that_ends_keeps_nothing(queue):
    queue.clear()
    assert queue.flush() == []
