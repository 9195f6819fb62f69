"""How long it takes to find a card: to read all ways of asking, and one question among 200 and 1,000 cards."""

from __future__ import annotations

import statistics
import time

from app.understanding.asking import Asking
from handlers.guides.loading import shipped_cards, shipped_synonyms

QUESTIONS = (
    "我阿爷八十三了每月能领多少",
    "居住正咋办",
    "娃放学没人接",
    "包工头拿着我们的血汗钱跑了",
    "yibaobaoxiao",
    "老家的医保能在这用吗",
    "今天天气真好",
    "高令补贴",
)
ROUNDS = 25


def main() -> None:
    for copies in (1, 5):
        matters = {
            f"{card['key']}{copy or ''}": [f"{way}{copy or ''}" for way in (card["title"], *card["asks"])]
            for copy in range(copies)
            for card in shipped_cards()
        }
        before = time.perf_counter()
        asking = Asking(matters, shipped_synonyms())
        built = time.perf_counter() - before
        asking.near("db")  # reading letters is made ready when somebody types some
        took = [_timed(asking, words) for _ in range(ROUNDS) for words in QUESTIONS]
        ways = sum(map(len, matters.values()))
        slow = sorted(took)[int(len(took) * 0.99)]
        print(
            f"{len(matters):>5} cards, {ways:>6} ways: built in {built * 1000:.0f} ms;"
            f" a question {statistics.median(took) * 1000:.2f} ms, p99 {slow * 1000:.2f} ms"
        )


def _timed(asking: Asking, words: str) -> float:
    before = time.perf_counter()
    asking.near(words)
    return time.perf_counter() - before
