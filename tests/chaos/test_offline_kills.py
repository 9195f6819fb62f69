"""The web is killed while two leaders' phones bring what they noted without a network: nothing is lost, nothing doubled."""

from __future__ import annotations

import random
import time
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest
import requests
from sqlalchemy import select
from sqlalchemy.orm import Session

from app import clock
from app.settings import load_settings
from app.site import Site
from models.activities_audience import ActivityRole
from models.leader_devices import LeaderDevice
from models.volunteers import Attendance, Scan
from tests.chaos.accounts import Account
from tests.chaos.chatting import assert_sound
from tests.chaos.conftest import FULL, size
from tests.chaos.test_kills import killed_again_and_again
from tests.roads.street import Street, eventually
from tests.volunteers.crowd import Crowd, Phone, gather

pytestmark = pytest.mark.heavy
PER_REQUEST = 25 if FULL else 2


def test_f01_web_is_killed_while_two_phones_bring_five_hundred(
    street: Street, dice: random.Random, account: Account
) -> None:
    """In the everyday build they bring twelve, and it dies once."""
    site = Site(load_settings(street.stack.environ))
    clock.use_offset_file(site.settings.data / "clock")  # other tests may have moved it
    crowd = gather(site, size(250, 12))
    phones = [Phone(street.stack.web, crowd), Phone(street.stack.web, second_link(site, crowd))]
    for phone in phones:
        insists(lambda phone=phone: phone.asks("roster", {}).status_code == 200)
        for person, _ in crowd.people:
            phone.notes("in", person, 50)
            phone.notes("out", person, 20)
        dice.shuffle(phone.queue)
    killer = killed_again_and_again(
        street.stack, "web", dice, 12 if FULL else 1, pause=(0.02, 1.5 if FULL else 0.2)
    )
    with killer as kills, ThreadPoolExecutor(2) as pool:
        list(pool.map(lambda phone: insists(lambda: not phone.brings(PER_REQUEST)), phones))
        eventually(lambda: kills)
    people = {person for person, _ in crowd.people}
    stays = street.rows(
        select(Attendance.person_id, Attendance.minutes).where(Attendance.session_id == crowd.number)
    )
    assert Counter(row.person_id for row in stays) == Counter(people), "each person has one stay"
    assert {row.minutes for row in stays} <= {29, 30}
    nonces = street.rows(select(Scan.nonce).where(Scan.session_id == crowd.number))
    noted = Counter(f"offline:{one['nonce']}" for phone in phones for one in phone.queue)
    kept = Counter(row.nonce for row in nonces)
    account.kills, account.accepted = len(kills), noted.total()
    account.lost, account.doubled = (noted - kept).total(), (kept - noted).total()
    site.close()
    clock.use_offset_file(None)
    assert_sound(street.stack.environ, tokens=True)


def second_link(site: Site, crowd: Crowd) -> Crowd:
    """Another leader's: the first one's row, made again for nobody else."""

    def unit(session: Session) -> str:
        first = session.scalars(select(LeaderDevice).where(LeaderDevice.session_id == crowd.number)).one()
        other = LeaderDevice(session_id=crowd.number, person_id=crowd.people[0][0], session=first.session)
        session.add(other)
        session.flush()
        session.add(
            ActivityRole(activity_id=first.session.activity_id, person_id=other.person_id, role="leader")
        )
        return other.link

    return Crowd(crowd.number, site.database.writing(unit), crowd.people)


def insists(done: Callable[[], bool]) -> None:
    """As the page does it: no network is no reason to stop."""
    until = time.monotonic() + size(
        300, 60
    )  # twelve times a web starts again, beside whatever else this machine does
    while time.monotonic() < until:
        try:
            if done():
                return
        except requests.RequestException:
            pass
        time.sleep(0.1)
    raise AssertionError("never taken")
