"""Every flag that a scan or a stay may carry has words."""

from __future__ import annotations

import re
from pathlib import Path

from app.flags import all_flags, flag_words
from app.words import TEMPLATES

ROOT = Path(__file__).parents[2]
WRITTEN = re.compile(r'flags\.add\("(\w+)"\)|flags=\[(?:\*flags, )?"(\w+)"|\["(device_clock)"\]')


def test_flags_are_said_in_words_and_in_one_order() -> None:
    assert flag_words(["by_leader", "device_clock", "by_leader"]) == ["手机时间不对", "负责人代记"]
    assert flag_words(["something_new"]) == ["something_new"]


def test_no_flag_of_the_code_is_without_words() -> None:
    files = [ROOT / "models" / "stays.py", *(ROOT / "handlers" / "volunteers").glob("*.py")]
    used = {
        name for file in files for found in WRITTEN.findall(file.read_text("utf-8")) for name in found if name
    }
    assert len(used) >= 4
    assert used <= all_flags().keys()


def test_the_words_are_short_enough_for_a_list() -> None:
    assert all(len(words) <= 12 for words in all_flags().values())
    assert (TEMPLATES / "volunteers" / "flags.toml").exists()
