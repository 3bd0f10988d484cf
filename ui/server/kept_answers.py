"""What a browser asked for and waits for is not thrown away when a page's script begins."""

from __future__ import annotations

from typing import Any

from streamlit.runtime.forward_msg_queue import ForwardMsgQueue

from ui.server.patches import declare

_CLEAR = declare(
    "answers-kept",
    "streamlit.runtime.forward_msg_queue:ForwardMsgQueue.clear",
    "08d22c7db31b",
    "Streamlit drops unsent answers when a script begins: addresses for an upload, which then never comes",
)
_ANSWERS = {"file_urls_response", "backend_operation_response"}


def install() -> None:
    """Raises `RuntimeError` where the installed Streamlit has changed."""
    clear = _CLEAR.found()

    def clear_but_for_answers(
        queue: ForwardMsgQueue, retain_lifecycle_msgs: bool = False, *given: Any, **named: Any
    ) -> None:
        before = queue._queue
        clear(queue, retain_lifecycle_msgs, *given, **named)
        if retain_lifecycle_msgs:
            kept = set(map(id, queue._queue))
            answers = (message for message in before if message.WhichOneof("type") in _ANSWERS)
            queue._queue += [answer for answer in answers if id(answer) not in kept]

    ForwardMsgQueue.clear = clear_but_for_answers  # type: ignore[method-assign,assignment]  # the patch
