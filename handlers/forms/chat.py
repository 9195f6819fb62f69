"""Filling in a form in chat: one field after the other, put aside at any time, taken up again days later."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from app.dialogue import Ask, Chat, Choose, Confirm, Go, Offer, Reply, Say
from app.house import normal
from app.links import link_to
from app.questions import NO, means_yes
from handlers.forms import actions
from handlers.forms.known import known_of, shown
from handlers.forms.standing import HELPED, said
from models.form_fields import LATER, Field, asked
from models.forms import Form, FormDraft, drafts_of, form_named, offered_forms, open_drafts_of
from models.identity import Actor
from models.refusal import Refusal

chat = Chat("forms")
PER_PAGE, MOST_DRAFTS, NEXT_PAGE = 6, 2, 9
WHO = dict(zip(("_base.helped_name", "_base.helped_phone", "_base.helped_tie"), HELPED, strict=True))
LONGEST_SHOWN, LONGEST_SUMMARY = 12, 250
SKIP = "跳过"


# ---- which form ------------------------------------------------------------------------------------------------------


@chat.says("填表", "帮我填表", "填表格", "填个表")
def fill_in(resident: Actor, page: int = 0, helping: bool = False) -> Say:
    return _which(resident, page, helping)


@chat.says("帮别人填表", "替别人填表", "帮老人填表", "给家里人填表")
def fill_in_for(resident: Actor) -> Say:
    return _which(resident, 0, helping=True)


def _which(resident: Actor, page: int, helping: bool) -> Say:
    """What was left half filled in stands first."""
    drafts = (
        []
        if page or helping
        else list(resident.session.scalars(open_drafts_of(resident.me).limit(MOST_DRAFTS)))
    )
    found = list(resident.session.scalars(offered_forms().offset(page * PER_PAGE).limit(PER_PAGE + 1)))
    if not found and not drafts:
        return Say("forms.none", words=("办事指南", "人工"))
    offers: dict[int, Offer] = {n: go_on.offer(draft=draft) for n, draft in enumerate(drafts, 1)}
    forms = found[:PER_PAGE]
    offers |= {n: begin.offer(form=form, helping=helping) for n, form in enumerate(forms, len(drafts) + 1)}
    more = len(found) > PER_PAGE
    if more:
        offers[NEXT_PAGE] = fill_in.offer(page=page + 1, helping=helping)
    return Say("forms.which", drafts=drafts, forms=forms, more=more, helping=helping, offers=offers)


@chat.offered()
def begin(resident: Actor, form: Form, helping: bool = False) -> Reply:
    """The same form half filled in before is rather gone on with."""
    mine = open_drafts_of(resident.me).where(FormDraft.form_id == form.id, FormDraft.helped == helping)
    before = resident.session.scalar(mine.limit(1))
    if before is None:
        return begin_anew(resident, form, helping)
    offers = {1: go_on.offer(draft=before), 2: begin_anew.offer(form=form, helping=helping)}
    return Say("forms.begun_before", draft=before, offers=offers)


@chat.offered()
def begin_anew(resident: Actor, form: Form, helping: bool = False) -> Reply:
    return _talk(resident, actions.begin(resident, form, helped=helping))


@chat.offered()
def go_on(resident: Actor, draft: FormDraft) -> Reply:
    if draft.state != "open":
        return _card(resident, draft)
    return _talk(resident, actions.take_up(resident, draft))


def _talk(resident: Actor, draft: FormDraft) -> Go:
    resident.session.flush()
    return Go(fill.offer(draft=draft, revision=draft.revision), helping=draft.helped)


@chat.listens("confirmed")
def by_name(resident: Actor, text: str) -> Reply:
    """ "高龄补贴申请表", "填老年证"."""
    bare = normal(text.removeprefix("我要").removeprefix("我想").removeprefix("帮我"))
    form = form_named(resident.session, bare, bare.removeprefix("填"))
    return begin(resident, form) if form is not None else None


# ---- field by field --------------------------------------------------------------------------------------------------


@chat.dialogue(title="填表")
async def fill(resident: Actor, draft: FormDraft, revision: int = 0) -> Say:
    goes_on(draft, revision)
    answers: dict[str, str] = {}
    for field in draft.fields:
        if not field.at_the_desk and field.is_asked(answers):
            told: str = await _question(resident, draft, field, answers)
            answers[field.key] = "" if told == SKIP else told
    await Confirm("confirm_form", draft=draft, **summary(draft, answers))
    return Say("handed_in", draft=actions.hand_in(resident, draft), offers={1: Offer.of_word("我填的表")})


def goes_on(draft: FormDraft, revision: int) -> None:
    """Refuses with forms.not_now when it is not being filled in any more, .changed_elsewhere when on a page."""
    if draft.state != "open":
        raise Refusal("forms.not_now", title=draft.form.title)
    if draft.revision != revision:
        raise Refusal("forms.changed_elsewhere")


def _question(resident: Actor, draft: FormDraft, field: Field, answers: Mapping[str, str]) -> Any:
    known = known_of(resident, field, draft)
    facts = _facts(draft, field, answers) | {"known": shown(field, known)}
    if field.is_chosen:
        options = (*field.offered, *(() if field.needed else (SKIP,)))
        chosen: Choose[str] = Choose("field_choice", options, **facts)
        return chosen.about(field.key, field.label, field.told, "explain")
    free = field.kind in ("text", "address")
    typed: Ask[str] = Ask("field_words", _reader(field, known), any_words=free, **facts)
    return typed.about(field.key, field.label, field.told, "explain")


def _facts(draft: FormDraft, field: Field, answers: Mapping[str, str]) -> dict[str, Any]:
    """How far it is; and a day or a sum just told is read back, since it may have been read wrong."""
    fields = asked(draft.fields, answers)
    keys = [one.key for one in fields]
    place = keys.index(field.key)
    before = fields[place - 1] if place else None
    echo = before is not None and before.kind in ("date", "number", "money")
    told = (
        f"{before.label}:{before.told(answers[before.key])}"
        if before and echo and answers[before.key]
        else ""
    )
    return {"field": field, "n": place + 1, "m": len(fields), "echo": told, "title": draft.form.title}


def _reader(field: Field, known: str) -> Callable[[str], str]:
    def parse(words: str) -> str:
        if known and means_yes(words):
            return known
        if known and words in NO:
            raise Refusal("forms.say_it", label=field.label)
        return said(field, words)

    return parse


def summary(draft: FormDraft, answers: Mapping[str, str]) -> dict[str, Any]:
    """What a yes says yes to; a form that is too long for a card stands on its page."""
    lines = [
        f"{one.label}:{_short(one.told(answers[one.key])) or '空着'}"
        for one in asked(draft.fields, answers)
        if one.key in answers
    ]
    fits = sum(map(len, lines)) + len(lines) <= LONGEST_SUMMARY
    later = [one.label for one in draft.fields if one.at_the_desk or answers.get(one.key) == LATER]
    return {
        "lines": lines if fits else lines[:8],
        "whole": fits,
        "link": link_to(f"/h5/forms/drafts/{draft.id}"),
        "later": later,
    }


def _short(words: str) -> str:
    return words if len(words) <= LONGEST_SHOWN else f"{words[: LONGEST_SHOWN - 1]}…"


@fill.keeps(put_aside="forms.put_aside")
def kept(resident: Actor, given: Mapping[str, Any], answers: Mapping[str, Any]) -> None:
    """After each answer the draft holds all of them: the talk may end here, and go on weeks later."""
    named = {WHO.get(key) or key.partition("@")[2]: value for key, value in answers.items()}
    kept_now = {key: "" if value in (None, SKIP) else value for key, value in named.items() if key}
    actions.keep(resident, given["draft"], kept_now, given["revision"])


@fill.begins_with
def known_before(_resident: Actor, given: Mapping[str, Any]) -> dict[str, Any]:
    draft: FormDraft = given["draft"]
    answers = draft.answers
    told: dict[str, Any] = {key: answers[name] for key, name in WHO.items() if name in answers}
    for field in draft.fields:
        if field.key in answers:
            key = "field_choice" if field.is_chosen else "field_words"
            told[f"{key}@{field.key}"] = answers[field.key] or (SKIP if field.is_chosen else "")
    return told


@fill.undo
def undo(resident: Actor, draft: FormDraft, **_: object) -> Say:
    return Say("taken_back", draft=actions.take_back(resident, draft), offers={1: go_on.offer(draft=draft)})


# ---- one of mine -----------------------------------------------------------------------------------------------------


@chat.offered()
def card(resident: Actor, draft: FormDraft) -> Say:
    return _card(resident, draft)


def _card(resident: Actor, draft: FormDraft) -> Say:
    """How far it is, and what may be done about it now."""
    if draft.person_id != resident.me.id:
        return Say("forms.no_draft")
    offers: dict[int, Offer] = {1: Offer.of_word("填表")}
    if draft.state == "open":
        offers = {1: go_on.offer(draft=draft), 2: give_up.offer(draft=draft)}
    elif draft.state == "handed_in" and draft.staff_id is None:
        offers = {1: back_to_me.offer(draft=draft)}
    done, all_ = len(draft.asked) - len(draft.missing), len(draft.asked)
    return Say("forms.card", draft=draft, done=done, all=all_, offers=offers, free=draft.staff_id is None)


@chat.offered()
def back_to_me(resident: Actor, draft: FormDraft) -> Reply:
    return go_on(resident, actions.take_back(resident, draft))


@chat.dialogue(title="这张表")
async def give_up(resident: Actor, draft: FormDraft) -> Say:
    await Confirm("confirm_give_up", draft=draft)
    return Say("given_up", title=actions.drop(resident, draft).form.title, offers={1: Offer.of_word("填表")})


@chat.says("我填的表", "我的表", "填表进度", "我的表格")
def mine(resident: Actor, page: int = 0) -> Say:
    rows = drafts_of(resident.me).where(FormDraft.state != "dropped")
    found = list(resident.session.scalars(rows.offset(page * PER_PAGE).limit(PER_PAGE + 1)))
    if not found:
        return Say("forms.nothing_mine", offers={1: fill_in.offer()})
    if len(found) == 1 and not page:
        return _card(resident, found[0])
    offers: dict[int, Offer] = {n: card.offer(draft=row) for n, row in enumerate(found[:PER_PAGE], 1)}
    more = len(found) > PER_PAGE
    if more:
        offers[NEXT_PAGE] = mine.offer(page=page + 1)
    return Say("forms.mine", rows=found[:PER_PAGE], more=more, offers=offers)


chat.also_said(
    "填表", "我要填表", "帮忙填表", "填申请表", "不会填表", "表不会填", "填一张表", "教我填表", "帮我填个表"
)
chat.also_said("我填的表", "我填的表怎么样了", "填到一半的表", "没填完的表", "表填好了没有")
