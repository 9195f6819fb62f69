"""A year of activities: who signed up, each check-in and check-out, the hours that followed, what the ledger says."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from models.hours import DISPUTE_WITHIN
from models.ledger import house_account

if TYPE_CHECKING:
    from bench.city.town import Town

A_SESSION, LASTS, AHEAD = 20, 120, 40  # people, minutes; sessions that are still to come


def write(town: Town) -> None:
    stays = Stays(town)
    stays.activities()
    stays.check_ins()
    stays.hours()
    stays.ledger()


class Stays:
    """Stay number k is of volunteer k and in session k / 20, one after another."""

    def __init__(self, town: Town) -> None:
        from bench.city.town import CHECK_INS_EACH, MOST_CHECK_INS

        self.town, self.pen = town, town.pen
        self.many = min(MOST_CHECK_INS, town.many * CHECK_INS_EACH) // 2
        self.volunteers = max(A_SESSION, town.many // 4)
        self.past = self.many // A_SESSION
        self.activity, self.session = self.pen.next_id("activity"), self.pen.next_id("activity_session")
        self.row, self.transfer = self.pen.next_id("service_hours"), self.pen.next_id("time_transfer")
        self.posted = self.many - min(town.waiting, self.many // 10)

    def person(self, at: int) -> int:
        return self.town.person(at % self.volunteers * 4)

    def began(self, session: int) -> datetime:
        return self.town.times.ago(session, self.past, 365) - timedelta(hours=6)

    def activities(self) -> None:
        """One activity for fifty sessions of the past; the coming ones are of the last of them."""
        many = self.past // 50 + 1
        made = self.town.times.now - timedelta(days=366)
        names = "id title sentence place created_at"
        self.pen.write(
            "activity",
            names,
            ((self.activity + at, f"河道清洁{at}", "一起来", "湟水河步道", made) for at in range(many)),
        )
        names = "id activity_id starts ends capacity taken state secret"
        secret = self.town.sealed("activity_session.secret", "0" * 64, row="")

        def rows() -> Iterator[tuple[Any, ...]]:
            for at in range(self.past + AHEAD):
                coming = at >= self.past
                starts = (
                    self.town.times.now + timedelta(hours=12 * (at - self.past + 1))
                    if coming
                    else self.began(at)
                )
                taken, state = (0, "planned") if coming else (A_SESSION, "closed")
                ends = starts + timedelta(minutes=LASTS)
                yield (
                    self.session + at,
                    self.activity + min(at // 50, many - 1),
                    starts,
                    ends,
                    40,
                    taken,
                    state,
                    secret,
                )

        self.pen.write("activity_session", names, rows())

    def check_ins(self) -> None:
        def of(at: int) -> tuple[int, int]:
            return self.session + at // A_SESSION, self.person(at)

        self.pen.write(
            "enrolment",
            "session_id person_id changed_at",
            ((*of(at), self.began(at // A_SESSION)) for at in range(self.many)),
        )

        def scans() -> Iterator[tuple[Any, ...]]:
            for at in range(self.many):
                came, left = self._stay(at)
                yield *of(at), f"in:{at}", "in", came, came, "chat"
                yield *of(at), f"out:{at}", "out", left, left, "chat"

        self.pen.write("scan", "session_id person_id nonce way occurred_at received_at channel", scans())
        names = "session_id person_id came_at left_at minutes state"
        self.pen.write(
            "attendance", names, ((*of(at), *self._stay(at), LASTS, "confirmed") for at in range(self.many))
        )

    def _stay(self, at: int) -> tuple[datetime, datetime]:
        came = self.began(at // A_SESSION)
        return came, came + timedelta(minutes=LASTS)

    def hours(self) -> None:
        names = "id person_id source session_id what started_at ended_at"
        names += " counted minutes seen state staff_id confirmed_at dispute_until transfer_id"

        def rows() -> Iterator[tuple[Any, ...]]:
            for at in range(self.many):
                came, left = self._stay(at)
                session, posted = self.session + at // A_SESSION, at < self.posted
                sure = posted or at % 2 == 0
                how = (
                    ("posted" if posted else "confirmed", self.town.staff[0], left, left + DISPUTE_WITHIN)
                    if sure
                    else ("provisional", None, None, None)
                )
                yield (
                    *(
                        self.row + at,
                        self.person(at),
                        f"session:{session}",
                        session,
                        "河道清洁",
                        came,
                        left,
                        LASTS,
                    ),
                    *(LASTS, LASTS, *how, self.transfer + at if posted else None),
                )

        self.pen.write("service_hours", names, rows())

    def ledger(self) -> None:
        """Each posted stay is a transfer from the community's issue; all balances are right."""
        issue = self.town.site.database.writing(lambda session: _spend(session, self.posted * LASTS))
        account, before = self.pen.next_id("time_account"), issue[1]
        whose = min(self.volunteers, self.posted)
        each = [self.posted // whose + (at < self.posted % whose) for at in range(whose)]
        self.pen.write(
            "time_account",
            "id kind person_id balance lowest opened_at",
            (
                (account + at, "person", self.person(at), each[at] * LASTS, -240, self.began(0))
                for at in range(whose)
            ),
        )
        names = "id kind once source at"
        self.pen.write(
            "time_transfer",
            names,
            (
                (
                    self.transfer + at,
                    "post",
                    f"hours:{self.row + at}:0",
                    f"hours:{self.row + at}",
                    self._stay(at)[1],
                )
                for at in range(self.posted)
            ),
        )

        def postings() -> Iterator[tuple[Any, ...]]:
            for at in range(self.posted):
                yield self.transfer + at, issue[0], -LASTS, before - LASTS * (at + 1)
                yield self.transfer + at, account + at % whose, LASTS, LASTS * (at // whose + 1)

        self.pen.write("time_posting", "transfer_id account_id minutes after", postings())


def _spend(session: Any, minutes: int) -> tuple[int, int]:
    """The community's issue account and what it held before."""
    issue = house_account(session, "issue")
    session.flush()
    before = issue.balance
    issue.balance -= minutes
    return issue.id, before
