"""The service as it is run: one gunicorn worker on a free port of loopback."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from service.cli import gunicorn
from service.processes import HOST, Program, any_free_port, running

_START = (
    "import service.worker as worker, sys;"
    "worker.LONGEST_REQUEST_S = {longest_s};"
    "from gunicorn.app.wsgiapp import run;"
    "sys.exit(run())"
)


class Served(NamedTuple):
    """A running service; what it logs can be read."""

    port: int
    program: Program

    @property
    def url(self) -> str:
        """Its base URL."""
        return f"http://{HOST}:{self.port}"

    def log(self) -> str:
        """All that it has printed so far."""
        return Path(self.program.log_name).read_text()

    def worker_kb(self) -> int:
        """The memory that its one worker holds."""
        master = self.program.pid
        (worker,) = Path(f"/proc/{master}/task/{master}/children").read_text().split()
        (held,) = re.findall(r"VmRSS:\s+(\d+) kB", Path(f"/proc/{worker}/status").read_text())
        return int(held)


@contextmanager
def served(longest_s: float = 10.0) -> Iterator[Served]:
    """The demo under gunicorn, with another limit for slow requests, until the block ends."""
    port = any_free_port()
    command = gunicorn(HOST, port, 1, "--env", "CART_CDS_MODE=demo")
    starting = ["-c", _START.format(longest_s=longest_s)]
    with running([sys.executable, *starting, *command[3:]], f"http://{HOST}:{port}/readyz") as it:
        yield Served(port, it)
