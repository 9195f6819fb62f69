"""One open dialogue in a conversation: ask, understand, go back, change one answer, leave, end, take back."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from app import clock
from app.database import run_in_savepoint
from app.dialogue import (
    NO,
    Ask,
    Choose,
    Confirm,
    Dialogue,
    DialogueFault,
    Narrowed,
    NotUnderstood,
    Say,
    keep,
    recall,
    recall_all,
    recall_or_none,
)
from app.replay import Asked, Ended, Refused, Replay, Step
from app.understanding.numbers import choice_number
from app.understanding.phone import name_in, phone_in
from models.identity import Actor, Helped
from models.refusal import Refusal

if TYPE_CHECKING:
    from app.house import House

UNDO = timedelta(minutes=10)
# "1 取消 0 不取消": the words behind the digits are answers too, also where they steer elsewhere.
SAID_OPTION = re.compile(r"(?<![0-9])([012]) ([一-鿿]{1,8})(?=\s|$)")
MOST_RERUNS = 4


class NotForThisQuestion(Exception):
    """The words answer something else; the talk waits unchanged."""


@dataclass(slots=True)
class Spoken:
    """What one talk says in one turn, in order."""

    parts: list[str] = field(default_factory=list)

    def add(self, *words: str) -> Spoken:
        self.parts.extend(part for part in words if part)
        return self


def new_talk(
    dialogue: Dialogue, helping: bool, given: Mapping[str, Any], told: str | None = None
) -> dict[str, Any]:
    """The JSON of a talk that has just begun, `told` the sentence that began it."""
    return {
        "name": dialogue.name,
        "helping": helping,
        "given": dict(given),
        "answers": [],
        "asked": None,
        "shown": [],
        "page": 0,
        "meta": None,
        "held": None,
        "told": told,
        "confirming": False,
        "holding": False,
        "at": clock.now().timestamp(),
    }


class Talk:
    """`state` is the JSON that lives in Conversation.talks; this object lives for one turn."""

    def __init__(self, house: House, actor: Actor, state: dict[str, Any]) -> None:
        self.house, self.actor, self.state = house, actor, state
        self.dialogue: Dialogue = house.dialogues[state["name"]]
        self.feature = state["name"].partition(".")[0]

    @property
    def is_private(self) -> bool:
        return self.feature in self.house.private

    # ---- asking --------------------------------------------------------------------------------------------

    def ask(self, text: str | None = None) -> tuple[Spoken, Ended | None]:
        """Run the dialogue with `text` as the answer to the open question. A Refusal undoes the run and asks the
        question in the way again. Raises NotForThisQuestion when `text` is no answer here."""
        spoken, instead = Spoken(), None
        for _ in range(MOST_RERUNS):
            try:
                outcome = run_in_savepoint(self.actor.session, lambda words=text: self._run(words))  # type: ignore[misc]
            except Refused as refused:
                spoken.add(self._refusal_words(refused.why))
                key = refused.question_at_fault()
                if key is None:
                    raise TalkStopped("\n".join(spoken.parts)) from None
                instead = [keep(row) for row in refused.why.instead] or None
                self.state["answers"], text = refused.answers_without(key), None
                continue
            if isinstance(outcome, Ended):
                return spoken, outcome
            if outcome.unread and text is not None:
                if not self._corrects(outcome.path, text):
                    raise NotForThisQuestion
                text = None
                continue
            return self._put_question(outcome, spoken, instead), None
        raise DialogueFault(f"{self.dialogue.name} meets the same refusal again and again")

    def _corrects(self, path: list[Step], text: str) -> bool:
        """Whether words at the last yes are another answer to an earlier question ("后天上午"): then that is asked anew
        with them."""
        heard = [step for step in path if step.question.hears] if self.state["confirming"] else []
        for step in reversed(heard):
            try:
                step.question.read(self.actor.session, text, [], self.label)
            except NotUnderstood:
                continue
            except (Narrowed, Refusal):
                pass
            self._forget(step.key)
            self.state["told"] = text
            return True
        return False

    def _forget(self, key: str) -> None:
        self.state["answers"] = [answer for answer in self.state["answers"] if answer[0] != key]

    def _run(self, text: str | None) -> Asked | Ended:
        replay = Replay(self.actor, self.dialogue, self.state, text, self.label, self.words_of)
        replay.keeps_words = not self.is_private
        return replay.run(self._start)

    def _start(self) -> Any:
        return self._permitted(self._given())

    def _given(self) -> dict[str, Any]:
        return {name: recall(self.actor.session, value) for name, value in self.state["given"].items()}

    async def _permitted(self, given: dict[str, Any]) -> Say:
        if self.dialogue.may is not None:
            self.dialogue.may(self.actor)
        actor = self.actor.helping(await self._who_is_helped()) if self.state["helping"] else self.actor
        return await self.dialogue.run(actor, **given)

    async def _who_is_helped(self) -> Helped:
        name = await Ask("_base.helped_name", _name)
        phone = await Ask("_base.helped_phone", _phone_or_none)
        tie = await Ask("_base.helped_tie", _short, any_words=True)
        return Helped(name, phone or None, tie)

    def _put_question(
        self, asked: Asked, spoken: Spoken, instead: list[Any] | None, page: int | None = None
    ) -> Spoken:
        """`page` of what is listed; None is the first page of a list that is new, or the one that was shown last."""
        state, question = self.state, asked.question
        is_new = asked.key != state["asked"] or instead or asked.narrowed or state.get("narrowed")
        state["page"] = page if page is not None else 0 if is_new else state["page"]
        state["narrowed"] = asked.narrowed
        state["answers"] = [[step.key, step.stored] for step in asked.path] + asked.left
        state["named"] = {
            step.key: [step.question.named, step.question.told(step.stored)]
            for step in asked.path
            if step.question.told is not None
        }
        state["asked"], state["confirming"] = asked.key, isinstance(question, Confirm)
        state["holding"] = asked.holds
        state["free"] = isinstance(question, Ask) and not question.any_words
        options, more = self._options(asked, instead or asked.narrowed, state["page"])
        if isinstance(question, Choose) and not options:
            raise TalkStopped("\n".join([*spoken.parts, self.words_of(f"{question.key}_none")]))
        if isinstance(question, Confirm):
            state["shown"] = [question.fingerprint(self.words_of, self.label)]
        else:
            state["shown"] = [keep(option) for option in options]
        for say in asked.before:
            spoken.add(self.words_of(say.key, **say.facts))
        question.prepare(self.actor.session)
        words = self.words_of(question.key, **question.facts)
        options_said = SAID_OPTION.findall(words) if isinstance(question, Confirm) else ()
        state["by_words"] = {said: digit for digit, said in options_said}
        spoken.add(self._notice(asked), words)
        return self._list_options(spoken, question, options, more)

    def _options(self, asked: Asked, only: list[Any] | None, page: int) -> tuple[list[Any], bool]:
        """The page of all options, or of `only` these (kept values), and whether more follow."""
        session = self.actor.session
        if only is None:
            return asked.question.offer(session, page)
        size = asked.question.per_page if isinstance(asked.question, Choose) else len(only)
        rows = recall_all(session, only[size * page : size * (page + 1)])
        return [row for row in rows if row is not None], len(only) > size * (page + 1)

    def _notice(self, asked: Asked) -> str:
        if asked.refusal is not None:
            return self._refusal_words(asked.refusal)
        if asked.narrowed is not None:
            return self.words_of("_base.which_of_these")
        return self.words_of(f"_base.{asked.notice}") if asked.notice else ""

    def _list_options(self, spoken: Spoken, question: Any, options: list[Any], more: bool) -> Spoken:
        if isinstance(question, Choose):
            rows = [f"{n} {self.label(option, question.shown_as)}" for n, option in enumerate(options, 1)]
            spoken.add("\n".join(rows), self.words_of("_base.more_options") if more else "")
        return spoken

    # ---- the house words inside a talk ------------------------------------------------------------------------

    def more(self) -> Spoken | None:
        """The next page of options, also of those that words have left; None when there is none."""
        outcome = run_in_savepoint(self.actor.session, lambda: self._run(None))
        if isinstance(outcome, Ended) or not isinstance(outcome.question, Choose):
            return None
        if outcome.key != self.state["asked"]:
            return self._put_question(outcome, Spoken(), None)
        outcome.narrowed, page = self.state.get("narrowed"), self.state["page"] + 1
        if not self._options(outcome, outcome.narrowed, page)[0]:
            return None
        return self._put_question(outcome, Spoken(), None, page)

    def back(self) -> bool:
        """Forget the last answer; False when there is none to forget. One that is no more (somebody else has taken it)
        is forgotten already."""
        outcome = run_in_savepoint(self.actor.session, lambda: self._run(None))
        path, stands = outcome.path, isinstance(outcome, Ended) or outcome.key == self.state["asked"]
        if not path and stands:
            return False
        self.state["answers"] = [[step.key, step.stored] for step in (path[:-1] if stands else path)]
        return True

    def restart(self) -> None:
        self.state |= {"answers": [], "asked": None, "page": 0, "held": None}

    def explain(self) -> str:
        """What the open question means; "" when nobody has written that down."""
        outcome = run_in_savepoint(self.actor.session, lambda: self._run(None))
        if isinstance(outcome, Ended) or not outcome.question.explains:
            return ""
        return self.words_of(outcome.question.explains, **outcome.question.facts)

    def keep_answers(self) -> None:
        """Tell who keeps the answers of this dialogue elsewhere too."""
        if self.dialogue.keeping is not None:
            session = self.actor.session
            answers = {key: recall_or_none(session, stored) for key, stored in self.state["answers"]}
            self.dialogue.keeping(self.actor, self._given(), answers)

    def change_list(self) -> Spoken:
        """The answers so far, numbered, to pick the one that is wrong."""
        self.state["meta"] = "change"
        rows = [
            f"{n} {self._answer_words(key, stored)}"
            for n, (key, stored) in enumerate(self.state["answers"], 1)
        ]
        return Spoken([self.words_of("_base.change"), "\n".join(rows)])

    def change(self, text: str) -> bool:
        """Forget the numbered answer; False when the words name none."""
        number = choice_number(text)
        if number is None or not 1 <= number <= len(self.state["answers"]):
            return False
        del self.state["answers"][number - 1]
        return True

    def wants_change(self, text: str) -> bool:
        says_no = text in NO or choice_number(text) == 2
        return bool(self.state["confirming"]) and says_no and bool(self.state["answers"])

    def _answer_words(self, key: str, stored: Any) -> str:
        if key in self.state.get("named", {}):
            name, said = self.state["named"][key]
        else:
            name = self.words_of(f"{key.partition('#')[0]}_name")
            said = self.label(recall_or_none(self.actor.session, stored))
        return f"{name}:{said or self.words_of('_base.left_empty')}"

    # ---- words ----------------------------------------------------------------------------------------------------

    def label(self, value: Any, shown_as: str | None = None) -> str:
        return self.house.label(value, self.feature, shown_as)

    def words_of(self, key: str, **facts: Any) -> str:
        return self.house.say_in(self.feature, key, facts)

    def _refusal_words(self, why: Refusal) -> str:
        return self.house.refusal_words(why)


class TalkStopped(Exception):
    """The talk ends with these words: a choice without options, or a refusal that no question can mend."""

    def __init__(self, words: str) -> None:
        super().__init__(words)
        self.words = words


def _name(text: str) -> str:
    name = name_in(text)
    if name is None:
        raise ValueError(text)
    return name


def _phone_or_none(text: str) -> str:
    """Only digits can be a wrong number; other words may be another question."""
    if text in ("没有", "没电话", "没手机", "无", "没", "不知道"):
        return ""
    phone = phone_in(text)
    if phone is None and text.isdigit():
        raise Refusal("_base.bad_phone")
    if phone is None:
        raise ValueError(text)
    return phone


def _short(text: str) -> str:
    """What somebody is to another; a digit is nothing of the kind."""
    if not 1 <= len(text) <= 10 or choice_number(text) is not None:
        raise ValueError(text)
    return text
