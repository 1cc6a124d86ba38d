"""What is served beside the hooks: our FHIR artifacts."""

from __future__ import annotations

import gc

import pytest
from fhir.resources.R4B.codesystem import CodeSystem
from fhir.resources.R4B.questionnaire import Questionnaire
from fhir.resources.R4B.valueset import ValueSet
from flask import Flask, Request

from service import create_app, demo_settings, gunicorn_conf
from tests.service.calls import post, request


@pytest.mark.parametrize(
    ("path", "model"),
    [
        ("CodeSystem/bedside", CodeSystem),
        ("Questionnaire/ice", Questionnaire),
        ("ValueSet/consciousness", ValueSet),
        ("ValueSet/oxygen-delivery-device", ValueSet),
    ],
)
def test_an_artifact_is_valid_fhir_at_its_own_address(path: str, model: type) -> None:
    app = create_app(demo_settings(code_system_base="https://cds.example.org/fhir"))
    response = app.test_client().get(f"/fhir/{path}")

    assert response.status_code == 200
    assert response.mimetype == "application/fhir+json"
    assert model.model_validate_json(response.data).url == f"https://cds.example.org/fhir/{path}"


def test_a_worker_keeps_what_it_loaded_out_of_collections() -> None:
    before = gc.get_threshold()
    try:
        gunicorn_conf.post_worker_init(None)

        assert gc.get_freeze_count() > 0
        assert gc.get_threshold()[0] > before[0]
    finally:
        gc.unfreeze()
        gc.set_threshold(*before)


def test_a_call_leaves_no_request_behind_for_the_next_collection(app: Flask) -> None:
    post(app, request())
    gc.collect()
    gc.disable()
    try:
        post(app, request())
        left = [each for each in gc.get_objects() if isinstance(each, Request)]
    finally:
        gc.enable()

    assert left == []
