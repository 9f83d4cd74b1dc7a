"""When a commit that pachd is finishing, behind the branch's head, is looked at again.

Input: the waiting commits, and since when each is being finished. Output: the time
of the next look. Nobody tells the operator when such a commit is finished.
"""

from dataclasses import replace
from datetime import timedelta

import pytest

from mnist_operator.commits import CommitState
from mnist_operator.plan import Request
from mnist_operator.reconcile import reconcile
from mnist_operator.resting import is_settled
from unit.builders import NOW, ago, attempt, commit, observed, source, training

_OPEN = commit(3, state=CommitState.OPEN, started=ago(1))
_EVERY = training(trigger={"mode": "EveryCommit"})


def finishing(number, seconds):
    """It was closed so many seconds ago, and pachd is at it."""
    of = commit(number, state=CommitState.FINISHING)
    return replace(of, started=ago(seconds + 60), finishing=ago(seconds))


def decide(*waiting, **fields):
    seen = observed(source=source(*waiting), **fields)
    return seen, reconcile(seen, now=NOW)


def pause(plan):
    return (plan.look_again_at - NOW) / timedelta(seconds=1)


@pytest.mark.parametrize(
    ("age", "seconds"), [(0, 1), (0.2, 1), (5, 5), (90, 90), (-600, 1)]
)
def test_it_is_looked_at_after_as_long_again_as_it_has_taken(age, seconds):
    first, held = finishing(2, age), attempt(commit_number=2)
    fields = {"attempt": held, "input_commit": first, "training": _EVERY}
    seen, plan = decide(first, _OPEN, **fields)

    assert () == plan.actions
    assert seconds == pause(plan)
    assert not is_settled(seen, plan)


def test_the_youngest_of_several_is_the_first_to_be_looked_at():
    waiting = finishing(1, 80), finishing(2, 20), _OPEN
    _, plan = decide(*waiting, training=training(trigger={"minCommits": 3}))

    assert 20 == pause(plan)


def test_one_that_would_be_the_newest_is_looked_at_though_an_older_could_be_trained():
    fields = {"trigger": {"debounceSeconds": 3600, "mode": "LatestOnly"}}
    _, plan = decide(commit(1), finishing(2, 7), _OPEN, training=training(**fields))

    assert 7 == pause(plan)


def test_one_that_a_newer_took_the_place_of_needs_no_look():
    fields = {"trigger": {"minCommits": 5, "mode": "LatestOnly"}}
    _, plan = decide(finishing(1, 7), commit(2), _OPEN, training=training(**fields))

    assert plan.look_again_at is None


def test_one_that_a_run_by_hand_waits_for_is_looked_at():
    asked = Request("now", "1", finishing(1, 12))
    _, plan = decide(_OPEN, request=asked, training=training(trigger={"minCommits": 2}))

    assert 12 == pause(plan)


def test_of_the_head_the_feed_tells():
    last, held = finishing(2, 7), attempt(commit_number=2)
    _, plan = decide(last, attempt=held, input_commit=last)

    assert last.started + timedelta(minutes=10) == plan.look_again_at


def test_nothing_is_waited_for_while_the_training_is_suspended():
    _, plan = decide(finishing(2, 7), _OPEN, training=training(suspend=True))

    assert plan.look_again_at is None
