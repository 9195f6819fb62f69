"""Rights for the mini-program: agree and take it back, a copy of everything, deletion, two records made one."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field

from app.channels.api import Problem
from app.channels.api.schemas import Body, Done, Query, Shown
from handlers.people import actions
from handlers.people.api import Agreed, api, check_version
from handlers.people.policies import has_consent, policies
from models.identity import Actor
from models.linking import CODE_LIVES
from models.people import PURPOSES, Purpose

__all__ = ["api"]


# ---- consents ----------------------------------------------------------------------------------------------------


class Consent(Shown):
    """One purpose: what is read out before asking, and what does not work without it."""

    purpose: Purpose
    version: int
    title: str = Field(examples=["登记办事"])
    text: str
    refused: str
    given: bool


class Consents(Shown):
    """All purposes, agreed to or not."""

    items: list[Consent]


@api.reads("/me/consents", gives=Consents)
def consents(by: Actor) -> Consents:
    """What I agreed to"""
    return _consents(by)


@api.writes("/me/consents", takes=Agreed, gives=Consents)
def agree(by: Actor, said: Agreed) -> Consents:
    """Agree to one purpose, in the words that were shown"""
    check_version(said)
    actions.give_consent(by, said.purpose)
    return _consents(by)


@api.writes("/me/consents/<purpose>/withdraw", gives=Consents)
def withdraw(by: Actor, purpose: str) -> Consents:
    """Take a consent back, at once"""
    known = next((one for one in PURPOSES if one == purpose), None)
    if known is None:
        raise Problem(404, "not_found")
    actions.withdraw_consent(by, known)
    return _consents(by)


def _consents(by: Actor) -> Consents:
    return Consents(items=[_consent(by, purpose) for purpose in PURPOSES])


def _consent(by: Actor, purpose: Purpose) -> Consent:
    policy = policies()[purpose]
    facts = {"title": policy.title, "text": policy.text, "refused": policy.refused}
    return Consent(purpose=purpose, version=policy.version, given=has_consent(by, purpose), **facts)


# ---- a copy, and deletion ------------------------------------------------------------------------------------------


class Export(Shown):
    """Everything that is kept, by feature, under headings that people can read."""

    kept: dict[str, Any]


class Deletion(Query):
    """The sentence stands in the address so that nobody deletes by accident."""

    confirm: Literal["删除我的信息"]


@api.reads("/me/export", gives=Export, leaves_a_mark=True)
def export(by: Actor) -> Export:
    """A copy of everything that is kept of me"""
    return Export(kept=actions.export(by, by.me))


@api.writes("/me", method="DELETE", asks=Deletion, gives=Done)
def erase(by: Actor, asked: Deletion) -> Done:
    """Delete everything that is kept of me, and end every login

    What the law makes us keep stays without a name.
    """
    actions.erase(by, by.me)
    return Done(done=True)


# ---- two records of one person ---------------------------------------------------------------------------------------


class LinkCode(Shown):
    """Six digits to be typed in the chat (关联手机) within `expires_in` seconds."""

    code: str = Field(examples=["204816"])
    expires_in: int = Field(examples=[300])


class LinkTyped(Body):
    """Six digits that the chat has shown (关联)."""

    code: Annotated[str, Field(pattern=r"^[0-9]{6}$", examples=["204816"])]


@api.writes("/me/link-codes", gives=LinkCode)
def issue_link_code(by: Actor) -> LinkCode:
    """Show six digits, to be typed in the chat"""
    return LinkCode(code=actions.issue_link_code(by), expires_in=int(CODE_LIVES.total_seconds()))


@api.writes(
    "/me/links",
    takes=LinkTyped,
    gives=Done,
    refuses=("people.too_many_codes", "people.same_person", "people.cannot_link"),
)
def link(by: Actor, said: LinkTyped) -> Any:
    """Type six digits that the chat has shown: the two records become one"""
    if actions.link_by_code(by, said.code) is None:
        return Problem(409, "wrong_code").response()  # not raised: the wrong try stays counted
    return Done(done=True)
