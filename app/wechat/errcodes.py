"""WeChat's error codes and what each asks of us: wait, ask again, tell a person, or give up.

The grouping follows what delivery can do about it. Whatever is not listed is permanent: a send with an
unknown outcome rule is never repeated blindly.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Handling(StrEnum):
    """What to do about an error code."""

    PASSING = "passing"  # try again later, with growing pauses
    PACE = "pace"  # too fast: wait for the next minute
    QUOTA = "quota"  # today's or this month's share is used up: wait for 00:00 Beijing time
    CREDENTIAL = "credential"  # our token died: fetch once, try once
    WINDOW = "window"  # the customer-service window is closed: next channel
    GRANT = "grant"  # no subscription of this person is left: next channel, ask again
    UNREACHABLE = "unreachable"  # the person does not follow any more
    PERMANENT = "permanent"  # this person or this message will never work
    CONTENT = "content"  # what we send is wrong or too long: mend it first
    CAPABILITY = "capability"  # the account may not do this: switch it off
    CONFIGURATION = "configuration"  # staff must change a setting
    CONFIRMATION = "confirmation"  # the account's administrator must confirm on the phone
    LOGIN = "login"  # the person's code or login is used up: log in again
    DONE = "done"  # WeChat has it already: treat as sent


@dataclass(frozen=True, slots=True)
class Meaning:
    handling: Handling
    advice: str


CREDENTIAL_CODES = frozenset({40001, 40014, 42001})

_GROUPS: tuple[tuple[Handling, str, str], ...] = (
    (
        Handling.PASSING,
        "微信系统繁忙，系统会自动再试，不用处理。",
        "-1 268487001 268487002 268488001 43108",
    ),
    (
        Handling.PACE,
        "发得太快，系统会放慢后自动继续，不用处理。",
        "45011 45066",
    ),
    (
        Handling.QUOTA,
        "微信给本账号的发送或调用额度已用完，要等额度恢复（每日零点）后再发。",
        "45009 45028 45010 48006 45029",
    ),
    (
        Handling.CREDENTIAL,
        "账号凭据失效，系统会自动更新一次；如果反复出现，请检查是否有别的系统也在使用本账号的 AppSecret。",
        "40001 40014 42001",
    ),
    (
        Handling.WINDOW,
        "居民 48 小时内没有发过消息，或可发条数已用完，客服消息发不出去，请改用其他方式（如打电话）。",
        "45015 45047",
    ),
    (
        Handling.WINDOW,
        "居民两小时内没有打开过小程序，微信暂时不能检查这段文字，请由工作人员人工审核。",
        "61010",
    ),
    (
        Handling.PASSING,
        "「正在输入」的提示没有发出，不影响回复，不用处理。",
        "45080 45081 45084",
    ),
    (
        Handling.GRANT,
        "居民没有同意订阅这类通知，或同意的次数已用完，请改用其他方式，并在下次聊天时请居民重新订阅。",
        "43101",
    ),
    (
        Handling.UNREACHABLE,
        "居民已取消关注或拒收消息，公众号联系不到本人，请改用电话或上门。",
        "43004 50005 43019 46004 48002",
    ),
    (
        Handling.PERMANENT,
        "微信不认识这位居民的账号（可能属于另一个公众号），这条消息发不出去，请改用电话。",
        "40003 49003 43104 40031 50002 40132",
    ),
    (
        Handling.CONTENT,
        "消息内容不合微信的要求（太长、缺少内容或格式不对），请改短或改正后再发。",
        (
            "45002 45003 45004 45005 45008 45067 44001 44002 44004 45166 47003 40035 40130 40062 44991 45158 "
            "45157 40039 40033 47001 43001 43002 40008 45083 45072 48022 40129 40169 40159 40097"
        ),
    ),
    (
        Handling.CONTENT,
        "消息里有微信不允许的词句，或被判定为营销内容，请修改后再发；不要反复重发。",
        "45168 87014 40249 53503 53504 53505 53600",
    ),
    (
        Handling.CONTENT,
        "图片、语音或视频的格式、大小不合要求，或已过期（临时素材只保存 3 天），请重新上传。",
        "40004 40005 40006 40007 40009 45001 41005 41006 46001 87020 48005 41030 40165",
    ),
    (
        Handling.CAPABILITY,
        "本账号没有这项接口权限（多与账号类型或微信认证有关），请联系管理员；系统将改用其他方式。",
        "48001 48004 48008 48021 48003 43107 43116 50001 50004 45113",
    ),
    (
        Handling.CONFIGURATION,
        "账号配置有误（AppID、AppSecret 不对或已冻结），所有发送都会失败，请立即通知管理员检查配置。",
        "40002 40013 40125 41002 41004 40243 50007 41001 43003",
    ),
    (
        Handling.CONFIGURATION,
        "本服务器的 IP 不在公众号后台的白名单里，请管理员登录微信开发者平台添加。",
        "40164 61004 45035",
    ),
    (
        Handling.CONFIGURATION,
        "消息模板或跳转页面配置有误，请管理员核对模板编号和字段。",
        "40036 40037 200014 200012 200013 40246 40247 85079 85096",
    ),
    (
        Handling.CONFIGURATION,
        "菜单内容不合微信要求，请管理员检查菜单名称长度、数量和链接。",
        (
            "40015 40016 40017 40018 40019 40020 40023 40024 40025 40026 40027 40028 40054 40055 40119 46003 "
            "65301 65303 65304 65305 65308 65316 65317 65320"
        ),
    ),
    (
        Handling.CONFIGURATION,
        "二维码或推广设置有误，请管理员检查参数。",
        "40052 40053 40155 40201 53404 53405 53406",
    ),
    (
        Handling.CONFIGURATION,
        "标签设置有误（数量已满、系统标签不能改或标签不存在），请管理员检查。",
        "45056 45057 45058 45059 45159 45169 45171",
    ),
    (
        Handling.CONFIGURATION,
        "客服账号设置有误，请管理员在公众号后台检查客服功能。",
        "65400 65401 65413 65414 65415",
    ),
    (
        Handling.CONFIRMATION,
        "需要公众号管理员在手机微信上确认后才能继续，请联系管理员。",
        "89503 89504 89505 89506 89507",
    ),
    (
        Handling.LOGIN,
        "登录凭证已使用或已过期，请居民重新打开页面。",
        "40029 40163 40226 40030 42002 42003 42007 41008 41009 87007 87008 87009",
    ),
    (
        Handling.DONE,
        "微信已经收到过这条消息，不会重复发送，不用处理。",
        "45065",
    ),
)
_TABLE = {
    int(code): Meaning(handling, advice) for handling, advice, codes in _GROUPS for code in codes.split()
}
_UNKNOWN = Meaning(Handling.PERMANENT, "微信返回了系统不认识的错误码，请把错误码和请求号（rid）告诉管理员。")


def meaning_of(errcode: int) -> Meaning:
    """What the code asks of us; unknown codes are permanent."""
    return _TABLE.get(errcode, _UNKNOWN)
