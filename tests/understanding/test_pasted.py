"""What comes out of Word and web pages: lists stay, looks and hidden signs go, and nothing else is touched."""

import pytest

from app.understanding.pasted import as_lines


@pytest.mark.parametrize(
    ("pasted", "lines"),
    [
        ("请来登记", "请来登记"),
        ("要带:\r\n•\t身份证\r\n·户口本\r\n\uf0b7\t照片", "要带:\n· 身份证\n· 户口本\n· 照片"),
        ("1.\t先登记\n2.\t再领\n(3)\t回家", "1、先登记\n2、再领\n3、回家"),
        ("1. 先登记", "1、先登记"),
        ("\uff081\uff09\t先登记", "1、先登记"),
        ("1.5元一斤", "1.5元一斤"),
        ("- 一样\n-5度", "· 一样\n-5度"),
        ("一\n\n\n\n二", "一\n\n二"),
        ("隐\u200b藏\u202e的\ufeff字\x00", "隐藏的字"),
        ("空\u00a0\u00a0格\u3000\u3000多", "空 格 多"),
        ("{{7*7}} 1 < 2 <b>", "{{7*7}} 1 < 2 <b>"),
        ("<p>一</p><p>二&amp;三</p>", "一\n\n二&三"),
        ("<ol><li>甲<ul><li>乙</li></ul></li><li>丙</li></ol>", "1、甲\n· 乙\n\n2、丙"),
        ("<table><tr><td>窗口</td><td>2号</td></tr></table>", "窗口 2号"),
        ("<!--[if gte mso 9]><xml>秘</xml><![endif]--><p>好<script>alert(1)</script><br>的</p>", "好\n的"),
        ("<li>散的", "· 散的"),
        ("", ""),
    ],
)
def test_pasted_text_becomes_plain_lines(pasted: str, lines: str) -> None:
    assert as_lines(pasted) == lines
    assert as_lines(lines) == lines
