"""Says how long ago something was, in kubectl's words: 45s, 3m12s, 5h, 2d."""

from datetime import UTC, datetime, timedelta

__all__ = ["age", "since"]

_SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86400, "y": 365 * 86400}

_STEPS = (
    (2 * 60, "s", ""),
    (10 * 60, "m", "s"),
    (3 * 3600, "m", ""),
    (8 * 3600, "h", "m"),
    (2 * 86400, "h", ""),
    (8 * 86400, "d", "h"),
    (2 * 365 * 86400, "d", ""),
)
"""Below how many seconds which units are written."""


def since(moment: object, now: datetime) -> str:
    """Return the age of a timestamp as the API writes it."""
    if not isinstance(moment, str):
        return "<unknown>"
    try:
        then = datetime.fromisoformat(moment)
    except ValueError:
        return "<invalid>"
    return age(now - then.astimezone(UTC))


def age(duration: timedelta) -> str:
    """Write a duration with at most two units, fewer the longer it is."""
    seconds = max(0, int(duration.total_seconds()))
    for below, big, small in _STEPS:
        if seconds < below:
            return _write(seconds, big, small)
    return _write(seconds, "y", "d")


def _write(seconds: int, big: str, small: str) -> str:
    whole, rest = divmod(seconds, _SECONDS[big])
    part = rest // _SECONDS[small] if small else 0
    return f"{whole}{big}" + (f"{part}{small}" if part else "")
