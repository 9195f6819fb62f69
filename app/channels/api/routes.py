"""How a feature offers its actions to programs: `reads` and `writes` say the address, who may, what goes in and out.

APIFlask and pydantic validate and describe; here the door is held, the unit of work opened and the repeat recognised.
The order of a call: pace and token, body or query, key, words of need, one transaction around view and answer.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import wraps
from typing import Any, TypeVar

from apiflask import APIBlueprint
from flask import Response, make_response, request
from pydantic import BaseModel
from sqlalchemy.orm import Session

from app.access import open_to
from app.channels.api.callers import actor, current_site, let_in
from app.channels.api.guarded import cry_for_help
from app.channels.api.once import answer_once, run
from app.channels.api.problems import Problem
from app.channels.api.schemas import LARGEST_ID
from models.base import Base
from models.identity import Person

View = Callable[..., Any]
Row = TypeVar("Row", bound=Base)

EVERYONE, RESIDENT = "everyone", "resident"
CONSENT = "people.consent_needed"  # whoever took a consent back may be refused whatever would be kept of them


class Api(APIBlueprint):
    """The JSON side of one feature: `api = Api("notices", "通知")`, mounted under /api/v1 by Feature(api=api).

    A view takes the actor first, then `asked` (its query) or `said` (its body), then what stands in the path; it
    returns an instance of `gives`. `refuses` are the codes that its rules may answer with.
    """

    def __init__(self, feature: str, title: str) -> None:
        super().__init__(f"{feature}_api", __name__, tag=title)

    def reads(
        self,
        rule: str,
        *,
        gives: type[BaseModel],
        asks: type[BaseModel] | None = None,
        who: str = RESIDENT,
        leaves_a_mark: bool = False,
    ) -> Callable[[View], View]:
        """A GET. `leaves_a_mark`: it writes an audit line, so it is a unit of work."""

        def register(view: View) -> View:
            shown = self.output(gives)(view)

            @wraps(shown)
            def answered(**given: Any) -> Response:
                return _look(shown, given, leaves_a_mark)

            inner = self.input(asks, location="query", arg_name="asked")(answered) if asks else answered
            self._mount(rule, "GET", who, "reads" if who == RESIDENT else EVERYONE, inner, once=False)
            return view

        return register

    def writes(
        self,
        rule: str,
        *,
        gives: type[BaseModel],
        takes: type[BaseModel] | None = None,
        asks: type[BaseModel] | None = None,
        status: int = 200,
        method: str = "POST",
        ask_first: View | None = None,
        refuses: Sequence[str] = (),
    ) -> Callable[[View], View]:
        """A POST with its Idempotency-Key, or another method, which is the same when repeated by its nature.
        `ask_first` talks to WeChat before the unit of work begins."""

        def register(view: View) -> View:
            shown = self.output(gives, status_code=status)(view)

            @wraps(shown)
            def answered(**given: Any) -> Response:
                if (fixed := cry_for_help(given.get("said"))) is not None:
                    return fixed
                if method == "POST":
                    return answer_once(shown, ask_first, given)
                return current_site().database.writing(lambda session: run(session, shown, given))

            inner: View = self.input(asks, location="query", arg_name="asked")(answered) if asks else answered
            inner = self.input(takes, location="json", arg_name="said")(inner) if takes else inner
            self._mount(
                rule, method, RESIDENT, "writes", inner, once=method == "POST", refuses=(CONSENT, *refuses)
            )
            return view

        return register

    def opens(self, rule: str, *, takes: type[BaseModel], gives: type[BaseModel]) -> Callable[[View], View]:
        """The one POST without token and key: it is called to get a token, and opens its own unit of work."""

        def register(view: View) -> View:
            inner = self.input(takes, location="json", arg_name="said")(self.output(gives)(view))
            self._mount(rule, "POST", EVERYONE, "login", inner, once=False)
            return view

        return register

    def _mount(
        self,
        rule: str,
        method: str,
        who: str,
        pace: str,
        inner: View,
        *,
        once: bool,
        refuses: Sequence[str] = (),
    ) -> None:
        marks = {"x-who-may": who, "x-once": once, "x-refuses": sorted(set(refuses))}
        security = "bearer" if who == RESIDENT else None
        described = self.doc(extensions=marks, security=security)(inner)

        @wraps(described)
        def entered(**given: Any) -> Response:
            let_in(who, pace)
            response = make_response(described(**given))
            return _public(response) if who == EVERYONE and method == "GET" else _private(response)

        self.add_url_rule(rule, view_func=open_to(who)(entered), methods=[method])


def _look(view: View, given: dict[str, Any], leaves_a_mark: bool) -> Response:
    database = current_site().database
    if leaves_a_mark:
        return database.writing(lambda session: run(session, view, given))
    with database.reading() as session:
        return make_response(view(actor(session), **given))


def _public(response: Response) -> Response:
    """The same for everybody: whoever has it already is told so."""
    response.headers["Cache-Control"] = "no-cache"
    response.add_etag()
    response.make_conditional(request)
    return response


def _private(response: Response) -> Response:
    response.headers["Cache-Control"] = "no-store"
    return response


def found(session: Session, table: type[Row], number: int) -> Row:
    """The row with this id. Raises Problem 404."""
    row = session.get(table, number) if 0 < number <= LARGEST_ID else None
    if row is None:
        raise Problem(404, "not_found")
    return row


def own(session: Session, table: type[Row], number: int, person: Person) -> Row:
    """The caller's own row: somebody else's is not there (trust B14)."""
    row = found(session, table, number)
    if row.person_id != person.id:  # type: ignore[attr-defined]
        raise Problem(404, "not_found")
    return row
