"""One turn of a conversation: whose word is it? First match wins, in the order written in `Turn._route`.

The person's conversation row is locked before anything is read, so two messages of one person are answered one after
the other, and a repeat waits for the first.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from app import clock
from app.database import run_in_savepoint
from app.dialogue import Answer, Go, Offer, Quiet, Reply, Say, recall
from app.house import EVERYDAY_STAGE, MOST_GUESSES, RECEIPT_STAGE, TYPED_STAGES, WAITING_STAGE, House, normal
from app.speech import CARD, Speech, kept_facts
from app.talk import NotForThisQuestion
from app.talks import GIVE_UP, GO_ON, LEAVE, PUT_ASIDE, OpenTalks, is_sentence
from app.understanding.numbers import choice_number
from app.understanding.phone import mask_id_numbers
from models.arrivals import Standing
from models.identity import Actor
from models.refusal import Refusal

BACK = frozenset({"0", "返回", "上一步", "后退"})
RESTART = frozenset({"重来", "重新开始"})
UNDO_WORDS = frozenset({"撤销", "撤回"})
MORE = frozenset({"更多", "下一页", "还有呢", "还有吗"})
LONGEST_TEXT = 600
EXPLAIN = frozenset({"?", "不懂", "看不懂", "不明白", "什么意思", "啥意思", "怎么填", "帮助"})
ASK_BACK = 3
WAYS_OUT = (("_base.a_person", "人工"), ("_base.the_menu", "菜单"))
ROOM = 60  # for a line beside the answer
SHORT = 8  # a word or two in the middle of a talk is a bad answer; a sentence may be for the staff


class Turn:
    """What one message does to one conversation, in one unit of work. `private`: the inbox keeps little of it."""

    def __init__(self, house: House, actor: Actor, row: Standing, created: int) -> None:
        self.house, self.actor, self.row = house, actor, row
        self.speech = Speech(house, row)
        self.talks = OpenTalks(house, actor, row, self.speech)
        self.private = self.talks.is_private
        self.late = created < row.heard
        self.missed = False
        self.said: list[str] = []
        row.heard, row.turn = max(created, row.heard), row.turn + 1

    # ---- doors ----------------------------------------------------------------------------------------------

    def hear(self, typed: str) -> str | None:
        """Answer typed words; None keeps quiet because a person of the staff is talking."""
        text, masked = mask_id_numbers(normal(typed[:LONGEST_TEXT]))
        if masked:
            self.speech.tell("_base.id_masked")
        if isinstance(reply := self._taken_over(text), Quiet):
            return self._close(quiet=True)
        if reply is None:
            self._route(text)
        else:
            self._speak(reply)
        self._aside()
        return self._close()

    def hear_voice(self, recognised: str) -> str | None:
        """Recognised speech is treated as typed; it is read back (people.md), but not where words are confidential."""
        heard = "" if self.private else mask_id_numbers(recognised[:LONGEST_TEXT])[0]
        self.speech.add(heard and self.speech.words("_base.heard", text=heard))
        return self.hear(recognised)

    def click(self, word: str) -> str | None:
        """A menu button's key is a chat word: it is never the answer to an open free-text question."""
        if isinstance(self._taken_over(word), Quiet):
            return self._close(quiet=True)
        self.talks.forget_old()
        if not any(step(word) for step in (self._always_word, self._exact_word, self._listener)):
            self._miss(word)
        self._aside()
        return self._close()

    def answer_all(self, functions: Sequence[tuple[Callable[..., Reply] | None, Any]]) -> str | None:
        """Answer an event, a code or a picture by the features' functions, in order."""
        for function, fact in functions:
            if function is not None:
                self._try(lambda f=function, x=fact: f(self.actor, x))  # type: ignore[misc]
        if not self.speech.parts:
            return self._close(quiet=True)
        self.talks.remind()
        return self._close()

    # ---- routing ----------------------------------------------------------------------------------------------

    def _taken_over(self, text: str) -> Reply:
        replies = (take_over(self.actor, text) for take_over in self.house.take_overs)
        return next((reply for reply in replies if reply is not None), None)

    def _route(self, text: str) -> None:
        self.talks.forget_old()
        steps = (
            self._undo_word,
            self._late_word,
            self._digit_of_aside,
            self._silence,
            self.talks.answer_ours,
            self._asks_what_is_meant,
            self._always_word,
            self._global_word,
            self._live_question,
            self._offer,
            self._receipt,
            self._exact_word,
            self._listener,
            self._waiting,
            self._miss,
        )
        text = self.talks.digit_for(text)
        any(step(text) for step in steps)
        if not self.missed:
            self.row.misses = 0

    def _undo_word(self, text: str) -> bool:
        if text in UNDO_WORDS:
            self.talks.take_back()
        return text in UNDO_WORDS

    def _late_word(self, text: str) -> bool:
        """WeChat may deliver out of order: an older message must not answer a newer question (trust F21)."""
        if self.late and self.talks:
            self.speech.tell("_base.late")
            self.talks.ask()
            return True
        return False

    def _digit_of_aside(self, text: str) -> bool:
        """Digits of an answer that interrupted a talk belong to that answer: it was read last."""
        return bool(self.talks) and self.talks.state["meta"] == "aside" and self._offer(text)

    def _silence(self, text: str) -> bool:
        """After a quarter of an hour the open talk is named before it goes on."""
        if not self.talks.was_quiet() or self.house.find(text) or text in self.house.always:
            return False
        self.talks.name_it()
        return True

    def _asks_what_is_meant(self, text: str) -> bool:
        return text in EXPLAIN and self.talks.explain()

    def _always_word(self, text: str) -> bool:
        answer = self.house.always.get(text)
        if answer is not None:
            self._run(answer, {})
        return answer is not None

    def _global_word(self, text: str) -> bool:
        if text in MORE:
            return self._more()
        return self._word_in_talk(text) if self.talks else self._word_without_talk(text)

    def _word_in_talk(self, text: str) -> bool:
        if text in BACK:
            self.talks.back()
        elif text in GIVE_UP or (text in PUT_ASIDE and self.talks.put_aside_words):
            self.talks.ask_to_leave()
        elif text in RESTART:
            self.talks.restart()
        elif self.talks.wants_change(text):
            self.talks.list_changes()
        else:
            return False
        return True

    def _word_without_talk(self, text: str) -> bool:
        if text not in BACK | LEAVE | RESTART | GO_ON or self.house.find(text):
            return False
        self.speech.tell("_base.nothing_open")
        return True

    def _more(self) -> bool:
        if self.talks.more():
            return True
        rest, self.row.rest = self.row.rest, None
        self.speech.add(rest or "")
        return bool(rest)

    def _live_question(self, text: str) -> bool:
        if not self.talks:
            return False
        if self.talks.state.get("free") and (self.talks.goes_on(text) or self._exact_word(text)):
            return True
        for_staff = self.talks.asked_to_go_on and is_sentence(text)  # who may have been asked for meanwhile
        if for_staff and (self._exact_word(text) or self._waiting(text)):
            return True
        try:
            self.talks.ask(text)
        except NotForThisQuestion:
            aside = (self.talks.goes_on, self._offer, self._exact_word, self._phrase, self._listener)
            if not any(step(text) for step in aside) and (len(text) <= SHORT or not self._waiting(text)):
                self._miss(text)
        return True

    def _offer(self, text: str) -> bool:
        offer = self.speech.offered(choice_number(text) or self.speech.digit_said(text))
        return offer is not None and (self._follow(offer) or self._miss(text))

    def _exact_word(self, text: str) -> bool:
        return self._follow_found(self.house.find(text)) or (not self.talks and self._phrase(text))

    def _phrase(self, text: str) -> bool:
        return self._follow_found(self.house.exact_phrase(text))

    def _follow_found(self, found: tuple[str, bool] | None) -> bool:
        return found is not None and self._follow(Offer(found[0]), helping=found[1])

    def _receipt(self, text: str) -> bool:
        return self._listen(text, RECEIPT_STAGE)

    def _listener(self, text: str) -> bool:
        return self._listen(text, TYPED_STAGES) or self._ask_back(text) or self._listen(text, EVERYDAY_STAGE)

    def _ask_back(self, text: str) -> bool:
        """What a feature thinks may be meant, unless a chat word is nearer; in a talk only what is sure is answered."""
        if self.talks or text.isdigit():
            return False
        guesses, words = self.house.guessed(self.actor, text), self.house.near_words(text)
        nearer = bool(guesses) and (not words or guesses[0][2] >= words[0][2])
        return nearer and self._miss(text)

    def _listen(self, text: str, stages: Sequence[str]) -> bool:
        for listen in self.house.listeners(stages):
            if self._try(lambda listen=listen: listen(self.actor, text)):  # type: ignore[misc]
                self.talks.remind()
                return True
        return False

    def _waiting(self, text: str) -> bool:
        """Who waits for the staff and slips in typing is noted down AND asked what was meant."""
        rows = self.house.near(text) if len(text) <= SHORT and not text.isdigit() else []
        if self.talks.is_private or not self._listen(text, WAITING_STAGE):
            return False
        if rows and not self.talks:
            self.speech.tell("_base.or_did_you_mean")
            self.speech.list_offers(rows)
        return True

    def _miss(self, text: str) -> bool:
        """An open question is read again; else best guesses ask back, two misses offer a person (people.md §2.3)."""
        if self.talks:
            return self._not_understood_here()
        if self.talks.just_closed:
            return True  # an answer to what was just closed by silence: that was said, and it is enough
        self.missed = True
        self.row.misses += 1
        self.house.note_miss(self.actor, text)
        rows = self._nearest(text)
        key = "_base.did_you_mean" if rows else "_base.not_understood"
        if self.row.misses > 1 and (ways_out := self._ways_out(rows)):
            key = key if rows else "_base.two_misses"
            rows = [*rows[:ASK_BACK], *ways_out]
        self.speech.tell(key)
        if rows:
            self.speech.list_offers(rows)
        return True

    def _nearest(self, text: str) -> list[tuple[str, Offer]]:
        """Up to three: chat words and what features think, the nearest first."""
        if text.isdigit():
            return []
        found = [*self.house.guessed(self.actor, text), *self.house.near_words(text)]
        nearest = sorted(found, key=lambda near: -near[2])[:MOST_GUESSES]
        return [(words, offer) for words, offer, _ in nearest]

    def _ways_out(self, rows: Sequence[tuple[str, Offer]]) -> list[tuple[str, Offer]]:
        """A person, and the menu when nothing else is on offer; nothing that is offered already."""
        offered = {offer.target for _, offer in rows}
        ways = WAYS_OUT[:1] if rows else WAYS_OUT
        found = [(self.speech.words(key), self.house.always.get(word)) for key, word in ways]
        return [(words, way.offer()) for words, way in found if way and way.name not in offered]

    def _not_understood_here(self) -> bool:
        self.missed = True
        self.row.misses += 1
        self.speech.tell("_base.not_understood_here" if self.row.misses < 2 else "_base.stuck_here")
        self.talks.ask()
        return True

    # ---- doing ----------------------------------------------------------------------------------------------------

    def _follow(self, offer: Offer, helping: bool = False) -> bool:
        """Go where a digit or word leads: a dialogue, an answer, a chat word ("word:预约"); False where it is gone."""
        kind, _, word = offer.target.partition(":")
        if kind == "word":
            steps = (self._always_word, self._exact_word, self._listener, self._miss)
            return any(step(word) for step in steps)
        if offer.target in self.house.dialogues:
            self.talks.begin(offer, helping)
        elif offer.target in self.house.answers:
            self._run(self.house.answers[offer.target], offer.given)
        else:
            return False
        return True

    def _run(self, answer: Answer, given: Any) -> None:
        session = self.actor.session
        facts = {name: recall(session, value) for name, value in kept_facts(given).items()}
        self._try(lambda: answer.run(self.actor, **facts), answer.name.partition(".")[0])
        self.talks.remind()

    def _try(self, work: Callable[[], Reply], feature: str = "_base") -> bool:
        """Say what `work` answers or why it was refused (then what it wrote is undone); False when it has no answer."""
        try:
            reply = run_in_savepoint(self.actor.session, work)
        except Refusal as why:
            self.speech.add(self.house.refusal_words(why))
            return True
        self._speak(reply, feature)
        return reply is not None

    def _speak(self, reply: Reply, feature: str = "_base") -> None:
        self.private |= feature in self.house.private
        if isinstance(reply, Say):
            self.speech.say(reply, feature)
            if reply.undo is not None:
                self.talks.may_take_back(reply.undo)
            self.said.append(reply.key if "." in reply.key else f"{feature}.{reply.key}")
            for heed in self.house.heeding(self.said[-1]):
                heed(self.actor, reply.facts)
        elif isinstance(reply, Go):
            self.talks.begin(reply.offer, reply.helping, reply.told)

    def _aside(self) -> None:
        """One short line more, when the answer was found, nothing is being asked and there is room on the card."""
        if self.talks or self.missed or sum(map(len, self.speech.parts)) > CARD - ROOM:
            return
        for feature, add in self.house.asides:
            said = add(self.actor, self.said)
            if isinstance(said, Say):
                self.speech.add(self.house.say_in(feature, said.key, said.facts))

    def _close(self, quiet: bool = False) -> str | None:
        self.private |= self.talks.is_private
        self.talks.save()
        self.row.spoke_at = clock.now()
        return None if quiet else self.speech.close()
