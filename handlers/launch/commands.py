"""`flask --app wsgi wechat doctor` and `… import-followers`: as at the console, for whoever sets a house up."""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import asdict
from typing import Any

import click
from flask import Blueprint, current_app

from app.site import Site
from handlers.launch import actions, doctor
from handlers.launch.findings import said
from handlers.launch.followers import import_followers
from models.identity import Actor
from models.refusal import Refusal

MARKS = {"good": "✓", "todo": "·", "bad": "✗", "skip": "-"}


def install(console: Blueprint) -> None:
    @console.cli.command("doctor")
    def doctor_command() -> None:
        """Say in words what is still missing before going live; exit 1 when something is bad."""
        site: Site = current_app.extensions["site"]
        templates: list[dict[str, Any]] = []
        findings = doctor.examine(site, templates)
        for finding in findings:
            title, words = said(site, finding.key, finding.state, finding.facts)
            click.echo(f"{MARKS[finding.state]} {title}:{words}")
        rows = [asdict(finding) for finding in findings]
        _writing(site)(lambda by: actions.note_examination(by, rows, templates))
        sys.exit(1 if any(one.state == "bad" for one in findings) else 0)

    @console.cli.command("import-followers")
    def followers_command() -> None:
        """Note everybody who follows the account already, so that they can be written to."""
        site: Site = current_app.extensions["site"]
        try:
            count = import_followers(site, _writing(site))
        except Refusal as why:
            raise click.ClickException(site.house.refusal_words(why)) from None
        click.echo(f"{count['followers']} followers, {count['new']} new, {count['gone']} gone")


def _writing(site: Site) -> Callable[[Callable[[Actor], Any]], Any]:
    return lambda unit: site.database.writing(lambda session: unit(Actor(session, channel="job")))
