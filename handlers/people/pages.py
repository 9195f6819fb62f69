"""My information as pages: see it, correct it, join. The rights over it are in pages_rights.py."""

from __future__ import annotations

from flask import abort, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from app.channels.pages import Pages, act, card, errors, for_residents, line, looking_on
from app.understanding.numbers import number_in
from app.understanding.phone import mask_phone
from handlers.people import actions
from handlers.people.policies import has_consent, policies
from models.identity import Actor
from models.people import Purpose
from models.places import Place, committees, inside
from models.refusal import Refusal

pages = Pages("people_pages", __name__)


@pages.get("/me")
@card("我的信息")
@for_residents
def show_me() -> str:
    def look(by: Actor) -> str:
        phone = mask_phone(by.me.phone) if by.me.phone else None
        agreed = has_consent(by, "service")
        return render_template("people/page_me.html", me=by.me, phone=phone, agreed=agreed)

    return looking_on(look)


@pages.told_unionid
def hear_unionid(by: Actor, unionid: str) -> None:
    actions.note_unionid(by, unionid)


# ---- joining -------------------------------------------------------------------------------------------------------


@pages.get("/me/join")
@card("登记", on_home=False)
@for_residents
def ask_to_join() -> Response | str:
    def look(by: Actor) -> Response | str:
        if by.me.joined_at is not None:
            return redirect(url_for(".show_me" if has_consent(by, "service") else ".consents"))
        return _join_page(by)

    return looking_on(look)


@pages.post("/me/join")
@for_residents
def join() -> Response:
    """Name and phone with a tick for each purpose, none of them set beforehand; where they live comes after."""

    def work(by: Actor) -> str:
        agreed: list[Purpose] = [purpose for purpose in ("service", "notices") if request.form.get(purpose)]
        actions.join(by, name=line("name"), phone=line("phone"), purposes=agreed)
        return url_for(".which_place", new=1)

    return act(work, _join_page)


def _join_page(by: Actor, why: Refusal | None = None) -> str:
    told = {"name": line("name") or by.me.name, "phone": line("phone")}
    ticked = [purpose for purpose in ("service", "notices") if request.form.get(purpose)]
    wrong = errors(why, "name", "phone")
    return render_template(
        "people/page_join.html", told=told, ticked=ticked, wrong=wrong, policies=policies()
    )


# ---- correcting ----------------------------------------------------------------------------------------------------


@pages.get("/me/<any(name, phone):field>")
@for_residents
def ask_for(field: str) -> str:
    return looking_on(lambda by: _correct_page(by, field))


@pages.post("/me/<any(name, phone):field>")
@for_residents
def correct(field: str) -> Response:
    def work(by: Actor) -> str:
        change = actions.correct_name if field == "name" else actions.correct_phone
        change(by, line(field))
        return url_for(".show_me", done=field)

    return act(work, lambda by, why: _correct_page(by, field, why))


def _correct_page(by: Actor, field: str, why: Refusal | None = None) -> str:
    now = by.me.name if field == "name" else by.me.phone and mask_phone(by.me.phone)
    told, wrong = line(field) or (now if field == "name" else ""), errors(why, field)
    return render_template("people/page_correct.html", field=field, now=now, told=told, wrong=wrong)


@pages.get("/me/place")
@for_residents
def which_place() -> str:
    """Down the tree: committee, estate, building, unit; one may stop at any of them."""

    def look(by: Actor) -> str:
        number = request.args.get("inside", "")
        here = _place(by, number) if number else None
        below = list(by.session.scalars(inside(here) if here else committees()))
        is_new = request.args.get("new") == "1"
        return render_template("people/page_place.html", me=by.me, here=here, below=below, is_new=is_new)

    return looking_on(look)


@pages.post("/me/place")
@for_residents
def move() -> Response:
    def work(by: Actor) -> str:
        number = line("place")
        actions.correct_place(by, _place(by, number) if number else None)
        return url_for(".show_me", done="place")

    return act(work)


def _place(by: Actor, number: str) -> Place:
    row = by.session.get(Place, number_in(number) or 0)
    if row is None:
        abort(404)
    return row
