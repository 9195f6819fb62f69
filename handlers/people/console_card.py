"""What staff do on a resident's card: correct, write down consents, tag, tie to family, keep what is sensitive."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import render_template, request
from wtforms import SelectField

from app import clock
from app.channels.console import as_staff, attempt, find, staff
from app.channels.console_forms import ConsoleForm, choices, day, words
from handlers.people import actions, consents, deaths, proxies, sensitive, tags
from handlers.people.console import back_to_card, console, seen_person, under
from handlers.people.own_rows import TIE_WORDS, proxy_words
from handlers.people.policies import policies
from handlers.people.search import the_one
from models.households import members_of, stay_of
from models.identity import Actor, Person
from models.people import PURPOSES, SEPARATE, AnyPurpose, consents_of, live_consents
from models.places_named import place_called
from models.proxies import Proxy, live_proxies
from models.refusal import Refusal
from models.sensitive import KINDS, fact_of, facts_of
from models.tags import Tag, live_tags, taggings_of

DESK = ("desk", "grid")
OPENERS = ("desk", "grid", "children")
CHANNELS = {"oa": "公众号", "mini": "小程序"}
TIES = {"proxy": "可以替本人办事的人", "guardian": "监护人(本人不满14岁)"}
LOOKS_SHOWN = 10


class CorrectForm(ConsoleForm):
    name = words("姓名", 20, needed=False)
    phone = words("手机号", 30, needed=False, inputmode="tel", autocomplete="off")
    place = words("住处", 60, needed=False, list="places")
    reason = words("理由", 60, hint="比如:本人来电话说换了号")


class ConsentForm(ConsoleForm):
    what = SelectField("用途")
    paper = words("纸质同意书放在哪", 60, hint="比如:2026年卷宗3号,扫描件 0123")


class FactForm(ConsoleForm):
    kind = SelectField("哪一种")
    value = words("内容", 300, autocomplete="off")
    programme = words("哪个项目要用", 40)
    programme_ends = day("项目用到哪天", default=None)


class TieForm(ConsoleForm):
    kind = SelectField("是什么", choices=choices(TIES))
    who = words("谁", 30, hint="居民编号、整个手机号或全名;要先登记过")
    paper = words("看了什么证件、同意书放在哪", 60)


class DeathForm(ConsoleForm):
    wish = SelectField("亲属要什么", choices=choices({"delete": "删除资料", "copy": "要一份资料"}))
    relative = words("哪位亲属", 40, hint="姓名和关系")
    proof = words("看了什么证明", 80, hint="证明名称、编号、日期")


def card_facts(by: Actor, person: Person) -> dict[str, Any]:
    """Everything on the card; what is sensitive is named and covered."""
    session = by.session
    stay = stay_of(session, person)
    facts: dict[str, Any] = {"person": person, "stay": stay, "ties": TIE_WORDS, "policies": policies()}
    facts["members"] = session.scalars(members_of(stay.household)).all() if stay else []
    facts["consents"] = session.scalars(consents_of(person)).all()
    facts["channels"] = [(CHANNELS.get(one.kind, one.kind), one) for one in person.identities]
    facts["taggings"] = session.scalars(taggings_of(person)).all()
    facts["proxies"] = [(one, proxy_words(one, person)) for one in session.scalars(live_proxies(person))]
    facts["facts"] = session.scalars(facts_of(person)).all()
    facts["looks"] = actions.who_looked(session, person, LOOKS_SHOWN)
    return facts | _forms(by, person)


def _forms(by: Actor, person: Person) -> dict[str, Any]:
    """Empty ones, each under a prefix, since several stand on one page."""
    live = {one.purpose for one in by.session.scalars(live_consents(person))}
    asked = [one for one in (*PURPOSES, *SEPARATE) if one not in live and one not in TIES]
    consent, fact = ConsentForm(formdata=None, prefix="c-"), FactForm(formdata=None, prefix="f-")
    consent.what.choices = [(one, policies()[one].title) for one in asked]
    fact.kind.choices = [(one, policies()[one].title) for one in KINDS if one in live]
    worn = {one.tag_id for one in by.session.scalars(taggings_of(person))}
    return {
        "correct": CorrectForm(formdata=None, prefix="k-"),
        "consent": consent,
        "fact": fact,
        "tie": TieForm(formdata=None, prefix="t-"),
        "death": DeathForm(formdata=None, prefix="d-"),
        "free_tags": [one for one in by.session.scalars(live_tags()) if one.id not in worn],
    }


# ---- what is done ----------------------------------------------------------------------------------------------


def _do(number: int, work: Callable[[Actor, Person], object], done: str, form: Any = None) -> Any:
    """Do it and show the card again; what was wrong in the form is said at the head of it."""
    if form is not None and not form.validate():
        errors = [f"{field.label.text}:{error}" for field in form for error in field.errors]
        attempt(lambda _: _refuse("people.form_wrong", errors=errors))
    else:
        attempt(lambda by: work(by, seen_person(by, number)), done=done)
    return back_to_card(number)


def _refuse(code: str, **facts: Any) -> None:
    raise Refusal(code, **facts)


@console.post("/residents/<int:number>/correct")
@staff(*DESK)
def correct(number: int) -> Any:
    form = CorrectForm(prefix="k-")

    def work(by: Actor, person: Person) -> None:
        place = place_called(by.session, form.place.data) if form.place.data else None
        if form.place.data and place is None:
            raise Refusal("people.no_such_place")
        name, phone = form.name.data or None, form.phone.data or None
        actions.correct_on_behalf(by, person, reason=form.reason.data, name=name, phone=phone, place=place)

    return _do(number, work, "改好了。", form)


@console.post("/residents/<int:number>/consent")
@staff(*DESK)
def consent(number: int) -> Any:
    """A signed sheet is written down."""
    form = ConsentForm(prefix="c-")
    form.what.choices = [(one, one) for one in (*PURPOSES, *SEPARATE)]
    return _do(
        number,
        lambda by, person: consents.note_paper_consent(by, person, form.what.data, form.paper.data),
        "同意记下了。",
        form,
    )


@console.post("/residents/<int:number>/take-back")
@staff(*DESK)
def withdraw(number: int) -> Any:
    purpose: AnyPurpose | None = next(
        (one for one in (*PURPOSES, *SEPARATE) if one == request.form.get("what")), None
    )
    reason = request.form.get("reason", "")

    def work(by: Actor, person: Person) -> None:
        if purpose is None or purpose in TIES:
            raise Refusal("people.consent_with_the_tie")
        consents.note_withdrawal(by, person, purpose, reason)

    return _do(number, work, "撤回记下了,马上停用。")


@console.post("/residents/<int:number>/tag")
@staff(*DESK)
def tag(number: int) -> Any:
    return _do(number, lambda by, person: tags.tag_person(by, person, _tag(by)), "贴上了,本人看得到。")


@console.post("/residents/<int:number>/untag")
@staff(*DESK)
def untag(number: int) -> Any:
    return _do(number, lambda by, person: tags.untag_person(by, person, _tag(by)), "拿掉了。")


def _tag(by: Actor) -> Tag:
    return find(by, Tag, request.form.get("which", 0, int))


@console.post("/residents/<int:number>/tie")
@staff(*DESK)
def tie(number: int) -> Any:
    """The card is the child's, or the one's who trusts; the form names who acts for them."""
    form = TieForm(prefix="t-")

    def work(by: Actor, person: Person) -> None:
        holder = the_one(by, form.who.data)
        proxies.tie_at_desk(by, form.kind.data, holder=holder, ward=person, paper=form.paper.data)

    return _do(number, work, "记好了,两边都看得到。", form)


@console.post("/residents/<int:number>/untie")
@staff(*DESK)
def untie(number: int) -> Any:
    def work(by: Actor, person: Person) -> None:
        proxy = find(by, Proxy, request.form.get("which", 0, int))
        if person.id not in (proxy.holder_id, proxy.ward_id):
            raise Refusal("people.not_your_grid")
        proxies.end_proxy(by, proxy)

    return _do(number, work, "停掉了。")


# ---- what is sensitive -----------------------------------------------------------------------------------------


@console.post("/residents/<int:number>/fact")
@staff(*OPENERS, fresh=True)
def write_fact(number: int) -> Any:
    form = FactForm(prefix="f-")
    form.kind.choices = [(one, one) for one in KINDS]

    def work(by: Actor, person: Person) -> None:
        sensitive.write_fact(
            by,
            person,
            form.kind.data,
            form.value.data,
            programme=form.programme.data,
            programme_ends=form.programme_ends.data,
        )

    return _do(number, work, "记下了,加密存着。", form)


@console.post("/residents/<int:number>/fact/open")
@staff(*OPENERS, fresh=True)
def open_fact(number: int) -> Any:
    """What it says, on a page of its own, once: nothing of it is kept in a cookie or an address."""
    under("居民")
    kind, reason = request.form.get("kind", ""), request.form.get("reason", "")

    def work(by: Actor) -> dict[str, Any]:
        person = seen_person(by, number)
        fact = fact_of(by.session, person, kind)
        if fact is None:
            raise Refusal("people.no_such_kind")
        return {"value": sensitive.open_fact(by, fact, reason), "person": person, "fact": fact}

    opened = attempt(work)
    if opened is None:
        return back_to_card(number)
    told = opened.it | {"title": policies()[kind].title, "today": clock.today()}
    return as_staff(lambda _: render_template("people/console_fact.html", **told))


@console.post("/residents/<int:number>/fact/drop")
@staff(*OPENERS, fresh=True)
def drop_fact(number: int) -> Any:
    def work(by: Actor, person: Person) -> None:
        fact = fact_of(by.session, person, request.form.get("kind", ""))
        if fact is None:
            raise Refusal("people.no_such_kind")
        sensitive.drop_fact(by, fact)

    return _do(number, work, "删掉了。")


@console.post("/residents/<int:number>/death")
@staff("desk")
def report_death(number: int) -> Any:
    form = DeathForm(prefix="d-")

    def work(by: Actor, person: Person) -> None:
        said = {"wish": form.wish.data, "relative": form.relative.data, "proof": form.proof.data}
        deaths.report_death(by, person, **said)

    return _do(number, work, "报上了,等另一位同事在“身后事”里看。", form)
