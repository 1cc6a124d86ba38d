"""GET /cds-services: what is on offer, encoded once."""

from __future__ import annotations

from flask import Flask, Response

from service.catalog import SERVICES
from service.messages import JSON, json_response
from service.settings import Settings


def register(app: Flask, settings: Settings) -> None:
    """Serve the discovery."""
    offered = [service.advertised(settings.prefetch_dates) for service in SERVICES]
    encoded = json_response({"services": offered}).get_data()

    def discovery() -> Response:
        return Response(encoded, mimetype=JSON)

    app.add_url_rule("/cds-services", "discovery", discovery, methods=["GET"])
