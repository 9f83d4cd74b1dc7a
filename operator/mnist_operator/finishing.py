"""When to look again at commits that pachd is finishing, and nobody tells of. Pure.

The feed of a branch tells when its head is finished. pachd lets a commit be started
on one that it is still finishing, which then is the head no more: of its end nobody
hears, and a run would begin a minute late, when all is looked at.
"""

from collections.abc import Iterator
from datetime import datetime, timedelta
from itertools import takewhile

from mnist_operator import turns
from mnist_operator.commits import Commit, CommitState
from mnist_operator.plan import Observed

__all__ = ["find_glance"]

_LEAST = timedelta(seconds=1)
"""pachd mostly finishes a commit within it."""


def find_glance(observed: Observed, now: datetime) -> datetime | None:
    """When to look again for their sake; None if nothing waits for any of them.

    After as long again as pachd has taken so far: a commit that takes a second is
    found after two at most, and one that takes an hour costs a dozen looks.
    """
    if observed.training.spec.suspend:
        return None
    ages = [
        now - commit.finishing
        for commit in _awaited(observed)
        if commit.finishing is not None
        and commit.state is CommitState.FINISHING
        and not _is_head(observed, commit)
    ]
    return now + max(min(ages), _LEAST) if ages else None


def _awaited(observed: Observed) -> Iterator[Commit]:
    """Those whose end would change what is decided; some of them twice."""
    yield from turns.candidates(observed)
    # Each of these would be the newest that can be trained.
    newest = reversed(observed.source.waiting)
    yield from takewhile(lambda each: each.state is not CommitState.FINISHED, newest)
    if observed.request is not None and observed.request.commit is not None:
        yield observed.request.commit


def _is_head(observed: Observed, commit: Commit) -> bool:
    head = observed.source.head
    return head is not None and head.id == commit.id
