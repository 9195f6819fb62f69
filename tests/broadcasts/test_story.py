"""Whatever writers, readers and approvers do to notices and broadcasts, in any order: nothing is approved that somebody
else has not tested, proposed and read word for word, and what is approved stays what it was (I9)."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import TypeVar

from sqlalchemy import select
from sqlalchemy.orm import Session

from app import clock
from handlers.broadcasts import actions
from handlers.broadcasts.invariants import INVARIANTS
from handlers.notices import actions as notices
from handlers.notices import reviewing
from models.approval import PROOFS, digest_of
from models.broadcasts import Broadcast, BroadcastTest
from models.identity import Actor
from models.notices import PROOFS as NOTICE_PROOFS
from models.notices import Notice, newest
from models.refusal import Refusal
from tests.broadcasts.planning import TOLD, colleague, resident
from tests.fuzz.stories import Story, tell, walk
from tests.neighbours import Town, frozen

STAFF = {
    "wang": ("desk",),
    "zhang": ("approver",),
    "li": ("approver",),
    "chu": ("first_review",),
    "fu": ("second_review",),
}
STAGES = ("first_review", "second_review")
SUMMARIES = ("明天早上9点停水。\n请提前接好水。", "明天下午2点停水。\n请提前接好水。")
OFTEN = 0.75
Row = TypeVar("Row", Notice, Broadcast)


@dataclass
class Known:
    """What the story itself has seen of one broadcast, beside what the rows say."""

    writer: str
    tested: set[str] = field(default_factory=set)
    proposed: str | None = None
    approved: str | None = None


class Newsroom(Story):
    """Two who write, two who read, two with the last word; one of these writes as well, which the console prevents."""

    remembers = ("known", "authors", "read")

    def __init__(self, town: Town) -> None:
        self.town = town
        self.known: dict[int, Known] = {}
        self.authors: dict[int, str] = {}  # of each version of words
        self.read: dict[int, set[str]] = {}  # the stages that each version has passed
        self.steps: Sequence[Callable[[random.Random], object]] = (
            *(self.writes, self.rewords, self.drafts, self.edits, self.sends_back),
            *(self.takes_new_words,) * 4,
            *(self.reads,) * 12,
            *(self.tests,) * 5,
            *(self.proposes,) * 6,
            *(self.approves,) * 8,
        )

    # ---- steps

    def writes(self, dice: random.Random) -> None:
        def unit(session: Session) -> tuple[int, str]:
            by = _writer(session, dice)
            row = notices.draft(by, **TOLD | {"valid_from": clock.today()})
            session.flush()
            return newest(session, row).id, _login(by)

        version, login = self.town.writing(unit)
        self.authors[version] = login

    def rewords(self, dice: random.Random) -> None:
        def unit(session: Session) -> tuple[int, str]:
            by = _writer(session, dice)
            version = notices.edit(by, _any(session, dice, Notice), summary=dice.choice(SUMMARIES))
            session.flush()
            return version.id, _login(by)

        version, login = self.town.writing(unit)
        self.authors.setdefault(version, login)

    def reads(self, dice: random.Random) -> None:
        """Mostly by whose stage it is; a reader may also find that it is not good enough."""
        stage, passed = dice.choice(STAGES), dice.random() < OFTEN + 0.2
        usual = "chu" if stage == "first_review" else "fu"
        login = usual if dice.random() < OFTEN else dice.choice(list(STAFF))

        def unit(session: Session) -> tuple[int, str]:
            notice = _any(session, dice, Notice)
            version = newest(session, notice)
            by = _at_desk(session, login)
            reviewing.review(
                by,
                notice,
                number=version.number,
                stage=stage,
                passed=passed,
                proofs=NOTICE_PROOFS,
                comment="" if passed else "说清楚是哪一天",
            )
            return version.id, _login(by)

        version, reader = self.town.writing(unit)
        assert reader != self.authors[version], "who wrote it read it"
        stages = self.read.setdefault(version, set())
        if passed:
            stages.add(stage)
        else:
            stages.discard(stage)

    def drafts(self, dice: random.Random) -> None:
        def unit(session: Session) -> tuple[int, str]:
            by = _writer(session, dice)
            row = actions.draft(by, _any(session, dice, Notice), urgent=dice.random() < 0.1)
            session.flush()
            return row.id, _login(by)

        number, login = self.town.writing(unit)
        self.known[number] = Known(login)

    def edits(self, dice: random.Random) -> None:
        self._changes(dice, lambda _session, _row: {"roads": dice.choice((("custom",), ("custom", "mass")))})

    def takes_new_words(self, dice: random.Random) -> None:
        self._changes(dice, lambda session, row: {"version": newest(session, row.notice)})

    def _changes(self, dice: random.Random, how: Callable[[Session, Broadcast], dict[str, object]]) -> None:
        def unit(session: Session) -> tuple[int, bool]:
            row = _any(session, dice, Broadcast, "draft")
            before = digest_of(row)
            actions.edit(_writer(session, dice), row, revision=row.revision, **how(session, row))
            return row.id, digest_of(row) != before

        number, changed = self.town.writing(unit)
        if changed:
            self.known[number].proposed = None

    def tests(self, dice: random.Random) -> None:
        def unit(session: Session) -> tuple[int, str]:
            row, by = _any(session, dice, Broadcast, "draft"), _writer(session, dice)
            assert by.staff
            session.add(BroadcastTest(broadcast_id=row.id, digest=digest_of(row), staff_id=by.staff.id))
            return row.id, digest_of(row)

        number, digest = self.town.writing(unit)
        self.known[number].tested.add(digest)

    def proposes(self, dice: random.Random) -> None:
        def unit(session: Session) -> tuple[int, str]:
            row = actions.propose(_writer(session, dice), _any(session, dice, Broadcast, "draft"))
            return row.id, digest_of(row)

        number, digest = self.town.writing(unit)
        assert digest in self.known[number].tested, "proposed without a test of exactly this"
        self.known[number].proposed = digest

    def sends_back(self, dice: random.Random) -> None:
        def unit(session: Session) -> int:
            by = _at_desk(session, dice.choice(list(STAFF)))
            return actions.send_back(by, _any(session, dice, Broadcast), "请写清楚是哪几栋楼").id

        self.known[self.town.writing(unit)].proposed = None

    def approves(self, dice: random.Random) -> None:
        """With what somebody read, which may be older than what there is now; some tick less than everything."""
        login = dice.choice(("li", "zhang")) if dice.random() < OFTEN else dice.choice(list(STAFF))
        proofs = PROOFS if dice.random() < OFTEN else PROOFS[1:]

        def unit(session: Session) -> tuple[int, str, int, bool]:
            row = _any(session, dice, Broadcast, "proposed")
            seen = sorted(self.known[row.id].tested | {row.digest or ""})
            digest = row.digest or "" if dice.random() < OFTEN else dice.choice(seen)
            actions.approve(_at_desk(session, login), row, digest=digest, proofs=proofs)
            return row.id, digest, row.version_id, row.urgent

        number, digest, version, urgent = self.town.writing(unit)
        known = self.known[number]
        assert known.approved is None, "approved twice"
        assert known.proposed == digest, "approved what nobody proposes"
        assert "approver" in STAFF[login]
        assert login not in (known.writer, self.authors[version]), "who wrote it approved it"
        assert proofs == PROOFS, "approved without having looked at everything"
        assert urgent or self.read.get(version) == set(STAGES), "two others have not read it"
        known.approved = digest

    # ---- what must hold

    def holds(self) -> None:
        with self.town.reading() as session:
            for ask in INVARIANTS:
                assert list(ask(session)) == [], ask.__doc__
            for row in session.scalars(select(Broadcast)):
                known = self.known[row.id]
                assert (row.state in ("draft", "proposed")) == (known.approved is None)
                if row.state == "proposed":
                    assert row.digest == known.proposed == digest_of(row)
                if known.approved is not None:
                    assert row.digest == known.approved, "what was approved has changed"


def _at_desk(session: Session, login: str) -> Actor:
    return colleague(session, login, *STAFF[login])


def _writer(session: Session, dice: random.Random) -> Actor:
    return _at_desk(session, dice.choice(("wang", "zhang")))


def _login(by: Actor) -> str:
    assert by.staff
    return by.staff.login


def _any(session: Session, dice: random.Random, kind: type[Row], state: str | None = None) -> Row:
    """Mostly the latest, in this state where there is one."""
    rows = list(session.scalars(select(kind).order_by(kind.id.desc()).limit(4)))
    if not rows:
        raise Refusal("story.nothing_yet")
    suited = [row for row in rows if row.state == state] or rows
    return suited[0] if dice.random() < OFTEN else dice.choice(rows)


def newsroom(town: Town) -> Newsroom:
    def unit(session: Session) -> None:
        resident(session, "马秀兰", spoke=True)
        for login in STAFF:
            _at_desk(session, login)

    town.writing(unit)
    room, dice = Newsroom(town), random.Random(1)
    for begin in (room.writes, room.reads, room.reads, room.drafts):
        begin(dice)
    return room


def test_i9_holds_after_every_step_of_any_story(town: Town) -> None:
    with frozen("2026-11-23 10:00"):
        tell(newsroom(town), length=20)


def test_many_random_steps_approve_and_refuse_for_every_reason(sqlite_town: Town) -> None:
    with frozen("2026-11-23 10:00"):
        met = walk(newsroom(sqlite_town), 300)
    assert {"approves", "proposes", "sends_back", "reads"} <= set(met)
    assert {
        "broadcasts.own",
        "broadcasts.proofs_missing",
        "broadcasts.not_tested",
        "broadcasts.too_late",
    } <= set(met)
