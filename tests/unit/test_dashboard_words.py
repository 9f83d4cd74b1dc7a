"""Texts of others on the page: cut, in one line, without what steers."""

import string
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mnist_operator.cli.dashboard import words

NOON = datetime(2026, 3, 31, 12, tzinfo=UTC)
BIDI = "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u200e\u200f"


@given(st.text(max_size=600))
def test_whatever_is_written_is_one_printable_line_of_bounded_length(text):
    told = words.shown(text, 100)

    assert told.isprintable()
    assert 102 >= len(told)
    told.encode()


@given(st.binary(max_size=600))
def test_whatever_a_log_says_has_lines_and_nothing_that_steers(content):
    told = words.lines(content, 200)

    assert 200 >= len(told)
    assert all(each.isprintable() or each == "\n" for each in told)


@pytest.mark.parametrize("character", BIDI)
def test_what_turns_the_direction_of_text_is_taken_out(character):
    assert character not in words.shown(f"a{character}b")
    assert character not in words.lines(f"a{character}b".encode(), 100)


def test_of_a_huge_log_only_the_end_is_decoded():
    huge = b"x" * 10_000_000 + b"\nthe end"

    assert "the end" == words.lines(huge, 64).splitlines()[-1]
    assert 64 == len(words.lines(huge, 64))


def test_a_text_that_is_cut_says_so():
    assert "abc …" == words.shown("abcdef", 3)
    assert "abcdef" == words.shown("abcdef", 6)
    assert "" == words.shown(None)


def test_progress_bars_of_a_log_become_lines():
    assert "1 %\n2 %\n" == words.lines(b"1 %\r2 %\r\n", 100)


@pytest.mark.parametrize(
    ("value", "told"),
    [
        ("0.9933", "99.33 %"),
        (0.5, "50.00 %"),
        (1, "100.00 %"),
        ("nan", "nan"),
        ("1e400", "1e400"),
        ("-1", "-1"),
        ("<b>", "<b>"),
        (True, "True"),
        (None, ""),
    ],
)
def test_an_accuracy_is_a_share_or_stays_as_it_is(value, told):
    assert told == words.percent(value)


@pytest.mark.parametrize(
    "value", ["", None, 7, "yesterday", "9999-12-31T23:59:59Z", []]
)
def test_what_is_no_time_is_no_time(value):
    assert ("", "", "") == (
        words.clock(value),
        words.day(value),
        words.ago(value, NOON),
    )


def test_times_are_told_in_utc_and_as_how_long_ago():
    assert "2026-03-31 10:00:00 UTC" == words.clock("2026-03-31T12:00:00+02:00")
    assert "2026-03-31" == words.day(NOON)
    assert "1h30m ago" == words.ago(NOON - timedelta(minutes=90), NOON)
    assert "in 5m" == words.ago("2026-03-31T12:05:00Z", NOON)


def test_an_id_is_told_by_its_beginning():
    assert string.hexdigits[:12] == words.short(string.hexdigits[:16])


@pytest.mark.parametrize(
    ("text", "told"),
    [("+0.0047", "+0.47 %p"), ("-0.02", "-2.00 %p"), ("better", "better"), (None, "")],
)
def test_a_change_of_accuracy_is_told_in_percentage_points(text, told):
    assert told == words.change(text)


def test_a_command_is_not_broken_in_an_option_and_is_escaped_like_any_text():
    told = words.command("mnistctl get <b> --output json")

    assert 'mnistctl get &lt;b&gt; <span class="option">--output</span> json' == told
