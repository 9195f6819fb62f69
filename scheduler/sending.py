"""One claimed message on its way: what is known is written down before WeChat is asked, and after it has answered."""

from __future__ import annotations

import time
from datetime import timedelta
from typing import Any

from app import clock, metrics
from app.database import Busy
from app.site import Site
from app.wechat.errors import NotWeChat, WeChatError
from models import outbox
from models.outbox import Claimed
from scheduler import letters, outcomes
from scheduler.letters import Letter
from scheduler.outcomes import Outcome
from scheduler.pauses import Pauses
from scheduler.roads import Road, roads

LEASE = timedelta(seconds=60)
INSIST_SECONDS = 40
REST_SECONDS = 0.3


def send(site: Site, pauses: Pauses, claimed: Claimed) -> None:
    """Send one claimed row by the first road that takes it, and write down what came of it."""
    letter = letters.read(site, claimed)
    if letter is None:
        return
    outcome = _without_asking(site, letter) or _by_roads(site, pauses, claimed, letter)
    if outcome is not None:
        write_down(site, claimed, outcome)


def write_down(site: Site, claimed: Claimed, outcome: Outcome) -> None:
    """What WeChat answered must not be lost to a busy database: tried for as long as the lease lasts."""
    metrics.sent.labels(outcome.values.get("road") or "any", outcome.state).inc()
    deadline = time.monotonic() + INSIST_SECONDS
    while True:
        try:
            _settle(site, claimed, **outcome.values)
            return
        except Busy:
            if time.monotonic() > deadline:
                raise
            time.sleep(REST_SECONDS)


def _without_asking(site: Site, letter: Letter) -> Outcome | None:
    settings = site.settings
    testers = frozenset(settings.testers) if settings.mode == "trial" else None
    ending = outcomes.not_to_be_sent(letter, testers)
    if ending is None and outcomes.may_have_left(letter):
        return outcomes.unknown()
    return ending


def _by_roads(site: Site, pauses: Pauses, claimed: Claimed, letter: Letter) -> Outcome | None:
    """The outcome of the road that took or ended it; None when another claim has overtaken this one."""
    tried: list[Outcome] = []
    for road in roads(site, letter):
        until = pauses.until(road.door)
        if until is not None:
            tried.append(outcomes.paused(letter, until))
            continue
        if not _begin(site, claimed, letter, road):
            return None
        outcome = _knock(road, letter)
        pauses.learn(road.door, outcome)
        if not outcome.next_road:
            return outcome
        tried.append(outcome)
    return _best_of(tried, letter)


def _best_of(tried: list[Outcome], letter: Letter) -> Outcome:
    """No road took it: one that opens again is waited for. What may have arrived earlier has not failed."""
    waiting = next((outcome for outcome in tried if outcome.state == "waiting"), None)
    if waiting is None and letter.first_sent_at is not None:
        return outcomes.unknown()
    return waiting or (tried[-1] if tried else outcomes.unreachable())


def _begin(site: Site, claimed: Claimed, letter: Letter, road: Road) -> bool:
    """Written before sending, with a fresh lease: whoever finds the row later knows that it may have left."""
    since = letter.first_sent_at or clock.now()
    return _settle(site, claimed, road=road.name, first_sent_at=since, due=clock.now() + LEASE)


def _knock(road: Road, letter: Letter) -> Outcome:
    try:
        return outcomes.submitted(road.go())
    except WeChatError as error:
        return outcomes.refused(error, letter)
    except NotWeChat as fault:
        return outcomes.silence(fault, letter, road)


def _settle(site: Site, claimed: Claimed, **values: Any) -> bool:
    return site.database.writing(lambda session: outbox.settle(session, claimed, **values))
