"""Where settings come from, and how a fault in them is told: one line, naming the key and its source.

Secrets are recognised by their key's name and by passwords inside addresses, and refused in config.toml:
that file is copied, mailed and shown at the desk.
"""

import difflib
import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from pydantic import BaseModel, ValidationError

PREFIX = "XINGFU_"
ALONE = {
    "XINGFU_DATA": ("data",),
    "XINGFU_PORT": ("web", "port"),
    "XINGFU_MODE": ("mode",),
    "XINGFU_TESTERS": ("testers",),
}
ELSEWHERE = ("XINGFU_CONFIG", "XINGFU_SECRET_", "XINGFU_FAIL")
SECRET_KEY = re.compile(
    r"(^|_)(secret|secrets|appsecret|token|aes_key|aeskey|password|passwd|master_key|private_key)(_|$)"
)
PLACEHOLDER = re.compile(
    r"(?i)^change[-_ ]?me|^your[-_ ]|^<.*>$|^x{4,}$|^(wx|gh_)(0{4,}|x{4,})|^todo$|"
    r"(^|[/.@])example\.(com|org|net|cn)\b"
)


class BadSettings(Exception):
    """The installation cannot start as configured; the text is one clear line without any secret."""


@dataclass
class Given:
    """What was said, and for each key who said it."""

    values: dict[str, Any] = field(default_factory=dict)
    sources: dict[tuple[str, ...], str] = field(default_factory=dict)
    file: str = "config.toml"

    def put(self, path: tuple[str, ...], value: str, source: str) -> None:
        section = self.values
        for step in path[:-1]:
            section = section.setdefault(step, {})
            if not isinstance(section, dict):
                raise BadSettings(f"{source}: {step} is not a section")
        section[path[-1]] = value
        self.sources[path] = source

    def source_of(self, path: tuple[str, ...]) -> str:
        return self.sources.get(path, self.file)


def gather(environ: Mapping[str, str], usual: Path) -> Given:
    """config.toml, then the environment over it. XINGFU_CONFIG names the file; empty means "no file"."""
    said = environ.get("XINGFU_CONFIG")
    if said is None:
        given = _read_file(usual) if usual.exists() else Given()
    else:
        given = _read_file(Path(said)) if said else Given()
    for path, value, source in _from_environment(environ):
        given.put(path, value, source)
    for dotted, text in _texts(given.values):
        if PLACEHOLDER.search(text):
            raise BadSettings(f"{given.source_of(tuple(dotted.split('.')))}: {dotted} is still a placeholder")
    return given


def _read_file(path: Path) -> Given:
    try:
        values = tomllib.loads(path.read_text("utf-8"))
    except OSError as error:
        raise BadSettings(f"cannot read {path}: {error.strerror}") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise BadSettings(f"{path.name} is not TOML: {error}") from None
    _refuse_secrets(values, path.name)
    return Given(values, {}, path.name)


def _refuse_secrets(values: dict[str, Any], source: str) -> None:
    for dotted, value in _leaves(values):
        key = dotted.rsplit(".", 1)[-1]
        if any(SECRET_KEY.search(step.lower()) for step in dotted.split(".")):
            raise BadSettings(
                f"{source}: {dotted} is a secret and does not belong here; put it into "
                f"DATA/secrets/<name>.toml (0600) or XINGFU_SECRET_MAIN_{key.upper()}[_FILE]"
            )
        if isinstance(value, str) and "://" in value and has_password(value):
            variable = f"{PREFIX}{dotted.replace('.', '__').upper()}_FILE"
            raise BadSettings(f"{source}: {dotted} contains a password; use {variable} instead")


def has_password(address: str) -> bool:
    try:
        return bool(urlsplit(address).password)
    except ValueError:
        return False


def _leaves(values: Any, prefix: str = "") -> Iterator[tuple[str, Any]]:
    if isinstance(values, dict):
        for key, value in values.items():
            yield from _leaves(value, f"{prefix}.{key}" if prefix else str(key))
    elif isinstance(values, list):
        for place, value in enumerate(values):
            yield from _leaves(value, f"{prefix}.{place}")
    else:
        yield prefix, values


def _texts(values: dict[str, Any]) -> Iterator[tuple[str, str]]:
    return ((dotted, value) for dotted, value in _leaves(values) if isinstance(value, str))


def _from_environment(environ: Mapping[str, str]) -> Iterator[tuple[tuple[str, ...], str, str]]:
    """Plain variables first, files last: the file wins."""
    names = [
        name
        for name in environ
        if name.startswith(PREFIX) and not name.startswith(ELSEWHERE) and environ[name]
    ]
    for name in sorted(names, key=lambda name: (name.endswith("_FILE"), name)):
        is_file = name.endswith("_FILE")
        key = name.removesuffix("_FILE") if is_file else name
        yield _path_of(key, name), content_of(environ[name], name) if is_file else environ[name], name


def _path_of(key: str, variable: str) -> tuple[str, ...]:
    if key in ALONE:
        return ALONE[key]
    path = tuple(key.removeprefix(PREFIX).lower().split("__"))
    if len(path) < 2 or not all(path):
        raise BadSettings(
            f"{variable}: no such setting; sections and keys are joined by two underscores, XINGFU_WEB__PORT"
        )
    if path[0] == "secrets":
        raise BadSettings(f"{variable}: secrets are named XINGFU_SECRET_MAIN_TOKEN")
    if path[0] in {"accounts", "miniprograms"}:
        raise BadSettings(f"{variable}: {path[0]} are written in config.toml only")
    return path


def content_of(path: str, variable: str) -> str:
    """What stands in a file that only its owner may read."""
    try:
        if Path(path).stat().st_mode & 0o077:
            raise BadSettings(f"{variable}: {path} can be read by others; chmod 600 {path}")
        return Path(path).read_text("utf-8").strip()
    except OSError as error:
        raise BadSettings(f"{variable}: cannot read {path}: {error.strerror}") from None


def explain(error: ValidationError, given: Given, settings: type[BaseModel]) -> str:
    """The first fault as one line, without the refused value: it may be a password in the wrong place."""
    faults = error.errors(include_url=False, include_input=False)
    first = min(faults, key=lambda fault: fault["type"] != "extra_forbidden")
    path = tuple(str(step) for step in first["loc"])
    source, dotted = given.source_of(path), ".".join(path)
    if first["type"] == "extra_forbidden":
        return f"{source}: unknown key {dotted}{_perhaps(path, settings)}"
    message = re.sub(r"\s+", " ", first["msg"]).removeprefix("Value error, ")
    more = error.error_count() - 1
    return f"{source}: {dotted}: {message}" + (f" (and {more} more)" if more else "")


def _perhaps(path: tuple[str, ...], settings: type[BaseModel]) -> str:
    model = settings
    for step in path[:-1]:
        model = _section(model, step) or model
    near = difflib.get_close_matches(path[-1], list(model.model_fields), n=1)
    return f"; did you mean {near[0]}?" if near else ""


def _section(model: type[BaseModel], step: str) -> type[BaseModel] | None:
    chosen = model.model_fields.get(step)
    for kind in (chosen.annotation, *getattr(chosen.annotation, "__args__", ())) if chosen else ():
        if isinstance(kind, type) and issubclass(kind, BaseModel):
            return kind
    return None
