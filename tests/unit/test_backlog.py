"""What waits on a branch, where its history is rewritten between two looks."""

from mnist_operator.backlog import Backlog
from unit.builders import begun, ledger
from unit.model_outlets import INPUT, Pachd
from unit.model_turns import Turns

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
