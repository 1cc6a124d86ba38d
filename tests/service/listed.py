"""An application of production with one client on its list."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from flask import Flask
from werkzeug.test import TestResponse

from service import create_app
from service.settings import Settings
from tests.service.calls import PATH, request
from tests.service.identities import BASE, NOW, bearer, ec, production, public, token

FEEDBACK_PATH = f"{PATH}/feedback"


CLIENT: dict[str, Any] = {
    "name": "sandbox",
    "issuer": "https://sandbox.example.org",
    "keys": [public(ec())],
}


def app_for(folder: Path, client: dict[str, Any], **more: Any) -> Flask:
    return create_app(settings_for(folder, client, **more), clock=lambda: NOW)


def settings_for(folder: Path, client: dict[str, Any], **more: Any) -> Settings:
    return production(folder, CLIENT | client, **{"allow_evaluate_at": True} | more)


def ask(app: Flask, body: Any = None, path: str = PATH, **claims: Any) -> TestResponse:
    wanted = {"aud": BASE + path} | claims
    data = json.dumps(request() if body is None else body).encode()
    return app.test_client().post(
        path, data=data, content_type="application/json", headers=bearer(token(**wanted))
    )
