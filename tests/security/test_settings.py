"""Where secrets may travel in real use (B21, trust L11)."""

from __future__ import annotations

from pathlib import Path

import pytest

from app.settings import BadSettings, load_settings

REAL = """
mode = "{mode}"
[community]
phone = "0971-1234567"
[web]
public_url = "https://xingfu.community.test"
[[accounts]]
name = "main"
appid = "wx0123456789abcdef"
original_id = "gh_0123456789ab"
"""
PLATFORM = """
[platform]
{key} = "{address}"
"""


def start(folder: Path, key: str, address: str) -> str:
    """The line with which the start is refused. (There are no secrets yet, so every start is.)"""
    config = folder / "config.toml"
    config.write_text(REAL.format(mode="live") + PLATFORM.format(key=key, address=address), "utf-8")
    with pytest.raises(BadSettings) as refused:
        load_settings({"XINGFU_DATA": str(folder), "XINGFU_CONFIG": str(config)})
    return str(refused.value)


@pytest.mark.parametrize("key", ["api_base", "oauth_base", "qr_base"])
@pytest.mark.parametrize(
    "address",
    [
        "https://api.weixin.qq.com.evil.test",
        "https://evilweixin.qq.com",
        "https://weixin.qq.com@evil.test",
        "https://169.254.169.254",
        "https://[::ffff:127.0.0.1]",
        "https://0x7f.1",
        "https://api.weixin.qq.com/elsewhere",
        "http://api.weixin.qq.com",
    ],
)
def test_b21_secrets_travel_to_wechat_only(tmp_path: Path, key: str, address: str) -> None:
    assert f"platform.{key}" in start(tmp_path, key, address)


@pytest.mark.parametrize(
    "address", ["https://sh.api.weixin.qq.com", "https://api2.weixin.qq.com/", "http://127.0.0.1:3128"]
)
def test_wechats_other_entrances_and_a_proxy_on_this_machine_are_allowed(
    tmp_path: Path, address: str
) -> None:
    assert "secret is missing" in start(tmp_path, "api_base", address)
