"""Every sentence that a person reads stands in templates/<feature>/chat.txt; here it is found and filled in.

A file is a list of `[key]` sections. A section is a Jinja template of plain text; its facts are data, never templates
themselves. The same key names the refusal ("appointments.slot_taken") or the question that it speaks for.
"""

import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time
from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, StrictUndefined, Template

from app import clock

TEMPLATES = Path(__file__).parent.parent / "templates"
SECTION = re.compile(r"^\[([a-z_0-9]+)\]\s*$")
WEEKDAYS = "一二三四五六日"
COMMON = "_base"


class NoSuchWords(KeyError):
    """Code asks for a sentence that nobody has written."""


@dataclass(frozen=True, slots=True)
class MessageForm:
    """How an outgoing message is worded on each road (templates/<feature>/messages.toml). `words_first`: the text is
    the message and the card only says that there is one, so the card is for those whom the text no longer reaches.
    `result`: it tells somebody what came of a business of their own. Nothing else may go by `template`: news by
    template costs the account its templates (40249). `notice` is the subscription notice for what people have allowed
    to be told. `page` is a path of ours, `mini_page` one in the mini-program; both are filled in like words."""

    text: str
    template: str | None
    fields: Mapping[str, str]
    page: str | None
    words_first: bool = False
    result: bool = False
    notice: str | None = None
    notice_fields: Mapping[str, str] = field(default_factory=dict)
    mini_page: str | None = None


class Words:
    """All sentences of all features, compiled when first said. `community` (name, phone, …) may be used in each."""

    def __init__(self, features: Iterable[str], community: Mapping[str, Any], *more_folders: Path) -> None:
        self._community = dict(community)
        self._sections: dict[str, str] = {}
        self._forms: dict[str, MessageForm] = {}
        for feature in (COMMON, *features):
            for folder in (TEMPLATES, *more_folders):
                self._load(feature, folder / feature)

    def say(self, key: str, **facts: Any) -> str:
        """The sentence "feature.key" with its facts filled in."""
        try:
            source = self._sections[key]
        except KeyError:
            raise NoSuchWords(key) from None
        return self.fill(source, facts)

    def has(self, key: str) -> bool:
        return key in self._sections

    def source(self, key: str) -> str:
        """The template text of a sentence."""
        return self._sections[key]

    def all_keys(self) -> frozenset[str]:
        return frozenset(self._sections)

    def form(self, kind: str) -> MessageForm:
        """The roads' wording of an outgoing message "feature.key"."""
        try:
            return self._forms[kind]
        except KeyError:
            raise NoSuchWords(kind) from None

    def forms(self) -> frozenset[str]:
        return frozenset(self._forms)

    def fill(self, source: str, facts: Mapping[str, Any]) -> str:
        """Fill a piece of one of our own templates (a message form) with facts."""
        return compiled(source).render(community=self._community, **facts).strip()

    def _load(self, feature: str, folder: Path) -> None:
        chat, messages = folder / "chat.txt", folder / "messages.toml"
        if chat.exists():
            for key, body in _said(chat, chat.stat().st_mtime_ns):
                self._sections[f"{feature}.{key}"] = body
        if messages.exists():
            for key, form in _forms(messages, messages.stat().st_mtime_ns):
                self._forms[f"{feature}.{key}"] = form


@cache
def _said(chat: Path, _changed: int) -> list[tuple[str, str]]:
    return sections(chat.read_text(encoding="utf-8"))


@cache
def _forms(messages: Path, _changed: int) -> list[tuple[str, MessageForm]]:
    read = tomllib.loads(messages.read_text(encoding="utf-8"))
    return [(key, _form(form)) for key, form in read.items()]


def _form(form: Mapping[str, Any]) -> MessageForm:
    return MessageForm(
        form["text"].strip(),
        form.get("template"),
        form.get("fields", {}),
        form.get("page"),
        form.get("words_first", False),
        form.get("result", False),
        form.get("notice"),
        form.get("notice_fields", {}),
        form.get("mini_page"),
    )


def sections(text: str) -> list[tuple[str, str]]:
    """Split a chat.txt into (key, body); lines before the first key and lines that begin with "#" are for editors."""
    found: list[tuple[str, list[str]]] = []
    for line in text.splitlines():
        if head := SECTION.match(line):
            found.append((head[1], []))
        elif found and not line.startswith("#"):
            found[-1][1].append(line)
    return [(key, "\n".join(lines).strip()) for key, lines in found]


@cache
def environment() -> Environment:
    """Jinja for plain text, with the community's ways of saying days, times and hours."""
    made = Environment(undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True, autoescape=False)  # noqa: S701 (plain text)
    made.filters |= {"day": day_words, "clock": clock_words, "moment": moment_words, "hours": hours_words}
    made.filters |= {"wechat_time": wechat_time, "week": week_words}
    return made


@cache
def compiled(source: str) -> Template:
    """A sentence's template; the same words are compiled once in a process."""
    made = environment().from_string(source)
    # Jinja chains these and copies the chain with each rendering, which is two thirds of what a short sentence costs.
    made.globals = dict(made.globals)
    return made


def day_words(value: date | datetime | str) -> str:
    """ "8月3日(星期三)"; the year is said when it is not this one."""
    if isinstance(value, str):
        value = datetime.fromisoformat(value) if "T" in value else date.fromisoformat(value)
    day = clock.local(value).date() if isinstance(value, datetime) else value
    year = "" if day.year == clock.today().year else f"{day.year}年"
    return f"{year}{day.month}月{day.day}日(星期{WEEKDAYS[day.weekday()]})"


def clock_words(value: datetime | str) -> str:
    """ "上午9点30分" on the community's wall clock."""
    instant = datetime.fromisoformat(value) if isinstance(value, str) else value
    moment = clock.local(instant)
    part = next(name for until, name in PARTS if moment.hour < until)
    hour = moment.hour - 12 if moment.hour > 12 else moment.hour
    return f"{part}{hour}点" + (f"{moment.minute}分" if moment.minute else "")


PARTS = ((6, "凌晨"), (9, "早上"), (12, "上午"), (13, "中午"), (18, "下午"), (24, "晚上"))


def moment_words(value: datetime | str) -> str:
    """ "8月3日(星期三)上午9点30分"."""
    return day_words(value) + clock_words(value)


def wechat_time(value: datetime | str) -> str:
    """The form that a template's `time` field takes: "2026年12月1日 09:30" (wechat.md §14)."""
    moment = clock.local(datetime.fromisoformat(value) if isinstance(value, str) else value)
    return f"{moment.year}年{moment.month}月{moment.day}日 {moment:%H:%M}"


def hours_words(minutes: int) -> str:
    """Minutes as people say them: "1小时30分钟"."""
    hours, rest = divmod(minutes, 60)
    return "".join((f"{hours}小时" if hours else "", f"{rest}分钟" if rest or not hours else ""))


def week_words(runs: Iterable[tuple[int, int, Iterable[tuple[time, time]]]]) -> str:
    """A week's plan: "周一至周五 8:30–12:00、14:00–18:00" from (first weekday, last weekday, hours) each."""
    return ";".join(
        f"周{WEEKDAYS[first]}{f'至周{WEEKDAYS[last]}' if last != first else ''} "
        + "、".join(f"{opens.hour}:{opens:%M}–{closes.hour}:{closes:%M}" for opens, closes in hours)
        for first, last, hours in runs
    )
