"""What time it is, when our own clock and the API server's do not agree."""

from datetime import UTC, datetime, timedelta

import pytest

from mnist_operator.clock import ServerClock

OURS = datetime(2026, 5, 1, 12, 0, 0, tzinfo=UTC)
_SECOND = timedelta(seconds=1)


@pytest.fixture(name="clock")
def _clock():
    return ServerClock(lambda: OURS)


def test_before_any_answer_it_is_our_own(clock):
    assert OURS == clock.now()


@pytest.mark.parametrize(
    ("date", "expected"),
    [
        pytest.param(
            "Fri, 01 May 2026 10:00:00 GMT", -7200 * _SECOND, id="we-are-ahead"
        ),
        pytest.param("Fri, 01 May 2026 12:01:00 GMT", 60 * _SECOND, id="we-are-behind"),
        pytest.param("Fri, 01 May 2026 11:59:55 GMT", 0 * _SECOND, id="slow-answer"),
        pytest.param("yesterday", 0 * _SECOND, id="no-date"),
        pytest.param("", 0 * _SECOND, id="empty"),
        pytest.param(None, 0 * _SECOND, id="left-out"),
    ],
)
def test_an_answer_tells_the_time_there(clock, date, expected):
    clock.hear(date)

    assert OURS + expected == clock.now()


def test_a_clock_of_ours_that_was_set_right_is_believed_again(clock):
    clock.hear("Fri, 01 May 2026 10:00:00 GMT")
    clock.hear(None)
    clock.hear("Fri, 01 May 2026 12:00:00 GMT")

    assert OURS == clock.now()
