"""An installation starts as configured or says in one line why it does not."""

import stat
import tomllib
from pathlib import Path

import pytest
from pydantic import BaseModel

from app.settings import BadSettings, Settings, load_settings

EXAMPLE = Path(__file__).parents[2] / "config.example.toml"
AES_KEY = "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG"
REAL_ACCOUNT = """
[[accounts]]
name = "main"
appid = "wx91a5c3e7b2d40f68"
original_id = "gh_7c2e9a4b1d30"
"""
REAL = f"""
[community]
phone = "0971-6123456"
[web]
public_url = "https://xingfu.chengdong.gov.cn"
{REAL_ACCOUNT}
"""


class Installation:
    """A DATA folder, a config.toml and an environment."""

    def __init__(self, folder: Path) -> None:
        self.data = folder / "data"
        self.config = folder / "config.toml"
        self.environ = {"XINGFU_DATA": str(self.data), "XINGFU_PORT": "9100", "XINGFU_CONFIG": ""}

    def configure(self, text: str) -> None:
        self.config.write_text(text, "utf-8")
        self.environ["XINGFU_CONFIG"] = str(self.config)

    def keep_secret(self, name: str, text: str, mode: int = 0o600) -> Path:
        path = self.data / "secrets" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")
        path.chmod(mode)
        return path

    def keep_all_secrets(self) -> None:
        self.keep_secret("main.toml", f'secret = "5e1f"\ntoken = "pushToken"\naes_key = "{AES_KEY}"\n')
        self.keep_secret("master.key", bytes(range(32)).hex())
        self.keep_secret("confidential.key", bytes(range(1, 33)).hex())

    def load(self) -> Settings:
        return load_settings(self.environ)

    def refusal(self) -> str:
        with pytest.raises(BadSettings) as refused:
            self.load()
        text = str(refused.value)
        assert "\n" not in text
        return text


@pytest.fixture
def installation(tmp_path: Path) -> Installation:
    return Installation(tmp_path)


def test_without_a_file_the_sandbox_is_complete(installation: Installation) -> None:
    settings = installation.load()
    assert settings.mode == "sandbox"
    assert settings.web.public_url == "http://127.0.0.1:9100"
    assert settings.platform.api_base == "http://127.0.0.1:9101"
    assert settings.database.url == f"sqlite:///{installation.data}/xingfu.db"
    assert settings.embeds_valkey
    assert settings.account("main").encryption == "secure"
    assert settings.miniprogram("main").appid.startswith("wx")
    assert len(settings.secrets.of("main").aes_key) == 43
    assert len(settings.secrets.master_key) == 32


def test_invented_secrets_are_private_and_stay_the_same(installation: Installation) -> None:
    first, second = installation.load(), installation.load()
    assert first.secrets == second.secrets
    assert first.secrets.of("main") != first.secrets.of_mini("main")
    for path in (installation.data / "secrets").iterdir():
        assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_b33_no_secret_shows_in_the_printed_settings(installation: Installation) -> None:
    installation.environ["XINGFU_DATABASE__URL"] = "postgresql+psycopg://xingfu:canary9@db/xingfu"
    settings = installation.load()
    shown = repr(settings) + str(settings) + repr(settings.secrets) + repr(settings.secrets.of("main"))
    hidden = (settings.secrets.of("main").token, settings.secrets.of("main").secret, "canary9")
    assert not [secret for secret in hidden if secret in shown]
    assert "secrets" not in settings.model_dump()


def test_settings_cannot_be_changed_while_running(installation: Installation) -> None:
    with pytest.raises(ValueError, match="frozen"):
        installation.load().web.port = 1


def test_environment_wins_over_the_file_and_a_named_file_over_both(installation: Installation) -> None:
    installation.configure('[community]\nname = "甲"\naddress = "甲路"\noffice_hours = "甲时"')
    chosen = installation.keep_secret("hours.txt", "丙时\n")
    installation.environ |= {
        "XINGFU_COMMUNITY__ADDRESS": "乙路",
        "XINGFU_COMMUNITY__OFFICE_HOURS": "乙时",
        "XINGFU_COMMUNITY__OFFICE_HOURS_FILE": str(chosen),
        "XINGFU_WEB__TRUSTED_PROXIES": "127.0.0.1, ::1",
    }
    settings = installation.load()
    assert settings.community.name == "甲"
    assert settings.community.address == "乙路"
    assert settings.community.office_hours == "丙时"
    assert settings.web.trusted_proxies == ("127.0.0.1", "::1")


@pytest.mark.parametrize(
    ("config", "expected"),
    [
        ("[web]\nprot = 1", "config.toml: unknown key web.prot; did you mean port?"),
        ("modus = 'live'", "config.toml: unknown key modus; did you mean mode?"),
        ("[[accounts]]\nname='main'\napid='wx91a5c3e7b2d40f68'", "unknown key accounts.0.apid"),
        ("web = 3", "web is not a section"),
        ("[web]\nthreads = 70000", "web.threads"),
        ("[web]\ntrusted_proxies = ['nginx']", "nginx"),
        ("[web]\npublic_url = 'xingfu'", "must look like https://host"),
        ("mode = 'production'", "mode"),
        ("mode = ", "config.toml is not TOML"),
        ("[[accounts]]\nname='main'\nappid='wx0000000000000000'\noriginal_id='gh_1234567'", "placeholder"),
        ("[community]\nname = 'your-community'", "community.name is still a placeholder"),
        ("[community]\nphone = 'changeme'", "community.phone is still a placeholder"),
        ("[web]\npublic_url = 'https://wx.example.com'", "web.public_url is still a placeholder"),
        ("[[accounts]]\nname='main'\ntoken='abc'", "accounts.0.token is a secret"),
        ("[community]\naes_key = 'abc'", "DATA/secrets/<name>.toml (0600) or XINGFU_SECRET_MAIN_AES_KEY"),
        ("[secrets]\nx = 'abc'", "secrets.x is a secret"),
        ("[database]\nurl = 'postgresql://a:pass9@db/x'", "use XINGFU_DATABASE__URL_FILE instead"),
        ("testers = ['a', 'b', 'c', 'd', 'e', 'f']", "testers"),
        (REAL_ACCOUNT * 2, "the same name"),
        ("[platform]\napi_base = 'https://api.weixin.qq.com'", "points at the real WeChat"),
    ],
)
def test_a_fault_in_the_file_is_one_line_naming_it(
    installation: Installation, config: str, expected: str
) -> None:
    installation.configure(config)
    refusal = installation.refusal()
    assert expected in refusal
    assert "pass9" not in refusal


@pytest.mark.parametrize(
    ("variable", "expected"),
    [
        ("XINGFU_WEB__PROT", "XINGFU_WEB__PROT: unknown key web.prot; did you mean port?"),
        ("XINGFU_MOD", "XINGFU_MOD: no such setting"),
        ("XINGFU_ACCOUNTS__0__NAME", "written in config.toml only"),
        ("XINGFU_SECRETS__MASTER_KEY", "secrets are named XINGFU_SECRET_MAIN_TOKEN"),
        ("XINGFU_WEB__PORT_FILE", "cannot read"),
        ("XINGFU_PORT", "XINGFU_PORT: web.port"),
    ],
)
def test_a_fault_in_the_environment_names_the_variable(
    installation: Installation, variable: str, expected: str
) -> None:
    installation.environ[variable] = "/nowhere/x"
    assert expected in installation.refusal()


def test_a_config_that_is_named_but_missing_refuses(installation: Installation) -> None:
    installation.environ["XINGFU_CONFIG"] = "/nowhere/config.toml"
    assert "cannot read /nowhere/config.toml" in installation.refusal()


def test_the_example_as_it_stands_is_the_sandbox(installation: Installation) -> None:
    plain = installation.load()
    installation.configure(EXAMPLE.read_text("utf-8"))
    assert installation.load() == plain


def test_every_setting_stands_in_the_example_and_back() -> None:
    said = tomllib.loads(EXAMPLE.read_text("utf-8"))
    known = {name for name in Settings.model_fields if name != "secrets"}
    assert set(said) == known
    for name in known:
        for model in _sections(Settings.model_fields[name].annotation):
            values = said[name][0] if isinstance(said[name], list) else said[name]
            assert set(values) == set(model.model_fields), name


def _sections(annotation: object) -> list[type[BaseModel]]:
    kinds = (annotation, *getattr(annotation, "__args__", ()))
    return [kind for kind in kinds if isinstance(kind, type) and issubclass(kind, BaseModel)]


@pytest.mark.parametrize(
    ("name", "text", "mode", "expected"),
    [
        ("main.toml", "", 0o640, "can be read by others; chmod 600"),
        ("main.toml", "tokn = 'a'", 0o600, "unknown key tokn"),
        ("main.toml", f"secret='5e'\ntoken='a-b'\naes_key='{AES_KEY}'", 0o600, "token must be"),
        ("main.toml", "secret='5e'\ntoken='abc'\naes_key='short'", 0o600, "exactly 43"),
        ("main.toml", f"secret='changeme'\ntoken='abc'\naes_key='{AES_KEY}'", 0o600, "placeholder"),
        ("main.toml", "token=", 0o600, "is not TOML"),
        ("master.key", "00" * 32, 0o600, "32 random bytes"),
        ("master.key", "hello", 0o600, "32 random bytes"),
        ("master.key", bytes(range(32)).hex(), 0o604, "can be read by others"),
    ],
)
def test_f30_a_bad_secret_file_refuses(
    installation: Installation, name: str, text: str, mode: int, expected: str
) -> None:
    installation.keep_secret(name, text, mode)
    refusal = installation.refusal()
    assert expected in refusal
    assert AES_KEY not in refusal


def test_a_secret_may_come_from_the_environment(installation: Installation, tmp_path: Path) -> None:
    key_file = installation.keep_secret("elsewhere", AES_KEY)
    installation.environ["XINGFU_SECRET_MAIN_AES_KEY_FILE"] = str(key_file)
    installation.environ["XINGFU_SECRET_MINI_MAIN_TOKEN"] = "miniToken"
    installation.environ["XINGFU_SECRET_MASTER_KEY"] = bytes(range(32)).hex()
    secrets = installation.load().secrets
    assert secrets.of("main").aes_key == AES_KEY
    assert secrets.of_mini("main").token == "miniToken"
    assert secrets.master_key == bytes(range(32))


@pytest.mark.parametrize("mode", ["trial", "live"])
def test_f30_outside_the_sandbox_nothing_is_invented(installation: Installation, mode: str) -> None:
    installation.configure(f'mode = "{mode}"\n{REAL}')
    assert "secret is missing: write it into" in installation.refusal()
    assert not (installation.data / "secrets").exists()
    installation.keep_all_secrets()
    (installation.data / "secrets" / "master.key").unlink()
    assert "master.key is missing; make it once" in installation.refusal()


@pytest.mark.parametrize("mode", ["trial", "live"])
def test_a_real_installation_is_accepted(installation: Installation, mode: str) -> None:
    installation.configure(f'mode = "{mode}"\n{REAL}')
    installation.keep_all_secrets()
    settings = installation.load()
    assert settings.platform.api_base == "https://api.weixin.qq.com"
    assert settings.secrets.of("main").token == "pushToken"
    assert settings.miniprograms == ()


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        (REAL_ACCOUNT, "", "no [[accounts]]"),
        ("wx91a5c3e7b2d40f68", "wx3d1f8a2b6c9e4705", "still the sandbox's"),
        ("0971-6123456", "0971-8170000", "still the invented number"),
        ("https://", "http://", "web.public_url must be https"),
        (
            "[web]",
            "[platform]\napi_base='http://api.weixin.qq.com'\n[web]",
            "platform.api_base must be https",
        ),
        ('name = "main"', 'name = "main"\nencryption = "compatible"', 'must be "secure"'),
    ],
)
def test_b06_live_refuses_what_would_endanger_residents(
    installation: Installation, old: str, new: str, expected: str
) -> None:
    installation.keep_all_secrets()
    installation.configure('mode = "live"\n' + REAL.replace(old, new))
    assert expected in installation.refusal()


def test_live_refuses_a_moved_clock(installation: Installation) -> None:
    installation.keep_all_secrets()
    installation.configure(f'mode = "live"\n{REAL}')
    (installation.data / "clock").write_text("3600")
    assert "clock exists" in installation.refusal()


def test_a_folder_that_cannot_be_written_is_one_line(installation: Installation) -> None:
    installation.data.write_text("a file, not a folder")
    assert "cannot write" in installation.refusal()
