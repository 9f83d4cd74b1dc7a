"""Texts of others, made fit for a page: cut, in one line, without what steers. Pure.

The templates escape all that they are handed; this is about what escaping leaves:
characters that turn the direction of text, and texts of any length.
"""

from datetime import UTC, datetime
from typing import Any

from markupsafe import Markup, escape

from mnist_operator.cli.moments import tell_duration
from mnist_operator.foreign import encodable, moment, plain

__all__ = [
    "ago",
    "change",
    "clock",
    "command",
    "day",
    "lines",
    "percent",
    "share",
    "short",
    "shown",
]

_SHORT = 12
_CHARACTERS = 300


def shown(value: Any, limit: int = _CHARACTERS) -> str:
    """Anything as one line of at most so many characters; nothing for None."""
    if value is None:
        return ""
    text = encodable(value if isinstance(value, str) else str(value))
    told = " ".join(plain(text, limit).split())
    return f"{told} …" if len(text) > limit else told


def command(text: str) -> Markup:
    """A command whose options a browser does not break after their hyphens."""
    told = str(escape(text)).split(" ")
    return Markup(" ").join(
        Markup('<span class="option">{}</span>').format(Markup(word))  # noqa: S704
        if word.startswith("--")
        else Markup(word)  # noqa: S704 (escaped above)
        for word in told
    )


def lines(content: bytes, limit: int) -> str:
    """The last `limit` bytes of a log as text that is safe to be shown."""
    text = content[-limit:].decode(errors="replace").replace("\r\n", "\n")
    return plain(text.replace("\r", "\n"), len(text))


def short(commit: Any) -> str:
    """The beginning of a commit's ID, which two commits do not share."""
    return shown(commit, _CHARACTERS)[:_SHORT]


def share(text: Any) -> float | None:
    """An accuracy as a number from 0 to 1; None for what is none."""
    if isinstance(text, bool) or not isinstance(text, str | int | float):
        return None
    try:
        value = float(text)
    except (ValueError, OverflowError):
        return None
    return value if 0 <= value <= 1 else None


def percent(text: Any) -> str:
    """An accuracy for people; as it is where it is none."""
    value = share(text)
    return shown(text, 24) if value is None else f"{value * 100:.2f} %"


def change(text: Any) -> str:
    """A difference of accuracies in percentage points; as it is where it is none."""
    try:
        value = float(text)
    except (ValueError, TypeError):
        return shown(text, 24)
    return f"{value * 100:+.2f} %p"


def clock(value: Any) -> str:
    """A time for people, in UTC; empty for what is none."""
    when = _read(value)
    return when.strftime("%Y-%m-%d %H:%M:%S UTC") if when else ""


def day(value: Any) -> str:
    """The date of a time, in UTC; empty for what is none."""
    when = _read(value)
    return when.strftime("%Y-%m-%d") if when else ""


def ago(value: Any, now: datetime) -> str:
    """How long ago, or how long until; empty for what is no time."""
    when = _read(value)
    if when is None:
        return ""
    seconds = (now - when).total_seconds()
    told = tell_duration(abs(seconds))
    return f"{told} ago" if seconds >= 0 else f"in {told}"


def _read(value: Any) -> datetime | None:
    if isinstance(value, datetime):
        return value.astimezone(UTC)
    return moment(value)
