"""What stands on a poster or a sheet: facts for the templates, read from rows. The sentences are in
templates/posters/chat.txt."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from app import clock
from app.site import Site
from app.understanding.numbers import number_in
from app.words import clock_words, day_words, moment_words
from handlers.posters.rosters import asked_on_sheet, line_of, ruled
from models.activities import LIVE, Activity, ActivitySession, Enrolment
from models.appointments import appointments_on
from models.identity import Person
from models.notices import Notice
from models.places import Place
from models.refusal import Refusal
from models.sheets import SignInSheet

LINES_ACROSS, SPARE_LINES, MOST_SESSIONS = 10, 3, 8
BIG = {"row": 12, "letters": 13}  # millimetres, points: what is written by hand, maybe without glasses
DOORS = ("building", "unit", "estate")


@dataclass(frozen=True, slots=True)
class Subject:
    """`template` with `facts`; `scene` is for a code of the account, `link` for the address of a page, one of them;
    `names` counts the people who stand on it. `until` is when the code may end."""

    template: str
    title: str
    facts: Mapping[str, Any]
    scene: str = ""
    link: str = ""
    names: int = 0
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Desk:
    """What every subject needs to be read: the session, the site's words and addresses, who prints."""

    session: Session
    site: Site
    printed_by: str

    def say(self, key: str, **facts: Any) -> str:
        return self.site.house.say_in("posters", key, facts)

    def link(self, path: str) -> str:
        return self.site.settings.web.public_url.rstrip("/") + path

    @property
    def head(self) -> str:
        community = self.site.settings.community
        return f"{community.name} · {community.account_name}"

    @property
    def mark(self) -> str:
        now = clock.local(clock.now())
        return self.say("mark", name=self.printed_by, at=f"{now:%Y-%m-%d %H:%M}")


# ---- posters ---------------------------------------------------------------------------------------------------------


def _poster(
    desk: Desk, title: str, sentence: str, rows: Sequence[tuple[str, str]], **words: str
) -> dict[str, Any]:
    phone = desk.site.settings.community.phone
    call = desk.say("call")
    shown = [[name, told] for name, told in rows if told]
    return {
        "community": desk.head,
        "title": title,
        "sentence": sentence,
        "rows": shown,
        "call": call,
        "phone": phone,
        **words,
    }


def notice(desk: Desk, number: str) -> Subject:
    row = desk.session.get(Notice, number_in(number) or 0)
    if row is None or not row.is_current:
        raise Refusal("posters.not_current")
    rows = [
        (desk.say("until_name"), day_words(row.valid_until) if row.valid_until else ""),
        (desk.say("bring_name"), "、".join(row.bring)),
        (desk.say("source_name"), row.source),
    ]
    words = {"scan": desk.say("scan_notice"), "typed": desk.say("type_notice", number=row.id)}
    facts = _poster(desk, row.title, row.summary, rows, **words)
    return Subject("posters/poster", row.title, facts, link=desk.link(f"/h5/notices/{row.id}"))


def activity(desk: Desk, number: str) -> Subject:
    row = _session(desk, number)
    kind = row.activity
    if not kind.listed:
        raise Refusal("posters.not_public")
    rows = [
        (desk.say("when_name"), _hours(row)),
        (desk.say("where_name"), kind.place),
        (desk.say("leader_name"), kind.led_by or ""),
    ]
    words = {"scan": desk.say("scan_activity"), "typed": desk.say("type_activity")}
    facts = _poster(desk, kind.title, kind.sentence, rows, **words)
    return Subject("posters/poster", kind.title, facts, link=desk.link("/h5/activities"))


def door(desk: Desk, number: str) -> Subject:
    place = desk.session.get(Place, number_in(number) or 0)
    if place is None or place.kind not in DOORS:
        raise Refusal("posters.no_door")
    grid = place.grid
    worker = f"{grid.worker} {grid.worker_phone or ''}".strip() if grid else ""
    words = {"scan": desk.say("scan_door"), "typed": desk.say("type_door")}
    rows = [(desk.say("worker_name"), worker)]
    facts = _poster(desk, place.full_name, desk.say("door_sentence"), rows, **words)
    return Subject("posters/poster", place.full_name, facts, scene=f"door:{place.id}")


def account(desk: Desk, number: str) -> Subject:
    community = desk.site.settings.community
    words = {"scan": desk.say("scan_account"), "typed": desk.say("type_account")}
    rows = [(desk.say("address_name"), community.address), (desk.say("office_name"), community.office_hours)]
    facts = _poster(desk, community.account_name, desk.say("account_sentence"), rows, **words)
    return Subject("posters/poster", community.account_name, facts, scene="poster:account")


def rating(desk: Desk, number: str) -> Subject:
    """For the desk: whoever holds a number slip rates without a login."""
    words = {"scan": desk.say("scan_rating"), "typed": desk.say("type_rating")}
    title = desk.say("rating_title")
    facts = _poster(desk, title, desk.say("rating_sentence"), [], **words)
    return Subject("posters/poster", title, facts, link=desk.link("/h5/rate"))


# ---- sheets ----------------------------------------------------------------------------------------------------------


def sign_in(desk: Desk, number: str) -> Subject:
    """One sheet of one time of an activity, as its lines were ruled (handlers/volunteers/sheets.py); empty lines are
    for those who just come. The code leads to the page on which it is typed in."""
    sheet = desk.session.get(SignInSheet, number_in(number) or 0)
    if sheet is None:
        raise Refusal("posters.no_session")
    row = sheet.session
    people, asked = ruled(desk.session, sheet), asked_on_sheet(row)
    columns = _columns(desk, ("number", 13), ("name", 36), ("tail", 18))
    columns += [{"name": one.ask[:8], "width": 26, "wide": False} for one in asked]
    columns += _columns(desk, ("signature", 0), ("came", 24), ("left", 24))
    lines = [
        desk.say("session_line", when=_hours(row)),
        desk.say("place_line", place=row.place, leader=row.activity.led_by or ""),
        desk.say("sheet_line", number=sheet.number, code=sheet.id),
    ]
    title = desk.say("sign_in_title", title=row.activity.title)
    told = [[str(at), *one, "", "", ""] for at, one in enumerate(people, 1)]
    facts = {**_sheet(desk, title, lines, columns, told), **BIG, "foot": desk.say("sheet_foot")}
    names = sum(1 for one in people if one[0])
    return Subject(
        "posters/sheet", title, facts, link=desk.link(f"/h5/sign-in-sheets/{sheet.id}"), names=names
    )


def course(desk: Desk, number: str) -> Subject:
    """One sheet for all coming times of an activity, a column for each."""
    kind = desk.session.get(Activity, number_in(number) or 0)
    mine = ActivitySession.activity_id == (number_in(number) or 0), ActivitySession.state.in_(LIVE)
    ahead = (
        select(ActivitySession)
        .where(*mine, ActivitySession.ends > clock.now())
        .order_by(ActivitySession.starts)
    )
    times = desk.session.scalars(ahead.limit(MOST_SESSIONS)).all()
    if kind is None or not times:
        raise Refusal("posters.no_session")
    people = _joined(desk, times)
    columns = _columns(desk, ("number", 13), ("name", 36), ("tail", 18))
    days = [clock.local(one.starts) for one in times]
    columns += [{"name": f"{day.month}.{day.day}", "width": 0, "wide": True} for day in days]
    title = desk.say("course_title", title=kind.title)
    lines = [desk.say("place_line", place=kind.place, leader=kind.led_by or "")]
    facts = _sheet(
        desk,
        title,
        lines,
        columns,
        _numbered([line_of(one) for one in people], len(times), LINES_ACROSS),
        flipped=True,
        scan="scan_activity",
    )
    return Subject("posters/sheet", title, facts, link=desk.link("/h5/activities"), names=len(people))


def day_list(desk: Desk, number: str) -> Subject:
    """Everybody who comes to the hall on one day; no code, it lies on a desk."""
    try:
        day = datetime.strptime(number, "%Y-%m-%d").date()  # noqa: DTZ007 (a day, not an instant)
    except ValueError:
        raise Refusal("posters.no_day") from None
    held = desk.session.scalars(appointments_on(day)).all()
    if not held:
        raise Refusal("posters.nobody_that_day")
    columns = _columns(
        desk, ("time", 24), ("service", 40), ("booking", 16), ("name", 36), ("tail", 18), ("signature", 0)
    )
    rows = []
    for one in held:
        phone = one.phone or one.helped_phone or ("" if one.helped_name else one.person.phone) or ""
        hours = f"{clock.local(one.slot.starts):%H:%M}"
        rows.append([hours, one.service.public_name, one.number, one.visitor_name or "", phone[-4:], ""])
    title = desk.say("day_title", day=day)
    facts = _sheet(desk, title, [desk.say("day_line", count=len(held))], columns, rows)
    return Subject("posters/sheet", title, facts, names=len(held))


def _sheet(
    desk: Desk,
    title: str,
    lines: Sequence[str],
    columns: Sequence[Mapping[str, Any]],
    rows: Sequence[Sequence[str]],
    *,
    flipped: bool = False,
    scan: str = "scan_sheet",
) -> dict[str, Any]:
    facts = {
        "community": desk.head,
        "title": title,
        "lines": list(lines),
        "columns": list(columns),
        "rows": list(rows),
    }
    return {**facts, "flipped": flipped, "mark": desk.mark, "scan": desk.say(scan)}


def _columns(desk: Desk, *named: tuple[str, int]) -> list[dict[str, Any]]:
    """Width in millimetres; 0 takes what is left."""
    return [{"name": desk.say(f"column_{name}"), "width": width, "wide": width == 0} for name, width in named]


def _numbered(told: Sequence[Sequence[str]], empty: int, fewest: int, width: int = 2) -> list[list[str]]:
    """A line each, and some more, at least a page full: whoever comes without having signed up writes their own."""
    lines = max(fewest, len(told) + SPARE_LINES)
    filled = [*told, *[[""] * width] * (lines - len(told))]
    return [[str(at), *line, *[""] * empty] for at, line in enumerate(filled, 1)]


def _joined(desk: Desk, times: Sequence[ActivitySession]) -> list[Person]:
    found = (
        select(Enrolment)
        .where(Enrolment.session_id.in_([one.id for one in times]), Enrolment.state == "joined")
        .options(joinedload(Enrolment.person))
        .order_by(Enrolment.id)
    )
    return list({row.person.id: row.person for row in desk.session.scalars(found)}.values())


def _session(desk: Desk, number: str) -> ActivitySession:
    row = desk.session.get(ActivitySession, number_in(number) or 0)
    if row is None or row.state not in LIVE:
        raise Refusal("posters.no_session")
    return row


def _hours(row: ActivitySession) -> str:
    return f"{moment_words(row.starts)}到{clock_words(row.ends)}"


SUBJECTS: dict[str, Callable[[Desk, str], Subject]] = {
    "notice": notice,
    "activity": activity,
    "door": door,
    "account": account,
    "rating": rating,
    "sign_in": sign_in,
    "course": course,
    "day_list": day_list,
}
