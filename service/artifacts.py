"""GET /fhir/...: our CodeSystem, ValueSets and ICE form, encoded once."""

from __future__ import annotations

from typing import Any, Final

from flask import Flask, Response

from cards.artifacts import code_system, questionnaire, value_sets
from service.messages import json_response
from service.settings import Settings

FHIR_JSON: Final = "application/fhir+json"


def register(app: Flask, settings: Settings) -> None:
    """Serve each artifact at the path that its canonical URL names."""
    base = settings.code_system_base
    _serve(app, "CodeSystem/bedside", code_system(base))
    _serve(app, "Questionnaire/ice", questionnaire(base))
    for name, content in value_sets(base).items():
        _serve(app, f"ValueSet/{name}", content)


def _serve(app: Flask, path: str, content: dict[str, Any]) -> None:
    encoded = json_response(content).get_data()

    def artifact() -> Response:
        return Response(encoded, mimetype=FHIR_JSON)

    app.add_url_rule(f"/fhir/{path}", path.replace("/", "-"), artifact, methods=["GET"])
