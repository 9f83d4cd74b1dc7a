"""What the operator would do, step by step: its own decisions, on a world made up.

`reconcile` decides, as it does in the operator, on what was observed; what it decides
is taken as done; then it decides again. Nothing is carried out. Where it would wait,
the course assumes what it waits for: that a run goes well, that a commit which is
being written gets finished, that the time comes.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import datetime

from mnist_operator import lanes, runs
from mnist_operator.cli.plan.effects import apply, end_run, finish
from mnist_operator.commits import CommitState
from mnist_operator.plan import Action, Observed, Plan, Story
from mnist_operator.reconcile import reconcile

__all__ = ["Course", "Refresh", "Step", "Until", "foresee", "wait"]

Refresh = Callable[[Observed], Awaitable[Observed]]
"""Reads what rests on decisions made meanwhile: what a commit is compared with."""

_PATIENCE = 2
"""So often nothing but time may pass: what is waited for then is something else."""
_UNFINISHED = frozenset({CommitState.OPEN, CommitState.FINISHING})


@dataclass(frozen=True, slots=True)
class Until:
    """What had to happen before a step; all of them empty: nothing, it is due now."""

    run: str = ""
    """The input commit whose run had to go well."""
    finished: str = ""
    """The input commit that had to be finished."""
    time: datetime | None = None
    story: Story | None = None
    """What the operator says while it waits for that."""


@dataclass(frozen=True, slots=True)
class Step:
    """One action, and the world that it was decided on."""

    action: Action
    observed: Observed
    story: Story
    until: Until
    now: datetime
    number: int
    """Of the placeholder that a commit of it has."""


@dataclass(frozen=True, slots=True)
class Course:
    """Everything that would be done, in order, and how things stand after it."""

    begin: Observed
    steps: tuple[Step, ...]
    end: Observed
    story: Story
    """What the operator says when nothing is left but to wait for somebody."""
    complete: bool
    """Whether it was followed to its end."""


@dataclass(slots=True)
class _Walk:
    observed: Observed
    now: datetime
    until: Until = field(default_factory=Until)
    steps: list[Step] = field(default_factory=list)
    idle: int = 0


async def foresee(
    observed: Observed, refresh: Refresh, *, now: datetime, limit: int
) -> Course:
    """Follow the decisions until there is nothing to do and nothing to wait for.

    `limit` bounds the steps: a branch may have thousands of commits that wait.
    """
    walk = _Walk(await refresh(observed), now)
    begin = walk.observed
    plan, complete = reconcile(begin, now=now), False
    while len(walk.steps) < limit:
        if plan.actions:
            await _act(walk, plan, refresh)
        elif not _wait(walk, plan):
            complete = True
            break
        plan = reconcile(walk.observed, now=walk.now)
    steps = tuple(walk.steps)
    return Course(begin, steps, walk.observed, plan.story, complete=complete)


async def _act(walk: _Walk, plan: Plan, refresh: Refresh) -> None:
    walk.idle = 0
    for action in plan.actions:
        number = len(walk.steps) + 1
        step = Step(action, walk.observed, plan.story, walk.until, walk.now, number)
        walk.steps.append(step)
        walk.observed = apply(walk.observed, action, now=walk.now, number=number)
    walk.observed = await refresh(walk.observed)


def _wait(walk: _Walk, plan: Plan) -> bool:
    """Let happen what is waited for; False when that is nothing that can be assumed."""
    moved = wait(walk.observed, plan, walk.now)
    if moved is None:
        return False
    if moved[1].time is not None:
        walk.idle += 1
        if walk.idle > _PATIENCE:
            return False
        walk.now = moved[1].time
    walk.observed, walk.until = moved
    return True


def wait(
    observed: Observed, plan: Plan, now: datetime
) -> tuple[Observed, Until] | None:
    """The world once the next thing has happened, and what that was.

    A run under way ends before anything else does: how long it takes, nobody knows.
    """
    for attempt in lanes.live(observed):
        job = observed.jobs.get(runs.job_name(observed.training.name, attempt.staging))
        if attempt.is_open and job is not None and not job.is_terminal:
            until = Until(run=attempt.commit, story=plan.story)
            return end_run(observed, job, now), until
    request = observed.request.commit if observed.request else None
    for commit in filter(None, (request, *observed.source.waiting)):
        if commit.state in _UNFINISHED and not observed.training.spec.suspend:
            until = Until(finished=commit.id, story=plan.story)
            return finish(observed, commit, now), until
    if plan.look_again_at is not None and plan.look_again_at > now:
        return observed, Until(time=plan.look_again_at, story=plan.story)
    return None
