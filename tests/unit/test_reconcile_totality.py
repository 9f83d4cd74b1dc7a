"""Whatever is observed, there is one decision, always the same, and it can be done.

Input: any combination of what can be observed, also those that no story leads to.
Output: a plan that acts or waits, and words for it, of which every promise holds.
"""

import re

from hypothesis import HealthCheck, given, settings

from mnist_operator import lanes, turns
from mnist_operator.decisions import Decision
from mnist_operator.plan import (
    CloseAttempt,
    CreateJob,
    DeleteJob,
    OpenAttempt,
    Record,
)
from mnist_operator.reconcile import _LADDER, reconcile
from mnist_operator.runs import job_name
from unit.builders import NOW
from unit.observations import observations

_DNS_LABEL = re.compile(r"[a-z0-9]([-a-z0-9]*[a-z0-9])?")


def of_kind(plan, *kinds):
    return [action for action in plan.actions if isinstance(action, kinds)]


def started(plan):
    """Commit and request of every run that is begun, or brought forward."""
    return [
        (action.task.commit.id, action.task.request)
        if isinstance(action, OpenAttempt)
        else (action.attempt.commit, action.attempt.request)
        for action in of_kind(plan, OpenAttempt, CreateJob)
    ]


def fenced(plan):
    """The staging commits that are closed before anything else is done."""
    return {each.attempt.staging for each in of_kind(plan, CloseAttempt)}


def there_are_words_for_it(seen, plan):
    assert plan.story.message
    assert plan.story.ready in {"True", "False", "Unknown"}
    assert plan.story.reconciling or not plan.actions


def what_somebody_must_end_is_not_told_as_under_way(seen, plan):
    assert not (plan.story.stalled and plan.story.reconciling)
    assert not plan.story.stalled or "False" == plan.story.ready


def it_acts_now_or_looks_again_later(seen, plan):
    again = plan.look_again_at
    assert again is None or again > NOW
    assert again is None or not plan.actions


def every_tfjob_has_a_legal_name(seen, plan):
    for action in of_kind(plan, CreateJob):
        name = job_name(seen.training.name, action.attempt.staging)
        assert _DNS_LABEL.fullmatch(name)
        assert len(name) <= 63


def nothing_is_started_while_suspended(seen, plan):
    assert not (seen.training.spec.suspend and started(plan))


def after_too_many_failures_only_what_was_requested_is_started(seen, plan):
    stopped = turns.is_stopped(seen)
    assert not stopped or all(request for _, request in started(plan))


def a_decided_commit_or_an_answered_request_is_never_trained_again(seen, plan):
    for commit, request in started(plan):
        assert request or commit not in seen.ledger.decided
        assert request not in seen.ledger.requests


def no_more_runs_are_started_than_the_policy_allows(seen, plan):
    running = sum(each.is_open for each in seen.attempts)
    opened = len(of_kind(plan, OpenAttempt))
    assert running + opened <= max(running, lanes.parallel(seen.training.spec))


def a_slot_is_used_again_only_by_what_holds_it_or_once_it_is_free(seen, plan):
    held = {each.slot: each for each in lanes.live(seen)}
    for action in of_kind(plan, OpenAttempt):
        before = held.get(action.slot)
        if before is not None:
            same = action.task.commit.id, action.task.request
            assert (before.commit, before.request) == same
            assert not before.is_open


def commits_are_decided_oldest_first(seen, plan):
    """But for those that have a model or are not on the branch, and for requests."""
    waiting = [each.id for each in seen.source.waiting]
    lines = [each for record in of_kind(plan, Record) for each in record.entries]
    for line in lines if tuple(lines) != seen.unrecorded else ():
        about_none = line.request or line.decision is Decision.STARTED
        if not about_none and line.commit in waiting:
            assert line.commit == waiting.pop(0)


def a_tfjob_is_deleted_only_after_its_fence_is_up(seen, plan):
    own = {each.staging for each in seen.attempts if each.is_open}
    # One without our label is not seen, but named after its attempt.
    names = {job_name(seen.training.name, staging): staging for staging in own}
    for action in of_kind(plan, DeleteJob):
        job = seen.jobs.get(action.name)
        staging = job.staging if job else names[action.name]
        assert staging in fenced(plan) or staging not in own


def a_finished_tfjob_is_kept_until_its_run_is_recorded(seen, plan):
    held = {each.staging for each in lanes.live(seen)}
    over = {j.name for j in seen.jobs.values() if j.is_terminal and j.staging in held}
    assert not over & {each.name for each in of_kind(plan, DeleteJob)}


_PROMISES = (
    there_are_words_for_it,
    what_somebody_must_end_is_not_told_as_under_way,
    it_acts_now_or_looks_again_later,
    every_tfjob_has_a_legal_name,
    nothing_is_started_while_suspended,
    after_too_many_failures_only_what_was_requested_is_started,
    a_decided_commit_or_an_answered_request_is_never_trained_again,
    no_more_runs_are_started_than_the_policy_allows,
    a_slot_is_used_again_only_by_what_holds_it_or_once_it_is_free,
    commits_are_decided_oldest_first,
    a_tfjob_is_deleted_only_after_its_fence_is_up,
    a_finished_tfjob_is_kept_until_its_run_is_recorded,
)


@settings(
    derandomize=True,
    deadline=None,
    database=None,
    max_examples=250,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
@given(seen=observations())
def test_whatever_is_observed_every_promise_is_kept(seen):
    """By what is decided, and by what each rung would decide if it came to that."""
    plan = reconcile(seen, now=NOW)
    rungs = [found for rung in _LADDER if (found := rung(seen, NOW)) is not None]

    for each in (plan, *rungs):
        for promise in _PROMISES:
            promise(seen, each)
    assert plan == reconcile(seen, now=NOW)
    assert not (seen.rival and plan.actions)
