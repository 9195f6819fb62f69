"""Places come in two systems and are kept in one."""

import pytest

from app.wechat.coordinates import gcj02
from app.wechat.events import LocationReport
from app.wechat.messages import read_push

METRE = 1 / 111_000


@pytest.mark.parametrize(
    ("wgs", "gcj"),
    [((39.90734, 116.39089), (39.90874, 116.39713)), ((31.23037, 121.4737), (31.22843, 121.47822))],
)
def test_known_places_are_shifted_as_maps_shift_them(
    wgs: tuple[float, float], gcj: tuple[float, float]
) -> None:
    found = gcj02(*wgs)
    assert found == pytest.approx(gcj, abs=15 * METRE)


def test_places_outside_china_stay_where_they_are() -> None:
    assert gcj02(48.8584, 2.2945) == (48.8584, 2.2945)


def test_a_reported_location_is_read_in_our_system() -> None:
    push = read_push(
        b"<xml><ToUserName>gh_1</ToUserName><FromUserName>oA</FromUserName><CreateTime>1794000000</CreateTime>"
        b"<MsgType>event</MsgType><Event>LOCATION</Event><Latitude>36.6171</Latitude><Longitude>101.7782</Longitude>"
        b"<Precision>30</Precision></xml>"
    )
    assert isinstance(push, LocationReport)
    assert push.place == pytest.approx(gcj02(36.6171, 101.7782))
    assert push.place != pytest.approx((36.6171, 101.7782), abs=50 * METRE)
