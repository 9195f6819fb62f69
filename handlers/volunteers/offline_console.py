"""At the desk: links to the page that works without a network, its phones, and who came and is on no list."""

from __future__ import annotations

from flask import abort, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from app import audit
from app.channels.console import as_staff, attempt, find, looking, staff
from app.channels.console_forms import WhoseForm
from handlers.people import actions as people
from handlers.volunteers import offline, offline_arrivals
from handlers.volunteers.console import LEADERS, console
from handlers.volunteers.offline_pages import drawn, offline_address
from models import leader_devices as model
from models.activities import ActivitySession
from models.activities_audience import leaders_of
from models.identity import Actor, Person
from models.leader_devices import LeaderDevice, UnlistedArrival

MOST = 100


@console.get("/sessions/<int:number>/offline")
@staff(*LEADERS)
def offline_devices(number: int) -> str:
    """Opening it leaves a line when names that were typed stand on it."""

    def look(by: Actor) -> str:
        held = find(by, ActivitySession, number)
        waiting = model.arrivals_waiting().where(UnlistedArrival.session_id == held.id).limit(MOST)
        arrivals = by.session.scalars(waiting).all()
        if arrivals:
            audit.note(by, "volunteers.offline_names", held, shown=len(arrivals))
        devices = by.session.scalars(model.devices_of(held)).all()
        free = {
            one.id: offline_address(one) for one in devices if one.let_go_at is None and not one.secret_index
        }
        facts = {
            "held": held,
            "devices": devices,
            "links": free,
            "codes": {number: drawn(address) for number, address in free.items()},
            "leaders": leaders_of(by.session, held.activity),
            "arrivals": arrivals,
            "until": model.until(held),
        }
        return render_template("volunteers/console_offline.html", **facts)

    return as_staff(look)


@console.post("/sessions/<int:number>/offline")
@staff(*LEADERS)
def offline_link(number: int) -> Response:
    """For a resident who leads, or for whoever asks."""
    who = request.form.get("leader", 0, int)

    def unit(by: Actor) -> LeaderDevice:
        return offline.make_link(
            by, find(by, ActivitySession, number), find(by, Person, who) if who else None
        )

    attempt(unit, done="链接有了。")
    return redirect(url_for(".offline_devices", number=number))


@console.post("/sessions/<int:number>/offline/<int:device>/let-go")
@staff(*LEADERS)
def offline_let_go(number: int, device: int) -> Response:
    attempt(lambda by: offline.let_go(by, _device(by, number, device)), done="那部手机换下来了。")
    return redirect(url_for(".offline_devices", number=number))


def _device(by: Actor, number: int, device: int) -> LeaderDevice:
    row = find(by, LeaderDevice, device)
    return row if row.session_id == number else abort(404)


# ---- who came without standing on the list ---------------------------------------------------------------------------


@console.route("/sessions/<int:number>/arrivals/<int:arrival>", methods=["GET", "POST"])
@staff(*LEADERS)
def unlisted(number: int, arrival: int) -> Response | str:
    """Found by phone; of several who share it, the one who is chosen. The first time only looks."""
    form, found = WhoseForm(), {}
    if form.validate_on_submit():
        found = as_staff(lambda by: _found(by, form.phone.data))
        asked_before = form.offer(found)
        if asked_before and form.person.data in found:
            who = int(form.person.data)
            if attempt(
                lambda by: offline_arrivals.match(by, _arrival(by, number, arrival), find(by, Person, who)),
                form,
                "对上了,签到记好了。",
            ):
                return redirect(url_for(".offline_devices", number=number))
    with looking() as by:
        row = _arrival(by, number, arrival)
        form.phone.data = form.phone.data or row.phone
        facts = {"held": find(by, ActivitySession, number), "row": row, "form": form, "found": found}
        return render_template("volunteers/console_unlisted.html", **facts, asked=form.is_submitted())


def _found(by: Actor, phone: str) -> dict[str, str]:
    return {str(one.id): one.name or "" for one in people.find_by_phone(by, phone, purpose="activity")}


@console.post("/sessions/<int:number>/arrivals/<int:arrival>/drop")
@staff(*LEADERS)
def unlisted_drop(number: int, arrival: int) -> Response:
    attempt(lambda by: offline_arrivals.drop(by, _arrival(by, number, arrival)), done="这一条去掉了。")
    return redirect(url_for(".offline_devices", number=number))


def _arrival(by: Actor, number: int, arrival: int) -> UnlistedArrival:
    row = find(by, UnlistedArrival, arrival)
    return row if row.session_id == number else abort(404)
