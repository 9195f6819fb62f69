"""Forms of the console: WTForms with Chinese words, and the few kinds of field that the house needs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import request
from flask_wtf import FlaskForm
from wtforms import (
    BooleanField,
    DateField,
    HiddenField,
    SelectField,
    StringField,
    TextAreaField,
    TimeField,
    ValidationError,
)
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired, Length, Optional

from app import clock
from app.understanding.lines import as_seen
from app.understanding.phone import mask_id_numbers, phone_in

__all__ = [
    "ConsoleForm",
    "WhoseForm",
    "choices",
    "day",
    "lines_of",
    "mobile",
    "moment",
    "sentence",
    "words",
]

NEEDED = "请填写。"
NOBODY_OF_THESE = "都不是,登记新的一位"
NO_PHONE = "这不是一个完整的手机号,请核对。"


class ConsoleForm(FlaskForm):  # type: ignore[misc]
    """`form_errors` holds the words of a refusal; the template shows them above the fields, with when it was opened."""

    @property
    def opened(self) -> str:
        """Now: what the form shows is what holds now (app/channels/console_together.py). Shown again before anything
        was saved (a look at the consequences first), it still shows what held when it was opened; who was refused has
        been told."""
        before = request.form.get("opened") if self.is_submitted() and not self.form_errors else None
        return before or clock.now().isoformat()

    class Meta(FlaskForm.Meta):  # type: ignore[misc]
        locales = ("zh",)

        def bind_field(self, form: Any, unbound_field: Any, options: dict[str, Any]) -> Any:
            """What is typed loses the spaces around it and signs that nobody sees, except passwords; no identity number
            is kept in texts."""
            if unbound_field.field_class is TextAreaField:
                options = {"filters": [_stripped, _covered], **options}
            elif unbound_field.field_class is StringField:
                options = {"filters": [_stripped], **options}
            return unbound_field.bind(form=form, **options)


def _stripped(value: Any) -> Any:
    return as_seen(value).strip() if isinstance(value, str) else value


def _covered(value: Any) -> Any:
    return mask_id_numbers(value)[0] if isinstance(value, str) else value


def words(label: str, most: int, *, needed: bool = True, hint: str = "", **how: Any) -> Any:
    """One line of text."""
    return StringField(label, _rules(most, needed), description=hint, render_kw={"maxlength": most, **how})


def sentence(label: str, most: int, *, needed: bool = True, hint: str = "", rows: int = 4) -> Any:
    """Several lines of text."""
    kept = {"maxlength": most, "rows": rows}
    return TextAreaField(label, _rules(most, needed), description=hint, render_kw=kept)


def mobile(label: str) -> Any:
    """A whole number of a mobile; the browser does not offer it again."""
    typed = {"inputmode": "tel", "autocomplete": "off"}
    return StringField(label, [InputRequired(NEEDED), Length(max=30), _whole], render_kw=typed)


def _whole(_: Any, field: Any) -> None:
    if phone_in(field.data) is None:
        raise ValidationError(NO_PHONE)


class WhoseForm(ConsoleForm):
    """A phone first, then which of those whose it is: a form that grows once the number has been looked up."""

    phone = mobile("居民的手机号")
    person = SelectField("是哪一位", [Optional()], choices=[], validate_choice=False)
    looked = HiddenField()

    def offer(self, found: Mapping[str, str]) -> bool:
        """Offer those who were found; whether it was this very number that had been looked up before."""
        before: bool = self.looked.data == self.phone.data
        self.person.choices = choices(found)
        self.looked.data = self.phone.data
        return before


def day(label: str, *, needed: bool = True, hint: str = "", default: Any = clock.today) -> Any:
    rule = InputRequired(NEEDED) if needed else Optional()
    return DateField(label, [rule], description=hint, default=default if needed else None)


def moment(label: str, hint: str = "") -> Any:
    """A time of day."""
    return TimeField(label, [InputRequired(NEEDED)], description=hint)


def choices(named: Mapping[str, str]) -> list[Any]:
    """What a select field offers: value → words."""
    return [SelectChoice(value, label) for value, label in named.items()]


def lines_of(text: str | None) -> list[str]:
    """What was written one thing a line."""
    return [line.strip() for line in (text or "").splitlines() if line.strip()]


def _rules(most: int, needed: bool) -> list[Any]:
    return [InputRequired(NEEDED) if needed else Optional(), Length(max=most, message=f"最多{most}个字。")]


class NewcomerForm(WhoseForm):
    """Whose the number is, or a new one who agreed."""

    name = words("姓名", 20, needed=False)
    agreed = BooleanField("第一次来,本人同意登记姓名和手机号")

    def says_who(self, found: Mapping[str, str]) -> bool:
        """One of those with this phone, or a new one with a name who agreed: said beside the fields, in a clerk's
        words."""
        if self.person.data in found:
            return True
        if not self.name.data:
            self.name.errors = [NEEDED]
        if not self.agreed.data:
            self.agreed.errors = ["本人同意了才能登记。"]
        return not self.errors
