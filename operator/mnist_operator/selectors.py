"""Kubernetes label selectors: read, and applied to labels. Pure.

The whole language of the API server: `a=b`, `a==b`, `a!=b`, `a in (b, c)`,
`a notin (b, c)`, `a`, `!a`, joined by commas, all of which must hold. A label that is
missing is not equal to anything, and not in any set.
https://kubernetes.io/docs/concepts/overview/working-with-objects/labels/
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass

__all__ = ["Selector", "parse_selector"]

_NAME = r"[A-Za-z0-9](?:[-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?"
_PREFIX = r"[a-z0-9](?:[-a-z0-9.]{0,251}[a-z0-9])?"
_KEY = rf"(?P<key>(?:{_PREFIX}/)?{_NAME})"
_VALUE = rf"(?:{_NAME})?"
_TERM = re.compile(
    rf"\s*(?:!\s*(?P<absent>(?:{_PREFIX}/)?{_NAME})"
    rf"|{_KEY}\s*(?P<sign>==|=|!=)\s*(?P<value>{_VALUE})"
    rf"|{_KEY.replace('key', 'of')}\s+(?P<word>in|notin)\s*\((?P<values>[^()]*)\)"
    rf"|{_KEY.replace('key', 'present')})\s*(?:,|$)"
)


@dataclass(frozen=True, slots=True)
class _Term:
    key: str
    values: frozenset[str] | None
    """What it must be one of; None: it must be there at all."""
    wanted: bool = True

    def holds(self, labels: Mapping[str, str]) -> bool:
        if self.values is None:
            return (self.key in labels) is self.wanted
        return (labels.get(self.key) in self.values) is self.wanted


@dataclass(frozen=True, slots=True)
class Selector:
    """Which objects are meant; an empty one means all."""

    text: str = ""
    terms: tuple[_Term, ...] = ()

    def selects(self, labels: Mapping[str, str] | None) -> bool:
        """Whether an object with these labels is meant."""
        return all(term.holds(labels or {}) for term in self.terms)


def parse_selector(text: str) -> Selector:
    """Read a selector.

    Raises:
        ValueError: It is none; the message says where it ends to make sense.
    """
    text, place = text.strip(), 0
    terms: list[_Term] = []
    while place < len(text) or text[:place].rstrip().endswith(","):
        found = _TERM.match(text, place)
        if found is None:
            raise ValueError(
                f"{text[place:].strip()!r} is no term of a label selector: write"
                " key=value, key!=value, key in (a, b), key notin (a, b), key or !key,"
                " joined by commas"
            )
        terms.append(_term(found))
        place = found.end()
    return Selector(text, tuple(terms))


def _term(found: re.Match[str]) -> _Term:
    if found["absent"]:
        return _Term(found["absent"], None, wanted=False)
    if found["present"]:
        return _Term(found["present"], None)
    if found["sign"]:
        values = frozenset({found["value"]})
        return _Term(found["key"], values, wanted=found["sign"] != "!=")
    values = frozenset(each.strip() for each in found["values"].split(","))
    for value in values:
        if re.fullmatch(_VALUE, value) is None:
            raise ValueError(f"{value!r} is no value of a label")
    return _Term(found["of"], values, wanted=found["word"] == "in")
