"""The command `cart-cds`: serve, demo, seed, probe, rules, db, purge."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

import click
from rich.console import Console

from service import log
from service.app import read_files, system_clock
from service.probe import NOT_READ, Asked, ProbeError, probe
from service.probe_report import as_data, as_tables
from service.processes import (
    HOST,
    ProcessError,
    free_port,
    running,
    stay,
    termination_as_interrupt,
)
from service.retention import lines, purge
from service.rule_export import rule_text
from service.settings import SettingsError, read_settings
from service.site import read_site
from service.store import StoreError, open_store, upgrade_store

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
    with _told():
        settings = read_settings()
        read_files(settings)
        open_store(settings).close()
    command = gunicorn(host, port, workers)
    os.execv(command[0], command)  # noqa: S606 - gunicorn takes over this process and its signals


@main.group()
def db() -> None:
    """Look after the store."""


@db.command()
def upgrade() -> None:
    """Bring the store of CART_CDS_DATABASE_URL to the revision of this release."""
    with _told():
        upgrade_store(read_settings())
    click.echo("The store has the revision of this release.")


@main.command("purge")
def purge_command() -> None:
    """Delete from the store of CART_CDS_DATABASE_URL what is kept no longer.

    To be run once a day; the service may run meanwhile. CART_CDS_KEEP_FIRED_DAYS,
    CART_CDS_KEEP_FEEDBACK_DAYS and CART_CDS_KEEP_COMMENTS_DAYS say for how long.
    """
    with _told():
        settings = read_settings()
        store = open_store(settings)
    try:
        done = purge(store, settings, system_clock())
    except StoreError as error:
        raise click.ClickException(str(error)) from error
    finally:
        store.close()
    for line in lines(done):
        click.echo(line)


@main.command()
@click.option("--fhir-base", "--fhir", required=True, help="Server that takes transactions.")
@click.option("--remove", is_flag=True, help="Take the patients out again.")
def seed(fhir_base: str, remove: bool) -> None:
    """Load the synthetic patients into any writable FHIR R4 server, dated from now.

    Run again, it overwrites what it wrote. The ids that it prints are those the server gave.
    """
    sys.exit(_sandbox("seed", "--fhir", fhir_base, "--remove" if remove else "--by-identifier"))


@main.command("probe")
@click.option("--fhir-base", "--fhir", required=True, help="Base URL of the FHIR server.")
@click.option("--patient", default="", help="Id of the patient to read; else one is looked for.")
@click.option(
    "--token",
    default="",
    help="File whose first line is the access token; '-' is standard input.",
)
@click.option(
    "--timeout",
    type=click.IntRange(1, 600),
    default=60,
    show_default=True,
    help="Seconds for each step.",
)
@click.option("--json", "json_", is_flag=True, help="Print JSON instead of tables.")
def probe_command(fhir_base: str, patient: str, token: str, timeout: int, json_: bool) -> None:
    """Tell what the service finds on a FHIR server, how it is coded, and what to map.

    Exit status: 0 if CRS and ICANS can be graded from what was found, 1 if one cannot, 2 if
    nothing could be read.
    """
    log.be_silent()
    asked = Asked(fhir_base, patient, _token_in(token), timeout)
    try:
        found = probe(asked, read_settings(), system_clock, _say)
    except (ProbeError, SettingsError) as error:
        click.echo(f"Error: {error}", err=True)
        sys.exit(NOT_READ)
    if json_:
        click.echo(json.dumps(as_data(found), indent=2))
    else:
        Console().print(as_tables(found))
    sys.exit(found.status)


def _token_in(name: str) -> str:
    """The first line of a file, or of standard input; the name may be a token, and is not told."""
    if not name:
        return ""
    try:
        with click.open_file(name) as file:
            line: str = file.readline()
    except OSError as error:
        raise click.UsageError("--token: use a file that can be read, or '-'") from error
    return line.strip()


def _say(step: str) -> None:
    click.echo(f"Reading {step} ...", err=True)


@main.command()
@click.option("--once", is_flag=True, help="Stop after the cards are printed.")
@click.option("--port", default=CDS_PORT, show_default=True, help="Port of the service.")
@click.option("--fhir-port", default=FHIR_PORT, show_default=True, help="Port of the FHIR server.")
@click.option("--page-port", default=PAGE_PORT, show_default=True, help="Port of the bedside page.")
def demo(once: bool, port: int, fhir_port: int, page_port: int) -> None:
    """Run a sandbox EHR and the service on loopback, and show the synthetic patients' cards.

    The next free ports are taken where these are not. Ctrl-C stops all of it.
    """
    with _told():
        read_site(read_settings())
    try:
        with termination_as_interrupt():
            _demo(once, port, fhir_port, page_port)
    except ProcessError as error:
        raise click.ClickException(str(error)) from error
    except KeyboardInterrupt:
        click.echo("Stopped.")


@main.command()
@click.option(
    "--format",
    "kind",
    type=click.Choice(["markdown", "json", "plandefinition"]),
    default="markdown",
    show_default=True,
    help="What to print: the rule page, a list of the rules, or FHIR R4.",
)
def rules(kind: str) -> None:
    """Print every rule with its source, under the site's policy where there is one."""
    with _told():
        settings = read_settings()
        site = read_site(settings)
    click.echo(rule_text(kind, settings, site), nl=False)


def gunicorn(host: str, port: int, workers: int, *more: str) -> list[str]:
    """The command line of the service."""
    address = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
    module = [sys.executable, "-m", "gunicorn", "-c", "python:service.gunicorn_conf"]
    return [*module, "--bind", address, "--workers", str(workers), *more]


@contextmanager
def _told() -> Iterator[None]:
    """A wrong setting or site file ends the command with its message, without a trace."""
    try:
        yield
    except SettingsError as error:
        raise click.ClickException(str(error)) from error


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
