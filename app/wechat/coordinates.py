"""WGS-84 (GPS, browsers, LOCATION events) to GCJ-02 (Chinese maps, location messages): we keep GCJ-02 only.

The shift is the published approximation that map libraries share: polynomials and sines of the offset from 105° E,
35° N, scaled by the Krasovsky ellipsoid; good to a few metres inside China. Outside it the two systems agree.
"""

from math import cos, pi, radians, sin, sqrt

AXIS = 6378245.0
ECCENTRICITY = 0.00669342162296594323
LATITUDES, LONGITUDES = (0.8293, 55.8271), (72.004, 137.8347)


def gcj02(lat: float, lng: float) -> tuple[float, float]:
    """(latitude, longitude) in GCJ-02 of a WGS-84 place, in degrees."""
    if not (LATITUDES[0] < lat < LATITUDES[1] and LONGITUDES[0] < lng < LONGITUDES[1]):
        return lat, lng
    north, east = _north(lng - 105, lat - 35), _east(lng - 105, lat - 35)
    bend = 1 - ECCENTRICITY * sin(radians(lat)) ** 2
    metres_north = AXIS * (1 - ECCENTRICITY) / (bend * sqrt(bend)) * pi / 180
    metres_east = AXIS / sqrt(bend) * cos(radians(lat)) * pi / 180
    return lat + north / metres_north, lng + east / metres_east


def _north(x: float, y: float) -> float:
    """Metres to the north."""
    shift = -100 + 2 * x + 3 * y + 0.2 * y * y + 0.1 * x * y + 0.2 * sqrt(abs(x)) + _ripple(x)
    return (
        shift
        + (20 * sin(y * pi) + 40 * sin(y / 3 * pi) + 160 * sin(y / 12 * pi) + 320 * sin(y * pi / 30)) * 2 / 3
    )


def _east(x: float, y: float) -> float:
    """Metres to the east."""
    shift = 300 + x + 2 * y + 0.1 * x * x + 0.1 * x * y + 0.1 * sqrt(abs(x)) + _ripple(x)
    return (
        shift
        + (20 * sin(x * pi) + 40 * sin(x / 3 * pi) + 150 * sin(x / 12 * pi) + 300 * sin(x / 30 * pi)) * 2 / 3
    )


def _ripple(x: float) -> float:
    return (20 * sin(6 * x * pi) + 20 * sin(2 * x * pi)) * 2 / 3
