"""One claimed message on its way: which roads are left to it, and what WeChat answers when it is asked."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial

from sqlalchemy.orm import Session

from app import failpoints
from app.site import Site
from app.wechat.errors import NotWeChat, WeChatError
from models.dispatch import Claimed
from scheduler import outcomes
from scheduler.letters import Letter
from scheduler.outcomes import LEASE, Outcome
from scheduler.pauses import Pauses
from scheduler.roads import Road, roads

# One call lasts 20 seconds at most (app/wechat/wire.py); who begins later is overtaken by the end of the lease.
FRESH_SECONDS = LEASE.total_seconds() - 25
NOT_ASKED = NotWeChat("not asked", path="", maybe_done=False)

Halts = Mapping[str, str | None]
Afterwards = Callable[[Session], None]
After = Callable[[Session, WeChatError | NotWeChat | None], None]


@dataclass(slots=True)
class Journey:
    """`left` are the roads that it has not tried, the next one first. `afterwards` belongs to roads that it has tried:
    work for the unit that writes down the end."""

    claimed: Claimed
    letter: Letter
    left: list[Road]
    tried: list[Outcome] = field(default_factory=list)
    afterwards: list[Afterwards] = field(default_factory=list)
    noted_at: float = field(default_factory=time.monotonic)

    @property
    def road(self) -> Road:
        return self.left[0]

    @property
    def is_stale(self) -> bool:
        """Its lease will not last until an answer."""
        return time.monotonic() - self.noted_at > FRESH_SECONDS

    def give_up_road(self, outcome: Outcome) -> None:
        self.tried.append(outcome)
        self.left.pop(0)

    def remember(self, fault: WeChatError | NotWeChat | None) -> None:
        """What its road has to put right when it is written down."""
        if self.road.after is not None:
            self.afterwards.append(partial(_tell, self.road.after, fault))


@dataclass(frozen=True, slots=True)
class Ending:
    """What is to be written down of one claim."""

    claimed: Claimed
    outcome: Outcome
    road: str = ""
    afterwards: tuple[Afterwards, ...] = ()


def decide(site: Site, claimed: Claimed, letter: Letter | None) -> Journey | Ending:
    """A way to send it, or why it is not to be sent."""
    if letter is None:
        return Ending(claimed, outcomes.not_made(claimed))
    settings = site.settings
    testers = frozenset(settings.testers) if settings.mode == "trial" else None
    outcome = outcomes.not_to_be_sent(letter, testers)
    if outcome is None and outcomes.may_have_left(letter):
        outcome = outcomes.unknown()
    if outcome is not None:
        return Ending(claimed, outcome)
    return Journey(claimed, letter, roads(site, letter))


def look_ahead(journey: Journey, pauses: Pauses, halts: Halts) -> Ending | None:
    """Why it cannot leave now; None when the first of the roads that are left is open."""
    letter = journey.letter
    if letter.bundle is not None and letter.bundle in halts:
        return ended(journey, outcomes.of_halted(letter, halts[letter.bundle]))
    if journey.is_stale:
        return ended(journey, outcomes.given_back(letter))
    while journey.left and (shut := pauses.closing(journey.road.door)) is not None:
        journey.give_up_road(outcomes.paused(letter, shut.until, shut.reason))
    return None if journey.left else ended(journey, _best_of(journey.tried, letter))


def carry(journey: Journey, pauses: Pauses, halts: Halts) -> Ending | None:
    """Ask WeChat; its beginning has been written down. None when another road is to be begun."""
    letter, road = journey.letter, journey.road
    shut = pauses.ask_leave(road.door)
    if letter.bundle in halts or journey.is_stale or shut is not None:
        journey.remember(NOT_ASKED)
        if shut is not None:
            journey.give_up_road(outcomes.paused(letter, shut.until, shut.reason))
        return look_ahead(journey, pauses, halts)
    outcome = _knock(road, letter)
    pauses.learn(road.door, outcome)
    journey.remember(outcome.fault)
    if not outcome.next_road:
        return ended(journey, outcome, road.name)
    journey.give_up_road(outcome)
    return look_ahead(journey, pauses, halts)


def _tell(after: After, fault: WeChatError | NotWeChat | None, session: Session) -> None:
    after(session, fault)


def ended(journey: Journey, outcome: Outcome, road: str = "") -> Ending:
    return Ending(journey.claimed, outcome, road, tuple(journey.afterwards))


def _best_of(tried: list[Outcome], letter: Letter) -> Outcome:
    """No road took it: one that opens again is waited for. What may have arrived earlier has not failed."""
    waiting = next((outcome for outcome in tried if outcome.state == "waiting"), None)
    if waiting is None and letter.first_sent_at is not None:
        return outcomes.unknown()
    return waiting or (tried[-1] if tried else outcomes.unreachable())


def _knock(road: Road, letter: Letter) -> Outcome:
    try:
        answer = road.go()
        failpoints.reach("after_send")
        return outcomes.submitted(answer)
    except WeChatError as error:
        return outcomes.refused(error, letter)
    except NotWeChat as fault:
        return outcomes.silence(fault, letter, road)
