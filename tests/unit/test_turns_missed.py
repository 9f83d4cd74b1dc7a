"""Which commits are passed over once their turn has come."""

from datetime import timedelta

import pytest

from mnist_operator.commits import CommitState
from mnist_operator.turns import is_expired, is_held_back
from unit.builders import NOW, commit, observed, training
from unit.test_turns import after_a_model

_EVERY = training()
_open = commit(3, state=CommitState.OPEN)
_HOUR = training(startingDeadlineSeconds=3600)
_pushed = commit(1)


@pytest.mark.parametrize(
    ("of", "met", "seconds", "expected"),
    [
        pytest.param(_HOUR, _pushed, 3600, False, id="at its deadline: not yet"),
        pytest.param(_HOUR, _pushed, 3601, True, id="a second later: expired"),
        pytest.param(
            _HOUR, _open, 90_000, False, id="still being written: time has not begun"
        ),
        pytest.param(_EVERY, _pushed, 90_000, False, id="no deadline: never"),
    ],
)
def test_a_commit_expires_when_its_turn_comes_too_late(of, met, seconds, expected):
    since = met.finished or met.started

    late = is_expired(observed(training=of), met, since + timedelta(seconds=seconds))

    assert expected is late


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        pytest.param({}, True, id="it brings nothing new, and has time"),
        pytest.param(
            {"contents": {}, "training": _HOUR}, True, id="it is new, and too late"
        ),
        pytest.param({"contents": {}}, False, id="it is new, and has time"),
    ],
)
def test_a_commit_is_held_back_for_one_of_two_reasons(fields, expected):
    late = NOW + timedelta(days=1)

    assert expected is is_held_back(after_a_model(**fields), commit(3), late)
