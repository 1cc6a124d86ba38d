"""Where this service is reached: for links, from the settings or, in demo, from the request."""

from __future__ import annotations

import re
from typing import Final
from urllib.parse import SplitResult

from flask import request

from service.settings import Mode, Settings

_HOST: Final = re.compile(r"(?:[A-Za-z0-9.-]{1,253}|\[[0-9A-Fa-f:.]{2,45}\])(?::\d{1,5})?")

DEFAULT_PORTS: Final = {"http": 80, "https": 443}


def spellings(parts: SplitResult) -> tuple[str, ...]:
    """Scheme, host and port of an http or https URL, in lower case; a browser's way comes first.

    A browser leaves the default port out; others may not.
    """
    host = parts.hostname or ""
    plain = f"{parts.scheme}://[{host}]" if ":" in host else f"{parts.scheme}://{host}"
    default = DEFAULT_PORTS[parts.scheme]
    if parts.port in (None, default):
        return plain, f"{plain}:{default}"
    return (f"{plain}:{parts.port}",)


def base_url(settings: Settings) -> str | None:
    """Without a last slash; None where it is not set and may not, or cannot, be told.

    Forwarded headers are never trusted; a request's own Host is, in demo, where it looks like one.
    """
    if settings.base_url or settings.mode is not Mode.DEMO:
        return settings.base_url or None
    host = request.host
    return f"{request.scheme}://{host}" if _HOST.fullmatch(host) else None
