"""What people and rascals type: chat words, digits, days, slips, emoji, and texts that have broken other houses."""

from __future__ import annotations

from hypothesis import strategies as st

from app.site import Site

HOSTILE = (
    "",
    " ",
    "\u200b\u200d\ufeff",
    "\u202e右往左",
    "]]>",
    "<![CDATA[x]]>",
    "&amp;&#0;&lt;",
    "<script>alert(1)</script>",
    "{{7*7}}{% raw %}{name}",
    "%s%n%(x)s",
    "' OR 1=1 --",
    "\\x00\\u0000",
    "a\tb\nc\r\nd",
    "=HYPERLINK(1)",
    "🧓🏽👨‍👩‍👧‍👦🇨🇳",
    "e\u0301" * 40,
    "１２３４",
    "①②③",
    "٣",
    "²",
    "〇",
    "-1",
    "1e309",
    "NaN",
    "9" * 40,
    "0x10",
    "1_000",
    "2026-02-30",
    "0000-00-00",
    "9999-12-31",
    "99:99",
    "630102199001011234",
    "13900000001",
    "139 0000 00011",
    "../../etc/passwd",
    "null",
    "[]",
    '{"a":1}',
    "字" * 700,
    "a" * 5000,
    "12" * 400,
    "年月日" * 200,
    "明天" * 100,
    "半" * 300,
)
EVERYDAY = tuple(
    (
        "1 2 3 4 5 6 7 8 9 0 10 99 好 是 不是 对 不 嗯 好的 谢谢 明天上午 后天下午三点 下周一 星期五 11月24日 今天 9点 九点半"
        " 三号楼 13900000001 马秀兰 买买提·艾力 东府佳苑1号楼2单元301 1单元 楼道灯坏了 想学手机 跳过 没有 不用 都行 随便"
        " 改一下 改时间 取消 返回 上一步 重来 撤销 更多 接着 菜单 帮助 人工 不约了 算了 先到这里 不懂 ? ？ 什么意思 预约"
        " 我的预约 我的 报名 心愿 许愿 幸福指数 积分 签到 123456 000000 退出 隐私 删除我的信息 不再通知我 1小时 两个半小时"
        " 30分钟 60岁 女 男 大后天 下周三 周末 初一 腊月二十三 国庆 12月31日 2月29日 元旦 24点 凌晨"
    ).split()
)

hostile = st.one_of(
    st.sampled_from(HOSTILE),
    st.sampled_from(EVERYDAY),
    st.text(max_size=300),
    st.integers(-(10**12), 10**12).map(str),
    st.floats().map(str),
)


def chat_words(site: Site) -> list[str]:
    """Every word that reaches something."""
    return sorted({*site.house.chat_words(), *site.house.always})


def messages(site: Site) -> st.SearchStrategy[str]:
    """One message: mostly what a neighbour would type, now and then anything at all."""
    everyday = st.sampled_from(EVERYDAY)
    return st.one_of(
        st.sampled_from(chat_words(site)),
        everyday,
        st.integers(0, 12).map(str),
        st.lists(everyday, min_size=2, max_size=4).map("".join),
        st.sampled_from(HOSTILE),
        st.text(max_size=80),
    )
