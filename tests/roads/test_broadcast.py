"""A whole broadcast over the running house: begun, poured, sent by every road, while its programs are killed in the middle."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import islice
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from app import clock
from app.settings import load_settings
from app.site import Site
from models.broadcasts import STANDING, Broadcast, BroadcastCall, BroadcastRecipient
from models.grants import Grant
from models.identity import Identity, Person
from models.outbox import OutboxRow
from tests.broadcasts.sendings import approved
from tests.roads.desk import Clerk
from tests.roads.street import Neighbour, Street, eventually
from tests.stack import Stack

CUSTOM, DRAFT, MASS = "/cgi-bin/message/custom/send", "/cgi-bin/draft/add", "/cgi-bin/message/mass/send"
AT_ONCE = 3
NOT_HEARD = ("没办成", "暂时无法提供服务")
TALKERS, ALLOWERS, READERS, DOORS = 12, 4, 10, 4


@pytest.fixture(scope="module")
def street(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Street]:
    """A house whose delivery has few hands: the kills find it in the middle."""
    few = {"XINGFU_DELIVERY__AT_ONCE": str(AT_ONCE)}
    with Stack(tmp_path_factory.mktemp("house") / "data", environ=few) as stack:
        walked = Street(stack)
        yield walked
        walked.close()


def test_everybody_gets_it_once_though_delivery_and_scheduler_are_killed(street: Street) -> None:
    with ThreadPoolExecutor(6) as pool:
        followers = list(pool.map(street.follower, [f"邻居{n}" for n in range(30)]))
        talkers, allowers, readers, doors = parted(followers)
        list(pool.map(speaks, talkers))
        list(pool.map(lambda one: one.act("popup", template_id="news", answer="accept"), allowers))
    eventually(lambda: len(street.rows(select(Grant.id).where(Grant.left > 0))) >= ALLOWERS, 60)
    office = Clerk(street, "wang")
    with street.faults(slow_seconds=0.5, paths=[CUSTOM, DRAFT, MASS]):
        number = approve_for(street, {"custom": talkers, "notice": allowers, "mass": readers, "paper": doors})
        eventually(lambda: "正在发" in progress(office, number), 30)
        for program in ("delivery", "scheduler", "delivery", "scheduler"):
            eventually(lambda: sent_so_far(street, number) > 0, 30)
            kill(street, program)
    eventually(lambda: is_done(street, number, office), 120, lambda: standings(street, number))

    ends = standings(street, number)
    assert sum(ends.values()) == len(followers)
    assert set(ends) <= {"submitted", "delivered", "unknown", "paper"}, whys(street, number)
    assert ends["paper"] == DOORS
    told = Counter(len(one.received("custom")) for one in talkers)
    assert set(told) <= {0, 1}
    assert (
        ends["unknown"] <= 2 * AT_ONCE
    )  # what two killed deliveries had in their hands: listed, not said again
    assert told[0] <= ends["unknown"]
    assert [len(one.received("subscribe")) for one in allowers] == [1] * ALLOWERS
    assert [len(one.received("mass")) for one in readers] == [1] * READERS
    assert not any(one.received("mass") or one.received("custom") for one in doors)
    (call,) = street.rows(
        select(BroadcastCall.state, BroadcastCall.counts).where(BroadcastCall.broadcast_id == number)
    )
    assert (call.state, call.counts["sent"]) == ("done", READERS)


def speaks(one: Neighbour) -> None:
    """Until the house has heard it: a busy one did nothing and says so."""
    eventually(lambda: not any(words in (one.says("你好") or NOT_HEARD[0]) for words in NOT_HEARD), 60)


def parted(followers: Sequence[Neighbour]) -> list[list[Neighbour]]:
    """Who has just spoken, who allowed a notice, who only follows, and who is told at the door."""
    left = iter(followers)
    return [list(islice(left, count)) for count in (TALKERS, ALLOWERS, READERS, DOORS)]


def approve_for(street: Street, people: dict[str, list[Neighbour]]) -> int:
    """Approved a moment ago, urgent so that the hour of this test does not matter."""
    site = Site(load_settings(street.stack.environ))
    roads = {one.openid: road for road, some in people.items() for one in some}
    now = clock.now()

    def unit(session: Session) -> int:
        known = select(Person, Identity.openid).join(Identity).where(Identity.openid.in_(roads))
        readers = [(person, roads[openid]) for person, openid in session.execute(known)]
        return approved(session, readers, urgent=True, begins_at=now, hold_until=now).id

    number = site.database.writing(unit)
    site.close()
    return number


def progress(office: Clerk, number: int) -> str:
    return office.opens(f"/console/broadcasts/{number}/progress").text


def sent_so_far(street: Street, number: int) -> int:
    sent = OutboxRow.bundle == f"broadcast:{number}", OutboxRow.first_sent_at.is_not(None)
    return len(street.rows(select(OutboxRow.id).where(*sent)))


def kill(street: Street, program: str) -> None:
    before = street.stack.pid(program)
    street.stack.kill(program)
    eventually(lambda: street.stack.pid(program) not in {0, before}, 30)


def is_done(street: Street, number: int, office: Clerk) -> bool:
    """Leases run out by themselves; the clock only helps."""
    (row,) = street.rows(select(Broadcast.state).where(Broadcast.id == number))
    if row.state != "done":
        street.control("POST", "/clock/shift", seconds=5)
        time.sleep(0.5)
        return False
    return "发完了" in progress(office, number)


def whys(street: Street, number: int) -> list[Any]:
    """What the rows say, for a test that fails."""
    bundle = OutboxRow.bundle == f"broadcast:{number}", OutboxRow.state != "submitted"
    letters = street.rows(select(OutboxRow.state, OutboxRow.errcode, OutboxRow.reason).where(*bundle))
    mine = BroadcastCall.broadcast_id == number
    return letters + street.rows(
        select(BroadcastCall.state, BroadcastCall.errcode, BroadcastCall.reason).where(mine)
    )


def standings(street: Street, number: int) -> Counter[str]:
    rows: Any = (
        select(STANDING.label("standing"))
        .select_from(BroadcastRecipient)
        .outerjoin(OutboxRow, OutboxRow.id == BroadcastRecipient.outbox_id)
        .outerjoin(BroadcastCall, BroadcastCall.id == BroadcastRecipient.call_id)
        .where(BroadcastRecipient.broadcast_id == number)
    )
    return Counter(row.standing for row in street.rows(rows))
