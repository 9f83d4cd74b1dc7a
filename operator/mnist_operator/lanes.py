"""Slots and who holds them: one lane of the run repo for each run at the same time.

A slot is a branch; its open head is the lock. An attempt holds its slot from the
moment that it is opened until what it is for has been decided.
"""

from collections.abc import Iterable
from dataclasses import replace

from mnist_operator.commits import CommitState
from mnist_operator.decisions import SETTLING, SUPERSEDED, Entry, is_own_request
from mnist_operator.ledger import Ledger
from mnist_operator.plan import Observed, Task
from mnist_operator.resource import MAX_PARALLEL, Spec
from mnist_operator.runs import Attempt, Verdict
from mnist_operator.trial import Trial

__all__ = [
    "TWIN",
    "beginning",
    "free_slot",
    "had_twin",
    "has_room",
    "in_order",
    "in_turn",
    "is_decided",
    "is_live",
    "is_told",
    "is_wanted",
    "live",
    "may_retry",
    "next_number",
    "parallel",
    "trial_of",
    "was_stopped",
]

TWIN = "Twin"
"""The reason of an attempt for what another one, opened before it, was there for."""


def parallel(spec: Spec) -> int:
    """How many runs there may be at the same time."""
    return spec.max_parallel if spec.concurrency_policy == "Allow" else 1


def live(observed: Observed) -> tuple[Attempt, ...]:
    """The attempts that hold their slots, in the order in which they were opened."""
    held = [each for each in observed.attempts if is_live(observed, each)]
    return tuple(sorted(held, key=lambda each: (each.opened, each.staging)))


def is_live(observed: Observed, attempt: Attempt) -> bool:
    """Whether something is still to be done about this attempt."""
    if attempt.outcome is None:
        return True
    if is_decided(observed, attempt) or attempt.outcome.verdict is Verdict.ABANDONED:
        return False
    if attempt.outcome.verdict is Verdict.SUCCEEDED:
        return True
    return is_wanted(observed, attempt) or not may_retry(observed, attempt)


def is_decided(observed: Observed, attempt: Attempt) -> bool:
    """Whether what it is for has its line in the ledger."""
    return is_told(observed.ledger, attempt)


def is_told(ledger: Ledger, attempt: Attempt) -> bool:
    """Whether a ledger has the line that ends what an attempt is for."""
    if attempt.request:
        return attempt.request in ledger.requests
    return not ledger.is_open(attempt.commit)


def is_wanted(observed: Observed, attempt: Attempt) -> bool:
    """Whether somebody still asks for it: the branch may have moved away from it."""
    if attempt.request:
        # A retraining is for the trainer that asked for it, and for no other.
        same = attempt.digest == observed.spec_digest
        return same or not is_own_request(attempt.request)
    source = observed.source
    return attempt.commit != source.gone and any(
        each.id == attempt.commit and each.state is not CommitState.ERRORED
        for each in source.waiting
    )


def may_retry(observed: Observed, attempt: Attempt) -> bool:
    """Whether its failure is one that another attempt may get over."""
    limit = observed.training.spec.attempts.limit
    retryable = attempt.outcome is not None and attempt.outcome.retryable
    return retryable and attempt.number < limit


def in_turn(observed: Observed, attempt: Attempt) -> bool:
    """Whether its end may be written down: commits are decided oldest first.

    A request stands outside of that order, and so does a commit that the branch has
    moved away from.
    """
    waiting = observed.source.waiting
    if attempt.request or not waiting or waiting[0].id == attempt.commit:
        return True
    return all(each.id != attempt.commit for each in waiting)


def in_order(observed: Observed, entries: Iterable[Entry]) -> list[Entry]:
    """The same lines, with those marked that are not about the next ones to decide.

    The branch may have moved away from a commit whose run goes on to its end, while
    an older one is undecided; and it may come back to both.
    """
    waiting = (each.id for each in observed.source.waiting)
    following, marked = next(waiting, ""), []
    for entry in entries:
        ends_turn = entry.decision in SETTLING and not entry.request
        is_next = ends_turn and entry.commit == following
        if is_next:
            following = next(waiting, "")
        is_known = is_next or entry.commit in observed.ledger.settled
        marked.append(replace(entry, aside=ends_turn and not is_known))
    return marked


def free_slot(observed: Observed, task: Task) -> int | None:
    """The slot for a new attempt; None when there is none, or when it has one.

    An attempt that was given up leaves its number behind in its slot, so the task
    goes on there.
    """
    held = live(observed)
    counted = sum(_takes_room(observed, each) for each in held)
    if counted >= parallel(observed.training.spec):
        return None
    if any(_serves(each, task) for each in held):
        return None
    own = [each.slot for each in observed.attempts if _is_for(each, task)]
    kept = [each for each in observed.attempts if _is_untold(observed, each)]
    taken = {each.slot for each in (*held, *kept)}
    free = [slot for slot in range(MAX_PARALLEL) if slot not in taken]
    return next(iter(own or free), None)


def _takes_room(observed: Observed, attempt: Attempt) -> bool:
    """Whether it keeps others from starting: not once it only waits for its turn.

    An older commit without a run would wait for it, and it for that commit.
    """
    waits = not in_turn(observed, attempt) and not may_retry(observed, attempt)
    return attempt.is_open or not waits


def had_twin(attempts: Iterable[Attempt]) -> bool:
    """Whether one was given up that its operator opened without seeing the other.

    There is a slot then which that operator did not know of.
    """
    ends = (each.outcome for each in attempts)
    return any(end is not None and end.reason == TWIN for end in ends)


def was_stopped(attempt: Attempt) -> bool:
    """Whether a newer commit ended it, with concurrencyPolicy Replace."""
    end = attempt.outcome
    if end is None or attempt.request:
        return False
    return (end.verdict, end.reason) == (Verdict.ABANDONED, SUPERSEDED)


def _is_untold(observed: Observed, attempt: Attempt) -> bool:
    """Whether it was stopped, and the line that names it is still to be written."""
    stopped = was_stopped(attempt) and is_wanted(observed, attempt)
    return stopped and not is_decided(observed, attempt)


def has_room(observed: Observed) -> bool:
    """Whether an attempt may follow another in its slot.

    Not while as many run as may, when the spec allows fewer than it did.
    """
    running = sum(each.is_open for each in live(observed))
    return running < parallel(observed.training.spec)


def next_number(observed: Observed, task: Task) -> int:
    """An attempt that was given up did not count, a failed one did."""
    last = _last_for(observed, task)
    if last is None or last.outcome is None:
        return 1
    return last.number + (last.outcome.verdict is Verdict.FAILED)


def beginning(observed: Observed, task: Task) -> str:
    """The model that the next attempt begins from; empty where it begins anew.

    The newest one, whatever asks for the run, and whether or not runs before it are
    still under way. What the first attempt was told holds for those after it: a
    commit is tried again from the same beginning, unless the spec is another one.
    """
    if not observed.training.spec.trainer.warm_start:
        return ""
    last = _last_for(observed, task)
    again = next_number(observed, task) > 1
    if last is not None and again and last.digest == observed.spec_digest:
        return last.begins_from
    return observed.newest_model


def trial_of(observed: Observed) -> Trial | None:
    """What the next attempt compares: with the model that is in production now."""
    return observed.production.trial if observed.production else None


def _serves(attempt: Attempt, task: Task) -> bool:
    """Whether it makes another one needless: a requested run serves its commit too."""
    same = attempt.commit == task.commit.id
    return same and task.request in {"", attempt.request}


def _last_for(observed: Observed, task: Task) -> Attempt | None:
    return next((a for a in observed.attempts if _is_for(a, task)), None)


def _is_for(attempt: Attempt, task: Task) -> bool:
    return (attempt.commit, attempt.request) == (task.commit.id, task.request)
