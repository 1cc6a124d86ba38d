"""The command `cart-cds`: serve, demo, seed."""

from __future__ import annotations

import os
import subprocess
import sys
from contextlib import ExitStack

import click

from service.processes import (
    HOST,
    ProcessError,
    free_port,
    running,
    stay,
    termination_as_interrupt,
)
from service.settings import SettingsError, check_can_start, read_settings

CDS_PORT = 8042
FHIR_PORT = 8043
PAGE_PORT = 8044
_WORKERS = 2
SHOWN_IN_FULL = "both-3"
"""The synthetic patient whose cards the demo prints whole: one of each syndrome, with drafts."""
_SANDBOX = (sys.executable, "-m", "sandbox")


@click.group()
def main() -> None:
    """CDS Hooks service that grades CRS and ICANS after CAR-T."""


@main.command()
@click.option("--host", default=HOST, show_default=True, help="Address to listen on.")
@click.option("--port", default=CDS_PORT, show_default=True, help="Port to listen on.")
@click.option("--workers", default=_WORKERS, show_default=True, help="Number of processes.")
def serve(host: str, port: int, workers: int) -> None:
    """Run the service under gunicorn, with the settings of the environment."""
    try:
        check_can_start(read_settings())
    except SettingsError as error:
        raise click.ClickException(str(error)) from error
    command = gunicorn(host, port, workers)
    os.execv(command[0], command)  # noqa: S606 - gunicorn takes over this process and its signals


@main.command()
@click.option("--fhir", required=True, help="Base URL of a FHIR server that takes transactions.")
def seed(fhir: str) -> None:
    """Load the synthetic patients into a FHIR server, dated from now."""
    sys.exit(_sandbox("seed", "--fhir", fhir))


@main.command()
@click.option("--once", is_flag=True, help="Stop after the cards are printed.")
@click.option("--port", default=CDS_PORT, show_default=True, help="Port of the service.")
@click.option("--fhir-port", default=FHIR_PORT, show_default=True, help="Port of the FHIR server.")
@click.option("--page-port", default=PAGE_PORT, show_default=True, help="Port of the bedside page.")
def demo(once: bool, port: int, fhir_port: int, page_port: int) -> None:
    """Run a sandbox EHR and the service on loopback, and show the synthetic patients' cards.

    The next free ports are taken where these are not. Ctrl-C stops all of it.
    """
    try:
        with termination_as_interrupt():
            _demo(once, port, fhir_port, page_port)
    except ProcessError as error:
        raise click.ClickException(str(error)) from error
    except KeyboardInterrupt:
        click.echo("Stopped.")


def gunicorn(host: str, port: int, workers: int, *more: str) -> list[str]:
    """The command line of the service."""
    address = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
    module = [sys.executable, "-m", "gunicorn", "-c", "python:service.gunicorn_conf"]
    return [*module, "--bind", address, "--workers", str(workers), *more]


def _demo(once: bool, port: int, fhir_port: int, page_port: int) -> None:
    with ExitStack() as stack:
        fhir_port = free_port(fhir_port)
        fhir = f"http://{HOST}:{fhir_port}/fhir"
        click.echo("Starting the sandbox EHR and the service ...")
        serving = [*_SANDBOX, "serve", "--port", str(fhir_port)]
        ehr = stack.enter_context(running(serving, f"{fhir}/metadata"))
        _run("seed", "--fhir", fhir)
        port = free_port(port)
        cds = f"http://{HOST}:{port}"
        command = gunicorn(HOST, port, _WORKERS, "--env", "CART_CDS_MODE=demo")
        service = stack.enter_context(running(command, f"{cds}/readyz"))
        page_port = free_port(page_port)
        address = f"http://{HOST}:{page_port}"
        showing = [*_SANDBOX, "bedside", "--port", str(page_port), "--fhir", fhir, "--cds", cds]
        page = stack.enter_context(running(showing, f"{address}/"))
        for chosen in ("", SHOWN_IN_FULL):
            _run("show", "--fhir", fhir, "--cds", cds, "--patient", chosen)
        click.echo(f"CDS service  {cds}/cds-services  (log: {service.log_name})")
        click.echo(f"FHIR server  {fhir}")
        click.echo(f"Bedside page {address}/")
        if not once:
            click.echo("Ctrl-C stops all of it.")
            stay([ehr, service, page])
            click.echo("Stopped.")


def _run(*arguments: str) -> None:
    """Run a command of the sandbox; raises `ProcessError` where it fails."""
    if _sandbox(*arguments):
        raise ProcessError(f"sandbox {arguments[0]} failed; what it said is above")


def _sandbox(*arguments: str) -> int:
    """The exit status of a command of the sandbox, which prints where this process does."""
    return subprocess.run([*_SANDBOX, *arguments], check=False).returncode  # noqa: S603
