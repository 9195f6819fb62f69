"""How Chinese signs sound. The only place that knows the dictionary, which takes 45 MB and is loaded when it is first
asked: the programs that only send or keep time never ask. The web reads it before its workers are forked, which then
share it (app/serve.py).
"""

from __future__ import annotations

import os

os.environ.setdefault("PYPINYIN_NO_DICT_COPY", "true")  # its own dictionaries, not a second copy of each


def syllables(words: str) -> list[str]:
    """Without tones; what is not Chinese stays as it is."""
    from pypinyin import lazy_pinyin

    return lazy_pinyin(words)
