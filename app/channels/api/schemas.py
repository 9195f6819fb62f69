"""What goes in and out, in types: bodies are strict, an unknown field is a fault, and so is one too many in an answer.

Whatever the published schema allows must be allowed here too, and the other way round: schemathesis compares them.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, datetime
from typing import Annotated, Any

from pydantic import AfterValidator, AwareDatetime, BaseModel, BeforeValidator, ConfigDict, Field, Strict

from app import clock

LARGEST_ID = 2**31 - 1  # ids are four-byte integers on PostgreSQL
# A line of text has at least one visible character and no control characters.
LINE = r"^[^\x00-\x1f\x7f]*[^\s\x00-\x1f\x7f][^\x00-\x1f\x7f]*$"


class Asked(BaseModel):
    """What comes in."""

    model_config = ConfigDict(extra="forbid")

    def told(self, name: str) -> bool:
        """Whether the client said anything about this field."""
        return name in self.model_fields_set


class Body(Asked):
    """What a client sends as JSON. Nothing is converted: "5" is no number."""

    model_config = ConfigDict(strict=True, str_strip_whitespace=True)


class Query(Asked):
    """What a client asks in the address."""


class Shown(BaseModel):
    """What we answer."""

    model_config = ConfigDict(extra="forbid")


def left_out(**facts: Any) -> Any:
    """A field that may be missing, but is never null: None in Python means that it was not told."""

    def no_default(schema: dict[str, Any]) -> None:
        schema.pop("default", None)

    return Field(default=None, json_schema_extra=no_default, **facts)


def _written(pattern: str) -> Callable[[Any], Any]:
    shape = re.compile(pattern, re.ASCII)

    def check(value: Any) -> Any:
        if not isinstance(value, str) or not shape.fullmatch(value):
            raise ValueError(f"must be written like {pattern}")
        return value

    return check


def as_whole(value: Any) -> Any:
    """JSON knows one kind of number: 12.0 is 12."""
    return int(value) if isinstance(value, float) and value.is_integer() else value


Whole = Annotated[int, BeforeValidator(as_whole)]
Id = Annotated[int, Field(ge=1, le=LARGEST_ID, examples=[12]), BeforeValidator(as_whole)]
QueryId = Annotated[
    int, Field(ge=1, le=LARGEST_ID, examples=[12]), BeforeValidator(_written(r"-?[0-9]{1,20}"))
]
Day = Annotated[date, Field(examples=["2026-12-01"]), BeforeValidator(_written(r"\d{4}-\d\d-\d\d"))]
Moment = Annotated[
    AwareDatetime,
    Strict(False),
    Field(examples=["2026-12-01T09:00:00+08:00"]),
    BeforeValidator(_written(r"\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d:\d\d(\.\d+)?([Zz]|[+-]\d\d:\d\d)")),
]
Time = Annotated[datetime, AfterValidator(clock.local), Field(examples=["2026-12-01T09:00:00+08:00"])]
"""An instant on the community's wall clock, with its offset."""


def line(longest: int, *examples: str) -> Any:
    """The constraint of a short text: `name: Annotated[str, line(20, "马秀兰")]`."""
    return Field(min_length=1, max_length=longest, pattern=LINE, examples=list(examples) or None)


class PageQuery(Query):
    """A list is read page by page: `cursor` is the `next` of the page before."""

    cursor: Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]{1,200}$")] = left_out(
        description="`next` of the page before; without it, the first page"
    )
    limit: Annotated[
        int, BeforeValidator(lambda v: v if isinstance(v, int) else _written(r"[0-9]{1,2}")(v))
    ] = Field(default=20, ge=1, le=50)


class Page(Shown):
    """`next` is the cursor of the following page, null at the end."""

    next: str | None


class Done(Shown):
    """It is done."""

    done: bool = Field(examples=[True])


class Instead(Shown):
    """A row that would do instead: of which kind, its id, and how it is read out."""

    kind: str = Field(examples=["slot"])
    id: int
    words: str = Field(examples=["12月1日(星期二)上午9点"])


class Wrong(Shown):
    """One field that cannot be taken: where it stands and what is the matter."""

    where: str = Field(examples=["body.phone"])
    what: str = Field(examples=["string_too_long"])


class ProblemShown(BaseModel):
    """RFC 9457. `code` is for programs, `detail` is a sentence that can be shown to the resident."""

    type: str = Field(examples=["/api/docs#appointments.slot_full"])
    title: str = Field(examples=["Conflict"])
    status: int = Field(examples=[409])
    code: str = Field(examples=["appointments.slot_full"])
    detail: str = Field(examples=["这个时间刚满了。"])
    errors: list[Wrong] = left_out()
    instead: list[Instead] = left_out()
    number: str = left_out(description="to be read out on the telephone after a fault of ours")
