"""The log stays readable, and the disk free, while somebody has the server say one thing again and again."""

from __future__ import annotations

import logging
import time

MANY = 10  # records of one kind a minute; of the others their number is told
MINUTE = 60.0
KINDS = 1000  # remembered at once


_UNTRUE = "ASGI callable returned without completing handshake."  # uvicorn, of each WebSocket that is refused


class Dam(logging.Filter):
    """Of a handler. A kind of record is what a line of code logs, whatever names and numbers it puts in."""

    def __init__(self) -> None:
        super().__init__()
        self._kinds: dict[tuple[str, int], tuple[float, int]] = {}

    def filter(self, record: logging.LogRecord) -> bool:
        if record.msg == _UNTRUE:
            return False
        kind, now = (record.pathname, record.lineno), time.monotonic()
        since, count = self._kinds.pop(kind, (now, 0))
        if now - since >= MINUTE:
            if count > MANY:
                record.msg = f"{record.msg} ({count - MANY} more like this since the last one shown)"
            since, count = now, 0
        if len(self._kinds) >= KINDS:
            self._kinds.pop(next(iter(self._kinds)))
        self._kinds[kind] = since, count + 1
        return count < MANY


def _is_told(record: logging.LogRecord) -> bool:
    return record.levelno >= logging.WARNING


def stop() -> None:
    """Put a dam into every handler that there is, and keep visitors' and pictures' addresses out of the log.

    Streamlit sets uvicorn's level anew, at which it tells each request, whenever the settings' file changes.
    """
    for name in ("uvicorn", "uvicorn.access", "uvicorn.asgi", "uvicorn.error"):
        logging.getLogger(name).addFilter(_is_told)
    loggers = [logging.root, *logging.root.manager.loggerDict.values()]
    handlers = {h for logger in loggers if isinstance(logger, logging.Logger) for h in logger.handlers}
    if logging.lastResort is not None:  # which Streamlit leaves uvicorn's warnings to
        handlers.add(logging.lastResort)
    for handler in handlers:
        if not any(isinstance(found, Dam) for found in handler.filters):
            handler.addFilter(Dam())
