"""An id for each request, in log and answer: the caller's where it is plain, else our own."""

from __future__ import annotations

import re
from typing import Final
from uuid import uuid4

from flask import Flask, Response, g, request

HEADER: Final = "X-Request-ID"
_PLAIN = re.compile(r"[A-Za-z0-9._-]{1,64}", re.ASCII)


def register(app: Flask) -> None:
    """Give every request of `app` an id, whatever becomes of it."""
    app.before_request(_begin)
    app.after_request(_tell)


def _begin() -> None:
    written = request.headers.get(HEADER, "")
    g.call = {"request_id": written if _PLAIN.fullmatch(written) else uuid4().hex}


def _tell(response: Response) -> Response:
    response.headers[HEADER] = g.call["request_id"]
    return response
