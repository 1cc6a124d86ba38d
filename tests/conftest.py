"""The service for tests: the application, a client of it, and a real server on loopback."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import requests
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import settings
from werkzeug.serving import make_server

from service import create_app, demo_settings

settings.register_profile("fuzz")  # chosen by `make fuzz`; see tests/service/test_fuzz.py
PATIENT_VIEW = "/cds-services/cart-toxicity-patient-view"


@pytest.fixture(scope="session", autouse=True)
def elsewhere(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """A working directory of the session's own, where the store of the demo is made."""
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(tmp_path_factory.mktemp("working-directory"))
        yield


@pytest.fixture(scope="session")
def app() -> Flask:
    return create_app(demo_settings(deadline_ms=25_000))


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    return app.test_client()


@pytest.fixture(scope="session")
def address(app: Flask) -> Iterator[str]:
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.fixture(scope="session")
def http() -> Iterator[requests.Session]:
    with requests.Session() as session:
        session.trust_env = False
        yield session


@pytest.fixture(scope="session")
def ask(address: str, http: requests.Session) -> Callable[[dict[str, Any]], dict[str, Any]]:
    def post(body: dict[str, Any]) -> dict[str, Any]:
        answer = http.post(address + PATIENT_VIEW, json=body, timeout=30)
        assert answer.status_code == 200, answer.text
        found: dict[str, Any] = answer.json()
        return found

    return post


@pytest.fixture(scope="session")
def templates(address: str, http: requests.Session) -> dict[str, str]:
    offered = http.get(f"{address}/cds-services", timeout=30).json()["services"]
    by_hook = {service["hook"]: service["prefetch"] for service in offered}
    found: dict[str, str] = by_hook["patient-view"]
    return found


@pytest.fixture(scope="session")
def fire(address: str, http: requests.Session) -> Callable[[dict[str, Any]], dict[str, Any]]:
    """Calls the service of the request's own hook."""

    def post(body: dict[str, Any]) -> dict[str, Any]:
        url = f"{address}/cds-services/cart-toxicity-{body['hook']}"
        answer = http.post(url, json=body, timeout=30)
        assert answer.status_code == 200, answer.text
        found: dict[str, Any] = answer.json()
        return found

    return post
