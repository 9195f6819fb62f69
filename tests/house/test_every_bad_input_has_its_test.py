"""Each kind of bad input is tried by at least one test that bears its number: `test_b05_a_wrong_signature_is_refused`.

Who takes the last of them away takes a promise away; who finds a new kind gives it the next number here.
"""

from __future__ import annotations

import re
from collections import defaultdict
from pathlib import Path

TESTS = Path(__file__).parents[1]
KINDS = {
    "b01": "entities in XML",
    "b02": "XML that is no message",
    "b03": "signed garbage in place of a sealed message",
    "b04": "bodies that are too large",
    "b05": "wrong signatures and downgrades",
    "b06": "replays",
    "b07": "SQL in any field",
    "b08": "markup, signs that cannot be seen or turn words round, very long words",
    "b09": "templates in what people typed",
    "b10": "formulas in sheets that go out",
    "b11": "sheets that burst",
    "b12": "names of files that lead elsewhere",
    "b13": "pictures that are more than pictures",
    "b14": "rows of somebody else",
    "b15": "fields that are not ones own to set",
    "b16": "acts above ones role, or on ones own work",
    "b17": "forms that another site sends, and reading that writes",
    "b18": "sessions that were planted, stolen or left lying",
    "b19": "guessing passwords, digits and names",
    "b20": "passwords that anybody knows",
    "b21": "addresses inside the house, called through us",
    "b22": "ways back that lead elsewhere, states and codes used twice",
    "b23": "logins of the mini-program that are false",
    "b24": "keys used twice",
    "b25": "steps that were left out",
    "b26": "photos of a code",
    "b27": "places that were made up",
    "b28": "hours that were made up",
    "b29": "floods",
    "b30": "lines in logs and headers, hosts and callers that are claimed",
    "b31": "texts that are slow to read",
    "b32": "JSON that can be read in two ways or not at all",
    "b33": "secrets that lie about",
    "b34": "personal data in what goes to many",
}
NUMBERED = re.compile(r"test_((?:[a-z]\d\d_)+)[a-z]")


def by_kind() -> dict[str, list[str]]:
    """The number of a bad input to the tests that try it."""
    found = defaultdict(list)
    for path in sorted(TESTS.rglob("test_*.py")):
        for name in re.findall(r"^ *def (test_\w+)", path.read_text("utf-8"), re.MULTILINE):
            if named := NUMBERED.match(name):
                for number in re.findall(r"b\d\d", named[1]):
                    found[number].append(f"{path.relative_to(TESTS)}::{name}")
    return found


def test_every_bad_input_has_a_test_with_its_number() -> None:
    found = by_kind()
    assert sorted(KINDS.keys() - found.keys()) == [], "nobody tries these any more"
    assert sorted(found.keys() - KINDS.keys()) == [], "there is no such bad input"
