"""An appointment as a line for the phone's own calendar (RFC 5545). It holds no name and no phone of the resident."""

from __future__ import annotations

from datetime import datetime

from app import clock
from models.appointments import Appointment

LONGEST_LINE = 73  # octets; a longer line goes on in the next one behind a space


def calendar_of(row: Appointment, community: str) -> str:
    service, bring = row.service, row.service.bring
    told = f"预约号{row.number}。" + (
        f"带{'、'.join(bring)}。" if bring and not service.discreet_name else ""
    )
    lines = [
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        "PRODID:-//xingfu//appointments//ZH",
        "BEGIN:VEVENT",
        f"UID:appointment-{row.id}-{row.revision}@xingfu",
        f"DTSTAMP:{_instant(clock.now())}",
        f"DTSTART:{_instant(row.slot.starts)}",
        f"DTEND:{_instant(row.slot.ends)}",
        f"SUMMARY:{_escaped(service.public_name)}",
        f"LOCATION:{_escaped('上门' if service.home_visit else f'{community} {service.counter}')}",
        f"DESCRIPTION:{_escaped(told)}",
        "BEGIN:VALARM",
        "ACTION:DISPLAY",
        f"DESCRIPTION:{_escaped(service.public_name)}",
        "TRIGGER:-PT1H",
        "END:VALARM",
        "END:VEVENT",
        "END:VCALENDAR",
    ]
    return "".join(f"{folded}\r\n" for line in lines for folded in _folded(line))


def _instant(value: datetime) -> str:
    return f"{value:%Y%m%dT%H%M%SZ}"


def _escaped(text: str) -> str:
    for sign in ("\\", ";", ","):
        text = text.replace(sign, f"\\{sign}")
    return text.replace("\n", "\\n")


def _folded(line: str) -> list[str]:
    """No line of more than 75 octets, and no character cut in two."""
    parts, held = [""], 0
    for sign in line:
        size = len(sign.encode())
        if held + size > LONGEST_LINE:
            parts.append(" ")
            held = 1
        parts[-1] += sign
        held += size
    return parts
