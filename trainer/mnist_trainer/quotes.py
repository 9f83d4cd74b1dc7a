"""For quoting what somebody gave us, so that the message stays readable."""

import unicodedata
from typing import Final

__all__ = ["has_controls", "printable", "quote"]

_LONGEST: Final = 80
_CONTROLS: Final = frozenset({"Cc", "Cs"})
"""Unicode's categories of control characters, and of halves of characters."""


def quote(text: str) -> str:
    """Quote a value, and only the beginning of a long one: the remedy comes after."""
    if len(text) <= _LONGEST:
        return repr(text)
    return f"{text[:_LONGEST]!r}... ({len(text)} characters)"


def has_controls(text: str) -> bool:
    """Tell whether a text has characters that no name of a thing has."""
    return any(unicodedata.category(letter) in _CONTROLS for letter in text)


def printable(text: str) -> str:
    """Keep a stranger's text to one line that does no harm in a log."""
    return "".join(letter if letter.isprintable() else "?" for letter in text)
