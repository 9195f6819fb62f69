import pytest

from app.understanding.phone import id_number_in, mask_id_numbers, mask_name, mask_phone, name_in, phone_in


@pytest.mark.parametrize(
    "typed",
    [
        "13900000000",
        "电话是139 0000 0000",
        "１３９００００００００",
        "+86 13900000000",
        "139-0000-0000",
        "马芳13900000000谢谢",
        "8613900000000",
    ],
)
def test_a_mobile_number_is_found_however_it_is_spaced(typed: str) -> None:
    assert phone_in(typed) == "13900000000"


@pytest.mark.parametrize(
    "typed", ["1390000000", "139000000001", "12900000000", "0971-8123456", "11010519491231002X", ""]
)
def test_other_digits_are_no_mobile_number(typed: str) -> None:
    assert phone_in(typed) is None


@pytest.mark.parametrize(
    "typed",
    [
        "11010519491231002X",
        "11010519491231002x 谢谢",
        "110105 19491231 002X",
        "我的是１１０１０５１９４９１２３１００２Ｘ",
    ],
)
def test_an_identity_number_is_found_by_its_check_digit_and_covered(typed: str) -> None:
    assert id_number_in(typed) == "11010519491231002X"
    masked, found = mask_id_numbers(typed)
    assert found
    assert "****************2X" in masked
    assert "1949" not in masked


def test_an_identity_number_with_a_slip_is_covered_but_not_believed() -> None:
    assert id_number_in("110105194912310021") is None
    assert mask_id_numbers("号110105194912310021") == ("号****************21", True)


@pytest.mark.parametrize("text", ["", "预约", "13900000000", "订单999999999999999999", "１２３"])
def test_a_text_without_one_stays_as_it_was(text: str) -> None:
    assert mask_id_numbers(text) == (text, False)


def test_identity_numbers_late_in_a_long_text_are_covered_too() -> None:
    masked, found = mask_id_numbers("说" * 900 + "11010519491231002X")
    assert (found, "19491231" in masked) == (True, False)


@pytest.mark.parametrize(
    ("name", "masked"),
    [
        ("马芳", "马*"),
        ("马秀芳", "马*芳"),
        ("才让卓玛", "才*"),
        ("卓玛", "卓*"),
        ("买买提·艾力", "买*·*"),
        ("王", "王*"),
        ("", ""),
    ],
)
def test_a_masked_name_shows_little(name: str, masked: str) -> None:
    assert mask_name(name) == masked


def test_a_masked_phone_shows_its_ends() -> None:
    assert mask_phone("13900000000") == "139****0000"
    assert mask_phone("110") == "*10"
    assert mask_phone("") == ""


@pytest.mark.parametrize(
    ("typed", "name"),
    [
        ("马秀芳", "马秀芳"),
        ("我叫马秀芳", "马秀芳"),
        ("我是才让卓玛。", "才让卓玛"),
        ("买买提•艾力", "买买提·艾力"),
        ("马 芳", "马芳"),
        ("姓名:韩阿娘", "韩阿娘"),
        ("您好,我叫 马芳 谢谢", "马芳"),
        ("阿卜杜拉·买买提江·托合提", "阿卜杜拉·买买提江·托合提"),
    ],
)
def test_a_name_is_taken_out_of_its_sentence(typed: str, name: str) -> None:
    assert name_in(typed) == name


@pytest.mark.parametrize(
    "typed",
    [
        "王",
        "不知道",
        "张三123",
        "Tom",
        "13900000000",
        "明天下午",
        "前面还有几个人",
        "人工",
        "好的",
        "马·",
        "",
        "马" * 16,
    ],
)
def test_what_is_no_name_is_none(typed: str) -> None:
    assert name_in(typed) is None
