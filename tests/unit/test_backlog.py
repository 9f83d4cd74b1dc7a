"""What waits on a branch, when some of it is squashed between two looks.

With Allow the first few that wait are decided at once, so what is known of each of
them must be of today; and only of the oldest is it said that it is gone.
"""

import pytest

from mnist_operator.backlog import Backlog
from mnist_operator.commits import CommitState
from unit.builders import begun, ledger
from unit.model_outlets import INPUT, Pachd
from unit.model_turns import Turns

GONE, THERE = CommitState.ERRORED, CommitState.FINISHED
_ALL = ledger(start=begun("Earliest", None))


async def test_a_head_that_was_read_before_its_parent_was_squashed_hides_nothing():
    """Finished commits are read once: pachd knows another parent of it by now."""
    pachd, backlog = Pachd(Turns()), Backlog()
    first, second, third = (pachd.push() for _ in range(3))
    await backlog.look(pachd, INPUT, pachd.commits[first], _ALL)
    head = pachd.commits[third]
    pachd.remove(second)
    await backlog.look(pachd, INPUT, head, _ALL)

    assert [first, third] == [each.id for each in backlog.commits]


async def test_all_parents_may_have_been_squashed():
    pachd, backlog = Pachd(Turns()), Backlog()
    first, second, third = (pachd.push() for _ in range(3))
    head = pachd.commits[third]
    pachd.remove(second)
    pachd.remove(first)
    await backlog.look(pachd, INPUT, head, _ALL)

    assert [third] == [each.id for each in backlog.commits]


@pytest.mark.parametrize(
    ("squashed", "window", "gone", "states"),
    [
        pytest.param(0, 1, True, [GONE, THERE, THERE], id="the-next-one"),
        pytest.param(1, 2, False, [THERE, GONE, THERE], id="one-beside-it"),
        pytest.param(1, 1, False, [THERE, THERE, THERE], id="one-whose-turn-is-later"),
    ],
)
async def test_what_was_squashed_is_known_when_it_is_to_be_decided(
    squashed, window, gone, states
):
    pachd = Pachd(Turns())
    pushed = [pachd.push() for _ in states]
    backlog, lines = Backlog(), ledger(start=begun(pushed[0]))
    head = pachd.head_now(INPUT)
    before = await backlog.look(pachd, INPUT, head, lines, window=window)
    pachd.remove(pushed[squashed])
    told = await backlog.look(pachd, INPUT, head, lines, window=window)

    assert "" == before
    assert pushed[squashed] * gone == told
    assert list(zip(pushed, states, strict=True)) == [
        (each.id, each.state) for each in backlog.commits
    ]
