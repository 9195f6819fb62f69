"""接孩子: the guardian's page with today's code, and the list of those who may collect."""

from __future__ import annotations

from flask import abort, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from app.channels.pages import act, card, errors, for_residents, line, looking_on
from handlers.activities import collectors
from handlers.activities.pages import pages
from models.collectors import MOST_COLLECTORS, Collector
from models.identity import Actor, Person
from models.proxies import acts_for
from models.refusal import Refusal


@pages.get("/collectors")
@card("接孩子", "接送码", on_home=False)
@for_residents
def collecting() -> str:
    return looking_on(_page)


@pages.post("/collectors/<int:child>")
@for_residents
def add_collector(child: int) -> AnyResponse:
    def work(by: Actor) -> str:
        ward = by.session.get(Person, child)
        if ward is None or acts_for(by.session, by.me, ward) is None:
            abort(404)
        if not request.form.get("agreed"):
            raise Refusal("activities.collector_not_agreed")
        collectors.add_collector(by, ward, name=line("name", 30), tail=line("tail", 20))
        return url_for("activities_pages.collecting", done="add")

    return act(work, _page)


@pages.post("/collectors/<int:number>/end")
@for_residents
def end_collector(number: int) -> AnyResponse:
    def work(by: Actor) -> str:
        row = by.session.get(Collector, number)
        if row is None or acts_for(by.session, by.me, row.child) is None:
            abort(404)
        collectors.end_collector(by, row)
        return url_for("activities_pages.collecting", done="end")

    return act(work, _page)


def _page(by: Actor, why: Refusal | None = None) -> str:
    wards = collectors.my_wards(by)
    typed = request.form if why is not None else {}
    return render_template(
        "activities/page_collecting.html",
        wards=wards,
        wrong=errors(why, "name", "tail"),
        typed=typed,
        most=MOST_COLLECTORS,
    )
