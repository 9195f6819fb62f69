"""What neighbours asked for and got: bookings, wishes, matters, talks, letters, numbers drawn, faces given."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from app import clock
from models.matters import Matter
from models.receipts import FIRST, ROOM, _check
from models.slots import Service, Slot

if TYPE_CHECKING:
    from bench.city.town import Town

BOOKINGS_EACH, SEATS = 2, 40
MOST_RECEIPTS = 400_000  # of the 900,000 that there are


def write(town: Town) -> None:
    _bookings(town)
    _wishes(town)
    _matters(town)
    _talks(town)
    _tickets(town)
    _ratings(town)
    _small_things(town)


def _bookings(town: Town) -> None:
    """A year of full slots, and as many bookings in the days to come as the office has waiting."""
    past = max(1, town.many * BOOKINGS_EACH // SEATS)
    services, slot = town.ids(Service.id), town.pen.next_id("slot")
    starts = [_slot_time(town, at // len(services), past // len(services) + 1) for at in range(past)]
    half = timedelta(minutes=30)
    town.pen.write(
        "slot",
        "id service_id starts ends half capacity taken",
        (
            (
                slot + at,
                services[at % len(services)],
                when,
                when + half,
                int(when.hour >= 12),
                SEATS,
                _held(at),
            )
            for at, when in enumerate(starts)
        ),
    )
    ahead = _seats_ahead(town)

    def rows() -> Iterator[tuple[Any, ...]]:
        for at in range(past * SEATS):
            when = starts[at // SEATS]
            state = "cancelled" if at % 6 == 5 else "no_show" if at % 60 == 4 else "done"
            yield town.person(at), slot + at // SEATS, state, "chat", when, when
        for at, seat in enumerate(ahead):
            yield town.person(at * 31), seat, "confirmed", "chat", town.times.now, town.times.now

    town.pen.write("appointment", "person_id slot_id state channel created_at changed_at", rows())


def _held(slot: int) -> int:
    """One in six was called off."""
    return SEATS - (slot * SEATS + SEATS) // 6 + slot * SEATS // 6


def _slot_time(town: Town, at: int, many: int) -> datetime:
    """So many of a service, each with its own moment in the hours of the office."""
    when = clock.local(town.times.ago(at, many, 370) - timedelta(days=1))
    inside = 9 * 60 + (when.hour * 60 + when.minute) * 8 // 24 // 5 * 5
    return when.replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(
        minutes=inside, seconds=at % 300
    )


def _seats_ahead(town: Town) -> list[int]:
    """Seats of the coming days that are still free, taken."""
    wanted = min(town.waiting, town.many // 10)

    def unit(session: Any) -> list[int]:
        taken: list[int] = []
        free = select(Slot).where(Slot.starts > town.times.now, Slot.taken < Slot.capacity, Slot.is_open)
        for one in session.scalars(free.order_by(Slot.starts)):
            if len(taken) >= wanted:
                break
            taken += [one.id]
            one.taken += 1
        return taken

    return town.site.database.writing(unit)


def _wishes(town: Town) -> None:
    many, wish = town.many // 5, town.pen.next_id("wish")
    waiting = min(town.waiting, many // 10)
    states = ["thanked", "confirmed", "withdrawn", "thanked"]
    text = town.sealed("wish.text", "想要一辆轮椅", row="")

    def rows() -> Iterator[tuple[Any, ...]]:
        for at in range(many):
            when = town.times.ago(at, many, 365)
            state = (
                ("public", "said", "public", "claimed")[at % 4] if at >= many - waiting else states[at % 4]
            )
            public = when if state not in ("said", "withdrawn") else None
            category = ("生活用品", "学习用品", "上门帮忙", "陪伴", "其他")[at % 5]
            yield (
                wish + at,
                town.person(at * 5),
                text,
                category,
                "想要一辆轮椅",
                state,
                "chat",
                when,
                public,
                when,
                "shared",
            )

    names = "id wisher_id text category public_text state channel said_at published_at changed_at row_key"
    town.pen.write("wish", names, rows())
    today = clock.today()
    town.pen.write(
        "wish_claim",
        "wish_id person_id state due claimed_at ended_at",
        (
            (
                wish + at,
                town.person(at * 3 + 1),
                *_claim_of(at, many - waiting, today, town.times.ago(at, many, 364)),
            )
            for at in range(many)
            if (at < many - waiting and at % 4 != 2) or (at >= many - waiting and at % 4 == 3)
        ),
    )


def _claim_of(at: int, old: int, today: Any, when: datetime) -> tuple[Any, ...]:
    if at < old:
        return "done", when.date(), when, when
    return "open", today + timedelta(days=20), when, None


def _matters(town: Town) -> None:
    many, matter = min(town.many // 2, MOST_RECEIPTS), town.pen.next_id("matter")
    waiting, staff = min(town.waiting, many // 10), town.staff[0]
    text, steps = town.sealed("matter.text", "楼道灯不亮"), ("received", "assigned", "done")
    receipts = _receipts(town)

    def rows() -> Iterator[tuple[Any, ...]]:
        for at in range(many):
            when, is_open = town.times.ago(at, many, 365), at >= many - waiting
            state = (
                ("received", "assigned", "working")[at % 3]
                if is_open
                else "done"
                if at >= many - 2 * waiting and at % 2
                else ("closed", "closed", "closed", "withdrawn")[at % 4]
            )
            over = None if is_open else when + timedelta(days=2)
            due = (when + timedelta(days=9)).date()
            owner = staff if state != "received" else None
            give_by = due if state == "received" else None
            kind, unit = ("报修", "求助", "投诉", "建议")[at % 4], town.units[at % len(town.units)]
            yield (
                *(
                    matter + at,
                    next(receipts),
                    town.person(at * 2),
                    kind,
                    "named",
                    text,
                    unit,
                    state,
                    owner,
                    due,
                ),
                *(
                    give_by,
                    when,
                    "chat",
                    when,
                    over,
                    over if state in ("closed", "withdrawn") else None,
                    "shared",
                ),
            )

    names = "id receipt person_id kind contact text place_id state"
    names += " owner_id due give_by counted_from channel said_at done_at ended_at row_key"
    town.pen.write("matter", names, rows())
    town.pen.write(
        "matter_step",
        "matter_id at what row_key",
        (
            (matter + at, town.times.ago(at, many, 365), step, "shared")
            for at in range(many)
            for step in steps
        ),
    )


def _receipts(town: Town) -> Iterator[str]:
    """From the last one down, but for those that are given."""
    given = set(town.ids(Matter.receipt))
    for number in range(FIRST + ROOM - 1, FIRST - 1, -1):
        receipt = f"{number}{_check(str(number))}"
        if receipt not in given:
            yield receipt


def _talks(town: Town) -> None:
    """Talks with the desk: half a dozen lines each; thirty are open."""
    many, talk = max(1, town.many // 5), town.pen.next_id("desk_talk")
    waiting = min(30, town.waiting, many // 10)
    words = town.sealed("desk_line.text", "请问老年证怎么办", row="")

    def rows() -> Iterator[tuple[Any, ...]]:
        for at in range(many):
            when, who = town.times.ago(at, many, 300), at * 5 + 1
            over = when if at < many - waiting else None
            state = "closed" if over else ("waiting", "talking")[at % 2]
            waits = when if state == "waiting" else None
            yield talk + at, town.person(who), town.identity(who), "desk", state, when, waits, when, over

    names = "id person_id identity_id about state opened_at waiting_since last_line_at closed_at"
    town.pen.write("desk_talk", names, rows())
    speakers = ("resident", "staff", "resident", "staff", "resident", "staff")
    town.pen.write(
        "desk_line",
        "talk_id at speaker text",
        ((talk + at, town.times.ago(at, many, 300), who, words) for at in range(many) for who in speakers),
    )


def _tickets(town: Town) -> None:
    services, many = town.ids(Service.id), town.many
    each_day = max(1, many // 300)

    def rows() -> Iterator[tuple[Any, ...]]:
        for at in range(many):
            day = clock.today() - timedelta(days=1 + (many - 1 - at) // each_day)
            when = town.times.ago(at, many, 299)
            kept = town.person(at) if when > town.times.now - timedelta(days=25) else None
            yield (
                services[at % len(services)],
                day,
                1000 + at % each_day,
                "done",
                when,
                when,
                kept,
                when,
                when,
            )

    town.pen.write("ticket", "service_id day number state came_at since person_id called_at ended_at", rows())


def _ratings(town: Town) -> None:
    many = town.many // 2
    services = town.ids(Service.id)

    def rows() -> Iterator[tuple[Any, ...]]:
        for at in range(many):
            day = town.times.ago(at, many, 365).date()
            week = day - timedelta(days=day.weekday())
            yield (
                f"r{at:021}",
                f"service:{services[at % len(services)]}",
                "代办证件",
                1 + at % 3,
                week,
                "shared",
            )

    town.pen.write("rating", "key subject title face week row_key", rows())
    town.pen.write(
        "rating_token",
        "source subject title at person_id state until",
        (
            (
                f"old:{at}",
                f"service:{services[0]}",
                "代办证件",
                *[town.times.ago(at, many, 30).date()],
                town.person(at),
                "spent",
                clock.today(),
            )
            for at in range(many // 2)
        ),
    )


def _small_things(town: Town) -> None:
    """One row each for some of the people, in tables that jobs and pages look through."""
    times, many = town.times.ago, town.many
    key = town.sealed("api_session.session_key", "", row="")
    tags = [town.pen.next_id("tag") + at for at in range(20)]
    year = clock.today() + timedelta(days=300)
    town.pen.write("tag", "id name purpose until", ((one, f"标签{one}", "上门看望", year) for one in tags))
    town.pen.write(
        "tagging",
        "tag_id person_id at",
        ((tags[at % 20], town.person(at * 5), times(at, many, 200)) for at in range(many // 5)),
    )
    town.pen.write(
        "topic_choice",
        "person_id topic at",
        ((town.person(at), ("停水停电", "活动")[at % 2], times(at, many, 200)) for at in range(0, many, 4)),
    )
    town.pen.write(
        "page_session",
        "key_hash identity_id until",
        (
            (f"{at:064}", town.identity(at), town.times.now + timedelta(days=at % 30))
            for at in range(0, many, 4)
        ),
    )
    town.pen.write(
        "api_session",
        "token_hash identity_id session_key begun_at used_at",
        ((f"{at:064}", town.identity(at), key, *[times(at, many, 20)] * 2) for at in range(0, many, 10)),
    )
    town.pen.write(
        "guide_miss",
        "words asked_on",
        ((f"没有的词{at}", times(at, 5000, 80).date()) for at in range(min(5000, many))),
    )
