"""Where following a branch begins: decided once, and written into the ledger.

Without that, "Latest" would mean another commit after every restart, and what was
pushed while the operator was down would be lost.
"""

from datetime import datetime

from mnist_operator import lanes, places
from mnist_operator.decisions import Decision, Entry, Start
from mnist_operator.plan import Observed, Plan, Record, Source, Story
from mnist_operator.runs import Attempt, Verdict, job_name
from mnist_operator.status import Reason

__all__ = ["find_start"]


def find_start(observed: Observed, now: datetime) -> Plan | None:
    """Record a starting point when there is none for what the spec asks."""
    asked = observed.training.spec.trigger.start_from
    branch = str(places.input_branch(observed.training))
    known = observed.ledger.start
    if known is not None and known.is_for(Start(asked, source=branch)):
        return None
    if known is not None and any(_is_about(observed, a) for a in observed.attempts):
        return None
    start = _choose(asked, branch, observed.source)
    if start is None:
        return Plan(_unknown_commit(observed, asked))
    entry = Entry(time=now, decision=Decision.STARTED, start=start)
    story = Story(Reason.WAITING_FOR_DATA, f"Beginning at {asked}.", reconciling=True)
    return Plan(story, (Record((entry,)),))


def _is_about(observed: Observed, attempt: Attempt) -> bool:
    """Whether its commit is about to be decided, after a run under the start so far.

    A new start waits for that: below a commit decided since the present start all
    is taken as decided, and the new start may lie below this one.
    """
    if attempt.request or lanes.is_decided(observed, attempt):
        return False
    if attempt.outcome is None:
        name = job_name(observed.training.name, attempt.staging)
        return name in observed.jobs or name in observed.created
    return attempt.outcome.verdict is Verdict.SUCCEEDED or (
        attempt.outcome.verdict is Verdict.FAILED
        and not lanes.may_retry(observed, attempt)
    )


def _choose(asked: str, branch: str, source: Source) -> Start | None:
    """The starting point; None when the commit asked for is not there.

    Where the branch has no head yet, everything that comes is new, so nothing
    bounds it: a commit too many can be waited for, a lost one cannot.
    """
    if asked == "Earliest":
        return Start(asked, source=branch)
    if asked in {"Latest", "Next"}:
        head = source.head
        if head is None:
            return Start(asked, source=branch)
        inclusive = asked == "Latest"
        return Start(asked, head.id, inclusive, after=head.started, source=branch)
    named = source.start_commit
    if named is None:
        return None
    return Start(asked, named.id, inclusive=True, after=named.started, source=branch)


def _unknown_commit(observed: Observed, asked: str) -> Story:
    place = observed.training.spec.input
    message = (
        f"spec.trigger.startFrom: commit {asked} is not in repo"
        f" {place.project}/{place.repo}; give the ID of a commit on branch"
        f" {place.branch}, or Latest, Next or Earliest."
    )
    return Story(Reason.INVALID_SPEC, message, ready="False", stalled=True)
