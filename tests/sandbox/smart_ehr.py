"""An EHR that launches apps: SMART discovery, authorization and token; its chart behind the token.

The FHIR API is that of another server, whose answers are passed on where the bearer token is right.
It plays by the rules of a public client with PKCE, and notes what it was told.
"""

from __future__ import annotations

import base64
import hashlib
import json
import secrets
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

import requests
from flask import Flask, Response, redirect, request
from werkzeug.serving import WSGIRequestHandler, make_server
from werkzeug.wrappers import Response as AnyResponse

CLIENT_ID = "plot-app"


class _Quiet(WSGIRequestHandler):
    def log(self, *_: Any) -> None:
        """Say nothing."""


@dataclass
class Ehr:
    """What it is told, what it changes of its answers, and what it gave."""

    chart: str = ""
    url: str = ""
    redirect_uri: str = ""
    patient: str = "both-3-2"
    discovery: dict[str, Any] = field(default_factory=dict)
    token_answer: dict[str, Any] = field(default_factory=dict)
    token_status: int = 200
    refuses: bool = False
    asked: dict[str, str] = field(default_factory=dict)
    tokens: list[str] = field(default_factory=list)
    codes: dict[str, str] = field(default_factory=dict)
    seen: list[str] = field(default_factory=list)

    @property
    def base(self) -> str:
        return f"{self.url}/fhir"

    def configuration(self) -> dict[str, Any]:
        whole = {
            "authorization_endpoint": f"{self.url}/authorize",
            "token_endpoint": f"{self.url}/token",
            "code_challenge_methods_supported": ["S256"],
            "capabilities": ["launch-ehr", "client-public", "permission-v2"],
        }
        return whole | self.discovery

    def authorized(self) -> str:
        """Where the browser is sent back to, with a code or without."""
        self.asked = dict(request.args)
        if request.args["redirect_uri"] != self.redirect_uri:
            return "/wrong-redirect"
        if self.refuses:
            back = {"error": "access_denied", "state": request.args["state"]}
        else:
            code = secrets.token_urlsafe(8)
            self.codes[code] = request.args["code_challenge"]
            back = {"code": code, "state": request.args["state"]}
        return f"{self.redirect_uri}?{urlencode(back)}"

    def token(self) -> tuple[dict[str, Any], int]:
        digest = hashlib.sha256(request.form["code_verifier"].encode()).digest()
        challenge = base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
        if self.codes.pop(request.form["code"], None) != challenge:
            return {"error": "invalid_grant"}, 400
        self.tokens.append(f"secret-{secrets.token_urlsafe(12)}")
        whole = {
            "access_token": self.tokens[-1],
            "token_type": "Bearer",
            "expires_in": 600,
            "scope": self.asked["scope"],
            "patient": self.patient,
        }
        return whole | self.token_answer, self.token_status


def application(ehr: Ehr) -> Flask:
    app = Flask("smart-ehr")

    @app.get("/fhir/.well-known/smart-configuration")
    def discovery() -> dict[str, Any]:
        return ehr.configuration()

    @app.get("/authorize")
    def authorize() -> AnyResponse:
        return redirect(ehr.authorized())

    @app.post("/token")
    def token() -> tuple[dict[str, Any], int]:
        return ehr.token()

    @app.route("/fhir/<path:path>", methods=["GET", "POST"])
    def chart(path: str) -> Response:
        held = request.headers.get("Authorization", "").removeprefix("Bearer ")
        ehr.seen.append(request.full_path)
        if held not in ehr.tokens:
            return Response(json.dumps({"resourceType": "OperationOutcome"}), 401)
        with requests.Session() as session:
            session.trust_env = False
            found = session.get(f"{ehr.chart}/{path}", params=request.args, timeout=60)
        return Response(found.content.replace(ehr.chart.encode(), ehr.base.encode()))

    return app


@contextmanager
def running(chart: str) -> Iterator[Ehr]:
    """An EHR on a free port of loopback, over the charts of the FHIR server at `chart`."""
    ehr = Ehr(chart)
    server = make_server("127.0.0.1", 0, application(ehr), threaded=True, request_handler=_Quiet)
    ehr.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    try:
        yield ehr
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
