"""What closed attempts say of decisions whose lines were lost. Pure.

A slot is held until what its attempt is for has its line. So the newest attempt of a
slot may be undecided, and those before it are not. Commits are decided oldest first:
an end that is written too early would hide older commits that still wait, so the
newest attempts are left to the operator.
"""

from collections.abc import Iterable, Iterator, Sequence

from mnist_operator.decisions import SUPERSEDED, Entry, failure_of, skip_of
from mnist_operator.ledger import Ledger
from mnist_operator.runs import Attempt, Verdict

__all__ = ["find_lost_ends", "find_undecided"]

_GONE = (
    "The run went well, and no model of it is on the output branch: it was refused"
    " then, or squashed or dropped since."
)


def find_lost_ends(attempts: Sequence[Attempt], ledger: Ledger) -> Iterator[Entry]:
    """The lines of turns that were decided, and of which the ledger knows nothing."""
    newest = {each.slot: each.staging for each in _by_age(attempts)}
    left = set(newest.values())
    for attempt in _last_of_turns(attempts):
        if attempt.staging not in left and not _is_decided(attempt, ledger):
            yield from _end(attempt)


def find_undecided(attempts: Sequence[Attempt], ledger: Ledger) -> tuple[Attempt, ...]:
    """The last attempts of turns that are not decided, oldest first.

    One that was given up is none: what it was for goes on without it.
    """
    last = _last_of_turns(attempts)
    return tuple(
        each
        for each in last
        if each.outcome is not None
        and each.outcome.verdict is not Verdict.ABANDONED
        and not _is_decided(each, ledger)
    )


def _by_age(attempts: Iterable[Attempt]) -> list[Attempt]:
    return sorted(attempts, key=lambda each: each.opened)


def _last_of_turns(attempts: Iterable[Attempt]) -> list[Attempt]:
    """The attempt that each turn ended with."""
    last: dict[tuple[str, str], Attempt] = {}
    for attempt in _by_age(attempts):
        last[attempt.turn] = attempt
    return _by_age(last.values())


def _is_decided(attempt: Attempt, ledger: Ledger) -> bool:
    """As `lanes.is_decided` has it."""
    if attempt.request:
        return attempt.request in ledger.requests
    return not ledger.is_open(attempt.commit)


def _end(attempt: Attempt) -> Iterator[Entry]:
    """The line about a turn's last attempt; none where it was given up."""
    end, at = attempt.outcome, attempt.closed or attempt.opened
    if end is None:
        return
    if end.verdict is Verdict.FAILED:
        yield failure_of(attempt, end.reason, end.message, now=at)
    elif end.verdict is Verdict.SUCCEEDED:
        yield failure_of(attempt, "ModelGone", _GONE, now=at)
    elif end.reason == SUPERSEDED and not attempt.request:
        yield skip_of(attempt, end.reason, end.message, now=at)
