"""Forms for the mini-program: which there are, one draft, one answer at a time, and handing it in."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal

from pydantic import Field as Told

from app.channels.api import Api, found, own
from app.channels.api.paging import page
from app.channels.api.schemas import Body, Page, PageQuery, Shown, Time, left_out, line
from handlers.forms import actions
from models.form_fields import Kind
from models.forms import Form, FormDraft, drafts_of, offered_forms
from models.identity import Actor

State = Literal["open", "handed_in", "ready", "done", "dropped"]

api = Api("forms", "填表")

READS = (
    "forms.no_such_field",
    "forms.needed",
    "forms.not_understood",
    "forms.bad_name",
    "forms.bad_phone",
    "forms.bad_date",
    "forms.not_past",
    "forms.not_future",
    "forms.solar_please",
    "forms.bad_number",
    "forms.out_of_bounds",
    "forms.too_long",
)


class FormBegun(Body):
    """For whom: left out, it is for oneself."""

    name: Annotated[str, line(15, "李阿娘")] = left_out()
    phone: Annotated[str, line(20, "13900000000")] = left_out()
    tie: Annotated[str, line(10, "女儿")] = left_out()


class FormAnswer(Body):
    """One field in words, as in chat: "19410307", "女", "1850元"; "跳过" for one that may stay empty."""

    field: Annotated[str, line(40, "born")]
    words: Annotated[str, line(300, "19410307")]


class FormField(Shown):
    """`asked`: whether it is asked with the answers so far; the others are filled in at the desk."""

    key: str = Told(examples=["born"])
    label: str = Told(examples=["出生日期"])
    kind: Kind
    help: str
    example: str
    needed: bool
    options: list[str]
    asked: bool
    answer: str | None = Told(
        description="as a person reads it; null while it has none, empty when left empty"
    )


class FormShown(Shown):
    """A form that can be filled in. A sample has not been held against the sheet of the office yet."""

    id: int
    key: str
    title: str = Told(examples=["高龄补贴申请表"])
    purpose: str
    office: str
    sample: bool
    version: int


class FormList(Shown):
    items: list[FormShown]


class FormDraftShown(Shown):
    """`number` is read out once it is handed in; an open one is kept until the end of the day `kept_until`."""

    id: int
    form: FormShown
    state: State
    version: int
    number: str
    window: str | None
    words: str | None = Told(description="what the desk says is missing")
    kept_until: date | None
    begun_at: Time
    fields: list[FormField]
    missing: list[str] = Told(description="keys of what is still to be answered, in order")


class FormDraftPage(Page):
    """The newest first."""

    items: list[FormDraftShown]


@api.reads("/forms", gives=FormList, who="everyone")
def forms(by: Actor) -> FormList:
    """What can be filled in"""
    return FormList(items=[_form(one) for one in by.session.scalars(offered_forms())])


@api.reads("/forms/drafts", asks=PageQuery, gives=FormDraftPage)
def mine(by: Actor, asked: PageQuery) -> FormDraftPage:
    """Those that I fill in, or have filled in"""
    rows = drafts_of(by.me).where(FormDraft.state != "dropped")
    place = (FormDraft.begun_at, FormDraft.id)
    items, following = page(
        by.session, rows, asked, place, lambda row: (row.begun_at, row.id), newest_first=True
    )
    return FormDraftPage(items=[_shown(row) for row in items], next=following)


@api.reads("/forms/drafts/<int:form_draft>", gives=FormDraftShown)
def one(by: Actor, form_draft: int) -> FormDraftShown:
    """One of them"""
    return _shown(own(by.session, FormDraft, form_draft, by.me))


@api.writes(
    "/forms/<int:form>/begin",
    takes=FormBegun,
    gives=FormDraftShown,
    status=201,
    refuses=("forms.off", "forms.too_many", "forms.bad_name", "forms.bad_phone", "forms.no_tie"),
)
def begin(by: Actor, said: FormBegun, form: int) -> FormDraftShown:
    """Begin one, for oneself or for somebody whom one helps"""
    helped = said.told("name")
    draft = actions.begin(by, found(by.session, Form, form), helped=helped)
    by.session.flush()
    if helped:
        phone = said.phone if said.told("phone") else ""
        actions.name_helped(by, draft, said.name, phone, said.tie if said.told("tie") else "")
    return _shown(draft)


@api.writes(
    "/forms/drafts/<int:form_draft>/answer",
    takes=FormAnswer,
    gives=FormDraftShown,
    refuses=("forms.not_now", *READS),
)
def answer(by: Actor, said: FormAnswer, form_draft: int) -> FormDraftShown:
    """Answer one field"""
    return _shown(actions.answer(by, own(by.session, FormDraft, form_draft, by.me), said.field, said.words))


@api.writes(
    "/forms/drafts/<int:form_draft>/hand_in",
    gives=FormDraftShown,
    refuses=("forms.not_now", "forms.incomplete"),
)
def hand_in(by: Actor, form_draft: int) -> FormDraftShown:
    """Everything is right: to the desk"""
    return _shown(actions.hand_in(by, own(by.session, FormDraft, form_draft, by.me)))


@api.writes("/forms/drafts/<int:form_draft>/drop", gives=FormDraftShown, refuses=("forms.not_now",))
def drop(by: Actor, form_draft: int) -> FormDraftShown:
    """It is not wanted: what was written in it is gone"""
    return _shown(actions.drop(by, own(by.session, FormDraft, form_draft, by.me)))


def _form(row: Form) -> FormShown:
    content = row.current.content
    return FormShown(
        id=row.id,
        key=row.key,
        title=row.title,
        purpose=content["purpose"],
        office=content["office"],
        sample=row.state == "sample",
        version=row.version,
    )


def _shown(row: FormDraft) -> FormDraftShown:
    kept = row.answered
    asked = {one.key for one in row.asked}
    fields = [
        FormField(
            key=one.key,
            label=one.label,
            kind=one.kind,
            help=one.help,
            example=one.example,
            needed=one.needed,
            options=list(one.offered),
            asked=one.key in asked,
            answer=one.told(kept[one.key]) if one.key in kept else None,
        )
        for one in row.fields
    ]
    plain = ("id", "state", "version", "number", "window", "words", "begun_at")
    told = {name: getattr(row, name) for name in plain} | {"form": _form(row.form), "fields": fields}
    told["kept_until"] = row.ends_on if row.state == "open" else row.kept_until
    told["missing"] = [one.key for one in row.missing] if row.state == "open" else []
    return FormDraftShown.model_validate(told)
