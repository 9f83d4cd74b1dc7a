"""Points in time as people write them. Pure: the present is an argument."""

import calendar
import re
from datetime import UTC, datetime, timedelta

__all__ = ["parse_moment", "read_time", "tell_duration"]

_AGO = re.compile(r"(\d{1,6}) ?([a-z]+?)s?(?: ago)?")
_SECONDS = {
    "s": 1,
    "sec": 1,
    "second": 1,
    "min": 60,
    "minute": 60,
    "h": 3600,
    "hour": 3600,
    "d": 86_400,
    "day": 86_400,
    "w": 604_800,
    "week": 604_800,
}
_UNITS = {"d": 86_400, "h": 3600, "m": 60, "s": 1}
_MONTHS = {"month": 1, "y": 12, "year": 12}


def read_time(text: str) -> datetime:
    """A time as Kubernetes and our own answers write it."""
    return datetime.fromisoformat(text)


def tell_duration(seconds: float) -> str:
    """How long, in the two biggest units that count: 45s, 3m12s, 2h5m, 5d3h."""
    left = max(0, round(seconds))
    parts: list[str] = []
    for unit, size in _UNITS.items():
        count, left = divmod(left, size)
        if count or parts:
            parts.append(f"{count}{unit}" if count else "")
    return "".join(parts[:2]) or "0s"


def parse_moment(text: str, *, now: datetime) -> datetime:
    """Read a date, a date with time, or how long ago; UTC where no zone is named.

    A date alone is its first moment. The answer is in UTC.

    Raises:
        ValueError: It is none of these; the message says what would be.
    """
    asked = text.strip()
    try:
        ago = _AGO.fullmatch(asked.lower())
        if ago:
            return _before(now, int(ago[1]), ago[2])
        moment = datetime.fromisoformat(asked)
        zoned = moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment
        return zoned.astimezone(UTC)
    except (ValueError, OverflowError):
        raise ValueError(
            f"{text!r} is no time; write 2026-03-31, 2026-03-31T14:00,"
            " 2026-03-31T14:00+02:00, '3 months ago' or 90d"
        ) from None


def _before(now: datetime, number: int, unit: str) -> datetime:
    if unit in _SECONDS:
        return now - timedelta(seconds=number * _SECONDS[unit])
    if unit not in _MONTHS:
        raise ValueError(unit)
    year, month = divmod(now.year * 12 + now.month - 1 - number * _MONTHS[unit], 12)
    # Three months before 31 May is the last day of February.
    last_day = calendar.monthrange(year, month + 1)[1]
    return now.replace(year=year, month=month + 1, day=min(now.day, last_day))
