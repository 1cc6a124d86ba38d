"""The baseline: the same framework, server and JSON library, and nothing but the parse."""

from __future__ import annotations

import msgspec
from flask import Flask, Response, request


def create_app() -> Flask:
    """An endpoint that parses the body and answers a small object."""
    app = Flask(__name__)

    @app.get("/healthz")
    def health() -> Response:
        return Response(b"{}", mimetype="application/json")

    @app.post("/parse")
    def parse() -> Response:
        body = msgspec.json.decode(request.get_data(cache=False))
        return Response(msgspec.json.encode({"members": len(body)}), mimetype="application/json")

    return app
