"""What time it is at WeChat: the Date header of any answer, to within the time of the way there and back."""

from __future__ import annotations

import http.client
import time
from email.utils import parsedate_to_datetime
from urllib.parse import urlsplit

SECONDS = 3.0


def drift(base: str) -> float | None:
    """Seconds by which this machine's clock is ahead of WeChat's; None when it could not be asked."""
    address = urlsplit(base)
    kind = http.client.HTTPSConnection if address.scheme == "https" else http.client.HTTPConnection
    connection = kind(address.netloc, timeout=SECONDS)
    try:
        left = time.time()
        connection.request("HEAD", "/")
        told = connection.getresponse().getheader("Date")
        middle = (left + time.time()) / 2
        # The header has whole seconds, cut off: on average it is half a second late.
        return middle - parsedate_to_datetime(told).timestamp() - 0.5 if told else None
    except (OSError, http.client.HTTPException, ValueError):
        return None
    finally:
        connection.close()
