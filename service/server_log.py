"""What gunicorn itself has to tell, as lines like ours, without what clients sent."""

from __future__ import annotations

import logging
from typing import Any

from gunicorn.glogging import Logger  # type: ignore[import-untyped]

from service.errors import frames, names
from service.log import Event, JsonLines


class ServerLines(JsonLines):
    """A record of gunicorn as one JSON object.

    The text is told without what was to be filled in, which may come from a client.
    """

    def format(self, record: logging.LogRecord) -> str:
        """As ours: the event is always the same, the reason is gunicorn's."""
        error = record.exc_info[1] if record.exc_info else None
        told: dict[str, Any] = {"reason": record.msg if isinstance(record.msg, str) else ""}
        told |= {"error": tuple(names(error)), "frames": tuple(frames(error))}
        line = logging.makeLogRecord({**record.__dict__, "fields": told, "args": ()})
        line.msg = Event.SERVER_FAILED.value
        return super().format(line)


class ServerLog(Logger):  # type: ignore[misc] # gunicorn has no types
    """Gunicorn's own log; there is none of accesses."""

    def setup(self, cfg: Any) -> None:
        """As gunicorn does it, with lines of ours."""
        super().setup(cfg)
        for handler in self.error_log.handlers:
            handler.setFormatter(ServerLines())
