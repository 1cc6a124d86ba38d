"""The server around the application: slow, broken and hostile connections cost nobody else."""

from __future__ import annotations

import json
import logging
import socket
import threading
import time
from collections.abc import Iterator
from typing import Any

import pytest
import requests
from flask import Flask
from gunicorn.config import Config
from gunicorn.glogging import Logger
from gunicorn.workers.gthread import TConn, ThreadWorker

from service.gunicorn_conf import threads
from service.processes import HOST
from service.worker import BoundedWorker
from tests.service.calls import PATH, request
from tests.service.served import Served, served

BODY = json.dumps(request(prefetch=...)).encode()
HEAD = (
    f"POST {PATH} HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
    f"Content-Length: {len(BODY)}\r\n\r\n"
).encode()


@pytest.fixture(scope="module")
def strict() -> Iterator[Served]:
    """A service that waits one second for a request."""
    with served(longest_s=1.0) as running:
        yield running


def test_gunicorn_has_the_hook_in_which_slow_requests_are_ended() -> None:
    """A gunicorn without it would never call ours: the bound in pyproject.toml keeps it away."""
    assert callable(ThreadWorker.murder_pending)


def connected(service: Served) -> socket.socket:
    return socket.create_connection((HOST, service.port), timeout=20)


def everything(connection: socket.socket) -> bytes:
    """What comes until the other side closes."""
    found = b""
    while chunk := connection.recv(1 << 16):
        found += chunk
    return found


def drip(connection: socket.socket, text: bytes) -> None:
    """Send a byte every tenth of a second, until the other side has had enough."""
    try:
        for byte in text:
            connection.sendall(bytes([byte]))
            time.sleep(0.1)
    except OSError:
        return


def test_a_body_that_drips_is_cut_off_with_an_answer(strict: Served) -> None:
    started = time.monotonic()
    with connected(strict) as slow:
        slow.sendall(HEAD)
        sender = threading.Thread(target=drip, args=(slow, BODY))
        sender.start()
        answer = everything(slow)
        slow.close()
        sender.join()

    assert answer.startswith(b"HTTP/1.1 400 ")
    assert b"OperationOutcome" in answer
    assert time.monotonic() - started < 6


def test_a_head_that_drips_is_cut_off(strict: Served) -> None:
    started = time.monotonic()
    with connected(strict) as slow:
        sender = threading.Thread(target=drip, args=(slow, HEAD))
        sender.start()
        assert everything(slow) == b""
        slow.close()
        sender.join()

    assert time.monotonic() - started < 6


def test_clients_that_hold_every_thread_do_not_hold_it_long(
    strict: Served, http: requests.Session
) -> None:
    slow = [connected(strict) for _ in range(threads + 4)]
    for each in slow:
        each.sendall(HEAD + BODY[:10])
    started = time.monotonic()
    answer = http.post(strict.url + PATH, json=request(), timeout=20)
    taken = time.monotonic() - started
    for each in slow:
        each.close()

    assert answer.status_code == 200
    assert answer.json()["cards"]
    assert taken < 6


def test_a_connection_that_says_nothing_holds_no_thread(
    strict: Served, http: requests.Session
) -> None:
    silent = [connected(strict) for _ in range(threads)]
    answer = http.get(f"{strict.url}/healthz", timeout=20)
    for each in silent:
        each.close()

    assert answer.status_code == 200


@pytest.mark.parametrize(
    "sent",
    [
        b"canary-token nonsense\r\n\r\n",
        b"GET /canary-token HTTP/9.9\r\n\r\n",
        b"G\x00T /canary-token HTTP/1.1\r\n\r\n",
        b"GET / HTTP/1.1\r\nAuthorization canary-token\r\n\r\n",
        b"GET / HTTP/1.1\r\nX-A: canary-token\x00\r\n\r\n",
        b"GET /" + b"canary-token" * 1000 + b" HTTP/1.1\r\n\r\n",
        b"GET / HTTP/1.1\r\n" + b"X-A: canary-token\r\n" * 200 + b"\r\n",
        b"POST / HTTP/1.1\r\nContent-Length: canary-token\r\n\r\n",
        b"POST / HTTP/1.1\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n",
        b"POST / HTTP/1.1\r\nTransfer-Encoding: canary-token\r\n\r\n",
    ],
)
def test_what_is_no_http_is_400_and_repeated_nowhere(strict: Served, sent: bytes) -> None:
    with connected(strict) as connection:
        connection.sendall(sent)
        head, _, body = everything(connection).partition(b"\r\n\r\n")

    assert head.startswith(b"HTTP/1.1 400 ")
    assert json.loads(body)["resourceType"] == "OperationOutcome"
    assert b"canary-token" not in body
    assert "canary-token" not in strict.log()


def test_the_server_does_not_say_what_it_is(strict: Served, http: requests.Session) -> None:
    for answer in (
        http.get(f"{strict.url}/cds-services", timeout=20),
        http.get(f"{strict.url}/nope", timeout=20),
        http.post(strict.url + PATH, json=request(), timeout=20),
    ):
        assert {"Server", "X-Powered-By", "Via"} & set(answer.headers) == set()


# --- in this process -----------------------------------------------------------------------------


@pytest.fixture
def worker(app: Flask) -> Iterator[BoundedWorker]:
    config = Config()
    made = BoundedWorker(1, 0, [], None, 30, config, Logger(config))
    made.wsgi = app
    yield made
    made.tmp.close()


@pytest.fixture
def line() -> Iterator[tuple[socket.socket, Any]]:
    """The client's end of a connection, and the server's side of it."""
    listener = socket.create_server((HOST, 0))
    near = socket.create_connection(listener.getsockname(), timeout=10)
    far, address = listener.accept()
    with listener, near, far:
        yield near, TConn(Config(), far, address, listener.getsockname())


def test_a_request_that_is_whole_is_answered(
    worker: BoundedWorker, line: tuple[socket.socket, Any]
) -> None:
    near, conn = line
    near.sendall(b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n")
    worker.handle(conn)
    worker.murder_pending()
    answer = near.recv(1 << 16)

    assert answer.startswith(b"HTTP/1.1 200 ")
    assert b"Server:" not in answer


@pytest.mark.parametrize("gone", [False, True])
def test_a_request_that_takes_too_long_is_ended(
    monkeypatch: pytest.MonkeyPatch,
    worker: BoundedWorker,
    line: tuple[socket.socket, Any],
    gone: bool,
) -> None:
    near, conn = line
    monkeypatch.setattr("service.worker.LONGEST_REQUEST_S", 0.1)
    near.sendall(HEAD + BODY[:10])
    handling = threading.Thread(target=worker.handle, args=(conn,))
    handling.start()
    time.sleep(0.3)
    if gone:
        near.close()
    worker.murder_pending()
    handling.join(5)

    assert not handling.is_alive()


def test_an_answer_that_nobody_takes_is_given_up(
    monkeypatch: pytest.MonkeyPatch, worker: BoundedWorker, line: tuple[socket.socket, Any]
) -> None:
    near, conn = line
    monkeypatch.setattr("service.worker.LONGEST_REQUEST_S", 0.1)
    monkeypatch.setattr("service.worker.LONGEST_CALL_S", 0.2)
    worker.wsgi = Flask("endless")
    worker.wsgi.add_url_rule("/", "endless", lambda: b"x" * 50_000_000)
    near.sendall(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
    handling = threading.Thread(target=worker.handle, args=(conn,))
    handling.start()
    time.sleep(0.5)
    still = handling.is_alive()
    worker.murder_pending()
    handling.join(5)

    assert still
    assert not handling.is_alive()


def test_a_request_in_time_is_left_alone(
    worker: BoundedWorker, line: tuple[socket.socket, Any]
) -> None:
    near, conn = line
    near.sendall(HEAD + BODY[:10])
    handling = threading.Thread(target=worker.handle, args=(conn,))
    handling.start()
    worker.murder_pending()
    near.sendall(BODY[10:])
    handling.join(10)

    assert near.recv(1 << 16).startswith(b"HTTP/1.1 200 ")


def test_a_bug_in_the_server_is_500(
    worker: BoundedWorker, line: tuple[socket.socket, Any], capsys: pytest.CaptureFixture[str]
) -> None:
    near, conn = line
    worker.handle_error(None, conn.sock, conn.client, ValueError("canary-token"))
    answer = near.recv(1 << 16)

    assert answer.startswith(b"HTTP/1.1 500 ")
    assert b"canary-token" not in answer
    assert "canary-token" not in capsys.readouterr().err
    assert logging.getLogger("gunicorn.error") is not None
