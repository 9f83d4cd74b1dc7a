"""An attempt that waits for its data, while somebody asks for a run of other data.

Input: what is prepared, and the request. Output: whether the slot is given up for it.
"""

import pytest

from mnist_operator.attempts import follow_attempt
from mnist_operator.commits import CommitState
from mnist_operator.plan import CloseAttempt, CreateJob, Request
from unit.builders import NOW, ago, attempt, commit, observed, source, training

_OLD = Request("now", commit=commit(7))
_PREPARED = attempt(commit_number=3)
_WRITING = commit(3, state=CommitState.OPEN, started=ago(60))
_BOTH = training(concurrencyPolicy="Allow")


def follow(head, request, *others, of=None):
    """The next step of an attempt that was prepared for the head."""
    seen = observed(
        training=of or training(),
        source=source(head),
        attempts=(_PREPARED, *others),
        inputs={head.id: head},
        request=request,
    )
    return follow_attempt(seen, _PREPARED, NOW)


def asked(number, request):
    """An attempt that a request was given."""
    return attempt(commit_number=number, request=request, slot=1)


@pytest.mark.parametrize(
    ("of", "others"),
    [
        pytest.param(training(), (), id="in the only slot"),
        pytest.param(_BOTH, (asked(8, "before"),), id="in the last one"),
    ],
)
def test_what_waits_for_its_data_gives_way_to_a_request(of, others):
    (action,) = follow(_WRITING, _OLD, *others, of=of).actions

    assert isinstance(action, CloseAttempt)
    assert "NotNext" == action.outcome.reason


@pytest.mark.parametrize(
    ("request_", "fields"),
    [
        pytest.param(None, {}, id="nobody asks"),
        pytest.param(Request("now", "gone"), {}, id="for what is not there"),
        pytest.param(
            Request("now", commit=commit(7, state=CommitState.OPEN)),
            {},
            id="for what is still written as well",
        ),
        pytest.param(_OLD, {"of": _BOTH}, id="another slot is free"),
    ],
)
def test_what_waits_for_its_data_stays_where_no_run_could_begin(request_, fields):
    assert () == follow(_WRITING, request_, **fields).actions


def test_what_waits_for_its_data_stays_beside_the_requested_run():
    plan = follow(_WRITING, _OLD, asked(7, "now"), of=_BOTH)

    assert () == plan.actions


def test_what_has_its_data_goes_first():
    (action,) = follow(commit(3), _OLD).actions

    assert CreateJob(_PREPARED) == action
