"""What `cart-cds purge` deletes and leaves; and a store that is copied and put back."""

from __future__ import annotations

import sqlite3
import subprocess
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from sqlalchemy import insert, select, text

from service import cli, retention
from service.cli import main
from service.retention import lines, purge
from service.settings import demo_settings
from service.store import Store, make_engine, open_store
from service.tables import ACCEPTED_SUGGESTION, FEEDBACK, FIRED_CARD, METADATA, QUIET_CARD, TOKEN_ID
from tests.service.ward import HOUR, Ward

DAY = 24 * HOUR
NOW = 1_790_000_000_000
FIRED = {
    "card": "c",
    "client": "",
    "service": "s",
    "topic": "crs",
    "rules": "",
    "indicator": "info",
    "content_edition": "e",
    "state": "shown",
    "reads_ms": 0.0,
    "total_ms": 0.0,
    "subject": b"s",
    "signature": b"s",
}
GIVEN = {
    "client": "",
    "service": "s",
    "card": "c",
    "outcome": "accepted",
    "outcome_at": NOW,
    "comment": b"c",
    "raw": b"r",
}


@pytest.fixture
def ward(database_url: str) -> Ward:
    """A store with rows on both sides of each limit."""
    made = Ward(database_url)
    made.run(insert(TOKEN_ID).values([
        {"digest": b"1", "expires": NOW - 600_000},
        {"digest": b"2", "expires": NOW - 600_001},
    ]))  # fmt: skip
    made.run(insert(QUIET_CARD).values([
        {"subject": b"1", "signature": b"s", "since": NOW - 7 * DAY, "held": 0},
        {"subject": b"2", "signature": b"s", "since": NOW - 7 * DAY - 1, "held": 0},
    ]))  # fmt: skip
    for age in (7 * DAY, 7 * DAY + 1, 400 * DAY, 400 * DAY + 1):
        made.run(insert(FIRED_CARD).values(FIRED | {"fired": NOW - age}))
    for number, age in enumerate((90 * DAY, 90 * DAY + 1, 400 * DAY, 400 * DAY + 1), 1):
        told = {"received": NOW - age, "fingerprint": bytes([number]), "fired_card": 5 - number}
        made.run(insert(FEEDBACK).values(GIVEN | told))
        made.run(insert(ACCEPTED_SUGGESTION).values(feedback=number, position=0, suggestion="s"))
    return made


def purged(ward: Ward, **settings: Any) -> dict[str, int]:
    store = Store(make_engine(ward.url))
    done = purge(store, demo_settings(**settings), NOW)
    store.close()
    return done


def test_what_is_past_its_time_is_deleted_and_the_rest_is_left(ward: Ward) -> None:
    done = purged(ward)
    cards = [(row.id, row.subject, row.signature) for row in ward.rows()]
    columns = FEEDBACK.c["id", "comment", "raw", "fired_card"]
    feedback = ward.select(select(*columns).order_by(FEEDBACK.c.id))

    assert list(done.values()) == [1, 1, 1, 2, 1, 2, 1]
    assert cards == [(1, b"s", b"s"), (2, None, None), (3, None, None)]
    assert feedback == [(1, b"c", b"r", None), (2, None, b"", 3), (3, None, b"", 2)]
    assert ward.select(select(QUIET_CARD.c.subject)) == [(b"1",)]
    assert ward.select(select(TOKEN_ID.c.digest)) == [(b"1",)]
    assert len(ward.select(select(ACCEPTED_SUGGESTION))) == 3


def test_it_can_be_repeated(ward: Ward) -> None:
    purged(ward)

    assert set(purged(ward).values()) == {0}


def test_the_site_says_for_how_long(ward: Ward) -> None:
    purged(ward, keep_fired_days=7, keep_feedback_days=90, keep_comments_days=0)

    assert [row.id for row in ward.rows()] == [1]
    assert ward.select(select(FEEDBACK.c.id, FEEDBACK.c.comment)) == [(1, None)]


def tied(ward: Ward) -> list[int | None]:
    rows = ward.select(select(FEEDBACK.c.fired_card).order_by(FEEDBACK.c.id))
    return [row.fired_card for row in rows]


def test_feedback_of_a_deleted_card_is_not_that_of_a_later_one(ward: Ward) -> None:
    purged(ward, keep_fired_days=7)
    ward.run(insert(FIRED_CARD).values(FIRED | {"fired": NOW, "id": 4}))

    assert tied(ward) == [None, None, None]


@pytest.mark.parametrize("span", [1, 2, 10_000])
def test_feedback_whose_card_was_lost_before_is_tied_to_none(
    ward: Ward, monkeypatch: pytest.MonkeyPatch, span: int
) -> None:
    monkeypatch.setattr(retention, "_SPAN", span)
    purged(ward)
    ward.run(FEEDBACK.update().where(FEEDBACK.c.id != 1).values(fired_card=FEEDBACK.c.id * 90))

    assert purged(ward)["feedback without its card from now on"] == 2
    assert tied(ward) == [None, None, None]


def test_a_large_store_is_purged_however_long_a_statement_takes(
    postgres: Callable[[], str],
) -> None:
    url = postgres()
    made = Ward(url)
    columns = ", ".join(name for name in FIRED)
    told = ", ".join("'s'::bytea" if isinstance(v, bytes) else repr(v) for v in FIRED.values())
    many = "FROM generate_series(1, 200000) AS n"
    long = "SET LOCAL statement_timeout = 0; INSERT INTO"
    made.run(text(f"{long} fired_card (fired, {columns}) SELECT {NOW}, {told} {many}"))
    made.run(text(
        f"{long} feedback (fingerprint, received, client, service, card, outcome, outcome_at, "
        f"raw, fired_card) SELECT int4send(n::int), {NOW}, '', 's', 'c', 'accepted', 1, '', n "
        f"{many}"
    ))  # fmt: skip
    started = time.monotonic()

    assert purged(made)["feedback without its card from now on"] == 0
    assert time.monotonic() - started < 60


@pytest.mark.parametrize("batch", [1, 3, 4])
def test_it_works_in_batches(ward: Ward, monkeypatch: pytest.MonkeyPatch, batch: int) -> None:
    monkeypatch.setattr(retention, "BATCH", batch)
    done = purged(ward, keep_fired_days=7)

    assert done["fired cards deleted"] == 3


def test_the_command_says_what_was_done(ward: Ward, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CART_CDS_DATABASE_URL", ward.url)
    monkeypatch.setattr(cli, "system_clock", lambda: NOW)
    done = CliRunner().invoke(main, ["purge"])

    assert done.exit_code == 0, done.output
    assert "1 fired cards deleted\n" in done.output
    assert len(done.output.splitlines()) == 7


def test_the_command_tells_that_the_store_failed(
    ward: Ward, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CART_CDS_DATABASE_URL", ward.url)
    ward.run(text("ALTER TABLE quiet_card RENAME TO gone"))
    done = CliRunner().invoke(main, ["purge"])

    assert (done.exit_code, done.output) == (1, "Error: the store could not be purged\n")


def test_a_line_for_each_thing_done() -> None:
    assert list(lines({"rows deleted": 2})) == ["2 rows deleted"]


# --- back-up -------------------------------------------------------------------------------------


def contents(url: str) -> dict[str, list[Any]]:
    """Every row of every table."""
    engine = make_engine(url)
    with engine.connect() as connection:
        found = {
            table.name: sorted(map(str, connection.execute(select(table))))
            for table in METADATA.tables.values()
        }
    engine.dispose()
    return found


def test_a_sqlite_file_is_copied_while_it_is_written_and_put_back(tmp_path: Path) -> None:
    ward = Ward(f"sqlite:///{tmp_path / 'store.sqlite3'}")
    (card,) = ward.view(2)
    ward.answer(card, "overridden")
    copy = tmp_path / "copy.sqlite3"
    with (
        closing(sqlite3.connect(tmp_path / "store.sqlite3")) as source,
        closing(sqlite3.connect(copy)) as target,
    ):
        source.backup(target)
    kept = contents(ward.url)
    ward.view(1)
    restored = Ward(f"sqlite:///{copy}")

    assert contents(restored.url) == kept != contents(ward.url)
    assert restored.view(2) == []


def test_a_postgresql_store_is_dumped_and_restored(
    postgres: Callable[[], str], tmp_path: Path
) -> None:
    ward, target, dump = Ward(postgres()), postgres(), str(tmp_path / "dump")
    bindir = text("SELECT setting FROM pg_config WHERE name = 'BINDIR'")
    tools = Path(ward.select(bindir)[0].setting)
    (card,) = ward.view(2)
    ward.answer(card, "overridden")
    for command in (
        ["pg_dump", "--format=custom", f"--file={dump}", ward.url],
        ["pg_restore", "--no-owner", f"--dbname={target}", dump],
    ):
        done = subprocess.run(  # noqa: S603 - the server's own tools
            [tools / command[0], *command[1:]], capture_output=True, check=False
        )
        assert done.returncode == 0, done.stderr
    open_store(demo_settings(database_url=target)).close()
    restored = Ward(target)

    assert contents(target) == contents(ward.url)
    assert restored.view(2) == []
