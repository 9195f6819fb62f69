"""Names beside titles are compared with the office's own list."""

import pytest

from app.understanding.titled import mismatches

KNOWN = [
    ("马建国", "社区党委书记"),
    ("马建国", "居委会主任"),
    ("李秀英", "居委会副主任"),
    ("卓玛才仁", "区民政局局长"),
]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("社区党委书记马建国来慰问", []),
        ("马建国书记来慰问", []),
        ("马建国主任和李秀英副主任都来", []),
        ("马建国局长来慰问", ["马建国局长"]),
        ("副主任马建国来慰问", ["副主任马建国"]),
        ("马建国副书记来慰问", ["马建国副书记"]),
        ("社区党委书记李秀英来慰问", ["社区党委书记李秀英"]),
        ("社区党委书记:王卫东", ["社区党委书记:王卫东"]),
        ("请社区党委书记马上看", []),
        ("区民政局局长卓玛才仁讲话", []),
        ("卓玛才仁主任讲话", ["卓玛才仁主任"]),
        ("王卫东书记是别处的", []),
        ("", []),
    ],
)
def test_a_name_with_another_title_or_a_title_with_another_name_is_found(text: str, found: list[str]) -> None:
    assert [one.words for one in mismatches(text, KNOWN)] == found


def test_the_right_title_is_said() -> None:
    (one,) = mismatches("马建国局长", KNOWN)
    assert one.meant == "马建国:社区党委书记、居委会主任"


def test_without_a_list_nothing_is_doubted() -> None:
    assert mismatches("马建国局长", []) == []
