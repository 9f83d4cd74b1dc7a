"""How long a branch must be quiet, and for how long at most that is waited for.

Input: the commits that wait, oldest first. Output: two moments.
"""

from dataclasses import replace
from datetime import timedelta

import pytest

from mnist_operator.commits import CommitState
from mnist_operator.quiet import started_at_latest
from unit.builders import ago, commit

MINUTE = timedelta(minutes=1)


def written(began, took=2, state=CommitState.FINISHED):
    """A commit that was begun so many seconds ago, and finished after `took`."""
    made = commit(1, state=state, started=ago(began))
    if state is CommitState.OPEN:
        return made
    return replace(made, finishing=ago(began - took), finished=ago(began - took))


@pytest.mark.parametrize(
    ("queued", "latest"),
    [
        pytest.param([], None, id="nothing-waits"),
        pytest.param(
            [written(30, state=CommitState.OPEN)], None, id="nothing-is-finished"
        ),
        pytest.param([written(30)], ago(28 - 600), id="one-push"),
        pytest.param(
            [written(130), written(80), written(30)],
            ago(128 - 600),
            id="from-the-first-of-a-series-on",
        ),
        pytest.param(
            [written(5000), written(130), written(80)],
            ago(128 - 600),
            id="the-branch-was-quiet-before-it",
        ),
        pytest.param(
            [written(190), written(128, took=98)],
            ago(30 - 600),
            id="quiet-for-just-as-long-is-quiet",
        ),
        pytest.param(
            [written(190), written(129, took=99)],
            ago(188 - 600),
            id="a-second-less-is-not",
        ),
        pytest.param(
            [written(130), written(80), written(30, state=CommitState.OPEN)],
            ago(128 - 600),
            id="one-is-being-written-behind-them",
        ),
        pytest.param(
            [written(130), written(40, state=CommitState.OPEN)],
            None,
            id="it-was-quiet-before-that-one",
        ),
        pytest.param(
            [written(400), written(340, took=300), written(35)],
            ago(398 - 600),
            id="a-long-upload-is-no-pause",
        ),
    ],
)
def test_it_counts_from_the_first_push_since_which_it_was_never_quiet(queued, latest):
    assert latest == started_at_latest(queued, MINUTE)


def test_of_a_long_backlog_no_more_is_looked_at_than_counts():
    pushes = [written(50 * n) for n in range(100_000, 0, -1)]
    seen = []

    class Watched(list):
        def __reversed__(self):
            for each in super().__reversed__():
                seen.append(each)
                yield each

    latest = started_at_latest(Watched(pushes), MINUTE)

    assert latest < ago(0)
    assert 14 == len(seen)
