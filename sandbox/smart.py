"""A SMART App Launch of the plot: a public client with PKCE, for one patient's chart.

Discovery, authorization code, token. The token stays in the memory of this program, under a random
name that the browser keeps in a cookie; it is in no address, no log, no page and no error.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import json
import re
import secrets
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final
from urllib.parse import urlencode, urlsplit

import requests

LOOPBACK: Final = {"127.0.0.1", "localhost", "::1"}
_ID: Final = re.compile(r"[A-Za-z0-9\-.]{1,64}")
_USER: Final = re.compile(
    r"(?:^|/)((?:Practitioner|PractitionerRole|Patient)/[A-Za-z0-9\-.]{1,64})$"
)
_ERROR: Final = re.compile(r"[a-z_]{1,40}")
_TIMEOUT_S: Final = 10
_SIGN_IN_S: Final = 600
_SHORTEST_S: Final = 300
_MOST: Final = 1000


class SmartError(RuntimeError):
    """A launch that cannot go on; the message is for the person at the page."""


@dataclass(frozen=True, slots=True)
class Registration:
    """The app as the EHR knows it: its id, the FHIR servers that may launch it, its own address."""

    client_id: str
    issuers: tuple[str, ...]
    url: str

    @property
    def redirect_uri(self) -> str:
        """Where the EHR sends the browser back to; to be registered letter for letter."""
        return f"{self.url}/smart/callback"


@dataclass(frozen=True, slots=True, repr=False)
class Pending:
    """A sign-in that was begun: what its end must match, on the monotonic clock `until`."""

    issuer: str
    token_endpoint: str
    state: str
    verifier: str
    until: float


@dataclass(frozen=True, slots=True, repr=False)
class Login:
    """A user who is signed in for one patient; it has no text, for it holds the token."""

    issuer: str
    token: str
    scope: str
    patient_id: str
    user: str
    until: float
    told: Mapping[str, str] = field(default_factory=dict)
    """What the link that launched the app says: `topic` and `at`."""

    @property
    def left_s(self) -> int:
        """Whole seconds that the token is still good for."""
        return max(0, int(self.until - time.monotonic()))


class Kept:
    """Sign-ins and logins in memory under random names, until their time is over."""

    def __init__(self) -> None:
        """Keep nothing yet."""
        self._items: dict[str, Pending | Login] = {}
        self._lock = threading.Lock()

    def put(self, item: Pending | Login) -> str:
        """The name that the item is kept under from now on; the oldest goes where all is full."""
        name, now = secrets.token_urlsafe(32), time.monotonic()
        with self._lock:
            live = {each: kept for each, kept in self._items.items() if kept.until > now}
            while len(live) >= _MOST:
                live.pop(next(iter(live)))
            self._items = live | {name: item}
        return name

    def take(self, name: str) -> Pending | None:
        """The sign-in of that name, once; None where there is none that is still in time."""
        with self._lock:
            item = self._items.pop(name, None)
        return item if isinstance(item, Pending) and item.until > time.monotonic() else None

    def login(self, name: str) -> Login | None:
        """Who is signed in under that name; None where nobody is, or no longer."""
        item = self._items.get(name)
        return item if isinstance(item, Login) and item.until > time.monotonic() else None


class Launcher:
    """Signs users in at the EHRs that the app is registered with."""

    def __init__(self, registration: Registration, session: requests.Session) -> None:
        """Speak through `session`, which follows no redirect."""
        self.registration = registration
        self._session = session

    def begin(self, issuer: str, launch: str) -> tuple[str, Pending]:
        """Where to send the browser to sign in, and what is to be kept until it is back.

        `launch` is empty where the app was not launched by the EHR: it then asks for a patient.
        Raises `SmartError`.
        """
        base = issuer.rstrip("/")
        if base not in self.registration.issuers:
            raise SmartError("this app is not registered with that FHIR server")
        known = self._json("GET", f"{base}/.well-known/smart-configuration")
        if "S256" not in known.get("code_challenge_methods_supported", ()):
            raise SmartError("the EHR does not offer PKCE with S256")
        sign_in = _endpoint(known, "authorization_endpoint")
        pending = Pending(
            base,
            _endpoint(known, "token_endpoint"),
            secrets.token_urlsafe(32),
            secrets.token_urlsafe(64),
            time.monotonic() + _SIGN_IN_S,
        )
        asked = {
            "response_type": "code",
            "client_id": self.registration.client_id,
            "redirect_uri": self.registration.redirect_uri,
            "scope": _scope(known, bool(launch)),
            "state": pending.state,
            "aud": base,
            "code_challenge": _challenge(pending.verifier),
            "code_challenge_method": "S256",
        }
        if launch:
            asked["launch"] = launch
        return f"{sign_in}{'&' if urlsplit(sign_in).query else '?'}{urlencode(asked)}", pending

    def finish(self, pending: Pending, answer: Mapping[str, str]) -> Login:
        """Who is signed in, from what the browser came back with; raises `SmartError`."""
        if not hmac.compare_digest(answer.get("state", ""), pending.state):
            raise SmartError("the answer of the EHR belongs to another sign-in")
        if "code" not in answer:
            raise SmartError(f"the EHR did not sign you in: {_error_of(answer)}")
        form = {
            "grant_type": "authorization_code",
            "code": answer["code"],
            "redirect_uri": self.registration.redirect_uri,
            "client_id": self.registration.client_id,
            "code_verifier": pending.verifier,
        }
        return _login(pending.issuer, self._json("POST", pending.token_endpoint, form))

    def _json(self, method: str, url: str, form: Mapping[str, str] | None = None) -> dict[str, Any]:
        """The JSON object that is answered; errors name the host, never what was sent or said."""
        host = urlsplit(url).hostname
        try:
            answer = self._session.request(
                method, url, data=form, headers={"Accept": "application/json"}, timeout=_TIMEOUT_S
            )
            found = answer.json()
        except requests.RequestException:
            raise SmartError(f"{host} does not answer as a SMART server") from None
        if not answer.ok or not isinstance(found, dict):
            raise SmartError(f"{host} answered {answer.status_code}: {_error_of(found)}")
        return found


def _login(issuer: str, told: Mapping[str, Any]) -> Login:
    """The login that a token response gives; raises `SmartError` where it cannot be used."""
    token, patient_id = told.get("access_token"), told.get("patient")
    if not isinstance(token, str) or str(told.get("token_type", "")).lower() != "bearer":
        raise SmartError("the EHR gave no bearer token")
    if not isinstance(patient_id, str) or not _ID.fullmatch(patient_id):
        raise SmartError("the EHR did not say which patient; open the app from a chart")
    expires = told.get("expires_in")
    seconds = expires if isinstance(expires, int) else _SHORTEST_S
    return Login(
        issuer,
        token,
        str(told.get("scope", "")),
        patient_id,
        _user(told.get("id_token")),
        time.monotonic() + seconds,
        _app_context(told.get("appContext")),
    )


def _scope(known: Mapping[str, Any], launched: bool) -> str:
    """Reading of the patient's chart, in the spelling of SMART v2 where the server offers it."""
    read = "patient/*.rs" if "permission-v2" in known.get("capabilities", ()) else "patient/*.read"
    return f"{'launch' if launched else 'launch/patient'} openid fhirUser {read}"


def _endpoint(known: Mapping[str, Any], name: str) -> str:
    url = known.get(name)
    parts = urlsplit(url) if isinstance(url, str) else urlsplit("")
    if parts.scheme != "https" and not (parts.scheme == "http" and parts.hostname in LOOPBACK):
        raise SmartError(f"the EHR has no {name} that is safe to use")
    return str(url)


def _challenge(verifier: str) -> str:
    digest = hashlib.sha256(verifier.encode()).digest()
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()


def _error_of(answer: Any) -> str:
    """The error code of OAuth, if it is one."""
    code = answer.get("error") if isinstance(answer, Mapping) else None
    return code if isinstance(code, str) and _ERROR.fullmatch(code) else "no reason given"


def _user(id_token: Any) -> str:
    """Who signed in, as the token that came straight from the EHR says it; nothing rests on it."""
    try:
        _, payload, _ = str(id_token).split(".")
        claims = json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
        found = _USER.search(claims["fhirUser"])
    except (ValueError, KeyError, TypeError, binascii.Error):
        found = None
    return found[1] if found else "Practitioner/unknown"


def _app_context(text: Any) -> dict[str, str]:
    """What a link of a card told; nothing where it is of another form."""
    try:
        told = json.loads(text)
    except (TypeError, ValueError):
        return {}
    if not isinstance(told, dict):
        return {}
    return {name: told[name] for name in ("topic", "at") if isinstance(told.get(name), str)}
