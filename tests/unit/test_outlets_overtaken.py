"""Native, when others come in between: two operators at once, and calls that are late.

A test tells what they did in a pachd that is a dictionary, and then what the output
branch shows.
"""

import pytest

from mnist_operator.commits import CommitState
from mnist_operator.errors import ConflictError
from mnist_operator.ledger import Ledger
from mnist_operator.outlet_pinned import PinnedOutlet
from unit.evidence import evidence
from unit.model_outlets import (
    OUTPUT,
    PIN,
    STAGED,
    TRAINING,
    Pachd,
    after_its_move,
    finished,
    publish,
    run_for,
)
from unit.model_pachyderm import ModelPachyderm
from unit.model_turns import Turns


@pytest.fixture(name="pachd")
def _pachd():
    return Pachd(Turns())


async def test_what_two_operators_wrote_is_never_shown(pachd):
    of = run_for(pachd.push())
    way = PinnedOutlet(pachd, TRAINING)
    begun = (await way.open(of, evidence(), Ledger())).commit
    mixed = pachd.fill(begun.id, of, record=b"mine", named=b"yours")
    with pytest.raises(ConflictError, match="two operators wrote"):
        await way.show(mixed)

    model = await publish(pachd, of)

    assert model == pachd.shown()[0]
    assert mixed.id not in pachd.shown()


async def test_what_lost_its_place_is_given_up_before_it_is_finished(pachd):
    first = await publish(pachd, run_for(pachd.push(), 1))
    way = PinnedOutlet(pachd, TRAINING)
    lost = (await way.open(run_for(pachd.push(), 2), evidence(), Ledger())).commit
    await way.confirm(lost)
    await pachd.create_branch(STAGED, first)
    with pytest.raises(ConflictError, match="moved while"):
        await way.confirm(lost)

    assert lost.id not in pachd.commits


async def test_a_late_call_that_moves_staged_back_takes_nothing_away(pachd):
    first = await publish(pachd, run_for(pachd.push(), 1))
    of = run_for(pachd.push(), 2)
    way = PinnedOutlet(pachd, TRAINING)
    begun = (await way.open(of, evidence(), Ledger())).commit
    done = pachd.fill(begun.id, of)
    await pachd.create_branch(STAGED, first)
    await way.show(done)

    assert [done.id, first] == pachd.shown()
    assert done.id == pachd.heads[STAGED]


async def test_who_stood_still_after_its_move_takes_no_newer_model_away(pachd):
    first = await publish(pachd, run_for(pachd.push(), 1))
    of, later = run_for(pachd.push(), 2), run_for(pachd.push(), 3)
    done = await finished(pachd, of)
    newest = after_its_move(pachd, lambda: publish(pachd, later))
    await PinnedOutlet(pachd, TRAINING).show(done)

    assert [*newest, done.id, first] == pachd.shown()


async def test_nor_does_who_stood_still_before_it(pachd):
    first = await publish(pachd, run_for(pachd.push(), 1))
    of, later = run_for(pachd.push(), 2), run_for(pachd.push(), 3)
    done = await finished(pachd, of)
    look, newest = pachd.branch_head_id, []

    async def stand_still(branch):
        seen = await look(branch)
        if not newest:
            newest.append("on its way")
            assert done.id == await publish(pachd, of)
            newest[0] = await publish(pachd, later)
        return seen

    pachd.branch_head_id = stand_still
    await PinnedOutlet(pachd, TRAINING).show(done)

    assert [*newest, done.id, first] == pachd.shown()


async def test_nor_a_commit_that_somebody_has_begun_there(pachd):
    done = await finished(pachd, run_for(pachd.push(), 1))
    theirs = after_its_move(
        pachd, lambda: pachd.start_commit(OUTPUT, description="by hand")
    )
    await PinnedOutlet(pachd, TRAINING).show(done)

    assert [*theirs, done.id] == pachd.shown()
    assert CommitState.OPEN is pachd.commits[theirs[0]].state


async def test_what_two_operators_wrote_and_left_is_not_taken_on(pachd):
    await publish(pachd, run_for(pachd.push(), 1))
    of = run_for(pachd.push(), 2)
    way = PinnedOutlet(pachd, TRAINING)
    begun = (await way.open(of, evidence(), Ledger())).commit
    pachd.fill(begun.id, of, record=b"mine", named=b"yours")

    model = await publish(pachd, of)

    assert model == pachd.shown()[0] != begun.id
    assert 2 == len(pachd.shown())


async def test_two_operators_take_the_same_of_two_open_commits(pachd):
    await publish(pachd, run_for(pachd.push(), 1))
    source = pachd.push()
    of = run_for(source, 2)
    way = PinnedOutlet(pachd, TRAINING)
    mine = (await way.open(of, evidence(), Ledger())).commit
    await pachd.create_branch(PIN, source)  # The other one's call.
    assert mine.id != pachd.heads[STAGED]

    theirs = (await way.open(of, evidence(), Ledger())).commit

    assert mine.id == theirs.id == pachd.heads[STAGED]


async def test_an_open_head_that_a_late_call_made_is_taken_away(pachd):
    of = run_for(pachd.push())
    way = PinnedOutlet(pachd, TRAINING)
    left = (await way.open(of, evidence(), Ledger())).commit
    pachd.heads[OUTPUT] = left.id
    with pytest.raises(ConflictError, match="left open"):
        await way.open(of, evidence(), Ledger())

    model = await publish(pachd, of)

    assert model == pachd.shown()[0]
    assert CommitState.FINISHED is pachd.commits[model].state


async def test_a_late_call_of_a_dead_operator_does_not_turn_time_back(pachd):
    calls = []

    async def keep(branch, head=None, **options):
        calls.append((branch, head))
        await ModelPachyderm.create_branch(pachd, branch, head, **options)

    pachd.create_branch = keep
    await publish(pachd, run_for(pachd.push(), 1))
    late = calls[-1]
    second = await publish(pachd, run_for(pachd.push(), 2))
    await ModelPachyderm.create_branch(pachd, *late)

    assert OUTPUT == late[0]
    assert second == pachd.heads[OUTPUT]


async def test_a_late_call_while_the_next_model_is_written_ends_with_that(pachd):
    first = await publish(pachd, run_for(pachd.push(), 1))
    of = run_for(pachd.push(), 2)
    way = PinnedOutlet(pachd, TRAINING)
    begun = (await way.open(of, evidence(), Ledger())).commit
    await pachd.create_branch(OUTPUT, STAGED)  # Of whoever published the first.
    await way.confirm(begun)
    done = pachd.fill(begun.id, of)
    await way.show(done)

    assert [done.id, first] == pachd.shown()


async def test_a_late_call_while_a_model_is_given_up_leaves_none_of_it(pachd):
    first = await publish(pachd, run_for(pachd.push(), 1))
    of = run_for(pachd.push(), 2)
    left = (await PinnedOutlet(pachd, TRAINING).open(of, evidence(), Ledger())).commit
    await pachd.create_branch(OUTPUT, STAGED)
    with pytest.raises(ConflictError, match="left open"):
        await PinnedOutlet(pachd, TRAINING).open(of, evidence(), Ledger())

    second = await publish(pachd, of)

    assert [second, first] == pachd.shown()
    assert left.id not in pachd.commits
