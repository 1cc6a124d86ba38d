"""GET /cds-services: what is on offer, encoded once."""

from __future__ import annotations

from flask import Flask, Response

from service.catalog import SERVICES
from service.messages import JSON, json_response
from service.runtime import Runtime


def register(app: Flask, runtime: Runtime) -> None:
    """Serve the discovery."""
    dates = runtime.settings.prefetch_dates
    offered = [service.advertised(dates, runtime.keys) for service in SERVICES]
    encoded = json_response({"services": offered}).get_data()

    def discovery() -> Response:
        return Response(encoded, mimetype=JSON)

    app.add_url_rule("/cds-services", "discovery", discovery, methods=["GET"])
