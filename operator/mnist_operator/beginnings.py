"""Where following a branch begins: decided once, and written into the ledger.

Without that, "Latest" would mean another commit after every restart, and what was
pushed while the operator was down would be lost.
"""

from datetime import datetime

from mnist_operator.ledger import Decision, Entry, Start
from mnist_operator.plan import Observed, Plan, Record, Source, Story
from mnist_operator.runs import Verdict, job_name
from mnist_operator.status import Reason

__all__ = ["find_start"]


def find_start(observed: Observed, now: datetime) -> Plan | None:
    """Record a starting point when there is none for what the spec asks."""
    asked = observed.training.spec.trigger.start_from
    known = observed.ledger.start
    if known is not None and (known.asked == asked or _is_under_way(observed)):
        return None
    start = _choose(asked, observed.source)
    if start is None:
        return Plan(_unknown_commit(observed, asked))
    entry = Entry(time=now, decision=Decision.STARTED, start=start)
    story = Story(Reason.WAITING_FOR_DATA, f"Beginning at {asked}.", reconciling=True)
    return Plan(story, (Record((entry,)),))


def _is_under_way(observed: Observed) -> bool:
    """Whether a commit is about to be decided, after a run under the start so far.

    A new start waits for that: below a commit decided since the present start all
    is taken as decided, and the new start may lie below this one.
    """
    attempt = observed.attempt
    if attempt is None or attempt.commit in observed.ledger.decided:
        return False
    if attempt.outcome is None:
        name = job_name(observed.training.name, attempt.staging)
        return name in observed.jobs or name in observed.created
    retried = attempt.number < observed.training.spec.attempts.limit
    return attempt.outcome.verdict is Verdict.SUCCEEDED or (
        attempt.outcome.verdict is Verdict.FAILED
        and not (attempt.outcome.retryable and retried)
    )


def _choose(asked: str, source: Source) -> Start | None:
    """The starting point; None when the commit asked for is not there.

    Where the branch has no head yet, everything that comes is new, so nothing
    bounds it: a commit too many can be waited for, a lost one cannot.
    """
    if asked == "Earliest":
        return Start(asked)
    if asked in {"Latest", "Next"}:
        head = source.head
        if head is None:
            return Start(asked)
        return Start(asked, head.id, inclusive=asked == "Latest", after=head.started)
    named = source.start_commit
    if named is None:
        return None
    return Start(asked, named.id, inclusive=True, after=named.started)


def _unknown_commit(observed: Observed, asked: str) -> Story:
    place = observed.training.spec.input
    message = (
        f"spec.trigger.startFrom: commit {asked} is not in repo"
        f" {place.project}/{place.repo}; give the ID of a commit on branch"
        f" {place.branch}, or Latest, Next or Earliest."
    )
    return Story(Reason.INVALID_SPEC, message, ready="False", stalled=True)
