"""A rule that says no. Codes live in code, sentences in templates/<feature>/chat.txt under the same name."""

from collections.abc import Sequence
from typing import Any


class Refusal(Exception):
    """`code` is "feature.why"; facts name what stands in the way; `instead` offers rows that would do.

    In a conversation the question whose answer is among the facts is asked again with `instead` as its options; the
    JSON API answers 409 with the same code. Facts and `instead` must be rows that existed before the refused work
    began: a new row is gone after the rollback.
    """

    def __init__(self, code: str, *, instead: Sequence[Any] = (), **facts: Any) -> None:
        super().__init__(code)
        self.code = code
        self.instead = list(instead)
        self.facts = facts
