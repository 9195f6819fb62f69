"""From SQLite to PostgreSQL by one command: everything arrives, nothing is doubled, and the house goes on."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import func, make_url, select
from sqlalchemy.orm import Session

from app import moving
from app.cli import check_invariants, move_to_postgresql, seed
from app.moving import CannotMove, move
from app.settings import MOVED, BadSettings, load_settings
from models.appointments import Appointment
from models.base import Base
from models.identity import Person
from models.notice_search import search
from tests.conftest import _town
from tests.neighbours import Town
from tests.servers import PostgresServer


@pytest.fixture
def inhabited(sqlite_town: Town) -> Town:
    sqlite_town.seed("people", "notices", "appointments")
    return sqlite_town


@pytest.fixture
def target(postgres_server: PostgresServer) -> Iterator[str]:
    yield postgres_server.create_database("moved_to")
    postgres_server.drop_database("moved_to")


def counts(town: Town) -> dict[str, int]:
    with town.reading() as session:
        return {
            table.name: session.scalar(select(func.count()).select_from(table)) or 0
            for table in Base.metadata.sorted_tables
            if not table.name.startswith("toy_")
        }


def moved(town: Town, url: str, valkey: str) -> Iterator[Town]:
    yield from _town(town.site.settings.data, url, valkey)


def test_the_whole_neighbourhood_moves_and_the_house_goes_on_there(
    sqlite_town: Town, target: str, valkey_server: str
) -> None:
    inhabited = sqlite_town
    seed(inhabited.site)
    inhabited.phone("马秀兰").says("你好")
    before = counts(inhabited)
    said = move_to_postgresql(inhabited.site, target)
    assert "counts, contents, ties and invariants agree" in said
    assert counts(inhabited) == before
    for town in moved(inhabited, target, valkey_server):
        assert counts(town) == before
        assert check_invariants(town.site) == []
        with town.reading() as session:
            names = {person.name for person in session.scalars(select(Person))}
            assert len(search(session, "流感疫苗")) == len(found_before(inhabited, "流感疫苗"))
            highest = session.scalar(select(func.max(Person.id))) or 0
        assert names == people(inhabited)
        assert "您" in town.phone("韩世杰").says("你好")
        town.writing(lambda session: session.add(Person(name="新邻居")))
        with town.reading() as session:
            assert session.scalar(select(func.count()).select_from(Person)) == before["person"] + 2
            assert (session.scalar(select(func.max(Person.id))) or 0) == highest + 2


def test_the_files_that_were_left_behind_serve_nobody_by_mistake(inhabited: Town, target: str) -> None:
    """Who starts the house, or backs it up, without its settings finds the SQLite of the day of the move."""
    data = inhabited.site.settings.data
    move_to_postgresql(inhabited.site, target)
    environ = {"XINGFU_DATA": str(data), "XINGFU_CONFIG": ""}
    with pytest.raises(BadSettings, match="has moved to PostgreSQL, name its address"):
        load_settings(environ)
    assert load_settings({**environ, "XINGFU_DATABASE__URL": target}).database.url == target
    (data / MOVED).unlink()
    assert load_settings(environ).database.url.startswith("sqlite")


def found_before(town: Town, words: str) -> list[object]:
    with town.reading() as session:
        return list(search(session, words))


def people(town: Town) -> set[str | None]:
    with town.reading() as session:
        return {person.name for person in session.scalars(select(Person))}


def test_a_target_that_is_in_use_is_refused_and_left_alone(inhabited: Town, postgres_town: Town) -> None:
    postgres_town.writing(lambda session: session.add(Person(name="早就在的人")))
    with pytest.raises(CannotMove, match="the target is in use: its table person has rows"):
        move(inhabited.site.settings, postgres_town.site.settings.database.url)
    assert people(postgres_town) == {"早就在的人"}


@pytest.mark.parametrize(
    ("url", "why"),
    [
        ("sqlite:///elsewhere.db", "must be a PostgreSQL URL"),
        ("postgresql+psycopg://nobody@127.0.0.1:9/none", "does not answer"),
    ],
)
def test_a_target_that_is_none_is_told_in_one_line(inhabited: Town, url: str, why: str) -> None:
    with pytest.raises(CannotMove, match=why) as said:
        move(inhabited.site.settings, url)
    assert "\n" not in str(said.value)


def test_who_is_on_postgresql_already_is_told_so(postgres_town: Town, target: str) -> None:
    with pytest.raises(CannotMove, match="on PostgreSQL already"):
        move(postgres_town.site.settings, target)


def test_a_house_at_work_is_not_moved(inhabited: Town, target: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(moving, "HOLD_SECONDS", 0.2)

    def unit(session: Session) -> None:
        session.add(Person(name="正在写的人"))
        session.flush()
        with pytest.raises(CannotMove, match="stop it first"):
            move(inhabited.site.settings, target)

    inhabited.writing(unit)


def test_a_row_that_does_not_arrive_as_it_was_sent_stops_everything(inhabited: Town, target: str) -> None:
    """A trigger of the target changes a name on its way in: the copy is not kept."""
    plain = make_url(target).set(drivername="postgresql").render_as_string(hide_password=False)
    moving.migrate(target)
    moving.migrate(target, "confidential")
    with psycopg.connect(plain) as connection:
        connection.execute(
            "CREATE FUNCTION spoil() RETURNS trigger LANGUAGE plpgsql AS"
            " $$ BEGIN NEW.channel := 'other'; RETURN NEW; END $$"
        )
        connection.execute(
            "CREATE TRIGGER spoil BEFORE INSERT ON appointment FOR EACH ROW EXECUTE FUNCTION spoil()"
        )
    with pytest.raises(CannotMove, match="table appointment did not arrive as it was sent"):
        move(inhabited.site.settings, target)
    with psycopg.connect(plain) as connection:
        assert connection.execute("SELECT count(*) FROM person").fetchone() == (0,)


def test_a_password_is_read_from_a_file_of_its_owners_and_never_from_the_command_line(
    inhabited: Town, target: str, tmp_path: Path
) -> None:
    """Everybody on the machine reads the words of a command (`ps`)."""
    runner, file = inhabited.app.test_cli_runner(), tmp_path / "database"
    secret = make_url(target).set(username="xingfu", password="geheim").render_as_string(hide_password=False)
    for words, answer in (
        ([secret], "the address has a password"),
        ([], "say the address"),
        ([target, "--url-file", str(file)], "say the address"),
        (["--url-file", str(file)], "cannot read"),
    ):
        refused = runner.invoke(args=["move-to-postgresql", *words])
        assert refused.exit_code, words
        assert answer in refused.output
        assert "geheim" not in refused.output
    file.write_text(f"{target}\n")
    file.chmod(0o644)
    assert (
        "can be read by others" in runner.invoke(args=["move-to-postgresql", "--url-file", str(file)]).output
    )
    file.chmod(0o600)
    done = runner.invoke(args=["move-to-postgresql", "--url-file", str(file)])
    assert "counts, contents, ties and invariants agree" in done.output


def test_a_move_that_is_killed_leaves_nothing_and_can_be_done_again(
    inhabited: Town, target: str, valkey_server: str
) -> None:
    environ = {
        **os.environ,
        "XINGFU_DATA": str(inhabited.site.settings.data),
        "XINGFU_DATABASE__URL": inhabited.site.settings.database.url,
        "XINGFU_REDIS__URL": valkey_server,
    }
    command = [sys.executable, "-m", "flask", "--app", "wsgi", "move-to-postgresql", target]
    process = subprocess.Popen(command, env=environ, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    plain = make_url(target).set(drivername="postgresql").render_as_string(hide_password=False)
    with psycopg.connect(plain, autocommit=True) as connection:
        _until_it_copies(connection, process)
        process.send_signal(signal.SIGKILL)
        process.wait()
    before = counts(inhabited)
    move_to_postgresql(inhabited.site, target)
    for town in moved(inhabited, target, valkey_server):
        assert counts(town) == before
        with town.reading() as session:
            assert session.scalars(select(Appointment)).all()


def _until_it_copies(
    connection: psycopg.Connection[tuple[object, ...]], process: subprocess.Popen[bytes]
) -> None:
    looking = "SELECT 1 FROM pg_stat_activity WHERE query LIKE 'COPY%' AND datname = current_database()"
    deadline = time.monotonic() + 120
    while process.poll() is None and time.monotonic() < deadline:
        if connection.execute(looking).fetchone():
            return
        time.sleep(0.005)
    raise AssertionError("it never copied")
