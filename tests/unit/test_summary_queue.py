"""What the status shows of several runs, of the queue, and of requests.

Input: attempts, TFJobs, the commits that wait, the annotation. Output: status.active,
status.queue, status.lastHandledRequestAt. The rest of the status is in test_summary.
"""

import pytest

from mnist_operator.commits import CommitState
from mnist_operator.decisions import Decision, retrain_request
from mnist_operator.plan import Story
from mnist_operator.runs import Verdict
from mnist_operator.status import Reason
from mnist_operator.summary import summarize
from mnist_operator.tfjob import JobPhase
from unit.builders import (
    NOW,
    ago,
    attempt,
    closed,
    commit,
    entry,
    ident,
    job,
    ledger,
    observed,
    source,
    spec_digest,
    training,
)

_ALLOW = training(concurrencyPolicy="Allow", maxParallel=2)
_BOTH = source(commit(1), commit(2))
_OPEN = commit(2, state=CommitState.OPEN)
_second = attempt(commit_number=2, slot=1, opened=ago(200))


def summary(**fields):
    story = Story(Reason.TRAINING, "Training.", reconciling=True)
    return summarize(observed(**fields), story, now=NOW)


def shown(*attempts, **fields):
    """The states of commits 1 and 2 in the queue."""
    wanted = {"training": _ALLOW, "source": _BOTH} | fields
    return [each.state for each in summary(attempts=attempts, **wanted).queue]


_queue = pytest.mark.parametrize(
    ("attempts", "fields", "expected"),
    [
        pytest.param([], {}, ["Waiting", "Waiting"], id="nothing runs"),
        pytest.param(
            [attempt()],
            {"jobs": [job(phase=JobPhase.RUNNING)]},
            ["Running", "Waiting"],
            id="the first one runs",
        ),
        pytest.param(
            [attempt()],
            {"jobs": [job(phase=JobPhase.SUSPENDED)]},
            ["Suspended", "Waiting"],
            id="the first one's TFJob is queued by Kueue",
        ),
        pytest.param(
            [attempt(), _second],
            {"jobs": [job(), job(_second, phase=JobPhase.RUNNING)]},
            ["Created", "Running"],
            id="both run",
        ),
        pytest.param(
            [attempt(), closed(_second)],
            {"jobs": [job(phase=JobPhase.RUNNING)]},
            ["Running", "Trained"],
            id="the second one has its model, and waits for the first",
        ),
        pytest.param(
            [closed(attempt()), closed(_second)],
            {},
            ["Publishing", "Trained"],
            id="both have their models: one after the other",
        ),
        pytest.param(
            [closed(attempt(), Verdict.FAILED, retryable=True)],
            {},
            ["Retrying", "Waiting"],
            id="the first one is tried again",
        ),
        pytest.param(
            [attempt(), closed(_second, Verdict.FAILED)],
            {"jobs": [job(phase=JobPhase.RUNNING)]},
            ["Running", "Failed"],
            id="the second one failed, and waits for the first",
        ),
        pytest.param(
            [attempt(), _second],
            {"source": source(commit(1), _OPEN), "jobs": [job()]},
            ["Created", "Open"],
            id="the second one is prepared, and being written",
        ),
        pytest.param(
            [closed(attempt(), Verdict.ABANDONED)],
            {},
            ["Waiting", "Waiting"],
            id="the first one was given up, and begins anew",
        ),
        pytest.param(
            [attempt(request="now")],
            {"jobs": [job(phase=JobPhase.RUNNING)]},
            ["Waiting", "Waiting"],
            id="a run by hand is not the commit's own",
        ),
    ],
)


@_queue
def test_a_commit_in_the_queue_is_shown_with_what_its_run_does(
    attempts, fields, expected
):
    assert expected == shown(*attempts, **fields)


def test_all_that_hold_a_slot_are_active_in_the_order_of_their_opening():
    status = summary(attempts=(_second, attempt()), training=_ALLOW, source=_BOTH)

    assert [ident(1), ident(2)] == [each.commit for each in status.active]
    assert ident(2) == status.last_attempted_commit


def test_a_run_by_hand_is_active_with_its_request():
    [active] = summary(attempt=attempt(request="now")).active

    assert "now" == active.request


def test_a_run_by_hand_is_in_the_history_with_its_request():
    [item] = summary(ledger=ledger(entry(1, request="now"))).history

    assert "now" == item.request


def asked(text, **fields):
    """What is echoed of a request with this text."""
    of = training(annotations={"mnist-operator.dev/requested-at": text} if text else {})
    return summary(training=of, **fields).last_handled_request_at


_before = ledger(entry(1, request="before"))
_own = retrain_request(ident(1), spec_digest())


@pytest.mark.parametrize(
    ("text", "fields", "expected"),
    [
        pytest.param("", {}, "", id="nobody ever asked"),
        pytest.param("now", {}, "", id="it waits for a slot"),
        pytest.param(
            "now", {"ledger": _before}, "before", id="it waits; one before it"
        ),
        pytest.param("now", {"attempt": attempt(request="now")}, "now", id="it runs"),
        pytest.param(
            "now",
            {"attempt": closed(attempt(request="now"), Verdict.FAILED, retryable=True)},
            "now",
            id="it is tried again",
        ),
        pytest.param(
            "now", {"ledger": ledger(entry(1, request="now"))}, "now", id="it is over"
        ),
        pytest.param(
            "now",
            {"ledger": ledger(entry(1, Decision.SKIPPED, request="now"))},
            "now",
            id="it was refused",
        ),
        pytest.param("", {"ledger": _before}, "before", id="the annotation is gone"),
        pytest.param(
            "",
            {"ledger": ledger(entry(1, request=_own))},
            "",
            id="the operator's own requests are no answers",
        ),
        pytest.param(
            "before",
            {"ledger": ledger(entry(1, request="before"), entry(2, request="after"))},
            "before",
            id="it was asked for again, and is answered",
        ),
    ],
)
def test_a_request_is_echoed_once_it_is_taken_up(text, fields, expected):
    assert expected == asked(text, **fields)
