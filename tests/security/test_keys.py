"""Keys: what is sealed opens only where it belongs, under a key that may be renewed while the house works."""

from __future__ import annotations

import pytest
from sqlalchemy import LargeBinary, select, type_coerce, update

from app import files, privacy
from app.privacy import COLUMN_ONLY, Keyring, Unreadable
from app.rekey import make_key, seal_anew, sealed_columns
from models.confidential import ConfidentialMatter
from models.identity import Person
from models.outbox import OutboxRow
from models.stored_file import StoredFile
from tests.neighbours import Town

NAME, PHONE = "马秀兰", "13900000001"


@pytest.fixture
def inhabited(town: Town) -> Town:
    """A neighbour who joined, cried for help once, and has a picture with us."""
    town.seed("people")
    town.phone("马秀兰").says("我不想活了")

    def unit(session) -> None:  # type: ignore[no-untyped-def]
        person = session.scalars(select(Person).where(Person.joined_at.is_not(None)).limit(1)).one()
        files.store(session, b"a picture", purpose="toy", name="a.png", media_type="image/png", owner=person)

    town.writing(unit)
    return town


def raw(town: Town, column) -> list[bytes]:  # type: ignore[no-untyped-def]
    with town.reading() as session:
        return [
            bytes(one)
            for one in session.scalars(select(type_coerce(column, LargeBinary)).where(column.is_not(None)))
        ]


def test_a_value_that_was_moved_to_another_row_or_column_does_not_open(inhabited: Town) -> None:
    with inhabited.reading() as session:
        joined = select(Person).where(Person.joined_at.is_not(None)).order_by(Person.id)
        first, second = session.scalars(joined.limit(2)).all()
        assert (first.name, first.phone) == (NAME, PHONE)
        stolen = {"_name": first._name, "_phone": first._name}
        ids = (second.id, first.id)
    inhabited.writing(
        lambda s: s.execute(update(Person).where(Person.id == ids[0]).values(_name=stolen["_name"]))
    )
    inhabited.writing(
        lambda s: s.execute(update(Person).where(Person.id == ids[1]).values(_phone=stolen["_phone"]))
    )
    with inhabited.reading() as session:
        with pytest.raises(Unreadable):
            _ = session.get_one(Person, ids[0]).name
        with pytest.raises(Unreadable):
            _ = session.get_one(Person, ids[1]).phone


def test_the_keys_of_the_house_open_nothing_of_the_confidential_lane(inhabited: Town) -> None:
    with inhabited.site.confidential.reading() as session:
        (sealed,) = session.scalars(select(type_coerce(ConfidentialMatter.text, LargeBinary))).all()
    assert (
        privacy.unseal("confidential_matter.text", bytes(sealed), lane="confidential").decode()
        == "我不想活了"
    )
    with pytest.raises(Unreadable):
        privacy.keyring().unseal("confidential_matter.text", bytes(sealed))


@pytest.mark.parametrize("lane", ["main", "confidential"])
def test_after_a_new_key_everything_is_sealed_anew_and_reads_as_before(
    inhabited: Town, lane: privacy.Lane
) -> None:
    before = privacy.keyring(lane).newest_name
    make_key(inhabited.site.settings.data, lane)
    privacy.use_keys(inhabited.site.settings.secrets.sealing)
    assert privacy.keyring(lane).newest_name != before
    count = seal_anew(inhabited.site, lane)
    assert count.sealed_anew > 0
    assert (count.unreadable, count.current) == (0, 0)
    again = seal_anew(inhabited.site, lane)
    assert (again.sealed_anew, again.current) == (0, count.sealed_anew)
    with inhabited.reading() as session:
        assert session.scalars(select(Person).order_by(Person.id)).first().name == NAME  # type: ignore[union-attr]
        assert all(isinstance(row.facts, dict) for row in session.scalars(select(OutboxRow)))
        assert files.content_of(session.scalars(select(StoredFile)).one()) == b"a picture"
    with inhabited.site.confidential.reading() as session:
        assert session.scalars(select(ConfidentialMatter)).one().text == "我不想活了"


def test_f30_a_process_that_does_not_know_the_new_key_yet_looks_for_it_and_reads(inhabited: Town) -> None:
    """Trust F30: rotation without a restart."""
    old_pocket = list(privacy._pocket)
    make_key(inhabited.site.settings.data, "main")
    privacy.use_keys(inhabited.site.settings.secrets.sealing)
    seal_anew(inhabited.site, "main")
    privacy._pocket[:] = old_pocket
    with inhabited.reading() as session:
        assert session.scalars(select(Person).order_by(Person.id)).first().name == NAME  # type: ignore[union-attr]


def test_what_was_sealed_before_rows_had_keys_still_opens_and_is_bound_by_the_next_run(
    inhabited: Town,
) -> None:
    ring = privacy.keyring()
    cipher = ring._derive_cipher(ring._first, "person.name")
    old = COLUMN_ONLY + b"n" * 12 + cipher.encrypt(b"n" * 12, "旧名".encode(), b"person.name")
    inhabited.writing(lambda s: s.execute(update(Person).where(Person.id == 1).values(_name=old)))
    with inhabited.reading() as session:
        assert session.get_one(Person, 1).name == "旧名"
    count = seal_anew(inhabited.site, "main")
    assert count.sealed_anew == 1
    assert not any(value.startswith(COLUMN_ONLY) for value in raw(inhabited, Person.name))
    with inhabited.reading() as session:
        assert session.get_one(Person, 1).name == "旧名"


def test_the_command_makes_a_key_seals_anew_and_says_what_it_could_not_read(sqlite_town: Town) -> None:
    sqlite_town.seed("people")
    runner = sqlite_town.app.test_cli_runner()
    done = runner.invoke(args=["rekey", "--new"])
    assert done.exit_code == 0, done.output
    assert "master-2.key" in done.output
    assert (sqlite_town.site.settings.data / "secrets" / "master-2.key").stat().st_mode & 0o777 == 0o600
    sqlite_town.writing(
        lambda s: s.execute(update(Person).where(Person.id == 1).values(_name=b"\x02damaged"))
    )
    done = runner.invoke(args=["rekey"])
    assert done.exit_code == 1
    assert "unreadable 1" in done.output


def test_every_sealed_column_of_the_models_is_found() -> None:
    purposes = {one.purpose for one in sealed_columns("main")} | {
        one.purpose for one in sealed_columns("confidential")
    }
    assert {
        "person.name",
        "person.phone",
        "desk_line.text",
        "outbox.facts",
        "confidential_matter.text",
    } <= purposes
    assert all(one.purpose == f"{one.table.name}.{one.column.name}" for one in sealed_columns("main"))


def test_a_ring_without_a_whole_key_is_refused() -> None:
    for keys in ((), (b"short",)):
        with pytest.raises(ValueError, match="32 bytes"):
            Keyring(*keys)
