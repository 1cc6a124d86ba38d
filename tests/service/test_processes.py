"""Child processes: started, waited for, watched, and always stopped."""

from __future__ import annotations

import os
import signal
import socket
import sys
import threading
import time
from pathlib import Path

import pytest

from service.processes import (
    HOST,
    ProcessError,
    free_port,
    running,
    stay,
    termination_as_interrupt,
)

FOREVER = [sys.executable, "-c", "import time; time.sleep(600)"]
STUBBORN = [
    sys.executable,
    "-c",
    "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN);"
    "print('ready', flush=True); time.sleep(600)",
]
WEB = (
    "import http.server as h, sys;"
    "h.test(h.SimpleHTTPRequestHandler, port=int(sys.argv[1]), bind='127.0.0.1')"
)


def test_a_program_runs_until_the_block_ends() -> None:
    port = free_port(18_000)
    with running([sys.executable, "-c", WEB, str(port)], f"http://{HOST}:{port}/") as program:
        program.check()
        assert Path(program.log_name).exists()
        assert Path(f"/proc/{program.pid}").exists()

    assert free_port(port) == port
    assert not Path(program.log_name).exists()


def test_a_program_that_ends_at_once_is_told_with_its_last_words() -> None:
    command = [sys.executable, "-c", "raise SystemExit('no such thing')"]

    with pytest.raises(ProcessError, match="no such thing"), running(command, "http://127.0.0.1:9"):
        pass


def test_a_program_that_does_not_answer_is_stopped() -> None:
    started = time.monotonic()

    with (
        pytest.raises(ProcessError, match="does not answer"),
        running(FOREVER, "http://127.0.0.1:9/", patience_s=0.2),
    ):
        pass
    assert time.monotonic() - started < 10


def test_a_program_that_ignores_the_request_to_end_is_killed() -> None:
    port = free_port(18_100)
    web = STUBBORN[2].replace("time.sleep(600)", WEB)
    with running([sys.executable, "-c", web, str(port)], f"http://{HOST}:{port}/") as program:
        program.stop(patience_s=0.2)

        with pytest.raises(ProcessError, match="ended by itself"):
            program.check()


def test_the_next_free_port_is_taken() -> None:
    with socket.socket() as taken:
        taken.bind((HOST, 0))
        taken.listen()
        port = taken.getsockname()[1]

        assert free_port(port) > port


def test_where_no_port_is_left_it_is_said() -> None:
    with pytest.raises(ProcessError, match="no free port from 65536"):
        free_port(65_536)


def test_staying_ends_when_a_program_ends() -> None:
    port = free_port(18_200)
    brief = f"import threading, os; threading.Timer(2, os._exit, (3,)).start();{WEB}"
    command = [sys.executable, "-c", brief, str(port)]

    with (
        running(command, f"http://{HOST}:{port}/") as program,
        pytest.raises(ProcessError, match="ended by itself"),
    ):
        stay([program])


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_staying_ends_on_a_signal(number: signal.Signals) -> None:
    before = signal.getsignal(signal.SIGTERM)
    timer = threading.Timer(0.3, os.kill, (os.getpid(), number))
    timer.start()
    with termination_as_interrupt():
        stay([])
    timer.join()

    assert signal.getsignal(signal.SIGTERM) is before
