"""The token of an operator's page: who may see it, and whether it exists at all."""

from __future__ import annotations

import hmac

from flask import request

from service.errors import Unauthorized
from service.settings import Mode, Settings


def exists(settings: Settings, token: str) -> bool:
    """Whether a page with such a token is served: where one is set, and in the demo."""
    return bool(token) or settings.mode is Mode.DEMO


def check(token: str) -> None:
    """Refuse whoever does not bring the token in the current request; empty: nobody is asked.

    Raises:
        Unauthorized: it is another one, or none.
    """
    given = request.headers.get("Authorization", "").encode()
    if token and not hmac.compare_digest(given, f"Bearer {token}".encode()):
        raise Unauthorized
