"""Texts and JSON values that nobody expects, and what all of them must come to."""

import json
import os

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st

from mnist_operator.crd import build_crd
from mnist_operator.foreign import plain

MANY = int(os.environ.get("HOSTILE_EXAMPLES", "0"))
"""More examples than in `make test`, and other ones each time."""

fuzzed = settings(
    max_examples=MANY or 60,
    derandomize=not MANY,
    database=None,
    deadline=None,
    suppress_health_check=list(HealthCheck),
)

NASTY = (
    "",
    "\x00",
    "\x1b[2J\x1b[31mred\x1b]8;;http://evil\x07",
    "[bold red]markup[/] :boom:",
    "\ud800",
    "\udfff\ud800",
    "\u202egnp.exe",
    "a\r\nb\u2028c\x85d",
    "💥" * 300,
    "<script>alert(1)</script>",
    "../../etc/passwd",
    "x" * 10_000,
    "NaN",
    "null",
    '{"kind": "mnist-operator/attempt"}',
)
texts = st.sampled_from(NASTY) | st.text(
    st.characters(exclude_categories=[]), max_size=40
)
numbers = (
    st.integers()
    | st.sampled_from([2**31, 2**63, -1, 10**400, float("inf"), float("-inf")])
    | st.floats()
)
values = st.recursive(
    st.none() | st.booleans() | numbers | texts,
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3)
    ),
    max_leaves=8,
)
DEEP = "[" * 100_000
"""More than any reader can follow."""
JUNK = (
    "",
    "null",
    "[]",
    "7",
    '"text"',
    "{",
    DEEP,
    '{"a":' * 50_000,
    "NaN",
    "-Infinity",
    "1e999",
    "9" * 5000,
    "\ufeff{}",
    "{} {}",
    '{"kind": "mnist-operator/attempt", "kind": 7}',
    "\x00",
    "not JSON at all",
)


def jsons(wanted):
    """JSON texts: objects of these keys with any values, and what is no JSON."""
    some = st.fixed_dictionaries({}, optional=dict.fromkeys(wanted, values))
    written = some.map(json.dumps)
    twice = some.map(lambda each: json.dumps(each)[:-1] + ', "kind": []}')
    return written | twice | st.sampled_from(JUNK) | texts


def changed(whole):
    """The same object with some of its values, at any depth, replaced or missing."""

    @st.composite
    def change(draw):
        return _change(draw, whole, depth=0)

    return change()


def _change(draw, value, *, depth):
    if depth and draw(st.integers(0, 11)) == 0:
        return draw(values)
    if isinstance(value, dict):
        kept = {k: v for k, v in value.items() if draw(st.integers(0, 15)) != 0}
        return {k: _change(draw, v, depth=depth + 1) for k, v in kept.items()}
    if isinstance(value, list):
        return [_change(draw, each, depth=depth + 1) for each in value]
    return value


def status_schema():
    """The status as the API server checks it."""
    [version] = build_crd()["spec"]["versions"]
    return version["schema"]["openAPIV3Schema"]["properties"]["status"]


def is_shown_as_it_is(text):
    """Whether a terminal, an encoder and a database take it for what it is."""
    return plain(text, len(text)) == text
