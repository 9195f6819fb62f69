"""The ways of using the house that are measured, each through its own channel: pushes, pages, the console, jobs."""

from __future__ import annotations

import itertools
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session
from werkzeug.routing import Rule

from app import clock
from app.site import Site
from bench.city.town import name_of, neighbour, phone_of
from models.activities import Activity, ActivitySession, Enrolment
from models.base import Base
from models.identity import Actor, Identity
from models.place_code import code_at
from scheduler.timetable import timetable
from tests import neighbours
from tests.neighbours import Phone, Town
from tests.pages.visitors import Visitor
from tests.staff.clerks import PASSWORD, Clerk, clerk

ROLES = (
    ("desk", "care", "first_review", "leader"),
    ("approver", "second_review"),
    ("grid",),
    ("petitions",),
    ("auditor",),
    ("admin",),
)
# Pages that show figures of a whole period: they may take two seconds, and are asked less often.
REPORTS = (
    "/console/wishes/numbers",
    "/console/duty/trend",
    "/console/time/months",
    "/console/time/odd",
    "/console/time/rings",
    "/console/hall/figures",
    "/console/ratings",
    "/console/ratings/own",
    "/console/appointments/reasons",
    "/console/petitions/plan",
    "/console/certificates/national",
    "/console/guides/misses",
    "/h5/wishes/fair",
    "/console/trail/chain",
    "/console/broadcasts/<int:number>/report",
    "/console/broadcasts/<int:number>/progress",
    "/console/time/accounts/<int:number>",
)
ELSEWHERE = ("/console/<path:rest>", "/console/invitation/<key>", "/console/sign-in", "/console/scan")
AT_CHECK_IN = 300
CHATS = {
    "menu": "菜单",
    "my bookings": "我的预约",
    "notices": "通知",
    "a notice is looked for": "查通知 停水",
    "a guide": "老年证",
    "a guide in other words": "高龄补贴怎么领",
    "nobody understands it": "哎呀呀这个那个",
    "activities": "活动报名",
    "my activities": "我的活动",
    "wishes": "心愿站",
    "my time": "我的时间",
    "my hours": "我的时长",
    "my information": "我的信息",
    "matters": "说事反映",
    "a person": "人工",
}
TALKS = {
    "a booking to its end": ("预约", "1", "1", "1", "撤销"),
    "a wish": ("心愿站", "1", "想要一个热水袋", "1", "1", "1", "0", "取消"),
}


@dataclass(frozen=True)
class Path:
    """`ask(n)` walks it once, as the n-th person; it raises when the house did not answer."""

    kind: str
    name: str
    ask: Callable[[int], Any]


class Ways:
    """All paths of one town of `many` people, whose first has the number `first`."""

    def __init__(self, site: Site) -> None:
        neighbours.message_ids = itertools.count(time.time_ns() // 1000)  # a town hears of none twice
        self.site, self.house = site, Town(site)
        with site.database.reading() as session:
            one = session.scalars(select(Identity).where(Identity.openid == self.phone(0).openid)).one()
            self.first, last = one.person_id, select(func.max(Identity.person_id))
            self.many = int(session.scalar(last) or 0) - self.first + 1
        self.clerks = [self._clerk(at, roles) for at, roles in enumerate(ROLES)]
        self.visitors: dict[int, Visitor] = {}
        self.session = site.database.writing(self._session_of_today)

    def phone(self, at: int) -> Phone:
        return self.house.phone(neighbour(at))

    def who(self, at: int) -> int:
        """Somebody who has joined, another one each time."""
        number = at * 7919 % self.many
        return number - 1 if number % 5 == 4 else number

    def _clerk(self, at: int, roles: tuple[str, ...]) -> Clerk:
        known = Clerk(self.house, f"bench-{at}")
        with self.site.database.reading() as session:
            from models.staff import member_by_login

            there = member_by_login(session, known.login) is not None
        if not there:
            return clerk(self.house, *roles, login=known.login)
        known.signs_in(PASSWORD)
        return known

    def _session_of_today(self, session: Session) -> int:
        """One that began a moment ago, with people on its list."""
        now, activity = clock.now(), session.scalars(select(Activity).order_by(Activity.id.desc())).first()
        assert activity is not None
        times = {"starts": now - timedelta(minutes=10), "ends": now + timedelta(hours=3)}
        held = ActivitySession(activity_id=activity.id, **times, capacity=AT_CHECK_IN, state="open")
        session.add(held)
        session.flush()
        people = sorted({self.first + self.who(at) for at in range(AT_CHECK_IN)})
        session.add_all([Enrolment(session_id=held.id, person_id=one) for one in people])
        held.taken = len(people)
        return held.id

    def all(self) -> list[Path]:
        return [
            *self.chats(),
            *self.check_ins(),
            *self.pages(),
            *self.console(),
            *self.searches(),
            *self.machines(),
        ]

    # ---- residents ---------------------------------------------------------------------------------------------------

    def chats(self) -> Iterator[Path]:
        for name, words in CHATS.items():
            yield Path("chat", name, lambda at, words=words: self.says(at, words))
        for name, turns in TALKS.items():
            yield Path("chat", name, lambda at, turns=turns: self.says(at, *turns))

    def says(self, at: int, *words: str) -> str:
        return answered(self.phone(self.who(at)).says(*words))

    def check_ins(self) -> Iterator[Path]:
        yield Path(
            "check-in", "four digits in the chat", lambda at: self.says(at % AT_CHECK_IN, self._code().digits)
        )
        yield Path(
            "check-in",
            "the link behind the code",
            lambda at: self.opens(at % AT_CHECK_IN, f"/h5/checkin/{self._code().token}"),
        )

    def _code(self) -> Any:
        with self.site.database.reading() as session:
            return code_at(session.get_one(ActivitySession, self.session), clock.now())

    def pages(self) -> Iterator[Path]:
        for rule in self.rules("/h5/"):
            if not rule.arguments and not rule.rule.startswith(
                ("/h5/oauth", "/h5/wall", "/h5/me/copy", "/h5/private/copy")
            ):
                kind = "report" if rule.rule in REPORTS else "page"
                yield Path(kind, rule.rule, lambda at, path=rule.rule: self.opens(at, path))

    def opens(self, at: int, path: str) -> None:
        who = self.who(at) % 50  # a sign-in is a row: fifty browsers go round
        if who not in self.visitors:
            self.visitors[who] = Visitor(self.house, self.phone(who))
        visitor = self.visitors[who].opens(path)
        if visitor.status >= 500:
            raise RuntimeError(f"{path}: {visitor.status}")

    # ---- staff -------------------------------------------------------------------------------------------------------

    def rules(self, under: str) -> Iterator[Rule]:
        for rule in sorted(self.house.app.url_map.iter_rules(), key=lambda rule: rule.rule):
            if rule.rule.startswith(under) and "GET" in (rule.methods or ()) and rule.rule not in ELSEWHERE:
                yield rule

    def console(self) -> Iterator[Path]:
        """Every page of the console that one of the clerks may open, with the newest row where it names one."""
        for rule in self.rules("/console/"):
            path = rule.rule if not rule.arguments else self._named(rule)
            who = next((one for one in self.clerks if path and one.opens(path).status_code == 200), None)
            if path and who is not None:
                kind = "report" if rule.rule in REPORTS else "board"
                yield Path(kind, rule.rule, lambda _at, path=path, who=who: opened(who, path))

    def _named(self, rule: Rule) -> str | None:
        """Its address for the newest row of the table that its pages are about; None where no row goes by number."""
        if rule.arguments != {"number"} or rule.rule.endswith((".png", "/scan", "/media/<int:number>")):
            return None
        table = next((table for start, table in ABOUT.items() if rule.rule.startswith(start)), None)
        if table is None:
            return None
        with self.site.database.reading() as session:
            number = session.scalar(select(func.max(Base.metadata.tables[table].c.id)))
        return rule.rule.replace("<int:number>", str(number)) if number else None

    def searches(self) -> Iterator[Path]:
        desk, audit = self.clerks[0], self.clerks[4]
        for what, words in (
            ("phone", phone_of),
            ("four last digits", lambda at: phone_of(at)[-4:]),
            ("name", name_of),
        ):
            yield Path(
                "search",
                f"residents by {what}",
                lambda at, words=words: self._finds(desk, words(self.who(at))),
            )
        yield Path("search", "residents by place", lambda _at: self._finds(desk, "第1家园3号楼2单元"))
        yield Path("search", "notices", lambda at: self.opens(at, "/h5/search?q=停水"))
        for page in (1, 2, 50):
            yield Path(
                "search",
                f"trail, page {page}",
                lambda _at, page=page: opened(audit, f"/console/trail?page={page}"),
            )
        yield Path(
            "search",
            "trail of one person",
            lambda at: opened(audit, f"/console/trail?about={self.first + self.who(at)}"),
        )
        yield Path("board", "the card of a resident", self._card)
        for page in LATER:
            yield Path("board", page, lambda _at, page=page: opened(desk, page))

    def _finds(self, desk: Clerk, words: str) -> None:
        answer = desk.sends("/console/residents", words=words, purpose="reply")
        if answer.status_code != 200:
            raise RuntimeError(f"{words}: {answer.status_code}")

    def _card(self, at: int) -> None:
        opened(self.clerks[0], f"/console/residents/{self.first + self.who(at)}?why=reply")

    # ---- the house itself --------------------------------------------------------------------------------------------

    def machines(self) -> Iterator[Path]:
        for path in ("/healthz", "/readyz", "/metrics"):
            yield Path("machine", path, lambda _at, path=path: self.house.client.get(path))

    def jobs(self) -> Iterator[Path]:
        """Each once: the second run of a day finds nothing to do."""
        for name, job in sorted(timetable(self.site).items()):
            yield Path(
                "job",
                name,
                lambda _at, job=job: self.site.database.writing(
                    lambda session: job.run(Actor(session, channel="job"))
                ),
            )


# Whose newest row stands for `number` in an address that begins so; the longest beginning first.
ABOUT = {
    "/console/residents/": "person",
    "/console/grids/": "grid",
    "/console/households/": "household",
    "/console/notices/versions/": "notice_version",
    "/console/notices/": "notice",
    "/console/broadcasts/versions/": "notice_version",
    "/console/broadcasts/": "broadcast",
    "/console/appointments/services/": "service",
    "/console/appointments/": "appointment",
    "/console/wishes/partners/": "wish_partner",
    "/console/wishes/": "wish",
    "/console/activities/sessions/": "activity_session",
    "/console/activities/": "activity",
    "/console/sessions/": "activity_session",
    "/console/hours/": "service_hours",
    "/console/certificates/": "certificate",
    "/console/teams/": "team",
    "/console/time/accounts/": "time_account",
    "/console/time/months/": "time_month",
    "/console/time/": "exchange",
    "/console/matters/": "matter",
    "/console/forms/": "form_draft",
    "/console/talks/": "desk_talk",
}
# Lists further on, and by what they can be narrowed to.
LATER = (
    *(
        f"/console/wishes?which={which}"
        for which in ("public", "claimed", "confirm", "thanks", "ended", "ended&page=20")
    ),
    *(
        f"/console/matters?which={which}"
        for which in ("free", "mine", "late", "done", "check", "ended", "ended&page=20")
    ),
    *(
        f"/console/hours?which={which}"
        for which in ("served", "dispute", "differ", "held", "window", "posted", "posted&page=20")
    ),
    *(f"/console/time?which={which}" for which in ("answer", "dispute", "open", "ended")),
    *(f"/console/talks?which={which}" for which in ("open", "closed", "closed&page=20")),
    "/console/activities?page=20",
    "/console/households?stale=1",
    "/console/appointments?day=2026-06-01",
)


def opened(who: Clerk, path: str) -> None:
    status = who.opens(path).status_code
    if status != 200:
        raise RuntimeError(f"{path}: {status}")


def answered(words: str) -> str:
    """What was answered; raises when the house was too busy to do it."""
    if not words or "系统忙" in words:
        raise RuntimeError("no answer")
    return words


def kinds(paths: Iterable[Path]) -> dict[str, int]:
    counted: dict[str, int] = {}
    for path in paths:
        counted[path.kind] = counted.get(path.kind, 0) + 1
    return counted
