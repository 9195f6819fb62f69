"""志愿证明 in chat: what one has, applying in four answers, taking it back, saying what is wrong."""

from __future__ import annotations

from typing import Any

from app.dialogue import Ask, Chat, Choose, Confirm, Offer, Say
from app.understanding.phone import mask_id_numbers
from handlers.certificates import actions, content
from handlers.certificates.periods import CHOICES, OTHER, period_in, span_of
from handlers.certificates.sentences import STATES
from handlers.people import actions as people
from models.certificate_lists import certificates_of
from models.certificates import Certificate, hours_text, terms
from models.identity import Actor
from models.people import live_consent
from models.refusal import Refusal
from models.volunteer_file import file_of

LISTED, APPLY, PAGE = 4, 5, 6
ON_PAGE, ON_BOARD = "网页上也公示", "只贴公告栏"
NOTHING = frozenset({"不用写", "不写", "没有", "不说", "不想说", "无", "没", "自己留着"})
CAN_OBJECT = ("checked", "posting", "ready", "printed", "issued")
CAN_WITHDRAW = ("applied", "checked", "posting", "ready")

chat = Chat("certificates")


def may_apply(resident: Actor) -> None:
    """Who cannot have one hears so before the first question."""
    people.respect_withdrawal(resident, "service")
    people.respect_withdrawal(resident, "volunteer")
    if resident.me.name is None:
        raise Refusal("certificates.name_needed")
    if not content.hours_in(resident, resident.me, *span_of(CHOICES[0])):
        raise Refusal("certificates.no_hours")


# ---- mine ----------------------------------------------------------------------------------------------------------


@chat.says("志愿证明", "我的志愿证明", "志愿服务证明")
def mine(resident: Actor) -> Say:
    """Hours that stand, the volunteer's number, and each proof a digit away."""
    rows = resident.session.scalars(certificates_of(resident.me).limit(LISTED)).all()
    posted = content.hours_in(resident, resident.me, *span_of(CHOICES[0]))
    kept = file_of(resident.session, resident.me)
    offers: dict[int, Offer] = {digit: one.offer(certificate=row) for digit, row in enumerate(rows, 1)}
    offers |= {APPLY: apply.offer()}
    unit = terms(resident.session).unit
    return Say(
        "mine",
        hours=hours_text(sum(row.minutes for row in posted), unit),
        number=kept.number if kept else "",
        lines=[f"{row.called},{STATES[row.state]}" for row in rows],
        offers=offers,
    )


@chat.says("开证明", "开个证明")
def which_proof(resident: Actor) -> Say:
    """The community gives other proofs too, at its counter."""
    return Say("which_proof", offers={1: apply.offer(), 2: Offer.of_word("人工")})


@chat.offered()
def one(resident: Actor, certificate: Certificate) -> Say:
    offers: dict[int, Offer] = {}
    if certificate.person_id != resident.me.id:
        raise Refusal("certificates.not_yours")
    if certificate.state in CAN_OBJECT:
        offers[1] = wrong.offer(certificate=certificate)
    if certificate.state in CAN_WITHDRAW:
        offers[2] = withdraw.offer(certificate=certificate)
    open_due = [said.due for said in certificate.objections if said.own and said.answered_at is None]
    answered = [said.answer for said in certificate.objections if said.own and said.answer]
    hours = hours_text(certificate.minutes, terms(resident.session).unit) if certificate.minutes else ""
    facts: dict[str, Any] = {"it": certificate, "state": STATES[certificate.state], "hours": hours}
    return Say(
        "one",
        offers=offers,
        can=sorted(offers),
        due=min(open_due, default=None),
        answer=(answered or [""])[-1][:80],
        **facts,
    )


# ---- applying ------------------------------------------------------------------------------------------------------


@chat.dialogue(
    "开志愿证明", "开志愿服务证明", "申请志愿证明", "开志愿者证明", title="开志愿证明", may=may_apply
)
async def apply(resident: Actor) -> Say:
    choice = await Choose("which_period", CHOICES)
    typed = await Ask("which_days", period_in) if choice == OTHER else ""
    since, until = span_of(choice, typed)
    rows = content.hours_in(resident, resident.me, since, until)
    if not rows:
        raise Refusal("certificates.no_hours_then")
    purpose = await Ask("what_for", purpose_in, any_words=True)
    agreed = live_consent(resident.session, resident.me, "posting") is not None
    where = ON_PAGE if agreed else await Choose("where_posted", (ON_PAGE, ON_BOARD))
    hours = hours_text(sum(row.minutes for row in rows), terms(resident.session).unit)
    facts: dict[str, Any] = {
        "times": len(rows),
        "hours": hours,
        "since": since,
        "until": until,
        "purpose": purpose,
    }
    await Confirm("confirm_apply", where=where, **facts)
    made = actions.apply(resident, since=since, until=until, purpose=purpose, posting=where == ON_PAGE)
    return Say("applied", certificate=made, where=where)


@apply.undo
def take_back(resident: Actor, certificate: Certificate, **_: object) -> Say:
    return Say("withdrawn", it=actions.withdraw(resident, certificate))


def purpose_in(text: str) -> str:
    """A few words, or nothing; no identity number is kept in them."""
    bare = mask_id_numbers(text.strip("。.!！ "))[0]
    if bare in NOTHING:
        return ""
    if not 2 <= len(bare) <= actions.LONGEST_PURPOSE:
        raise Refusal("certificates.bad_purpose")
    return bare


# ---- after that ----------------------------------------------------------------------------------------------------


@chat.dialogue(title="不要这份证明了")
async def withdraw(resident: Actor, certificate: Certificate) -> Say:
    await Confirm("confirm_withdraw", it=certificate, called=certificate.called)
    return Say("withdrawn", it=actions.withdraw(resident, certificate))


@chat.dialogue(title="证明有不对的")
async def wrong(resident: Actor, certificate: Certificate) -> Say:
    words = await Ask("what_is_wrong", said_in, any_words=True)
    await Confirm("confirm_objection", called=certificate.called, words=words)
    return Say("objected", due=actions.object_to(resident, certificate, words).due)


def said_in(text: str) -> str:
    return actions.words_in(mask_id_numbers(text)[0])


chat.also_said("志愿证明", "志愿者证书", "服务记录证明", "时长证明", "志愿者证", "打印志愿证明", "我的证明")
chat.also_said("开志愿证明", "办志愿证明", "要一份志愿证明", "开时长证明", "开志愿时长证明")
