"""Canonical JSON: the bytes that digests and signatures of a record are made of."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mnist_operator.runs import canonical
from unit.builders import examples

_TEXT = st.text(st.characters(exclude_categories=["Cs"]))
_NUMBERS = st.integers() | st.floats(allow_nan=False, allow_infinity=False)
_VALUES = st.recursive(
    st.none() | st.booleans() | _NUMBERS | _TEXT,
    lambda inner: st.lists(inner) | st.dictionaries(_TEXT, inner),
    max_leaves=20,
)


@examples
@given(_VALUES)
def test_reading_and_writing_again_gives_the_same_bytes(value):
    written = canonical(value)

    assert written == canonical(json.loads(written))


@examples
@given(st.dictionaries(_TEXT, _VALUES))
def test_the_order_in_which_a_value_was_put_together_does_not_show(value):
    backwards = dict(reversed(value.items()))

    assert canonical(value) == canonical(backwards)


@examples
@given(st.floats(allow_nan=False, allow_infinity=False))
def test_a_number_is_read_as_the_very_same_double(number):
    assert number.hex() == json.loads(canonical(number)).hex()


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        pytest.param({"b": 1, "a": [True, None]}, '{"a":[true,null],"b":1}', id="keys"),
        pytest.param({"é": "ü/\U0001f600"}, '{"é":"ü/\U0001f600"}', id="no-escapes"),
        pytest.param('"\\\n', r'"\"\\\n"', id="but-those-that-json-asks-for"),
        pytest.param(
            {"\ue000": 1, "\U0001f600": 2},
            '{"\ue000":1,"\U0001f600":2}',
            id="sorted-by-code-point",
        ),
        pytest.param(0.1 + 0.2, "0.30000000000000004", id="as-few-digits-as-will-do"),
        pytest.param(0.9909, "0.9909", id="an-accuracy"),
        pytest.param(1.0, "1.0", id="a-point-stays"),
        pytest.param(1e-7, "1e-07", id="a-small-number"),
        pytest.param(2**70, "1180591620717411303424", id="all-digits-of-an-integer"),
    ],
)
def test_it_is_written_like_this(value, expected):
    assert expected.encode() == canonical(value)
