"""Hands that reach into the tables past every rule of the house and of the database: one for each thing that an invariant
can say. They stand in the order of the features."""

from __future__ import annotations

import os
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import (
    Column,
    ColumnElement,
    Connection,
    ScalarSelect,
    Table,
    delete,
    func,
    insert,
    inspect,
    literal,
    select,
    text,
    update,
)
from sqlalchemy.orm import Session

from app import clock, files
from app.house import load_features
from handlers import FEATURES
from models.audit_chain import chain_next
from models.base import Base
from models.rating_honours import FORMULA

load_features(FEATURES)  # the tables are those of the whole house

Hand = Callable[[Session], object]


def loosen(connection: Connection) -> None:
    """Take the rules out of a database that nobody needs any more: triggers, checks, and what must be unique. (In SQLite
    the checks are a pragma, and what is unique by its table stays.)"""
    found = inspect(connection)
    if connection.dialect.name == "sqlite":
        for kind in ("trigger", "index"):
            named = select(text("name")).select_from(text("sqlite_master")).where(text(f"type = '{kind}'"))
            unique = text("sql LIKE 'CREATE UNIQUE%'") if kind == "index" else text("1 = 1")
            for name in connection.scalars(named.where(unique)).all():
                connection.execute(text(f'DROP {kind} "{name}"'))
        return
    for table in found.get_table_names():
        rules = [one["name"] for one in found.get_check_constraints(table)]
        rules += [one["name"] for one in found.get_unique_constraints(table)]
        for name in rules:
            connection.execute(text(f'ALTER TABLE "{table}" DROP CONSTRAINT "{name}"'))
        for one in found.get_indexes(table):
            if one["unique"] and "duplicates_constraint" not in one:
                connection.execute(text(f'DROP INDEX "{one["name"]}"'))


def table_of(name: str) -> Table:
    return Base.metadata.tables[name]


def first(table: str, where: str = "1 = 1") -> ScalarSelect[Any]:
    """The number of the first row for which this is true."""
    (key, *_) = table_of(table).primary_key
    return select(func.min(key)).where(text(where)).scalar_subquery()


def ago(**how_long: float) -> Callable[[Table], datetime]:
    return lambda _table: clock.now() - timedelta(**how_long)


def _ready(table: Table, values: dict[str, Any]) -> dict[str, Any]:
    return {name: value(table) if callable(value) else value for name, value in values.items()}


def changes(name: str, where: str = "1 = 1", /, **values: Any) -> Hand:
    """The first row for which this is true; a value may be made of the table."""
    (key, *_) = table_of(name).primary_key
    return _run(
        lambda table: update(table).where(key == first(name, where)).values(_ready(table, values)), name
    )


def changes_all(name: str, where: str = "1 = 1", /, **values: Any) -> Hand:
    return _run(lambda table: update(table).where(text(where)).values(_ready(table, values)), name)


def removes(name: str, where: str = "1 = 1") -> Hand:
    return _run(lambda table: delete(table).where(text(where)), name)


def adds(name: str, /, **values: Any) -> Hand:
    return _run(lambda table: insert(table).values(_ready(table, values)), name)


def copies(name: str, where: str = "1 = 1", /, **values: Any) -> Hand:
    """The same row once more, but for its number and what is named."""
    (key, *_) = table_of(name).primary_key

    def copy(table: Table) -> Any:
        kept = [column for column in table.c if column is not key and column.name not in values]
        given = [_literal(value, table.c[column]) for column, value in _ready(table, values).items()]
        made = select(*kept, *given).where(key == first(name, where))
        return insert(table).from_select([*(column.name for column in kept), *values], made)

    return _run(copy, name)


def _literal(value: Any, column: Column[Any]) -> Any:
    return value if isinstance(value, ColumnElement) else literal(value, column.type)


def twice(name: str) -> Hand:
    """Every row, by a table that has no rules at all."""
    return said(
        f"ALTER TABLE {name} RENAME TO kept",
        f"CREATE TABLE {name} AS SELECT * FROM kept UNION ALL SELECT * FROM kept",
    )


def said(*statements: str) -> Hand:
    return lambda session: [session.execute(text(one)) for one in statements]


def together(*hands: Hand) -> Hand:
    return lambda session: [hand(session) for hand in hands]


def _run(made: Callable[[Table], Any], name: str) -> Hand:
    def hand(session: Session) -> None:
        done: Any = session.connection().execute(made(table_of(name)))
        assert done.rowcount, f"no row of {name} was touched"

    return hand


def _plus(column: str, more: int = 1) -> Callable[[Table], Any]:
    return lambda table: table.c[column] + more


def _chain_and_change(session: Session) -> None:
    chain_next(session, 10)
    session.flush()
    changes("audit_line", "seq = 3", action="toy.other")(session)


def _let_files_grow_old(_session: Session) -> None:
    for path in files.all_paths():
        os.utime(path, (0, 0))


LONG, NOW = {"starts": ago(days=900), "ends": ago(days=899)}, ago()
DAY = timedelta(days=1)
OFFERED: dict[str, Any] = {"state": "offered", "offered_slot_id": first("slot")}
RECKONED: dict[str, Any] = {"name": "2026Q3", "formula": FORMULA, "appeal_until": clock.today()}
FIGURES = {"ratings": 0, "found": 0, "usual": 1, "answers": 0, "late": 0}
OF_A_TEAM = "state = 'open' AND activity_id IN (SELECT id FROM activity WHERE team_id IS NOT NULL)"
AT_HOME = "source LIKE 'home_job:%'"

# The invariant by its name, what a hand does, and what is said of it.
BROKEN: list[tuple[str, Hand, str]] = [
    ("broken_chain", _chain_and_change, "audit line 3 does not fit the one before it"),
    ("answered_twice", together(adds("inbox", key="k", app="oa", kind="text", answer="", received_at=NOW), twice("inbox")), "a push stands there twice: k"),
    ("answered_twice", twice("outbox"), "a message stands there twice"),
    ("broken_files", together(removes("stored_file"), _let_files_grow_old), "belongs to no row"),
    ("broken_files", adds("stored_file", key="0" * 32, purpose="toy", name="x", media_type="x", size=1, sha256="", made_at=NOW), "has no bytes"),
    ("kept_too_long", together(adds("schedule", job="house.forget_old_pushes", next_due=NOW, last_run_at=NOW), adds("inbox", key="k", app="oa", kind="text", answer="", received_at=ago(days=9))), "1 pushes are kept longer"),
    # people
    ("broken_places", changes("place", "kind = 'building'", parent_id=None), "stands in the wrong place"),
    ("broken_joinings", changes("person", "id IN (SELECT person_id FROM identity)", merged_into_id=first("person")), "was joined away"),
    ("kept_without_consent", removes("consent"), "without a consent"),
    ("broken_households", changes("household_member", "tie = 'head'", tie="child"), "has not one head"),
    ("broken_households", changes("household", ended_at=NOW), "is in a household that ended"),
    ("broken_households", changes_all("place", grid_id=None), "stands in no grid"),
    ("broken_proxies", changes("proxy", "ended_at IS NULL", ward_id=lambda table: table.c.holder_id), "act for themselves"),
    ("overdue_facts", adds("sensitive_fact", person_id=first("person"), kind="toy", value=b"x", programme="x", programme_ends=clock.today() - 92 * DAY, at=NOW), "is kept too long"),
    # broadcasts
    ("everybody_is_counted", changes("broadcast", "begun_with IS NOT NULL", begun_with=99), "began with 99 people"),
    ("nothing_is_sent_without_a_name", changes("outbox", bundle="broadcast:1", state="submitted", road="template", wechat_id=None), "was sent and has no id"),
    ("nothing_is_sent_without_a_name", adds("broadcast_call", broadcast_id=1, number=1, kind="mass", app="oa", state="done", due=NOW, tries=1, client_id="x"), "was made and has no id"),
    ("what_is_sent_was_approved", changes("broadcast", "begun_at IS NOT NULL", roads=["toy"]), "is not what was approved"),
    ("what_is_sent_was_approved", removes("broadcast_review"), "nobody has given the last word"),
    ("what_was_due_began_or_expired", changes("broadcast", state="approved", begins_at=ago(hours=1)), "should have begun"),
    ("what_was_due_began_or_expired", changes("broadcast", state="expired", why_ended=None), "expired without a word"),
    ("what_was_due_began_or_expired", changes("broadcast", "begun_at IS NOT NULL", state="sending", useful_until=ago(days=3)), "is of no use any more"),
    # appointments
    ("seats_equal_appointments", changes("slot", "taken = 1", taken=_plus("taken")), "2 taken of"),
    ("seats_equal_appointments", changes("slot", "taken > 0", capacity=0), "taken of 0"),
    ("one_place_each", copies("appointment", "state <> 'cancelled'"), "holds slot"),
    ("one_at_a_time", copies("occupation", source="toy:1"), "at once"),
    ("offers_end", changes("slot_wait", **OFFERED, offered_until=ago(hours=2)), "is past its deadline"),
    ("offers_end", changes("slot_wait", **OFFERED, offered_until=ago(days=-400)), "ends after its time began"),
    ("one_offer_each", together(changes("slot_wait", **OFFERED, offered_until=ago(days=-1)), copies("slot_wait", "state = 'offered'")), "is offered two seats"),
    ("strikes_have_a_no_show", adds("strike", person_id=1, visitor="", kind="no_show", appointment_id=first("appointment", "state = 'confirmed'"), marked_by=1, at=NOW), "has no visit that was missed"),
    ("rooms_belong_to_visits", changes_all("appointment", state="cancelled"), "is over and still has resource"),
    ("rooms_belong_to_visits", changes_all("occupation", ends=ago(days=-500)), "at another time than its own"),
    # circle
    ("lapsed_are_hidden", changes_all("service", "kind = 'circle'", licensed_until=clock.today() + 9999 * DAY), "is offered until"),
    ("one_answers_until", changes("home_job", "state = 'accepted'", due=None), "without somebody or a due time"),
    ("one_answers_until", changes("home_job", "state = 'offered'", provider_id=None), "without somebody or a due time"),
    ("nobody_unlicensed", changes_all("provider_licence", valid_until=clock.today() - 99 * DAY), "is with provider"),
    ("time_is_held", removes("occupation", AT_HOME), "is not as it is held"),
    ("time_is_held", changes("occupation", AT_HOME, ends=ago(days=-500)), "holds another time"),
    # wishes
    ("one_claim_each", changes("wish", "state = 'public'", state="claimed"), "is claimed with 0 claims"),
    ("one_claim_each", copies("wish_claim", "state = 'open'"), "with 2 claims"),
    ("no_stale_claims", changes("wish_claim", "state = 'open'", due=clock.today() - 3 * DAY), "is open, due"),
    ("lost_asks", adds("wish_ask", wish_id=first("wish", "state = 'done'"), partner_id=1, state="asked", asked_on=clock.today(), due=clock.today()), "is open for a wish that does not wait"),
    # activities, volunteers, hours
    ("wrong_counts", changes("activity_session", taken=_plus("taken")), "seated"),
    ("wrong_counts", changes("session_group", taken=_plus("taken")), "group"),
    ("broken_lines", changes("enrolment", "state = 'waiting'", line=None), "waits without a number"),
    ("broken_lines", changes("enrolment", "state = 'waiting'", state="offered"), "is offered a seat without a sensible end"),
    ("broken_lines", changes("enrolment", "state = 'waiting'", party_id=first("enrolment", "state = 'joined'")), "waits for a party that does not"),
    ("late_offers", changes("enrolment", "state = 'waiting'", state="offered", offered_until=ago(hours=2)), "is not over"),
    ("overdue_answers", changes_all("activity_session", **LONG), "is kept too long"),
    ("overlaps", copies("attendance"), "overlaps one before it"),
    ("too_many_minutes", changes("attendance", "minutes IS NOT NULL", minutes=9999), "has 9999 minutes"),
    ("still_open", together(changes_all("activity_session", state="closed"), changes("attendance", left_at=None, minutes=None)), "is open in a closed session"),
    ("no_minute_twice", copies("service_hours", "state = 'confirmed'", source="toy:1"), "overlap"),
    ("both_said_yes", changes("service_hours", "transfer_id IS NOT NULL", confirmed_at=None), "count without being confirmed"),
    ("both_said_yes", changes("service_hours", "transfer_id IS NOT NULL", leader_id=lambda table: table.c.person_id), "count without being confirmed"),
    ("within_the_cap", changes("service_hours", "session_id IS NOT NULL AND state IN ('confirmed', 'posted')", minutes=9999), "say 9999 minutes"),
    ("one_transfer_each", changes("service_hours", "transfer_id IS NOT NULL", minutes=_plus("minutes")), "minutes, the ledger"),
    ("one_transfer_each", changes_all("service_hours", transfer_id=None), "belongs to no record of hours"),
    # certificates, teams
    ("gaps_in_register", changes("certificate", "ordinal IS NOT NULL", ordinal=99), "has a gap or a double"),
    ("changed_content", changes("certificate", "content IS NOT NULL", digest="0"), "does not say what was frozen"),
    ("posted_too_short", changes("certificate", "state = 'issued'", posting_since=lambda table: table.c.posting_until), "was not posted for seven days"),
    ("ownerless", together(changes_all("team_member", role="member"), changes_all("team", staff_id=None)), "has neither leader nor owner"),
    ("odd_members", changes("team_member", "state = 'active'", since=None), "is in it since never"),
    ("odd_members", twice("team_member"), "people"),
    ("strangers_on_shift", together(changes_all("activity_session", state="open", starts=ago(days=-1), ends=ago(days=-2)), removes("enrolment"), adds("enrolment", session_id=first("activity_session", OF_A_TEAM), person_id=first("person"), state="joined", how="self", changed_at=NOW), removes("team_member")), "without being in the team"),
    ("stale_covers", together(changes_all("cover", state="open"), changes_all("activity_session", starts=ago(hours=2))), "is still searched for"),
    # the ledger
    ("sums_are_zero", changes("time_posting", minutes=_plus("minutes")), "has 2 postings of 1"),
    ("sums_are_zero", changes("time_account", balance=_plus("balance")), "all accounts together hold 1 minutes"),
    ("balances_are_rebuilt", changes("time_account", balance=_plus("balance")), "its postings"),
    ("balances_are_rebuilt", changes("time_posting", after=_plus("after")), "has another balance beside it"),
    ("holds_are_kept", changes("time_account", held=_plus("held")), "its open holds"),
    ("limits_hold", changes("time_account", "lowest IS NOT NULL", lowest=99999), "is below its limit"),
    ("reversals_mirror", changes("time_transfer", "id > 1", kind="reversal", reverses_id=1), "does not mirror what it reverses"),
    ("requests_are_covered", changes("exchange", "state = 'asked'", state="cancelled"), "is cancelled and its minutes are not"),
    ("requests_are_covered", changes("exchange", "state = 'paid'", transfer_id=None), "is paid by no transfer"),
    ("requests_are_covered", removes("exchange_hand"), "is matched with 0 hands"),
    ("pieces_are_counted", changes("partner_offer", taken=_plus("taken")), "says 1 taken of 0"),
    ("pieces_are_counted", adds("partner_voucher", offer_id=1, hold_id=first("time_hold", "state <> 'open'"), code_index="x", state="held", tries=0, at=NOW), "and its minutes differ"),
    ("months_stay", adds("time_month", month=clock.today().replace(day=1), figures={}, digest="0", closed_at=NOW), "counts otherwise now"),
    # matters, ratings, guides, forms
    ("one_owner_one_due", changes("matter", "state = 'assigned'", owner_id=None), "is assigned, owner None"),
    ("one_owner_one_due", changes("matter", "state = 'assigned'", due=None), "due None"),
    ("nameless_stay_nameless", changes("matter", "person_id IS NOT NULL", contact="anonymous"), "leads to somebody"),
    ("none_late_unseen", adds("guarded_matter", receipt="1234567", role="toy", state="working", said_on=clock.today() - 9 * DAY, due=clock.today() - 3 * DAY), "is late and nobody was told"),
    ("answered_by_somebody", changes("rating", answer=b"x", owner_id=None), "has an answer of nobody"),
    ("read_by_two", changes("suggestion", "state = 'public'", passed_by_id=lambda table: table.c.asked_by_id), "is public and should not be"),
    ("read_by_two", changes("suggestion", "state = 'public'", may_show=False), "is public and should not be"),
    ("frozen_as_reckoned", together(adds("honour_quarter", id=1, state="public", **RECKONED), adds("honour_reckoning", quarter_id=1, figures=FIGURES, reached=True)), "does not follow from its figures"),
    ("nothing_public_with_open_appeals", together(adds("honour_quarter", id=1, state="public", **RECKONED), adds("honour_reckoning", quarter_id=1, figures=FIGURES, reached=False, appeal=b"x")), "its objection is not decided"),
    ("confirmed_cards_say_by_whom_and_until_when", changes("guide_card", state="confirmed", confirmed_at=None), "is confirmed by nobody"),
    ("the_edition_is_of_these_words", changes("guide_edition", digest="0"), "words that are not theirs any more"),
    ("every_draft_has_its_version", changes("form_draft", version=99), "a version that is not there"),
    ("nothing_is_kept_too_long", changes("form_draft", "state = 'open'", touched_at=ago(days=900)), "is kept too long"),
    ("nothing_is_kept_too_long", changes("form_draft", "answers IS NOT NULL", kept_until=clock.today() - 3 * DAY), "is kept too long"),
    # hall, petitions, desk, duty
    ("one_number_each", twice("ticket"), "was given twice"),
    ("one_number_each", changes_all("ticket", state="called", person_id=1, service_id=1, appointment_id=None), "was called twice"),
    ("states_are_whole", changes("ticket", state="aside", back_at=None), "is aside and cannot be"),
    ("states_are_whole", changes("ticket", state="called", calls=0), "is called and cannot be"),
    ("one_clerk_each", changes("hall_window", is_open=False, staff_id=1), "is closed or paused the wrong way"),
    ("taken_times_are_occupied", changes("reception_time", source="petition:toy"), "does not hold its room and leader"),
    ("one_open_talk_each", copies("desk_talk"), "has two open talks"),
    ("unanswered", adds("inbox", key="k", app="oa", kind="text", person_id=first("person"), answer="", received_at=ago(minutes=2)), "1 messages of kind text have no answer"),
    ("every_leave_has_a_deputy", copies("staff_leave", staff_id=lambda table: table.c.deputy_id), "is away as well"),
]  # fmt: skip
