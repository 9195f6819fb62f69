"""The forms that come with the software: read from templates/forms/sheets, laid down once as samples.

Every installation gets them, live ones too, and they say that they are samples until somebody of the office has held
one against the office's own sheet. What the staff have changed or switched off stays as they left it.
"""

from __future__ import annotations

import tomllib
from functools import cache
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.words import TEMPLATES
from models.form_fields import fields_of, rows_of
from models.forms import Form, FormVersion

SHEETS = TEMPLATES / "forms" / "sheets"
ORDER = ("gaoling", "laonianzheng", "juzhuzheng", "zhengming", "linshi", "dibao")


@cache
def shipped() -> dict[str, dict[str, Any]]:
    """Key → what the sheet says, in the order in which residents see them."""
    keys = sorted((path.stem for path in SHEETS.glob("*.toml")), key=_place)
    return {key: _sheet(key) for key in keys}


def _place(key: str) -> tuple[int, str]:
    return (ORDER.index(key) if key in ORDER else len(ORDER), key)


def _sheet(key: str) -> dict[str, Any]:
    told = tomllib.loads((SHEETS / f"{key}.toml").read_text(encoding="utf-8"))
    fields = rows_of(fields_of(told.pop("field")))
    return told | {"names": told["names"].split(), "fields": fields}


def install(session: Session) -> None:
    """Lay down what is not there yet."""
    known = set(session.scalars(select(Form.key)))
    for key, content in shipped().items():
        if key not in known:
            form = Form(key=key, title=content["title"])
            form.versions.append(FormVersion(number=1, content=content))
            session.add(form)
            session.flush()
