"""What a backend itself says about a refusal, made fit for the log. Pure.

Whoever answers may be the backend, or a proxy before it, and may repeat what it was
sent: the words are cut, cleaned, and rid of whatever signs in.
"""

from base64 import b64encode
from collections.abc import Mapping, Sequence
from urllib.parse import parse_qsl, unquote, urlsplit

from mnist_operator.foreign import plain, read_json, table, word

__all__ = ["hide", "read_complaint", "read_secrets"]

_SAID_LIMIT = 200
_SHORTEST_SECRET = 4
"""Characters: what is shorter is none, and stands in many a word."""
_HIDDEN = "<secret>"
_KEYS = ("message", "error")
"""Of google.rpc.Status, which OTLP answers with, and of many others."""


def read_complaint(body: bytes) -> str:
    """The words in the body of a refusal; empty for a page, or for none."""
    try:
        text = body.decode().strip()
    except UnicodeDecodeError:
        return ""
    told = read_json(text)
    if told is None:
        return "" if text.startswith("<") else text
    return next(filter(None, (word(table(told).get(key)) for key in _KEYS)), "")


def read_secrets(url: str, headers: Mapping[str, str]) -> Sequence[str]:
    """What an answer may repeat of a call and nobody is to read, longest first."""
    parts = urlsplit(url)
    user = unquote(parts.netloc.rpartition("@")[0])
    signing = [each.rpartition(" ")[2] for each in headers.values()]
    asked = [value for _, value in parse_qsl(parts.query)]
    told = {
        *(*headers.values(), *signing, parts.query, *asked),
        *(user.partition(":")[2], b64encode(user.encode()).decode()),
    }
    long_enough = [each for each in told if len(each) >= _SHORTEST_SECRET]
    return sorted(long_enough, key=lambda each: (-len(each), each))


def hide(text: str, secrets: Sequence[str]) -> str:
    """One line of what was said, for the log."""
    for each in secrets:
        text = text.replace(each, _HIDDEN)
    cleaned = " ".join(plain(text, _SAID_LIMIT + 1).split())
    return cleaned if len(text) <= _SAID_LIMIT else f"{cleaned[: _SAID_LIMIT - 1]}…"
