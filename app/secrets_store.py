"""The secrets of an installation: never in config.toml, never in a repr, never readable by others.

They come from DATA/secrets/<account>.toml and DATA/secrets/mini-<name>.toml (keys secret, token, aes_key,
aes_key_previous), overridden by XINGFU_SECRET_MAIN_AES_KEY, XINGFU_SECRET_MINI_MAIN_TOKEN … or by the file
that …_FILE names. The master key (32 bytes, hexadecimal) is DATA/secrets/master.key or
XINGFU_SECRET_MASTER_KEY[_FILE]; master-2.key … are later ones, confidential.key is the confidential lane's. In
sandbox mode what is missing is invented at the first run and kept.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import os
import re
import secrets
import tomllib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from app.settings_sources import PLACEHOLDER, BadSettings

SealingKeys = tuple[tuple[bytes, ...], tuple[bytes, ...]]
FIELDS = ("secret", "token", "aes_key", "aes_key_previous")
# The platform's own limits: token 3–32 letters and digits, EncodingAESKey exactly 43 letters and digits.
TOKEN = re.compile(r"^[0-9A-Za-z]{3,32}$")
AES_KEY = re.compile(r"^[0-9A-Za-z]{43}$")


@dataclass(frozen=True)
class AppSecrets:
    secret: str = field(repr=False)
    token: str = field(repr=False)
    aes_key: str = field(repr=False)
    aes_key_previous: str | None = field(default=None, repr=False)


@dataclass(frozen=True)
class Secrets:
    """Secrets by application name; KeyError for an unknown name."""

    accounts: Mapping[str, AppSecrets] = field(default_factory=dict, repr=False)
    miniprograms: Mapping[str, AppSecrets] = field(default_factory=dict, repr=False)
    master_key: bytes = field(default=b"", repr=False)
    sealing: Callable[[], SealingKeys] = field(default=lambda: ((), ()), repr=False, compare=False)
    reread: Callable[[], Secrets] | None = field(default=None, repr=False, compare=False)

    def again(self) -> Secrets:
        """What stands there by now; these ones when it cannot be read."""
        try:
            return self.reread() if self.reread else self
        except BadSettings as refused:
            import structlog  # the supervisor, for which everybody waits, has nothing to log

            structlog.get_logger().error("secrets_not_taken", reason=str(refused))
            return self

    def of(self, account: str) -> AppSecrets:
        return self.accounts[account]

    def of_mini(self, name: str) -> AppSecrets:
        return self.miniprograms[name]


def read_secrets(
    data: Path,
    *,
    accounts: Sequence[str],
    miniprograms: Sequence[str],
    environ: Mapping[str, str],
    make_missing: bool,
) -> Secrets:
    """All secrets; BadSettings names what is missing, malformed or readable by others."""
    shelf = Shelf(data / "secrets", environ, make_missing)

    def read(shelf: Shelf) -> Secrets:
        return Secrets(
            {name: shelf.app(name, name.upper()) for name in accounts},
            {name: shelf.app(f"mini-{name}", f"MINI_{name.upper()}") for name in miniprograms},
            sealing_keys(shelf)[0][0],
            lambda: sealing_keys(shelf),
            lambda: read(replace(shelf, make_missing=False)),
        )

    return read(shelf)


@dataclass(frozen=True)
class Shelf:
    """DATA/secrets together with the environment that may override it."""

    folder: Path
    environ: Mapping[str, str]
    make_missing: bool = False

    def app(self, stem: str, variable: str) -> AppSecrets:
        path = self.folder / f"{stem}.toml"
        if self.make_missing and not path.exists():
            write_once(path, _invented_app())
        kept = _read_toml(path) if path.exists() else {}
        values = {
            key: self._from_environment(f"{variable}_{key.upper()}") or kept.get(key, "") for key in FIELDS
        }
        _check(values, path, variable)
        return AppSecrets(
            values["secret"], values["token"], values["aes_key"], values["aes_key_previous"] or None
        )

    def key(self, name: str) -> bytes:
        """The 32 bytes of DATA/secrets/<name>.key."""
        path = self.folder / f"{name}.key"
        if self.make_missing and not path.exists():
            write_once(path, secrets.token_hex(32) + "\n")
        text = self._from_environment(f"{_variable(name)}_KEY") or (
            _read_private(path).strip() if path.exists() else ""
        )
        if not text:
            raise BadSettings(f"{path} is missing; make it once: (umask 077; openssl rand -hex 32 > {path})")
        return _key_bytes(text, path)

    def keys(self, name: str) -> tuple[bytes, ...]:
        """The key of this name and those that came after it: <name>-2.key, <name>-3.key … (flask rekey)."""
        found = [self.key(name)]
        while self._has(following := f"{name}-{len(found) + 1}"):
            found.append(self.key(following))
        return tuple(found)

    def _has(self, name: str) -> bool:
        variable = f"XINGFU_SECRET_{_variable(name)}_KEY"
        given = variable in self.environ or f"{variable}_FILE" in self.environ
        return given or (self.folder / f"{name}.key").exists()

    def _from_environment(self, name: str) -> str:
        file = self.environ.get(f"XINGFU_SECRET_{name}_FILE")
        return _read_private(Path(file)).strip() if file else self.environ.get(f"XINGFU_SECRET_{name}", "")


def sealing_keys(shelf: Shelf) -> SealingKeys:
    """The keys of the house and those of the confidential lane, each the oldest first."""
    main, confidential = shelf.keys("master"), shelf.keys("confidential")
    if set(main) & set(confidential):
        raise BadSettings("confidential.key equals a master key; the confidential lane needs one of its own")
    return main, confidential


def _variable(name: str) -> str:
    return name.upper().replace("-", "_")


def fingerprint(key: bytes) -> str:
    """Tells two keys apart without telling either."""
    return hashlib.sha256(b"xingfu key fingerprint\0" + key).hexdigest()[:16]


def write_once(path: Path, text: str) -> None:
    """Writes a private file whole or not at all; when two processes start together, the first one's stays."""
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        draft = path.with_name(f".{path.name}.{os.getpid()}.{secrets.token_hex(4)}")
        descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        try:
            os.link(draft, path)
        except FileExistsError:
            pass
        finally:
            draft.unlink()
    except OSError as error:
        raise BadSettings(f"cannot write {path}: {error.strerror}") from None


def _invented_app() -> str:
    values = {
        "secret": secrets.token_hex(16),
        "token": secrets.token_hex(12),
        "aes_key": _invented_aes_key(),
        "aes_key_previous": "",
    }
    return "".join(f'{key} = "{value}"\n' for key, value in values.items())


def _invented_aes_key() -> str:
    """43 letters and digits, base64 of 32 bytes without its "="; a last "A" keeps the spare bits zero."""
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
    return "".join(secrets.choice(alphabet) for _ in range(42)) + "A"


def _read_private(path: Path) -> str:
    try:
        if path.stat().st_mode & 0o077:
            raise BadSettings(f"{path} can be read by others; chmod 600 {path}")
        return path.read_text("utf-8")
    except OSError as error:
        raise BadSettings(f"cannot read {path}: {error.strerror}") from None


def _read_toml(path: Path) -> dict[str, str]:
    try:
        values = tomllib.loads(_read_private(path))
    except tomllib.TOMLDecodeError:
        raise BadSettings(f"{path} is not TOML") from None
    for key, value in values.items():
        if key not in FIELDS:
            raise BadSettings(f"{path}: unknown key {key}; it may hold {', '.join(FIELDS)}")
        if not isinstance(value, str):
            raise BadSettings(f"{path}: {key} must be a text")
    return values


def _check(values: Mapping[str, str], path: Path, variable: str) -> None:
    for key in ("secret", "token", "aes_key"):
        if not values[key]:
            instead = f"XINGFU_SECRET_{variable}_{key.upper()}[_FILE]"
            raise BadSettings(f"{key} is missing: write it into {path} (chmod 600) or {instead}")
    for key, value in values.items():
        if value and PLACEHOLDER.search(value):
            raise BadSettings(f"{path}: {key} is still a placeholder")
    if not TOKEN.match(values["token"]):
        raise BadSettings(f"{path}: token must be 3 to 32 letters and digits, as WeChat's console asks")
    for key in ("aes_key", "aes_key_previous"):
        if values[key] and not AES_KEY.match(values[key]):
            raise BadSettings(f"{path}: {key} must be exactly 43 letters and digits")


def _key_bytes(text: str, path: Path) -> bytes:
    try:
        key = bytes.fromhex(text) if len(text) == 64 else base64.b64decode(text, validate=True)
    except (ValueError, binascii.Error):
        key = b""
    if len(key) != 32 or len(set(key)) < 8:
        raise BadSettings(f"{path} must hold 32 random bytes as 64 hexadecimal digits")
    return key
