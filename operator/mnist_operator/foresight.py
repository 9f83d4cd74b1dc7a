"""What the next look would see of what was just done, by whoever did it. Pure.

A look costs a dozen calls. After an attempt was opened, or its TFJob created, nothing
is to be done but wait; and once it was closed its model is to be published, which looks
anew at all that it rests on. So what was seen, with that one change, is as good as
another look a moment later.

Only for what was done by ourselves, just now, and is known to have taken effect; it is
for waiting and telling, and for nothing else than to publish what was closed.
"""

from dataclasses import replace
from datetime import datetime

from mnist_operator import runs
from mnist_operator.commits import Commit
from mnist_operator.places import run_repo
from mnist_operator.plan import Observed, Plan, Publish
from mnist_operator.runs import Attempt
from mnist_operator.tfjob import Job

__all__ = ["may_act", "with_attempt", "with_closed", "with_job"]


def with_attempt(observed: Observed, attempt: Attempt, commit: Commit) -> Observed:
    """An attempt was opened for a commit: the newest of its slot."""
    inputs = {**observed.inputs, commit.id: commit}
    return replace(_with_newest(observed, attempt), inputs=inputs)


def with_job(observed: Observed, job: Job) -> Observed:
    """A TFJob was created, and came back so."""
    return replace(
        observed,
        jobs={**observed.jobs, job.name: job},
        created=observed.created | {job.name},
    )


def with_closed(
    observed: Observed, attempt: Attempt, description: str, now: datetime
) -> Observed | None:
    """An attempt was closed with this description, which says how it ended.

    None where that cannot be read back: then only a look tells.
    """
    commit = Commit(
        id=attempt.staging,
        repo=run_repo(observed.training),
        parent=None,
        description=description,
        started=attempt.opened,
        finishing=now,
    )
    closed = runs.read_attempt(commit)
    if closed is None:
        return None
    return _with_newest(observed, replace(closed, slot=attempt.slot))


def may_act(plan: Plan) -> bool:
    """Whether a plan that rests on this may be carried out without a look."""
    return bool(plan.actions) and all(isinstance(a, Publish) for a in plan.actions)


def _with_newest(observed: Observed, attempt: Attempt) -> Observed:
    mine = [each for each in observed.attempts if each.slot == attempt.slot]
    others = [each for each in observed.attempts if each.slot != attempt.slot]
    found = sorted([*others, attempt], key=lambda each: each.slot)
    # The first is the newest; it may have hidden another one, which stays.
    return replace(observed, attempts=(*found, *mine[1:]))
