"""Choosing which of the account's templates speaks for which of our messages, field by field."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import Blueprint, abort, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from app.channels.console import attempt, current_site, looking, staff
from handlers.launch import actions
from handlers.launch.templates import ROADS, OurTemplate, app_by, card_of, our_templates
from models.identity import Actor
from models.launch import fitting_fields, kind_of, last_examination, map_of, template_maps
from models.refusal import Refusal


def enter(console: Blueprint) -> None:
    console.get("/launch/templates")(templates)
    console.route("/launch/templates/<ours>", methods=["GET", "POST"])(fields)
    console.post("/launch/templates/<ours>/forget")(forget)


@staff("admin")
def templates() -> str:
    with looking() as by:
        groups = [_group(by, road, app) for road in ROADS if (app := app_by(current_site(), road))]
        return render_template("launch/console_templates.html", groups=[one for one in groups if one["ours"]])


def _group(by: Actor, road: str, app: str) -> dict[str, Any]:
    chosen = {one.ours: one for one in by.session.scalars(template_maps(app, road))}
    facts = {"ours": our_templates(current_site(), road), "chosen": chosen, "theirs": _theirs(by, road)}
    return facts | {"road": road, "configured": _configured(road, app)}


@staff("admin")
def fields(ours: str) -> Response | str:
    """Their fields beside ours; the same kind in the same order is chosen beforehand."""
    mine = _ours(ours)
    if request.method == "POST" and attempt(lambda by: _choose(by, mine), done="对上了。下一条消息就用它。"):
        return redirect(url_for("launch_console.templates"))
    with looking() as by:
        template = _template(by, request.values.get("template", ""))
        known = map_of(by.session, _app(), ours, mine.road)
        same = known is not None and known.template_id == template["template_id"]
        chosen = dict(known.fields) if known and same else fitting_fields(mine.fields, template["fields"])
        chosen |= {name: value for name in mine.fields if (value := request.form.get(f"field-{name}"))}
        facts: dict[str, Any] = {"ours": mine, "template": template, "chosen": chosen, "kind_of": kind_of}
        return render_template("launch/console_fields.html", samples=_samples(mine), **facts)


@staff("admin")
def forget(ours: str) -> Response:
    attempt(lambda by: actions.forget_template(by, _app(), ours, _road()), done="不用这个模板了。")
    return redirect(url_for("launch_console.templates"))


def _choose(by: Actor, ours: OurTemplate) -> None:
    template = _template(by, request.form.get("template", ""))
    chosen = {name: value for name in ours.fields if (value := request.form.get(f"field-{name}", ""))}
    actions.choose_template(by, _app(), ours.name, template, chosen, ours.fields, ours.road)


def _road() -> str:
    road = request.values.get("road", "template")
    return road if road in ROADS else abort(404)


def _app() -> str:
    return app_by(current_site(), _road()) or abort(404)


def _configured(road: str, app: str) -> Mapping[str, str]:
    settings = current_site().settings
    if road == "mini":
        return settings.miniprogram(app).notices
    return settings.account(app).templates if road == "template" else settings.account(app).notices


def _ours(name: str) -> OurTemplate:
    found = our_templates(current_site(), _road()).get(name)
    if found is None:
        abort(404)
    return found


def _theirs(by: Actor, road: str) -> list[dict[str, Any]]:
    """The templates of that road, as the last examination saw them."""
    last = last_examination(by.session)
    return [one for one in last.templates if one.get("road", "template") == road] if last else []


def _template(by: Actor, template_id: str) -> dict[str, Any]:
    found = next((one for one in _theirs(by, _road()) if one["template_id"] == template_id), None)
    if found is None:
        raise Refusal("launch.no_such_template") if request.method == "POST" else _gone()
    return found


def _gone() -> Exception:
    abort(404)


def _samples(ours: OurTemplate) -> dict[str, str]:
    """What stands in our fields, from the first message that fills each: the source, since facts come with a person."""
    found: dict[str, str] = {}
    for kind in ours.kinds:
        for name, source in card_of(current_site(), kind, ours.road)[1].items():
            found.setdefault(name, source)
    return found
