"""The forms that come with the software: read from templates/forms/sheets, laid down once as samples.

Every installation gets them, live ones too, and they say that they are samples until somebody of the office has held
one against the office's own sheet. What the staff have changed or switched off stays as they left it.
"""

from __future__ import annotations

import json
import tomllib
from functools import cache
from typing import Any

from sqlalchemy.orm import Session

from app.words import TEMPLATES
from models.form_fields import fields_of, rows_of
from models.forms import Form, FormVersion, all_forms

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
    # As the database gives it back, so that the two can be compared.
    kept: dict[str, Any] = json.loads(json.dumps(told | {"names": told["names"].split(), "fields": fields}))
    return kept


def install(session: Session) -> None:
    """Lay down what is not there yet, and the newer words of samples that nobody of the staff has touched."""
    known = {form.key: form for form in session.scalars(all_forms())}
    for key, content in shipped().items():
        if key not in known:
            form = Form(key=key, title=content["title"])
            form.versions.append(FormVersion(number=1, content=content))
            session.add(form)
            session.flush()
        elif _is_as_it_came(known[key]) and known[key].current.content != content:
            form = known[key]
            form.title, form.version = content["title"], form.version + 1
            form.versions.append(FormVersion(number=form.version, content=content))
            session.flush()


def _is_as_it_came(form: Form) -> bool:
    return form.state == "sample" and form.waiting is None and form.current.author_id is None
