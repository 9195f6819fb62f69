"""说事 as pages: one big box, a picture, a receipt number at once; how far mine are; by number from any phone."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import abort, g, render_template, request, url_for
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from app.channels.kept_files import shown_file
from app.channels.lists import asked_page
from app.channels.page_cries import cry_for_help
from app.channels.pages import (
    Pages,
    act,
    as_resident,
    card,
    errors,
    for_residents,
    line,
    looking_on,
    mine_or_404,
    not_too_often,
    refused_page,
    shown,
    there_or_404,
)
from app.channels.sealed_address import opened_facts, sealed_facts
from app.understanding.numbers import plain
from app.understanding.phone import phone_in
from handlers.matters import actions
from handlers.matters.photos import sent_photo
from handlers.matters.places import building_of, estate_of, told_place, whereabouts
from handlers.matters.rights import STATES
from handlers.matters.sentences import LONGEST, LONGEST_PLACE, bare
from handlers.matters.standing import may_see_photo
from handlers.matters.twins import may_be_followed, said_already
from handlers.people import actions as people
from models.identity import Actor
from models.matter_followers import following, public_matters, said_or_followed
from models.matter_rules import category_in
from models.matters import KINDS, MAY_BE_ANONYMOUS, Matter, MatterPhoto, last_day
from models.places import Place, estates, inside
from models.receipts import receipt_in, spoken
from models.refusal import Refusal

PER_PAGE = 10
MOST_AT_ONCE, A_WHILE = 10, 600  # forms, seconds
PURPOSE = "matters.receipt"
HINTS = {
    "报修": "路灯、漏水、垃圾、电梯",
    "求助": "有难处,想要人帮",
    "投诉": "对办的事不满意",
    "建议": "想出了好办法",
}
WAYS = {
    "confidential": ("只给工作人员看", "别人问也不说是谁"),
    "named": ("办事的人也可以联系我", "比如修水管的师傅、物业"),
    "anonymous": ("不留名", "这件事上不写您的名字,办的人看不到是谁"),
}

pages = Pages("matters_pages", __name__)


# ---- saying it -----------------------------------------------------------------------------------------------------


@pages.get("/matters/say")
@card("说事反映")
@for_residents
def say() -> str:
    return render_template("matters/page_kinds.html", kinds=[(kind, HINTS[kind]) for kind in KINDS])


@pages.get("/matters/say/<kind>")
@for_residents
def say_kind(kind: str) -> Response:
    """Who took their consent back hears so before they write."""
    if kind not in KINDS:
        abort(404)

    def look(by: Actor) -> str:
        people.respect_withdrawal(by, "service")
        return _form(by, kind)

    return shown(look)


@pages.post("/matters/say/<kind>")
@for_residents
def take_in(kind: str) -> Response:
    """Words of need first, then the picture, which takes its time, then the unit of work."""
    if kind not in KINDS:
        abort(404)
    if (page := cry_for_help()) is not None:
        return page
    not_too_often(f"matters:{g.identity_id}", MOST_AT_ONCE, A_WHILE)
    try:
        photo = sent_photo("photo")
    except Refusal as why:
        return Response(looking_on(lambda by, refused=why: _form(by, kind, refused)), 409)  # type: ignore[misc]
    return act(lambda by: _report(by, kind, photo), lambda by, why: _form(by, kind, why))


def _report(by: Actor, kind: str, photo: actions.Photo | None) -> str:
    home = building_of(by.me.place) if request.form.get("at") == "home" else None
    phone, typed = None, line("phone", 30)
    if typed and (phone := phone_in(typed)) is None:
        raise Refusal("matters.bad_phone")
    said = actions.Report(
        request.form.get("text", ""),
        kind,
        request.form.get("contact", "confidential"),
        "" if home else line("where"),
        home,
        phone=phone,
        photo=photo,
    )
    if not request.form.get("other") and (twin := _twin(by, said)) is not None:
        raise Refusal("matters.said_already", matter=twin)
    made = actions.report(by, said)
    by.session.flush()
    receipt = {"receipt": made.matter.receipt, "code": made.code, "due": str(made.matter.due)}
    return url_for(".received", sealed=sealed_facts(PURPOSE, receipt))


def _twin(by: Actor, said: actions.Report) -> Matter | None:
    where = whereabouts(by.session, said.place, said.where, said.spot)
    category = category_in(by.session, said.kind, bare(said.text))
    return said_already(by.session, said.kind, category, where, by.me)


def _form(by: Actor, kind: str, why: Refusal | None = None) -> str:
    """The form, with what was typed and what is wrong; or what others have said of the same."""
    if why is not None and why.code == "matters.said_already":
        twin = why.facts["matter"]
        place = told_place(by.session, twin)
        return render_template(
            "matters/page_same.html", said=request.form, twin=twin, place=place, kind=kind, states=STATES
        )
    typed: Mapping[str, str] = request.form if why is not None else {}
    ways = [(way, *WAYS[way]) for way in WAYS if way != "anonymous" or kind in MAY_BE_ANONYMOUS]
    home = building_of(by.me.place)
    facts: dict[str, Any] = {"kind": kind, "typed": typed, "ways": ways, "home": home, "hint": HINTS[kind]}
    facts |= {"wrong": _wrong(why), "new": people.is_new(by), "has_phone": by.me.phone is not None}
    facts |= {"places": _place_names(by.session), "due": last_day(by.session, kind)}
    return render_template("matters/page_say.html", longest=LONGEST, longest_place=LONGEST_PLACE, **facts)


def _wrong(why: Refusal | None) -> dict[str, str]:
    """Words that are too short, too long or not for here are about the big box."""
    found = errors(why, "photo", "phone")
    fields = {"matters.too_short": "text", "matters.too_long": "text", "matters.not_here": "text"}
    fields |= {"matters.place_too_long": "where", "matters.no_such_contact": "contact"}
    if why is not None and why.code in fields:
        return {fields[why.code]: found[""]}
    return found


def _place_names(session: Session) -> list[str]:
    """Estates and their buildings, to be picked instead of typed."""
    names = []
    for estate in session.scalars(estates()):
        buildings = session.scalars(inside(estate).where(Place.kind == "building"))
        names += [estate.name, *(estate.name + one.name for one in buildings)]
    return names


@pages.get("/matters/received/<sealed>")
@for_residents
def received(sealed: str) -> str:
    """The number, and for the nameless the code, which stand nowhere else: so the address itself is sealed."""
    facts = opened_facts(PURPOSE, sealed)
    return render_template("matters/page_received.html", number=spoken(facts["receipt"]), **facts)


# ---- mine ----------------------------------------------------------------------------------------------------------


@pages.get("/matters")
@card("我说的事")
@for_residents
def mine() -> str:
    number = asked_page()

    def look(by: Actor) -> str:
        rows = said_or_followed(by.me).offset((number - 1) * PER_PAGE).limit(PER_PAGE + 1)
        found = by.session.scalars(rows).all()
        facts = {"rows": found[:PER_PAGE], "more": len(found) > PER_PAGE, "page": number, "me": by.me.id}
        return render_template("matters/page_mine.html", states=STATES, **facts)

    return looking_on(look)


@pages.get("/matters/<int:number>")
@for_residents
def one(number: int) -> str:
    return looking_on(lambda by: _one(by, number))


def _one(by: Actor, number: int, why: Refusal | None = None) -> str:
    row = by.session.get(Matter, number)
    if row is not None and by.person is not None and following(by.session, row, by.person):
        facts = {"row": row, "place": told_place(by.session, row), "states": STATES, "wrong": errors(why)}
        facts["photos"] = [one for one in row.photos if may_see_photo(by.me, row, one)]
        return render_template("matters/page_followed.html", **facts)
    row = mine_or_404(by, Matter, number)
    told = [step for step in row.steps if step.told]
    photos = [one for one in row.photos if may_see_photo(by.me, row, one)]
    facts = {"states": STATES, "wrong": errors(why, "photo"), "typed": request.form, "photos": photos}
    return render_template("matters/page_one.html", row=row, told=told, **facts)


@pages.get("/matters/<int:number>/photos/<int:photo>")
@for_residents
def picture(number: int, photo: int) -> Response:
    """One's own, and what the desk lets be seen."""

    def look(by: Actor) -> Response:
        row = _theirs(by, number)
        found = by.session.get(MatterPhoto, photo)
        if found is None or found.matter_id != row.id or not may_see_photo(by.me, row, found):
            abort(404)
        return shown_file(there_or_404(found.file))

    return looking_on(look)


@pages.post("/matters/<int:number>/<any(solved, unsolved, withdraw):step>")
@for_residents
def step_on(number: int, step: str) -> Response:
    looking_on(lambda by: _theirs(by, number))  # nobody else has a picture unpacked
    try:
        photo = sent_photo("photo") if step == "unsolved" else None
    except Refusal as why:
        return Response(looking_on(lambda by, refused=why: _one(by, number, refused)), 409)  # type: ignore[misc]

    def work(by: Actor) -> str:
        row = _theirs(by, number) if step == "unsolved" else mine_or_404(by, Matter, number)
        if step == "unsolved":
            actions.reopen(by, row, request.form.get("text", ""), photo)
        else:
            (actions.confirm if step == "solved" else actions.withdraw)(by, row)
        return url_for(".one", number=number)

    return act(work, lambda by, why: _one(by, number, why))


def _theirs(by: Actor, number: int) -> Matter:
    """One's own, or one that is followed."""
    row = by.session.get(Matter, number)
    if row is not None and by.person is not None and following(by.session, row, by.person):
        return row
    return mine_or_404(by, Matter, number)


# ---- what others say -----------------------------------------------------------------------------------------------


@pages.get("/matters/around")
@card("小区里正在办的事")
@for_residents
def around() -> str:
    """Which thing, which estate, how far: never a word of it, nor who said it."""
    number = asked_page()

    def look(by: Actor) -> str:
        rows = public_matters().offset((number - 1) * PER_PAGE).limit(PER_PAGE + 1)
        found = by.session.scalars(rows).all()
        mine = {row.id for row in found if row.person_id == by.me.id or following(by.session, row, by.me)}
        facts = {"rows": found[:PER_PAGE], "more": len(found) > PER_PAGE, "page": number, "mine": mine}
        return render_template("matters/page_around.html", states=STATES, estate=estate_of, **facts)

    return looking_on(look)


@pages.post("/matters/<int:number>/<any(me_too, not_me):way>")
@for_residents
def follow(number: int, way: str) -> Response:
    """ "我也是这件事", for what may be known to everybody; for the rest it is not there."""

    def work(by: Actor) -> str:
        row = there_or_404(by.session.get(Matter, number))
        if not may_be_followed(row) and following(by.session, row, by.me) is None:
            abort(404)
        (actions.follow if way == "me_too" else actions.unfollow)(by, row)
        return url_for(".mine")

    return act(work)


# ---- by number -----------------------------------------------------------------------------------------------------


@pages.route("/matters/look", methods=["GET", "POST"])
@for_residents
def look_up() -> Response | str:
    """How far it is, for who knows the number and the last four digits: no word of what was said."""
    if request.method == "GET":
        return render_template("matters/page_look.html", wrong={}, typed={}, found=None, states=STATES)
    receipt, tail = receipt_in(line("number")), plain(line("tail", 4)).strip()

    def unit(by: Actor) -> Response | str:
        found, wrong = None, {"number": "受理号是七位数字,请再看看。"}
        if receipt is not None:
            try:
                found = actions.look_up(by, receipt, tail)
            except Refusal as why:
                return Response(refused_page(why, url_for(".look_up")), 429)
            wrong = {"": "没找到:受理号和后四位要对得上。"}
        facts = {"wrong": {} if found else wrong, "typed": request.form, "found": found}
        return render_template("matters/page_look.html", states=STATES, **facts)

    return as_resident(unit)
