"""Several services that are run as in operation: gunicorn, two workers each, one store."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import NamedTuple

from service.cli import gunicorn
from service.processes import HOST, Program, any_free_port, running
from service.settings import demo_settings
from service.store import open_store
from tests.service.identities import ec, production, public

WORKERS = 2


class Member(NamedTuple):
    """One gunicorn of the fleet."""

    url: str
    program: Program

    def workers(self) -> list[int]:
        """The process ids of its workers."""
        master = self.program.pid
        return [
            int(pid) for pid in Path(f"/proc/{master}/task/{master}/children").read_text().split()
        ]

    def kill_a_worker(self) -> None:
        """End one of its workers at once, without a word."""
        os.kill(self.workers()[0], signal.SIGKILL)

    def kill(self) -> None:
        """End all of it at once, without a word."""
        os.killpg(self.program.pid, signal.SIGKILL)


def in_demo(database_url: str) -> dict[str, str]:
    """The settings of a demo with this store, which is made ready."""
    open_store(demo_settings(database_url=database_url)).close()
    return {
        "MODE": "demo",
        "BASE_URL": "https://cds.example.org",  # or links on cards tell who answered
        "DATABASE_URL": database_url,
        "DEADLINE_MS": "10000",
    }


def in_production(folder: Path, database_url: str) -> dict[str, str]:
    """The settings of production with this store, which is made ready, and one client."""
    open_store(demo_settings(database_url=database_url)).close()
    client = {"name": "a", "issuer": "https://sandbox.example.org", "keys": [public(ec())]}
    settings = production(folder, client, database_url=database_url)
    return {
        "MODE": "production",
        "BASE_URL": "https://cds.example.org/cartox",
        "CLIENTS": settings.clients,
        "STORE_KEYS": settings.store_keys,
        "DATABASE_URL": database_url,
        "DEADLINE_MS": "10000",
    }


@contextmanager
def fleet(environment: Mapping[str, str], size: int = 2, *more: str) -> Iterator[list[Member]]:
    """So many of them until the block ends; `more` for the command line of gunicorn."""
    told = [f"--env=CART_CDS_{name}={value}" for name, value in environment.items()]
    found: list[Member] = []
    with ExitStack() as stack:
        for _ in range(size):
            port = any_free_port()
            url = f"http://{HOST}:{port}"
            command = gunicorn(HOST, port, WORKERS, *told, *more)
            program = stack.enter_context(running(command, f"{url}/readyz"))
            found.append(Member(url, program))
        yield found
