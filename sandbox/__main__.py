"""The command line: `python -m sandbox serve | seed | show | bedside | smart`."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

import click
import requests
from rich.console import Console

from sandbox import bedside as page
from sandbox.bases import Bases, BaseUrlError, checked_base
from sandbox.client import ClientError, Mode, Peers
from sandbox.fhir_server import ServerError, serve
from sandbox.loader import LoadError, load
from sandbox.seeding import Seeded, remove, seed
from sandbox.show import ALL, as_json, chosen, enter_orders, open_charts, report
from sandbox.smart import Registration
from sandbox.story import stories


@click.group()
def main() -> None:
    """A demo EHR: a FHIR server, synthetic patients, and a client of the CDS service."""


@main.command("serve")
@click.option("--port", default=8043, show_default=True, help="Port on loopback.")
def serve_command(port: int) -> None:
    """Run the FHIR server in the foreground until interrupted."""
    try:
        serve(port)
    except ServerError as error:
        raise click.ClickException(str(error)) from error


@main.command("seed")
@click.option("--fhir", required=True, help="Base URL of the FHIR server.")
@click.option("--now", "instant", default="", help="Date the charts from this instant (RFC 3339).")
@click.option("--by-identifier", is_flag=True, help="Let the server give the ids.")
@click.option("--remove", "removes", is_flag=True, help="Take out what was put by identifier.")
def seed_command(fhir: str, instant: str, by_identifier: bool, removes: bool) -> None:
    """Load the synthetic patients, dated from now, or take them out again."""
    base, now = fhir.rstrip("/"), _now(instant)
    try:
        with _session() as session:
            if removes:
                _report("Removed", remove(session, base, stories(), now))
            elif by_identifier:
                _report("Patient", seed(session, base, stories(), now))
            else:
                for loaded in load(session, base, stories(), now):
                    story = loaded.story
                    click.echo(
                        f"Patient {story.label}  {story.id:16} {loaded.resources:4} resources"
                    )
    except LoadError as error:
        raise click.ClickException(str(error)) from error


def _report(word: str, patients: Iterator[Seeded]) -> None:
    """A line for each patient as it is done, with the id that it has on the server."""
    count = 0
    for each in patients:
        story, count = each.story, count + 1
        click.echo(
            f"{word} {story.label}  {story.id:16} {each.resources:4} resources  "
            f"Patient/{each.patient_id}"
        )
    click.echo(f"{count} patients")


@main.command()
@click.option("--fhir", required=True, help="Base URL of the FHIR server.")
@click.option("--cds", required=True, help="Base URL of the CDS service.")
@click.option("--patient", default="", help=f"Show the cards of this patient in full, or '{ALL}'.")
@click.option("--mode", type=click.Choice([*map(str, Mode)]), default="both", show_default=True)
@click.option("--json", "json_", is_flag=True, help="Print what came back as JSON.")
def show(fhir: str, cds: str, patient: str, mode: str, json_: bool) -> None:
    """Open each patient's chart, draft the orders, and print what comes back."""
    try:
        patients = chosen(stories(), patient)
    except KeyError as error:
        raise click.BadParameter(f"no patient is called {error}") from error
    try:
        with _session() as session:
            peers, how = Peers(session, fhir, cds), Mode(mode)
            charts = open_charts(peers, patients, how)
            orders = enter_orders(peers, patients, how)
    except ClientError as error:
        raise click.ClickException(str(error)) from error
    if json_:
        click.echo(as_json(charts, orders))
    else:
        Console().print(report(charts, orders, in_full=bool(patient)))


@main.command()
@click.option(
    "--host",
    default=page.HOST,
    show_default=True,
    help="Address to listen on: another than loopback inside a container only.",
)
@click.option("--port", default=8044, show_default=True, help="Port to listen on.")
@click.option("--fhir", required=True, help="Base URL of the FHIR server.")
@click.option("--cds", required=True, help="Base URL of the CDS service.")
def bedside(host: str, port: int, fhir: str, cds: str) -> None:
    """Serve the bedside page in the foreground until interrupted."""
    try:
        bases = Bases(checked_base(fhir), checked_base(cds))
        page.serve(host, port, page.create_app(bases, lambda: _now("")))
    except (BaseUrlError, OSError) as error:
        raise click.ClickException(str(error)) from error


@main.command()
@click.option("--port", default=8045, show_default=True, help="Port on loopback.")
@click.option("--cds", required=True, help="Base URL of the CDS service.")
@click.option("--client-id", required=True, help="What the EHR calls this app.")
@click.option("--issuer", required=True, multiple=True, help="FHIR base that may launch it.")
@click.option("--url", required=True, help="Public base URL of this app.")
def smart(port: int, cds: str, client_id: str, issuer: tuple[str, ...], url: str) -> None:
    """Serve the plot as a SMART app in the foreground until interrupted."""
    try:
        issuers = tuple(map(checked_base, issuer))
        registration = Registration(client_id, issuers, checked_base(url))
        app = page.create_smart_app(registration, checked_base(cds), lambda: _now(""))
        page.serve(page.HOST, port, app)
    except (BaseUrlError, OSError) as error:
        raise click.ClickException(str(error)) from error


def _session() -> requests.Session:
    session = requests.Session()
    session.trust_env = False
    return session


def _now(instant: str) -> datetime:
    """The instant given, or the clock's: the only place of this package that reads it."""
    if not instant:
        return datetime.now(UTC)  # noqa: TID251 - the sandbox dates its charts from today
    try:
        moment = datetime.fromisoformat(instant)
    except ValueError as error:
        raise click.BadParameter(f"{instant!r} is no instant") from error
    if moment.tzinfo is None:
        raise click.BadParameter(f"{instant!r} has no offset")
    return moment


if __name__ == "__main__":
    main()
