"""The store: the same on SQLite and PostgreSQL, made by migrations, shared by processes."""

from __future__ import annotations

import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from click.testing import CliRunner
from sqlalchemy import Engine, func, inspect, select, text
from sqlalchemy.exc import OperationalError

from service import SettingsError, log, migrate, store
from service.cli import main
from service.feedback_store import FeedbackEntry
from service.migrate import Revision, revision, upgrade
from service.settings import Settings, demo_settings
from service.store import Store, StoreError, make_engine, open_store
from service.tables import ACCEPTED_SUGGESTION, FEEDBACK, METADATA, TOKEN_ID
from service.vault import Vault, open_vault

NOW = 1_790_000_000_000
LATER = NOW + 300_000
ROOT = Path(__file__).parents[2]


def opened(url: str) -> Store:
    return open_store(demo_settings(database_url=url))


def entry(card: str = "card-1", fingerprints: tuple[bytes, ...] = (b"1",)) -> FeedbackEntry:
    row: dict[str, Any] = {
        "received": NOW,
        "client": "ehr",
        "service": "cart-toxicity-patient-view",
        "card": card,
        "outcome": "accepted",
        "outcome_at": NOW,
        "raw": b"sealed",
    }
    return FeedbackEntry(row, ("s-1", "s-2"), fingerprints)


def count(url: str, table: Any) -> int:
    engine = make_engine(url)
    with engine.connect() as connection:
        found = connection.execute(select(func.count()).select_from(table)).scalar_one()
    engine.dispose()
    return int(found)


def test_migrations_make_the_tables_that_the_service_uses(database_url: str) -> None:
    opened(database_url).close()
    engine = make_engine(database_url)
    with engine.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), METADATA) == []
    assert set(inspect(engine).get_table_names()) == {*METADATA.tables, "alembic_version"}
    engine.dispose()


def test_every_table_and_column_is_documented() -> None:
    told = (ROOT / "docs/operations.md").read_text("utf-8")
    names = {table.name for table in METADATA.tables.values()}
    columns = {column.name for table in METADATA.tables.values() for column in table.columns}

    assert [name for name in sorted(names | columns) if f"`{name}`" not in told] == []


def test_a_token_id_is_used_once(database_url: str) -> None:
    shared = opened(database_url)

    assert shared.use_token(b"a", LATER, NOW)
    assert not shared.use_token(b"a", LATER, NOW)
    assert shared.use_token(b"b", LATER, NOW)
    shared.close()


def test_of_many_threads_one_uses_a_token_id(database_url: str) -> None:
    stores = [opened(database_url) for _ in range(2)]
    gate = threading.Barrier(16)

    def use(number: int) -> bool:
        gate.wait(30)
        return stores[number % 2].use_token(b"a", LATER, NOW)

    with ThreadPoolExecutor(16) as pool:
        assert sorted(pool.map(use, range(16))) == [False] * 15 + [True]
    for each in stores:
        each.close()


def test_ids_are_deleted_some_time_after_they_expired(
    database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    shared = opened(database_url)
    shared.use_token(b"long-ago", NOW - 600_001, NOW)
    shared.use_token(b"just-now", NOW - 600_000, NOW)
    monkeypatch.setattr(store, "_CLEAN_EVERY_S", 0.0)
    shared.use_token(b"new", LATER, NOW)

    assert count(database_url, TOKEN_ID) == 2
    assert not shared.use_token(b"just-now", LATER, NOW)
    shared.close()


def test_feedback_is_kept_once_however_often_it_comes(database_url: str) -> None:
    shared = opened(database_url)

    assert shared.keep_feedback([entry(), entry("card-2", (b"2",)), entry()]) == 2
    assert shared.keep_feedback([entry()]) == 0
    assert count(database_url, FEEDBACK) == 2
    assert count(database_url, ACCEPTED_SUGGESTION) == 4
    shared.close()


def test_feedback_that_was_kept_under_an_older_key_is_known(database_url: str) -> None:
    shared = opened(database_url)
    shared.keep_feedback([entry(fingerprints=(b"old",))])

    assert shared.keep_feedback([entry(fingerprints=(b"new", b"old"))]) == 0
    assert shared.keep_feedback([entry(fingerprints=(b"new", b"other"))]) == 1
    shared.close()


def test_of_a_batch_that_fails_nothing_is_kept(database_url: str) -> None:
    shared = opened(database_url)
    bad = FeedbackEntry({**entry().row, "card": None}, (), (b"2",))

    with pytest.raises(StoreError, match="feedback"):
        shared.keep_feedback([entry(), bad])
    assert count(database_url, FEEDBACK) == 0
    shared.close()


def test_a_store_that_is_gone_is_an_error_and_never_a_yes(
    database_url: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    log.configure()
    shared = opened(database_url)
    monkeypatch.setattr(store, "_CLEAN_EVERY_S", 0.0)
    engine = make_engine(database_url)
    with engine.begin() as connection:
        connection.execute(text("ALTER TABLE token_id RENAME TO gone"))

    with pytest.raises(StoreError, match="token id"):
        shared.use_token(b"a", LATER, NOW)
    shared._clean(NOW)
    assert '"event":"store_failed"' in capsys.readouterr().err
    engine.dispose()
    shared.close()


def test_a_token_id_does_not_wait_long_for_a_store_that_is_busy(database_url: str) -> None:
    shared = opened(database_url)
    engine = make_engine(database_url)
    lock = "BEGIN IMMEDIATE" if "sqlite" in database_url else "LOCK TABLE token_id"
    with engine.connect() as connection:
        connection.exec_driver_sql(lock)
        started = time.monotonic()
        with pytest.raises(StoreError, match="token id"):
            shared.use_token(b"a", LATER, NOW)
        waited = time.monotonic() - started

    assert 0.9 < waited < 4
    assert shared.use_token(b"a", LATER, NOW)
    engine.dispose()
    shared.close()


# --- revisions -----------------------------------------------------------------------------------


def production(url: str) -> Settings:
    return Settings(database_url=url)


def forced(url: str, version: str) -> None:
    engine = make_engine(url)
    with engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = :v"), {"v": version})
    engine.dispose()


def test_production_makes_a_new_file_but_no_database(database_url: str) -> None:
    if database_url.startswith("sqlite"):
        open_store(production(database_url)).close()
    else:
        with pytest.raises(SettingsError, match="cart-cds db upgrade"):
            open_store(production(database_url))


def test_the_command_makes_what_production_then_takes(
    database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CART_CDS_DATABASE_URL", database_url)

    for _ in range(2):
        done = CliRunner().invoke(main, ["db", "upgrade"])
        assert (done.exit_code, done.output) == (0, "The store has the revision of this release.\n")
    open_store(production(database_url)).close()


def test_production_refuses_an_older_revision_and_demo_upgrades_it(
    database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened(database_url).close()
    monkeypatch.setattr(migrate, "_revision", lambda *_: Revision.OLD)

    with pytest.raises(SettingsError, match="cart-cds db upgrade"):
        open_store(production(database_url))
    opened(database_url).close()


def test_an_older_revision_is_one_that_this_release_knows(database_url: str) -> None:
    class Scripts:
        @staticmethod
        def get_heads() -> list[str]:
            return ["9999"]

        @staticmethod
        def walk_revisions() -> list[Any]:
            return [type("Script", (), {"revision": each}) for each in ("9999", "0002")]

    opened(database_url).close()
    engine = make_engine(database_url)
    with engine.connect() as connection:
        assert migrate._revision(connection, Scripts()) is Revision.OLD  # type: ignore[arg-type]
    engine.dispose()


def test_a_store_of_the_first_revision_keeps_its_feedback(database_url: str) -> None:
    engine = make_engine(database_url)
    row = "1, 'f', 1, 'ehr', 's', 'c', 'accepted', 1, 'r'"
    columns = "id, fingerprint, received, client, service, card, outcome, outcome_at, raw"
    with engine.connect() as connection:
        config = migrate._config()
        config.attributes["connection"] = connection
        command.upgrade(config, "0001")
        connection.execute(text(f"INSERT INTO feedback ({columns}) VALUES ({row})"))  # noqa: S608
        connection.execute(text("INSERT INTO accepted_suggestion VALUES (1, 0, 's')"))
        connection.commit()
    found = revision(engine)
    upgrade(engine)
    engine.dispose()

    assert (found, revision_of(database_url)) == (Revision.OLD, Revision.CURRENT)
    assert (count(database_url, FEEDBACK), count(database_url, ACCEPTED_SUGGESTION)) == (1, 1)


@pytest.mark.parametrize("make", [production, lambda url: demo_settings(database_url=url)])
def test_nobody_takes_the_store_of_a_newer_release(database_url: str, make: Any) -> None:
    opened(database_url).close()
    forced(database_url, "9999")

    with pytest.raises(SettingsError, match="made by a newer release"):
        open_store(make(database_url))


def test_the_command_refuses_the_store_of_a_newer_release(
    database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened(database_url).close()
    forced(database_url, "9999")
    monkeypatch.setenv("CART_CDS_DATABASE_URL", database_url)
    done = CliRunner().invoke(main, ["db", "upgrade"])

    assert done.exit_code == 1
    assert "made by a newer release" in done.output


def test_an_upgrade_that_fails_leaves_the_store_as_it_was(
    database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(_config: Any, _revision: str) -> None:
        connection = _config.attributes["connection"]
        connection.execute(text("CREATE TABLE half (id INTEGER)"))
        raise OperationalError("no", None, Exception())

    monkeypatch.setattr(migrate.command, "upgrade", broken)
    with pytest.raises(SettingsError, match=r"cannot be opened \(OperationalError\)"):
        opened(database_url)
    engine = make_engine(database_url)

    assert inspect(engine).get_table_names() == []
    engine.dispose()


def test_processes_that_start_at_once_make_the_store_once(database_url: str) -> None:
    code = (
        "import sys; from service.settings import demo_settings as d;"
        "from service.store import open_store;"
        "s = open_store(d(database_url=sys.argv[1])); print(s.use_token(b'a', 2**41, 2**40))"
    )
    running = [
        subprocess.Popen(  # noqa: S603 - our own interpreter
            [sys.executable, "-c", code, database_url], stdout=subprocess.PIPE, text=True
        )
        for _ in range(2)
    ]

    assert sorted(each.communicate(timeout=120)[0] for each in running) == ["False\n", "True\n"]
    assert revision_of(database_url) is Revision.CURRENT


def revision_of(url: str) -> Revision:
    engine = make_engine(url)
    found = revision(engine)
    engine.dispose()
    return found


def test_an_empty_store_has_no_revision(database_url: str) -> None:
    assert revision_of(database_url) is Revision.EMPTY


def test_an_upgrade_can_be_repeated(database_url: str) -> None:
    engine: Engine = make_engine(database_url)
    upgrade(engine)
    upgrade(engine)
    engine.dispose()

    assert revision_of(database_url) is Revision.CURRENT


@pytest.mark.parametrize(
    ("url", "told"),
    [
        ("sqlite:////nowhere/at/all.sqlite3", "cannot be opened"),
        ("postgresql://canary:canary@127.0.0.1:9/x", "cannot be opened"),
        ("postgresql://canary:canary@127.0.0.1:port/x", "no URL"),
    ],
)
def test_a_store_that_cannot_be_opened_stops_the_start_without_its_password(
    url: str, told: str
) -> None:
    with pytest.raises(SettingsError) as caught:
        opened(url)

    assert str(caught.value).startswith("CART_CDS_DATABASE_URL: ")
    assert told in str(caught.value)
    assert "canary" not in str(caught.value)


def test_a_file_keeps_what_was_acknowledged(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'store.sqlite3'}"
    opened(url).close()
    engine = make_engine(url)
    with engine.connect() as connection:
        found = [
            connection.exec_driver_sql(f"PRAGMA {name}").scalar()
            for name in ("journal_mode", "synchronous", "foreign_keys")
        ]
    engine.dispose()

    assert found == ["wal", 2, 1]


# --- sealing -------------------------------------------------------------------------------------

KEYS = [f"{letter * 42}A=" for letter in "ABC"]


def test_what_is_sealed_is_opened_by_every_key_and_by_no_other() -> None:
    sealed = Vault(KEYS[:1]).seal("naïve ☃".encode())

    assert Vault([KEYS[1], KEYS[0]]).open(sealed).decode() == "naïve ☃"
    with pytest.raises(ValueError, match="another key"):
        Vault(KEYS[1:]).open(sealed)


def test_the_newest_key_seals() -> None:
    sealed = Vault([KEYS[1], KEYS[0]]).seal(b"x")

    assert Vault([KEYS[1]]).open(sealed) == b"x"


def test_fingerprints_are_keyed_newest_first() -> None:
    new, old = Vault([KEYS[1], KEYS[0]]).fingerprints(b"x")

    assert Vault(KEYS[:1]).fingerprints(b"x") == (old,)
    assert new != old


def test_keys_are_read_from_a_file_newest_first(tmp_path: Path) -> None:
    path = tmp_path / "keys"
    path.write_text(f"# 2026-11\n{KEYS[1]}\n\n{KEYS[0]}\n", "ascii")
    found = open_vault(demo_settings(store_keys=str(path)))

    assert found.fingerprints(b"x") == Vault([KEYS[1], KEYS[0]]).fingerprints(b"x")


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"", "holds no key"),
        (b"# none\n", "holds no key"),
        (f"{KEYS[0]}\nsecret-canary\n".encode(), "line 2 is no Fernet key"),
        ("schlüssel".encode(), "cannot be read"),
        (None, "cannot be read"),
    ],
)
def test_a_file_without_keys_stops_the_start(
    tmp_path: Path, content: bytes | None, told: str
) -> None:
    path = tmp_path / "keys"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(SettingsError) as caught:
        open_vault(demo_settings(store_keys=str(path)))

    assert str(caught.value).startswith("CART_CDS_STORE_KEYS is ")
    assert told in str(caught.value)
    assert "canary" not in str(caught.value)
