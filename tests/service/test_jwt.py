"""Tokens that are refused, all with the same bytes, and tokens that are accepted (JWT-1 to 23)."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from joserfc import jws
from joserfc.jwk import ECKey, RSAKey
from werkzeug.test import TestResponse

from service import create_app
from service.processes import free_port
from tests.service.calls import PATH
from tests.service.forged_tokens import (
    EPIC,
    FORGED,
    PINNED,
    RAW,
    SICK,
    TENANTS,
    World,
    epic,
)
from tests.service.identities import (
    BASE,
    NOW,
    NOW_S,
    SERVICE,
    bearer,
    claims,
    ec,
    encoded,
    header,
    key_server,
    production,
    public,
    rsa,
    signed,
    token,
)


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    with (
        key_server(ec(), rsa(), ec("p256", "P-256"), ec("sparse")) as good,
        key_server(ec("evil")) as evil,
        key_server() as moved,
        key_server() as page,
    ):
        short = {**public(ec("short")), "crv": "P-999"}
        secret = base64.urlsafe_b64encode(b"s" * 48).decode().rstrip("=")
        oct_key = {"kty": "oct", "kid": "oct-1", "k": secret}
        encrypting = public(ec("encrypting"), use="enc")
        other_alg = public(ec("es512-only"), alg="ES512")
        signing = public(ec("signing"), key_ops=["sign"])
        small = {**public(rsa()), "kid": "small", "n": public(rsa())["n"][:170]}
        odd: list[Any] = [None, "key", {"kty": "EC", "kid": 7}]
        good.keys += [short, oct_key, encrypting, other_alg, signing, small, *odd]
        moved.status, moved.location = 302, good.jku
        page.body = b"<html>sign in</html>"
        down = f"http://127.0.0.1:{free_port(19_000)}/jwks.json"
        clients: list[dict[str, Any]] = [
            {"name": "sandbox", "issuer": "https://sandbox.example.org", "jku": [good.jku]},
            {"name": "epic", "issuer": EPIC, "jku": [good.jku], "algorithms": ["RS384", "PS384"]},
            {
                "name": "tenants",
                "issuer": TENANTS,
                "jku": [good.jku],
                "tenants": ["ward-a", "ward-b"],
            },
            {
                "name": "pinned",
                "issuer": PINNED,
                "jku": [evil.jku],
                "keys": [public(ec()), public(ec("p521", "P-521"))],
                "algorithms": ["ES384", "ES512"],
            },
            {"name": "sick", "issuer": SICK, "jku": [down, moved.jku, page.jku]},
        ]
        settings = production(tmp_path_factory.mktemp("jwt"), *clients, allow_evaluate_at=True)
        app = create_app(settings, clock=lambda: NOW)
        yield World(app, good, evil, moved, page, down)


def plain_headers(response: TestResponse) -> dict[str, str]:
    """All but the id of the request, which is another one every time."""
    return {name: text for name, text in response.headers.items() if name != "X-Request-ID"}


def refused(world: World, response: TestResponse) -> None:
    reference = world.ask({})

    assert response.status_code == 401
    assert response.data == reference.data
    assert plain_headers(response) == plain_headers(reference)
    assert response.headers["WWW-Authenticate"] == "Bearer"
    assert json.loads(response.data)["issue"][0]["code"] == "login"


@pytest.mark.parametrize("name", RAW)
def test_what_is_no_token_is_refused(world: World, name: str) -> None:
    told = RAW[name]

    refused(world, world.ask({} if told is None else {"Authorization": told}))


@pytest.mark.parametrize("name", FORGED)
def test_a_bad_token_is_refused_with_the_same_bytes(
    world: World, name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    reason, forge = FORGED[name]
    made = forge(world)
    told = f"Token {token()}" if made is None else f"Bearer {made}"

    response = world.ask({"Authorization": told})
    assert f'"reason":"{reason}"' in capsys.readouterr().err
    refused(world, response)
    assert world.evil.calls == []


def test_a_replay_is_refused_with_the_same_bytes(world: World) -> None:
    once = bearer(token())

    assert world.ask(once).status_code == 200
    refused(world, world.ask(once))


def test_an_id_that_was_used_is_refused_in_a_new_token(world: World) -> None:
    assert world.ask(bearer(token(jti="again"))).status_code == 200
    refused(world, world.ask(bearer(token(jti="again", exp=NOW_S + 301))))


def test_a_token_of_feedback_is_refused_at_a_service(world: World) -> None:
    feedback = f"{PATH}/feedback"
    good = bearer(token(aud=f"{SERVICE}/feedback"))

    refused(world, world.ask(good))
    assert world.ask(good, feedback).status_code == 400  # past the gate: the body is a hook's


def test_a_refused_token_does_not_use_up_its_id(world: World) -> None:
    refused(world, world.ask(bearer(token(jti="kept", aud=f"{BASE}/cds-services"))))

    assert world.ask(bearer(token(jti="kept"))).status_code == 200


def ps384() -> str:
    return by_claims("PS384", rsa(), epic())


def by_claims(name: str, key: RSAKey | ECKey, body: dict[str, Any]) -> str:
    text = f"{encoded(header(key, alg=name))}.{encoded(body)}"
    return f"{text}.{encoded(jws.JWSRegistry.algorithms[name].sign(text.encode(), key))}"


GOOD: dict[str, Callable[[World], str]] = {
    "like the sandbox: ES384, jku, five minutes": lambda w: token(head={"jku": w.good.jku}),
    "like Epic: RS384, jku, kid in base64, nbf, sub": lambda w: signed(
        rsa(), header(rsa(), jku=w.good.jku), epic()
    ),
    "no jku": lambda _: token(),
    "PS384 where it is listed": lambda _: ps384(),
    "ES512 where it is listed": lambda _: by_claims(
        "ES512", ec("p521", "P-521"), claims(iss=PINNED)
    ),
    "fixed keys": lambda _: token(iss=PINNED),
    "fixed keys, listed jku": lambda w: token(head={"jku": w.evil.jku}, iss=PINNED),
    "aud as an array": lambda _: token(aud=[SERVICE]),
    "aud as an array of several": lambda _: token(aud=["https://x.example.org", SERVICE]),
    "aud with a last slash": lambda _: token(aud=f"{SERVICE}/"),
    "aud with the default port": lambda _: token(aud=SERVICE.replace(".org", ".org:443")),
    "tenant of the list": lambda _: token(iss=TENANTS, tenant="ward-b"),
    "tenant where none are listed": lambda _: token(tenant="anything"),
    "an hour long": lambda _: token(exp=NOW_S + 3600),
    "expired less than the leeway ago": lambda _: token(iat=NOW_S - 300, exp=NOW_S - 59),
    "issued less than the leeway ahead": lambda _: token(iat=NOW_S + 60, nbf=NOW_S + 60),
    "times with fractions": lambda _: token(iat=NOW_S - 0.5, exp=NOW_S + 299.5),
    "unknown claims and header members": lambda _: token(head={"x": 1}, extra={"deep": [None]}),
    "typ in small letters": lambda _: token(head={"typ": "jwt"}),
    "key without use and alg": lambda _: token(ec("sparse")),
}


@pytest.mark.parametrize("name", GOOD)
def test_a_good_token_is_accepted(world: World, name: str) -> None:
    response = world.ask(bearer(GOOD[name](world)))

    assert response.status_code == 200, response.text
    assert response.get_json()["cards"]


@pytest.mark.parametrize("scheme", ["bearer", "BEARER", "Bearer  "])
def test_the_scheme_may_be_written_in_any_case(world: World, scheme: str) -> None:
    assert world.ask({"Authorization": f"{scheme} {token()}"}).status_code == 200


def test_the_bench_is_large_enough() -> None:
    assert len(RAW) + len(FORGED) >= 60
    assert len(GOOD) >= 10


def test_neither_log_nor_answer_nor_store_holds_a_token(
    world: World, capsys: pytest.CaptureFixture[str]
) -> None:
    good = token(jti="canary-jti", tenant="canary-tenant", sub="canary-sub")
    bad = token(ec("stranger"), jti="canary-jti", iss="https://canary.example.org")
    answers = [world.ask(bearer(text)).text for text in (good, good, bad)]
    logged = capsys.readouterr().err

    assert '"reason":"replay"' in logged
    assert '"reason":"issuer"' in logged
    assert '"client":"sandbox"' in logged
    for text in (*good.split("."), *bad.split("."), "canary"):
        assert text not in logged
        assert text not in "".join(answers)
