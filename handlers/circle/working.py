"""A provider in chat: what is asked of them, yes or no by a digit, on the way, and the log of one minute."""

from __future__ import annotations

import re
from dataclasses import dataclass

from app.dialogue import Ask, Offer, Reply, Say
from handlers.circle import actions, visiting
from handlers.circle.chat import chat
from models.circle import Provider, provider_of
from models.circle_jobs import HomeJob, jobs_for, offers_to
from models.identity import Actor
from models.refusal import Refusal

MOST = 5
_MINUTES = re.compile(r"(\d{1,3})\s*分钟?|([半一两二三1-9])(?:个)?(半)?(?:小时|钟头)")
_YUAN = re.compile(r"(\d{1,5})\s*(?:元|块)")
_HOURS = {"半": 30, "一": 60, "两": 120, "二": 120, "三": 180}
_FREE = re.compile(r"不要钱|没收钱|免费|没要钱")


@dataclass(frozen=True, slots=True)
class Log:
    words: str
    minutes: int | None
    yuan: int | None


def log_in(text: str) -> Log:
    """ "换了水龙头,40分钟,30元": what is not said stays open."""
    minutes, yuan = _MINUTES.search(text), _YUAN.search(text)
    cost = int(yuan[1]) if yuan else (0 if _FREE.search(text) else None)
    return Log(text.strip(), _minutes(minutes) if minutes else None, cost)


def _minutes(found: re.Match[str]) -> int:
    if found[1]:
        return int(found[1])
    whole = _HOURS.get(found[2]) or 60 * int(found[2])
    return whole + (30 if found[3] else 0)


@chat.says("我的活", "接单", "派单")
def my_work(resident: Actor) -> Say:
    provider = _provider(resident)
    rows = list(resident.session.scalars(jobs_for(provider).limit(MOST)))
    if not rows:
        return Say("circle.no_work")
    if len(rows) == 1:
        return one_of_them(resident, rows[0])
    offers: dict[int, Offer] = {n: work.offer(job=row) for n, row in enumerate(rows, 1)}
    return Say("circle.my_work", jobs=rows, offers=offers)


@chat.offered()
def work(resident: Actor, job: HomeJob) -> Say:
    return one_of_them(resident, job)


def one_of_them(resident: Actor, job: HomeJob) -> Say:
    """Where it is exactly is told when it is theirs."""
    if job.provider_id != _provider(resident).id:
        raise Refusal("circle.not_yours")
    offers: dict[str, dict[int, Offer]] = {
        "offered": {1: accept.offer(job=job), 2: decline.offer(job=job)},
        "accepted": {1: set_out.offer(job=job), 2: finish.offer(job=job), 3: decline.offer(job=job)},
        "under_way": {2: finish.offer(job=job)},
    }
    return Say("circle.one_work", job=job, offers=offers.get(job.state, {}))


@chat.offered()
def accept(resident: Actor, job: HomeJob) -> Say:
    return one_of_them(resident, actions.accept(resident, job))


@chat.offered()
def decline(resident: Actor, job: HomeJob) -> Say:
    actions.decline(resident, job)
    return Say("circle.declined")


@chat.offered()
def set_out(resident: Actor, job: HomeJob) -> Say:
    return one_of_them(resident, visiting.set_out(resident, job))


@chat.dialogue("做完了", title="记一单")
async def finish(resident: Actor, job: HomeJob | None = None) -> Say:
    mine = job or the_one_at_hand(resident)
    text: str = await Ask("what_was_done", str.strip, any_words=True, job=mine)
    said = log_in(text)
    done = visiting.finish(resident, mine, said.words, minutes=said.minutes, yuan=said.yuan)
    return Say("logged", job=done)


def the_one_at_hand(resident: Actor) -> HomeJob:
    """What they are at, or what they have accepted next."""
    rows = resident.session.scalars(jobs_for(_provider(resident))).all()
    at_it = [one for one in rows if one.state == "under_way"] or [
        one for one in rows if one.state == "accepted"
    ]
    if not at_it:
        raise Refusal("circle.no_work_at_hand")
    return at_it[0]


def yes_or_no(resident: Actor, text: str) -> Reply:
    """1 or 2 to the one job that is being asked of this provider; several are listed."""
    if text not in ("1", "2"):
        return None
    provider = provider_of(resident.session, resident.me)
    rows = list(resident.session.scalars(offers_to(provider).limit(2))) if provider else []
    if len(rows) != 1:
        return my_work.run(resident) if rows else None
    return accept.run(resident, job=rows[0]) if text == "1" else decline.run(resident, job=rows[0])


def _provider(resident: Actor) -> Provider:
    found = provider_of(resident.session, resident.me)
    if found is None:
        raise Refusal("circle.not_a_provider")
    return found
