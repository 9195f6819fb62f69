"""Every error code that WeChat is known to give has a handling, and staff are told in Chinese what to do."""

import re

import pytest

from app.wechat.errcodes import _GROUPS, Handling, meaning_of


@pytest.mark.parametrize(
    ("errcode", "handling"),
    [
        (-1, "passing"),
        (43108, "passing"),
        (45011, "pace"),
        (45009, "quota"),
        (45028, "quota"),
        (40001, "credential"),
        (40014, "credential"),
        (42001, "credential"),
        (45015, "window"),
        (45047, "window"),
        (43101, "grant"),
        (43004, "unreachable"),
        (50005, "unreachable"),
        (46004, "unreachable"),
        (43019, "unreachable"),
        (40003, "permanent"),
        (49003, "permanent"),
        (50002, "permanent"),
        (47003, "content"),
        (45002, "content"),
        (40249, "content"),
        (48001, "capability"),
        (40013, "configuration"),
        (40125, "configuration"),
        (40164, "configuration"),
        (61004, "configuration"),
        (40037, "configuration"),
        (89503, "confirmation"),
        (40029, "login"),
        (40163, "login"),
        (45065, "done"),
        (99999, "permanent"),
    ],
)
def test_a_code_is_handled_as_the_platform_means_it(errcode, handling):
    assert meaning_of(errcode).handling == handling


def test_no_code_stands_in_two_groups():
    codes = [code for *_, listed in _GROUPS for code in listed.split()]
    assert len(codes) == len(set(codes))


def test_staff_are_told_what_to_do_in_chinese():
    for _, advice, _ in _GROUPS:
        assert re.search("[一-鿿]{4}", advice)
        assert advice.endswith("。")


def test_every_handling_has_a_code():
    assert {handling for handling, *_ in _GROUPS} == set(Handling)
