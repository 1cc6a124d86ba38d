"""GET /healthz and /readyz: for whoever runs the process."""

from __future__ import annotations

from flask import Flask, Response

from grading.knowledge import KNOWLEDGE
from service.messages import json_response
from service.settings import Settings


def register(app: Flask, settings: Settings) -> None:
    """Serve both; an application that exists has loaded all its content, so it is ready."""

    def alive() -> Response:
        return json_response({"status": "ok"})

    def ready() -> Response:
        edition = {"contentEdition": KNOWLEDGE.edition, "mode": settings.mode}
        return json_response({"status": "ready", **edition})

    app.add_url_rule("/healthz", "healthz", alive, methods=["GET"])
    app.add_url_rule("/readyz", "readyz", ready, methods=["GET"])
