"""The stack of open dialogues of one conversation: at most three wait while another question is answered."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from app import clock
from app.database import run_in_savepoint
from app.dialogue import Offer, Reply, Say, Unkept, keep, recall, recall_or_none
from app.house import House
from app.questions import means_yes
from app.replay import Ended
from app.speech import Speech, kept_facts
from app.talk import UNDO, Talk, TalkStopped, new_talk
from models.arrivals import Standing
from models.identity import Actor
from models.refusal import Refusal

QUIET = timedelta(minutes=15)
FORGET = timedelta(days=7)
MOST_TALKS = 3
GO_ON = frozenset({"接着", "继续", "接着办", "接着约", "继续办"})
LEAVE = frozenset({"取消", "不约了", "算了", "不办了", "退出"})
GIVE_UP = LEAVE | {"不要了", "我不要了", "不弄了", "不想办了", "不想弄了", "不整了"}  # in an open talk only
PUT_ASIDE = frozenset({"先到这里", "先到这儿", "下次再填", "以后再填", "先放着", "先不填了", "不填了"})
STOP = GIVE_UP | {"0", "不", "不接着", "不用了"}
NOT_LEAVING = GO_ON | {"0", "2", "不", "不取消"}
SENTENCE = re.compile(r"[\u4e00-\u9fff].{4,}", re.DOTALL)  # longer than a word of the menu


def is_sentence(text: str) -> bool:
    return SENTENCE.search(text) is not None


class OpenTalks:
    """What happens to the talks in one turn. `meta` of the top talk is our own question that stands open: resume,
    leave, change; or "aside": an answer with digits of its own was given in between."""

    def __init__(self, house: House, actor: Actor, row: Standing, speech: Speech) -> None:
        self.house, self.actor, self.row, self.speech = house, actor, row, speech
        self.stack: list[dict[str, Any]] = [talk for talk in row.talks if talk["name"] in house.dialogues]
        self.just_begun = self.just_closed = self.asked_to_go_on = False
        self._held = self._holding()

    def __bool__(self) -> bool:
        return bool(self.stack)

    @property
    def state(self) -> dict[str, Any]:
        return self.stack[-1]

    @property
    def top(self) -> Talk:
        return Talk(self.house, self.actor, self.state)

    @property
    def is_private(self) -> bool:
        return bool(self.stack) and self.top.is_private

    @property
    def title(self) -> str:
        return self.house.dialogues[self.state["name"]].title

    def save(self) -> None:
        """What a talk has held, and holds no more at the end of the turn, it lets go: left, begun afresh, gone back."""
        for name in self._held - self._holding():
            let_go = self.house.dialogues[name].letting_go
            if let_go is not None and self.actor.person is not None:
                let_go(self.actor)
        self.row.talks = list(self.stack)

    def _holding(self) -> set[str]:
        return {talk["name"] for talk in self.stack if talk.get("holding")}

    def words_of(self, push: Any) -> str | None:
        """What was sent as the answer to the open question, when it takes such a thing (a place, a voice)."""
        if not self.stack:
            return None
        feature, asked = self.state["name"].partition(".")[0], self.state["asked"] or ""
        read = self.house.pushed.get((push.kind, f"{feature}.{asked.partition('#')[0]}"))
        return read(push) if read is not None else None

    # ---- going on ------------------------------------------------------------------------------------------------

    def begin(self, offer: Offer, helping: bool = False, told: str | None = None) -> None:
        """Start a dialogue on top of those that wait; the same one again starts afresh. `told` is the sentence that
        asked for it, when it may answer more."""
        others = [talk for talk in self.stack if talk["name"] != offer.target]
        told = None if offer.target.partition(".")[0] in self.house.private else told
        talk = new_talk(self.house.dialogues[offer.target], helping, kept_facts(offer.given), told)
        talk["answers"] = self._known_before(offer)
        self.stack = [*others[-(MOST_TALKS - 1) :], talk]
        self.ask()
        self.just_begun = True

    def _known_before(self, offer: Offer) -> list[list[Any]]:
        """The answers with which this dialogue begins."""
        beginning = self.house.dialogues[offer.target].beginning
        if beginning is None:
            return []
        given = {
            name: recall_or_none(self.actor.session, value) for name, value in kept_facts(offer.given).items()
        }
        return [[key, keep(value)] for key, value in beginning(self.actor, given).items()]

    def ask(self, text: str | None = None) -> None:
        """Ask the open question, or answer it with `text`. Raises NotForThisQuestion when it is no answer. What is read
        last a digit belongs to: no more to a question of ours, or to an answer in between."""
        self.state["meta"] = None
        talk = self.top
        try:
            spoken, ended = talk.ask(text)
        except TalkStopped as stopped:
            self.stack.pop()
            self.speech.add(stopped.words)
            self.remind()
            return
        self.speech.add(*spoken.parts)
        if ended is not None:
            self._end(talk, ended)
            return
        talk.keep_answers()
        self.row.offers = None

    def _end(self, talk: Talk, ended: Ended) -> None:
        self.stack.pop()
        self.actor.session.flush()
        if self.actor.person is not None and self.actor.person.erased_at is not None:
            # Whoever had everything erased leaves no half-given answers behind, and nothing to take back.
            self.stack, self.row.offers, self.row.done, self.row.rest = [], None, None, None
        if talk.dialogue.undoing and ended.say.facts:  # an end that names nothing has done nothing
            self.row.done = None if isinstance(ended.say, Unkept) else self._undo_facts(talk, ended.say)
        self.speech.say(ended.say, talk.feature)
        self.remind()

    def _undo_facts(self, talk: Talk, said: Say) -> dict[str, Any]:
        facts = {name: keep(fact) for name, fact in said.facts.items()}
        return {"name": talk.dialogue.name, "facts": facts, "until": (clock.now() + UNDO).timestamp()}

    def may_take_back(self, way: Offer) -> None:
        """A plain answer has done something that 撤销 takes back."""
        until = (clock.now() + UNDO).timestamp()
        self.row.done = {"name": way.target, "facts": kept_facts(way.given), "until": until}

    def more(self) -> bool:
        page = self.top.more() if self.stack else None
        if page is not None:
            self.speech.add(*page.parts)
        return page is not None

    # ---- going back ----------------------------------------------------------------------------------------------

    def back(self) -> None:
        if self.top.back():
            self.ask()
        else:
            self.ask_to_leave()  # answers behind the question may be left, where an early one is being changed

    def goes_on(self, text: str) -> bool:
        """Who says "接着" without having been asked wants to hear the open question: it is never an answer to it."""
        if text in GO_ON:
            self.ask()
        return text in GO_ON

    def restart(self) -> None:
        self.top.restart()
        self.ask()

    def ask_to_leave(self) -> None:
        """Leaving asks once when something would be lost."""
        if self.state["answers"] and not self.put_aside_words:
            self.state["meta"] = "leave"
            self.speech.tell("_base.leave", name=self.title)
        else:
            self.leave()

    def leave(self) -> None:
        title, words = self.title, self.put_aside_words
        self.stack.pop()
        self.speech.tell(words or "_base.left", name=title)
        self.remind()

    @property
    def put_aside_words(self) -> str:
        """What is said when the open talk, whose answers are kept, is left; "" when they would be lost."""
        return self.house.dialogues[self.state["name"]].put_aside

    def explain(self) -> bool:
        """Say what the open question means, and ask it again; False when there is nothing to say."""
        words = self.top.explain() if self.stack else ""
        if words:
            self.speech.add(words)
            self.ask()
        return bool(words)

    def digit_for(self, text: str) -> str:
        """The digit behind whose words the last question put `text` ("1 取消 0 不取消"), else the text itself."""
        by_words = self.state.get("by_words", {}) if self.stack and self.state["meta"] is None else {}
        return str(by_words.get(text, text))

    def wants_change(self, text: str) -> bool:
        return bool(self.stack) and self.top.wants_change(text)

    def list_changes(self) -> None:
        self.speech.add(*self.top.change_list().parts)

    def take_back(self) -> None:
        """Undo what was done last, if it may still be undone; else what is being filled in is what is meant."""
        done, self.row.done = self.row.done, None
        undoing = self._undoing(done["name"]) if done else None
        if not done or undoing is None or clock.now().timestamp() > done["until"]:
            if self.stack:
                self.ask_to_leave()
            else:
                self.speech.tell("_base.nothing_to_undo")
            return
        facts = {name: recall(self.actor.session, stored) for name, stored in done["facts"].items()}
        try:
            said = run_in_savepoint(self.actor.session, lambda: undoing(self.actor, **facts))
        except Refusal as why:
            self.speech.add(self.house.refusal_words(why))
        else:
            if isinstance(said, Say):
                self.speech.say(said, done["name"].partition(".")[0])
        self.remind()

    def _undoing(self, name: str) -> Callable[..., Reply] | None:
        """What takes back what this dialogue did; a plain answer names the answer that does it."""
        if name in self.house.answers:
            return self.house.answers[name].run
        dialogue = self.house.dialogues.get(name)
        return dialogue.undoing if dialogue is not None else None

    # ---- silence and interruption -----------------------------------------------------------------------------------

    def forget_old(self) -> None:
        limit = (clock.now() - FORGET).timestamp()
        if self.stack and self.state["at"] < limit:
            self.speech.tell("_base.closed_by_silence", name=self.title)
            self.just_closed = True
        self.stack = [talk for talk in self.stack if talk["at"] >= limit]

    def was_quiet(self) -> bool:
        """Whether the top talk lay still for a quarter of an hour (it is touched by asking)."""
        if not self.stack:
            return False
        now = clock.now().timestamp()
        quiet: bool = now - self.state["at"] > QUIET.total_seconds()
        self.state["at"] = now
        return quiet and bool(self.state["meta"] != "resume")

    def name_it(self) -> None:
        self.state["meta"] = "resume"
        self.speech.tell("_base.resume", name=self.title)

    def answer_ours(self, text: str) -> bool:
        """Our own yes and no (resume, leave, change): only 1 and 0, never an option's digit. False: not for us."""
        if not self.stack:
            return False
        meta, self.state["meta"] = self.state["meta"], None
        self.asked_to_go_on = meta == "resume"
        goes_on = meta in ("resume", "aside") and (text in GO_ON or means_yes(text))
        stays = meta == "leave" and text in NOT_LEAVING
        if (meta == "resume" and text in STOP) or (meta == "leave" and (means_yes(text) or text in GIVE_UP)):
            self.leave()
        elif goes_on or stays or (meta == "change" and self.top.change(text)):
            self.ask()
        else:
            return False
        return True

    def remind(self) -> None:
        """After an aside, name the talk that waits. Its digits must not contradict those of the answer just given."""
        if not self.stack or self.just_begun:
            return
        self.state["meta"] = "aside" if self.speech.offers else "resume"
        key = "_base.resume_by_word" if self.speech.offers else "_base.resume"
        self.speech.tell_last(key, name=self.title)
