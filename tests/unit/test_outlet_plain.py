"""Publishing with Metadata provenance: what others did on the output branch before.

Input: what is there when a model's commit is to be opened. Output: what becomes of it.
"""

from dataclasses import replace

import pytest

from mnist_operator.errors import DeniedError, HeadOpenError, UpstreamError
from mnist_operator.ledger import Ledger
from mnist_operator.outlet import GIVEN_UP
from mnist_operator.outlet_pinned import PinnedOutlet
from mnist_operator.outlet_plain import PlainOutlet
from unit.builders import entry, ident, ledger
from unit.evidence import evidence
from unit.model_outlets import OUTPUT, TRAINING, Pachd, publish, run_for
from unit.model_turns import Turns


class Guarded(Pachd):
    """It lets nobody drop a commit, as one with authorization does."""

    async def drop_commit(self, repo, id):  # noqa: A002
        raise DeniedError("pachd", "DropCommitSet", "not authorized")


class Forgetful(Pachd):
    """Somebody drops each commit as soon as it is started."""

    async def start_commit(self, branch, *, description):
        name = await super().start_commit(branch, description=description)
        self.remove(name)
        return name


@pytest.fixture(name="pachd")
def _pachd():
    return Pachd(Turns())


async def open_plain(pachd, of, book=None):
    way = PlainOutlet(pachd, TRAINING)
    return (await way.open(of, evidence(), book or Ledger())).commit


async def test_somebody_elses_open_head_is_waited_for(pachd):
    held = pachd.start(OUTPUT, "by hand")

    with pytest.raises(HeadOpenError, match=held):
        await open_plain(pachd, run_for(pachd.push()))


async def test_a_strangers_faulty_commit_stays_below(pachd):
    strange = pachd.strange()
    pachd.commits[strange] = replace(pachd.commits[strange], error="by hand, too")
    model = await publish(pachd, run_for(pachd.push()), PlainOutlet)

    assert [model, strange] == pachd.shown()


async def test_what_an_earlier_run_left_open_is_taken_away(pachd):
    first, second = (run_for(pachd.push(), number) for number in (1, 2))
    left = await open_plain(pachd, first)
    begun = await open_plain(pachd, second)

    assert [begun.id] == pachd.shown()
    assert left.id not in pachd.commits


async def test_what_may_not_be_dropped_is_ended_with_nothing_of_its_own():
    pachd = Guarded(Turns())
    first, second = (run_for(pachd.push(), number) for number in (1, 2))
    left = await open_plain(pachd, first)
    pachd.content[left.id] = {"/my_model.h5": b"half of a model"}
    await open_plain(pachd, second)

    assert pachd.commits[left.id].error.startswith(GIVEN_UP)
    assert {} == pachd.content[left.id]


async def test_a_commit_that_is_dropped_at_once_is_told_of():
    pachd = Forgetful(Turns())

    with pytest.raises(UpstreamError, match="is gone before it was written"):
        await open_plain(pachd, run_for(pachd.push()))


async def test_an_output_branch_that_was_deleted_begins_anew(pachd):
    book = ledger(entry(9, output=ident(0xF009)))
    begun = await open_plain(pachd, run_for(pachd.push()), book)

    assert begun.parent is None


async def test_what_is_finished_beside_the_branch_is_of_one_turn_alone(pachd):
    """A run by hand of the same commit has left it there."""
    of = run_for(pachd.push(), 1)
    way, by_hand = PinnedOutlet(pachd, TRAINING), replace(of, request="by hand")
    left = (await way.open(by_hand, evidence(), Ledger())).commit
    pachd.fill(left.id, by_hand)
    model = await publish(pachd, replace(of, staging=ident(0xA002)))

    assert left.id != model
    assert model == pachd.shown()[0]
