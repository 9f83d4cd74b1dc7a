"""Whatever is observed, there is one decision, always the same, and it can be done.

Input: any combination of what can be observed, also those that no story leads to.
Output: a plan that acts or waits, and words for it.
"""

import re

from hypothesis import given, settings
from hypothesis import strategies as st

from mnist_operator.commits import CommitState
from mnist_operator.ledger import Decision, Ledger
from mnist_operator.plan import CloseAttempt, CreateJob, DeleteJob, OpenAttempt
from mnist_operator.reconcile import reconcile
from mnist_operator.runs import Verdict, job_name
from mnist_operator.tfjob import JobPhase
from unit.builders import (
    NOW,
    ago,
    attempt,
    begun,
    closed,
    commit,
    entry,
    ident,
    job,
    ledger,
    observed,
    source,
    training,
)

_DNS_LABEL = re.compile(r"[a-z0-9]([-a-z0-9]*[a-z0-9])?")
_SECONDS = st.sampled_from([0, 9, 60, 599, 600, 3600, 10_000])
_TIMES = _SECONDS.map(ago)
_STATES = st.sampled_from(CommitState)
_NUMBERS = st.integers(1, 3)
_COMMITS = st.builds(commit, _NUMBERS, state=_STATES, started=_TIMES)
_TRAININGS = st.builds(
    training,
    uid=st.sampled_from(["uid-1", "uid-2"]),
    suspend=st.booleans(),
    trigger=st.builds(
        dict, startFrom=st.sampled_from(["Latest", "Next", "Earliest", ident(1)])
    ),
    trainer=st.builds(dict, image=st.sampled_from(["", "other"])),
    attempts=st.builds(dict, limit=_NUMBERS),
)
_OPEN = st.builds(attempt, _NUMBERS, commit_number=_NUMBERS, opened=_TIMES)
_CLOSED = st.builds(
    closed,
    _OPEN,
    st.sampled_from(Verdict),
    at=_TIMES,
    finished=st.booleans(),
    retryable=st.booleans(),
)
_ATTEMPTS = st.none() | _OPEN | _CLOSED
_JOBS = st.builds(
    job,
    _OPEN,
    phase=st.sampled_from(JobPhase),
    created=_TIMES,
    deleting=st.booleans(),
    owner_uid=st.sampled_from(["uid-1", "uid-2"]),
    exit_code=st.sampled_from([None, 0, 1, 137]),
    last_words=st.text(max_size=5),
)
_LINES = st.builds(
    entry,
    _NUMBERS,
    st.sampled_from([Decision.PUBLISHED, Decision.FAILED, Decision.SKIPPED]),
)
_LEDGERS = st.just(Ledger()) | st.lists(_LINES, max_size=2).map(
    lambda lines: ledger(*lines, start=begun())
)
_SOURCES = st.lists(_COMMITS, max_size=2).map(lambda found: source(*found))
_OBSERVED = st.builds(
    observed,
    training=_TRAININGS,
    ledger=_LEDGERS,
    source=_SOURCES | st.just(source(gone=ident(1))),
    attempt=_ATTEMPTS,
    input_commit=st.none() | _COMMITS,
    jobs=st.lists(_JOBS, max_size=2),
    created=st.frozensets(_JOBS.map(lambda each: each.name), max_size=1),
    unrecorded=st.just(()) | _LINES.map(lambda line: (line,)),
    output_holder=st.sampled_from(["", ident(7)]),
)
_CHECKED = settings(derandomize=True, deadline=None, database=None, max_examples=100)


@_CHECKED
@given(seen=_OBSERVED)
def test_there_is_always_a_decision_and_it_says_what_it_does(seen):
    plan = reconcile(seen, now=NOW)

    assert plan.story.message
    assert plan.story.ready in {"True", "False", "Unknown"}
    assert not (plan.story.stalled and plan.story.reconciling)
    assert plan.story.reconciling or not plan.actions


@_CHECKED
@given(seen=_OBSERVED)
def test_the_same_observation_leads_to_the_same_plan(seen):
    assert reconcile(seen, now=NOW) == reconcile(seen, now=NOW)


@_CHECKED
@given(seen=_OBSERVED)
def test_a_plan_acts_now_or_looks_again_later(seen):
    plan = reconcile(seen, now=NOW)

    again = plan.look_again_at
    assert again is None or again > NOW
    assert again is None or not plan.actions


@_CHECKED
@given(seen=_OBSERVED)
def test_every_tfjob_has_a_legal_name(seen):
    for action in reconcile(seen, now=NOW).actions:
        if isinstance(action, CreateJob):
            name = job_name(seen.training.name, action.attempt.staging)
            assert _DNS_LABEL.fullmatch(name)
            assert len(name) <= 63


@_CHECKED
@given(seen=_OBSERVED)
def test_a_suspended_training_starts_nothing(seen):
    plan = reconcile(seen, now=NOW)

    starts = [a for a in plan.actions if isinstance(a, OpenAttempt | CreateJob)]
    assert not (seen.training.spec.suspend and starts)


@_CHECKED
@given(seen=_OBSERVED)
def test_a_decided_commit_is_never_trained_again(seen):
    plan = reconcile(seen, now=NOW)

    again = [
        action
        for action in plan.actions
        if isinstance(action, CreateJob)
        and action.attempt.commit in seen.ledger.decided
    ]
    assert [] == again


@_CHECKED
@given(seen=_OBSERVED)
def test_a_job_is_deleted_only_after_its_fence_is_up(seen):
    plan = reconcile(seen, now=NOW)

    fenced = {a.attempt.staging for a in plan.actions if isinstance(a, CloseAttempt)}
    for action in plan.actions:
        if isinstance(action, DeleteJob):
            staging = seen.jobs[action.name].staging
            attempt_is_open = seen.attempt is not None and seen.attempt.is_open
            own = attempt_is_open and seen.attempt.staging == staging
            assert staging in fenced or not own
