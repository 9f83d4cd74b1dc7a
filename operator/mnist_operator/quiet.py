"""When a branch is quiet, and until when at most that is waited for. Pure.

Each push begins the wait anew. Pushes that never pause would put it off for ever, so
there is a bound, as other debouncers have it by the name of maxWait: it counts from
the first of the waiting commits since which the branch was never quiet.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta

from mnist_operator.commits import Commit, CommitState

__all__ = ["MOST_WAITS", "OPEN_TOO_LONG", "quiet_at", "started_at_latest"]

MOST_WAITS = 10
"""The bound, in quiet periods: bursts that long are rare, and a day has room for it."""
OPEN_TOO_LONG = timedelta(minutes=10)
"""After this an open head is called left open: no upload takes so long here."""


def quiet_at(newest: Commit, quiet: timedelta) -> datetime:
    """When the branch will have been quiet, should nobody push any more."""
    if newest.state is CommitState.OPEN:
        return newest.started + OPEN_TOO_LONG  # It may never be finished.
    return _came(newest) + quiet


def started_at_latest(queued: Sequence[Commit], quiet: timedelta) -> datetime | None:
    """When that is waited for no longer; None while none of these can be trained.

    `queued`: what waits, oldest first. A commit comes when it is finished, and a push
    begins when it is started: a pause is what lies between.
    """
    first: datetime | None = None
    newest: datetime | None = None
    next_began: datetime | None = None
    for commit in reversed(queued):
        came = _came(commit)
        if next_began is not None and next_began - came >= quiet:
            break
        next_began = commit.started
        if commit.state is CommitState.OPEN:
            continue
        first, newest = came, newest or came
        if newest - first > MOST_WAITS * quiet:
            break  # Of 20,000 that wait, few have to be looked at.
    return first + MOST_WAITS * quiet if first else None


def _came(commit: Commit) -> datetime:
    return commit.finished or commit.finishing or commit.started
