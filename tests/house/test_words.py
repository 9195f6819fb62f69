"""Every sentence that code asks for is written, and every sentence that is written is used."""

import ast
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from jinja2 import meta

from app.channels.page_forms import page_words
from app.settings import load_settings
from app.site import Site
from app.words import Words, compiled, environment, sections
from handlers import FEATURES
from models import know_all
from models.base import Base
from tests.neighbours import Town

ROOT = Path(__file__).parents[2]
ASKING = {"Choose", "Ask", "Confirm", "Tell", "Say"}
SAYING = {"say", "tell", "words", "_words", "words_of", "say_in", "form", "form_of"}
CODE = re.compile(r"^[a-z_]+\.[a-z_0-9]+$")


def strings(path: Path) -> set[str]:
    tree = ast.parse(path.read_text())
    return {
        node.value
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    }


def all_strings() -> set[str]:
    folders = ("app", "handlers", "models", "scheduler", "templates")
    python = [path for folder in folders for path in (ROOT / folder).rglob("*.py")]
    return set().union(*(strings(path) for path in python))


def template_text() -> str:
    return "\n".join(path.read_text() for path in (ROOT / "templates").rglob("*.html"))


def questions(feature: str) -> dict[str, str]:
    """key → kind of every question and Say with a literal key in a feature's code."""
    found: dict[str, str] = {}
    for path in (ROOT / "handlers" / feature).rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if not (
                isinstance(node, ast.Call)
                and isinstance(node.func, ast.Name)
                and node.func.id in ASKING
                and node.args
            ):
                continue
            key = node.args[0]
            if isinstance(key, ast.Constant) and isinstance(key.value, str):
                found[key.value if "." in key.value else f"{feature}.{key.value}"] = node.func.id
    return found


def raised() -> Iterator[tuple[str, set[str | None]]]:
    """(code, names of its facts) of every Refusal with a literal code; None among the names for facts as a mapping."""
    for folder in ("handlers", "models", "app"):
        for path in (ROOT / folder).rglob("*.py"):
            for node in ast.walk(ast.parse(path.read_text())):
                if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "Refusal":
                    facts = {fact.arg for fact in node.keywords}
                    yield from (
                        (str(code.value), facts) for code in node.args[:1] if isinstance(code, ast.Constant)
                    )


def refusals() -> set[str]:
    return {code for code, _ in raised()}


def written() -> Words:
    return Words(FEATURES, {})


def test_every_question_and_answer_has_words() -> None:
    asked = {key for feature in FEATURES for key in questions(feature)}
    assert asked - written().all_keys() == set()


def test_every_question_has_a_short_name_for_changing_its_answer() -> None:
    kinds = {key: kind for feature in FEATURES for key, kind in questions(feature).items()}
    missing = {
        key for key, kind in kinds.items() if kind in ("Choose", "Ask") and not written().has(f"{key}_name")
    }
    assert missing == set()


def test_every_sentence_compiles() -> None:
    words = written()
    for key in words.all_keys():
        compiled(words.source(key))


def test_every_refusal_has_words() -> None:
    assert refusals() - written().all_keys() == set()


def test_no_sentence_is_written_twice_in_a_file() -> None:
    """The second took the place of the first, which was then never said."""
    for path in (ROOT / "templates").rglob("chat.txt"):
        twice = [
            key for key, times in Counter(key for key, _ in sections(path.read_text())).items() if times > 1
        ]
        assert twice == [], path


def test_every_refusal_brings_what_its_words_speak_of() -> None:
    words, always, missing = written(), {"community", "instead"}, list[tuple[str, set[str]]]()
    for code, facts in raised():
        for source in filter(None, (words.source(code), page_words().get(code))):
            wanting = meta.find_undeclared_variables(environment().parse(source)) - always - facts
            if wanting and None not in facts:
                missing.append((code, wanting))
    assert missing == []


def test_a_row_that_can_be_offered_has_one_way_of_being_read_out() -> None:
    know_all()
    tables = {mapper.class_.__tablename__ for mapper in Base.registry.mappers}
    options = [key.partition(".option_")[2] for key in written().all_keys() if ".option_" in key]
    assert len(options) == len(set(options))
    assert {option for option in options if option not in tables} <= set(), "words for rows that do not exist"


def test_every_sentence_is_used() -> None:
    used, pages = all_strings(), template_text()
    idle = {key for key in written().all_keys() if not _is_used(key, used, pages)}
    assert idle == set()


def _is_used(key: str, used: set[str], pages: str) -> bool:
    short = key.partition(".")[2]
    if short.startswith("option_"):
        return True
    base = re.sub(r"_(name|none)$", "", short)
    return bool({key, short, base} & used) or f'"{key}"' in pages or _built(key, used)


def _built(key: str, used: set[str]) -> bool:
    """Keys that are put together at run time ("care.{kind}"): their feature says so with a prefix that is a string."""
    feature, _, short = key.partition(".")
    return any(
        part and part.endswith(("_", ".")) and f"{feature}.{short}".startswith(part) for part in used
    ) or any(part and part.endswith("_") and short.startswith(part) for part in used)


def test_no_two_features_claim_one_chat_word(site: Site) -> None:
    words = site.house.chat_words()
    assert words, "the house answers to nothing"
    assert set(words) & set(site.house.always) == set()


def test_every_outgoing_message_that_code_writes_has_a_form() -> None:
    kinds = set()
    for folder in ("handlers", "app"):
        for path in (ROOT / folder).rglob("*.py"):
            for node in ast.walk(ast.parse(path.read_text())):
                if isinstance(node, ast.Call):
                    kinds |= {
                        keyword.value.value
                        for keyword in node.keywords
                        if keyword.arg == "kind"
                        and isinstance(keyword.value, ast.Constant)
                        and CODE.match(str(keyword.value.value))
                    }
    assert kinds - written().forms() == set()


def test_every_message_opens_a_page_that_exists(sqlite_town: Town) -> None:
    paths = {re.sub(r"<(?:int:)?\w+>", "<>", rule.rule) for rule in sqlite_town.app.url_map.iter_rules()}
    words = written()
    pages = (words.form(kind).page for kind in words.forms())
    opened = {re.sub(r"\{\{ \w+ \}\}", "<>", page) for page in pages if page}
    assert opened - paths == set()


def test_only_what_came_of_somebodys_own_business_has_a_template_and_a_broadcast_never() -> None:
    """News by template cost the account its templates (40249): who gives a message one says `result = true`."""
    words = written()
    for kind in words.forms():
        form = words.form(kind)
        assert form.result == (form.template is not None), kind
        assert not (form.result and kind.startswith("broadcasts.")), kind


def test_settings_of_the_sandbox_need_no_file(tmp_path: Path) -> None:
    settings = load_settings({"XINGFU_DATA": str(tmp_path), "XINGFU_PORT": "8123"})
    assert settings.mode == "sandbox"
    assert settings.web.port == 8123
